//! What is there before the cluster: the secrets of the example's README, a repository with nothing wrong, a tailnet, a real
//! Vault; and the example's folder with our provider and the stand-ins.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use acceptance_tests::flux::Repository;
use acceptance_tests::{Tailnet, Vault, Workspace, kubectl};
use serde_json::{Value, json};

const STAND_IN: &str = env!("CARGO_BIN_EXE_stand-in");

/// For how long a device must be away.
pub(crate) const OFFLINE_FOR: Duration = Duration::from_secs(3);

/// How long Helm's stand-in looks for a dead cluster.
pub(crate) const READ_TIMEOUT: &str = "3s";

/// What Vault's own token for External Secrets may do: read, and look at itself.
const READER: &str = r#"path "secret/data/*" { capabilities = ["read"] }
path "auth/token/lookup-self" { capabilities = ["read"] }"#;

/// The example's folder with our provider and the stand-ins.
pub(crate) fn example() -> Workspace {
    let workspace = Workspace::of_example("proxmox-talos");
    let all = ["siderolabs/talos", "hashicorp/helm", "bpg/proxmox"].map(|name| (name, STAND_IN));
    workspace.stand_ins(&all);
    workspace
}

/// Everything that the example finds.
pub(crate) struct Estate {
    pub(crate) workspace: Workspace,
    pub(crate) tailnet: Arc<Tailnet>,
    pub(crate) vault: Vault,
    pub(crate) repository: Arc<Repository>,
    /// The uids of what carries our annotation in the cluster before anything of this environment is made: it is somebody else's.
    pub(crate) foreign: Arc<OnceLock<BTreeSet<String>>>,
}

impl Estate {
    pub(crate) fn new() -> Self {
        let (workspace, tailnet, vault) = (example(), Tailnet::start(), Vault::start());
        let repository = Repository::start();
        write(&repository);
        let secret = workspace.secret();
        tailnet.world().access.client("client-1", &secret, &["devices:core", "auth_keys"], &["tag:k8s"]);
        let authority = fs::read_to_string(vault.authority()).unwrap();
        let reader = vault.token_with(READER);
        let bootstrap = json!({"ESO_READER_TOKEN": reader, "VAULT_CA_CRT": authority});
        vault.write("secret/data/tazlab-k8s/bootstrap", &json!({ "data": bootstrap }));
        vault.write("secret/data/grafana", &json!({"data": {"admin-password": workspace.secret()}}));
        let policy = "path \"secret/data/grafana\" { capabilities = [\"read\"] }";
        vault.write("sys/policies/acl/grafana", &json!({ "policy": policy }));
        workspace.plant(vault.token());
        workspace.plant(&reader);
        let mut folder = String::new();
        for (name, text) in [
            ("tailscale-oauth-client-id", "client-1"),
            ("tailscale-oauth-client-secret", &secret),
            ("tailscale-operator-client-id", &workspace.secret()),
            ("tailscale-operator-client-secret", &workspace.secret()),
            ("github-token", &workspace.secret()),
            ("vault-token", vault.token()),
            ("vault-ca.crt", authority.trim_end()),
        ] {
            folder = workspace.source(name, format!("{text}\n"));
        }
        let folder = Path::new(&folder).parent().unwrap().display().to_string();
        for (name, value) in [
            ("secrets", folder.as_str()),
            ("repository", &repository.path().display().to_string()),
            ("tailscale_api", &tailnet.url()),
            ("vault_address", vault.address()),
            ("issuer", &issuer()),
            ("offline_for", &format!("{}s", OFFLINE_FOR.as_secs())),
            ("read_timeout", READ_TIMEOUT),
            ("join_command", "test -n \"$TS_AUTHKEY\""),
            ("proxmox_api_token", "terraform@pve!story=0"),
        ] {
            workspace.variable(name, value);
        }
        Self { workspace, tailnet: Arc::new(tailnet), vault, repository: Arc::new(repository), foreign: Arc::default() }
    }
}

impl Drop for Estate {
    /// What was given out on the way may not be left behind either.
    fn drop(&mut self) {
        for secret in self.tailnet.world().secrets() {
            self.workspace.plant(&secret);
        }
    }
}

/// kubeadm's cluster keeps its issuer: only a cluster of the example's own would have the example's.
fn issuer() -> String {
    let told = kubectl::succeeds(&["get", "--raw", "/.well-known/openid-configuration"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    told["issuer"].as_str().unwrap().to_owned()
}

/// A Flux Kustomization of a folder of the repository.
pub(crate) fn kustomization(name: &str, path: &str, more: &Value) -> Value {
    let mut object = Repository::kustomization("flux-system", name, "flux-system", path, more);
    object["spec"]["sourceRef"]["kind"] = "GitRepository".into();
    object
}

/// The repository that Flux follows: a namespace with the ServiceAccount that logs in to Vault, and then what reads Vault.
fn write(repository: &Repository) {
    let flux = |name: &str, more: &Value| kustomization(name, &format!("./{name}"), more).to_string();
    let list = |names: &[&str]| json!({ "resources": names }).to_string();
    let monitoring = |kind: &str, name: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"namespace": "monitoring", "name": name}});
    repository.write("clusters/tazlab-k8s/kustomization.yaml", &list(&["infrastructure.yaml", "apps.yaml"]));
    repository.write("clusters/tazlab-k8s/infrastructure.yaml", &flux("infrastructure", &json!({})));
    // The definition of ExternalSecret comes with External Secrets, and may come later: tried again soon.
    let apps = json!({"dependsOn": [{"name": "infrastructure"}], "retryInterval": "2s"});
    repository.write("clusters/tazlab-k8s/apps.yaml", &flux("apps", &apps));
    repository.write("infrastructure/kustomization.yaml", &list(&["namespace.yaml", "grafana.yaml"]));
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "monitoring"}});
    repository.write("infrastructure/namespace.yaml", &namespace.to_string());
    repository.write("infrastructure/grafana.yaml", &monitoring("ServiceAccount", "grafana-sa").to_string());
    let mut secret = monitoring("ExternalSecret", "grafana-admin");
    secret["apiVersion"] = "external-secrets.io/v1".into();
    secret["spec"] = json!({
        "refreshInterval": "1h",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "tazlab-secrets-vault"},
        "data": [{"secretKey": "password", "remoteRef": {"key": "grafana", "property": "admin-password"}}],
    });
    repository.write("apps/kustomization.yaml", &list(&["secret.yaml"]));
    repository.write("apps/secret.yaml", &secret.to_string());
}
