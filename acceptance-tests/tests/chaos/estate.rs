//! What a round applies: secrets in two namespaces (one of them made by it), Vault's trust with roles, a tailnet to clean.
//! Two generations of it differ in contents, in what is there, and in the mount itself.

use std::collections::BTreeMap;
use std::time::Duration;

use acceptance_tests::tailnet::Seed;
use acceptance_tests::{Namespace, Proxy, Tailnet, Vault, Workspace, canary, kubeconfig};

const TAG: &[&str] = &["tag:k8s"];
const HOUR: Duration = Duration::from_hours(1);

/// A generation of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    First,
    Second,
}

impl Generation {
    fn keys(self) -> std::ops::Range<u32> {
        match self {
            Self::First => 0..6,
            Self::Second => 1..8,
        }
    }

    fn roles(self) -> std::ops::Range<u32> {
        match self {
            Self::First => 0..4,
            Self::Second => 1..5,
        }
    }
}

/// Where everything of a round is.
pub(crate) struct Estate {
    pub(crate) workspace: Workspace,
    /// The namespace that was there before.
    pub(crate) namespace: Namespace,
    /// The namespace that a bootstrap secret makes.
    pub(crate) born: Namespace,
    /// Where the auth method is mounted.
    pub(crate) mount: String,
    pub(crate) tailnet: Tailnet,
    /// The device with the name of the ghosts that is not to go.
    pub(crate) protected: String,
    pub(crate) before_api_server: Proxy,
    pub(crate) before_vault: Proxy,
    /// The ghosts that there ever were.
    haunted: Vec<String>,
    /// What is in each file by now.
    contents: BTreeMap<u32, String>,
    public_key: String,
}

impl Estate {
    /// Nothing is applied yet.
    pub(crate) fn new(vault: &Vault) -> Self {
        let (workspace, tailnet) = (Workspace::without_cluster(""), Tailnet::start());
        let before_api_server = Proxy::start();
        let before_vault = Proxy::before(vault.address().trim_start_matches("https://"));
        let cluster = kubeconfig::through(&workspace, &before_api_server.url());
        let trust = vault.block(&workspace).replace(vault.address(), &before_vault.url());
        let (file, key) = workspace.secret_file("api-key");
        tailnet.world().access.key(&key);
        workspace.provider_block(&format!(
            "kubernetes = {{ config_path = \"{cluster}\" }}\n{trust}\ntailscale = {{\n  base_url = \"{}\"\n  api_key_file = \"{file}\"\n}}",
            tailnet.url()
        ));
        let seed = Seed { away_seconds: Some(HOUR.as_secs()), ..Seed::named("k8s", TAG) };
        let protected = tailnet.world().join(&seed).node_id.clone();
        Self {
            workspace,
            namespace: Namespace::made("chaos"),
            born: Namespace::named("chaos-born"),
            mount: format!("chaos-{}", canary::plant().to_lowercase()),
            tailnet,
            protected,
            before_api_server,
            before_vault,
            haunted: Vec::new(),
            contents: BTreeMap::new(),
            public_key: rcgen::KeyPair::generate().unwrap().public_key_pem(),
        }
    }

    /// Dead devices hold the name again.
    pub(crate) fn haunt(&mut self) {
        self.haunted.extend((0..3).map(|_| self.tailnet.ghost("k8s", TAG, HOUR)));
    }

    /// The dead devices that hold the name, but for the protected one.
    pub(crate) fn ghosts(&self) -> Vec<String> {
        let world = self.tailnet.world();
        let ghosts = world.devices.iter().filter(|device| self.haunted.contains(&device.node_id));
        ghosts.map(|device| device.node_id.clone()).collect()
    }

    /// Writes the configuration; contents that a generation has anew are new.
    pub(crate) fn configure(&mut self, generation: Generation) {
        for key in generation.keys() {
            if key % 2 == 0 || !self.contents.contains_key(&key) {
                let (_, secret) = self.workspace.secret_file(&format!("key-{key}"));
                self.contents.insert(key, secret);
            }
        }
        self.contents.retain(|key, _| generation.keys().contains(key));
        let folder = self.workspace.sources();
        let folder = folder.display();
        let set = |range: std::ops::Range<u32>| {
            let members: Vec<String> = range.map(|member| format!("\"{member}\"")).collect();
            format!("toset([{}])", members.join(", "))
        };
        let (keys, roles) = (set(generation.keys()), set(generation.roles()));
        let (namespace, born, mount, protected) =
            (self.namespace.name(), self.born.name(), &self.mount, &self.protected);
        let public_key = &self.public_key;
        self.workspace.hcl(&format!(
            r#"
resource "tazlab_tailnet_cleanup" "names" {{
  tags      = ["tag:k8s"]
  hostnames = ["k8s"]
  protect   = ["{protected}"]
  triggers  = {{ generation = "{generation:?}" }}
}}

resource "tazlab_bootstrap_secret" "file" {{
  for_each  = {keys}
  namespace = "{namespace}"
  name      = "file-${{each.key}}"
  files     = {{ key = "{folder}/key-${{each.key}}" }}
}}

resource "tazlab_bootstrap_secret" "adopted" {{
  namespace = "{namespace}"
  name      = "adopted"
  values    = {{ ours = "{generation:?}" }}
}}

resource "tazlab_bootstrap_secret" "born" {{
  namespace        = "{born}"
  name             = "born"
  create_namespace = true
  values           = {{ generation = "{generation:?}" }}
}}

resource "tazlab_vault_jwt_auth" "cluster" {{
  mount              = "{mount}"
  description        = "{generation:?}"
  # What an interrupted create left is nobody else's.
  force_conflicts    = true
  keys               = "pem"
  validation_pubkeys = [<<-EOT
{public_key}
EOT
  ]
}}

resource "tazlab_vault_jwt_role" "role" {{
  for_each        = {roles}
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "role-${{each.key}}"
  force_conflicts = true
  user_claim      = "sub"
  bound_audiences = ["chaos"]
  bound_subject   = "system:serviceaccount:chaos:role-${{each.key}}"
  token_policies  = ["default"]
  token_ttl       = "{ttl}"
}}
"#,
            ttl = if generation == Generation::First { "1h" } else { "2h" },
        ));
    }

    /// What is in the Secrets of files, by name.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (String, &str)> {
        self.contents.iter().map(|(key, content)| (format!("file-{key}"), content.as_str()))
    }
}
