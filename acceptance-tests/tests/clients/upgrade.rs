//! State that an earlier version wrote is read by this one. `states/` keeps one file for each release, with one object of each
//! type that has state; and one of before the names of `docs/design/naming.md`, of which `tests/naming.rs` says where each value is now.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use acceptance_tests::Operator;
use acceptance_tests::operator::Conduct;
use tazlab::environment::Environment;
use tazlab::provider::{PROGRAM, Tazlab};
use tf_plugin::framework::provider::Provider;

use super::*;

const VERSION: &str = PROGRAM.version;

/// Where it is set, the state of this version is written instead of compared.
const KEEP: &str = "TAZLAB_KEEP_STATE";

/// Of a CoreDNS.
pub(super) const ADDRESS: &str = "10.96.0.234";

fn states() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/states")
}

#[test]
fn the_state_of_each_release_is_read() {
    let files: Vec<PathBuf> = fs::read_dir(states()).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(!files.is_empty());
    let registry = Tazlab::new(Environment::of(&[])).registry();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let kept: Value = serde_json::from_str(&text).unwrap();
        let count = kept["resources"].as_array().unwrap().len();
        let workspace = Workspace::without_cluster("");
        let text = text.replace("registry.terraform.io", Client::under_test().registry());
        fs::write(workspace.state_file(), text).unwrap();
        // Nothing is configured, so all of it is to go: the client has this version bring each object to its own schema.
        let planned = workspace.terraform(&["plan", "-json", "-refresh=false"]).succeeds();
        let deletes = planned.changes().iter().filter(|(action, _)| action == "delete").count();
        assert_eq!((deletes, count > 4), (count, true), "{}: {planned}", file.display());

        // A client drops attributes that the schema of the same version does not have, and what they held with them.
        for resource in kept["resources"].as_array().unwrap() {
            let (kind, instance) = (resource["type"].as_str().unwrap(), &resource["instances"][0]);
            let schema = registry.resources.get(kind).unwrap_or_else(|| panic!("{kind} is no type any more")).schema();
            let of_this_version = instance["schema_version"].as_i64() == Some(schema.version);
            for name in instance["attributes"].as_object().unwrap().keys().filter(|_| of_this_version) {
                assert!(schema.attribute(name).is_some(), "{kind}.{name} is gone: it needs a new schema version");
            }
        }

        // The test can fail: a value of another type is not read.
        let mut strange = kept.clone();
        strange["resources"][0]["instances"][0]["attributes"]["triggers"] = json!("x");
        let text = strange.to_string().replace("registry.terraform.io", Client::under_test().registry());
        fs::write(workspace.state_file(), text).unwrap();
        workspace.terraform(&["plan", "-json", "-refresh=false"]).fails();
    }
}

/// What is kept of this version is what this version writes, one object of each type: else an upgrade would be tested from something
/// that nobody has.
#[test]
fn the_state_of_this_version_is_kept() {
    let address: std::net::Ipv4Addr = ADDRESS.parse().unwrap();
    let _locks = (Part::Objects.shared(), Part::Tailscale.shared(), Part::Address(address).exclusive());
    let (vault, namespace) = (Vault::shared(), Namespace::made("kept"));
    let (mount, workspace, tailnet) = (Mount::free(&vault, "kept"), Workspace::new(), Tailnet::start());
    tailnet.world().access.key("tskey-api-kept");
    let tailscale = format!("tailscale = {{\n  base_url = \"{}\"\n  api_key = \"tskey-api-kept\"\n}}\n", tailnet.url());
    workspace.provider(&(tailscale + &vault.block(&workspace)));
    workspace.hcl(&one_of_each(&vault, &namespace, &mount));
    let authority = fs::read_to_string(vault.authority()).unwrap();
    let contents = [("token", vault.token()), ("ca.crt", &authority)];
    kubectl::apply_as("test", &namespace.manifest("vault", &contents));
    let _operator = Operator::start(namespace.name(), namespace.name(), Conduct::default());
    workspace.apply().succeeds();
    let written = fs::read_to_string(workspace.state_file()).unwrap();
    // Before anything is compared: without its operator a Service of Tailscale's would stay for ever.
    workspace.destroy().succeeds();
    let seen = shape(&written);
    for name in Tazlab::new(Environment::of(&[])).registry().resources.keys() {
        assert!(seen.contains_key(*name), "add a {name} to this test");
    }
    let file = states().join(format!("{VERSION}.tfstate"));
    if std::env::var_os(KEEP).is_some() {
        fs::write(&file, &written).unwrap();
    }
    let kept = fs::read_to_string(&file).map(|text| shape(&text)).unwrap_or_default();
    assert_eq!(
        seen, kept,
        "{VERSION} writes another state than the one that is kept. While it is not released, {KEEP}=1 keeps this one; after \
         that, the version in Cargo.toml comes first"
    );
}

/// For each type the version of its schema, and which of its attributes hold what kind of value.
fn shape(state: &str) -> BTreeMap<String, (Value, BTreeMap<String, &'static str>)> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let state: Value = serde_json::from_str(state).unwrap();
    let resources = state["resources"].as_array().unwrap().iter().map(|resource| {
        let instance = &resource["instances"][0];
        let attributes = instance["attributes"].as_object().unwrap().iter();
        let attributes = attributes.map(|(name, value)| (name.clone(), kind(value))).collect();
        (resource["type"].as_str().unwrap().to_owned(), (instance["schema_version"].clone(), attributes))
    });
    resources.collect()
}

/// HCL with one resource of each type.
pub(super) fn one_of_each(vault: &Vault, namespace: &Namespace, mount: &Mount<'_>) -> String {
    format!(
        r#"
resource "tazlab_bootstrap_secret" "kept" {{
  namespace   = "{namespace}"
  name        = "kept"
  labels      = {{ app = "kept" }}
  annotations = {{ "example.net/kept" = "yes" }}
  values      = {{ user = "somebody" }}
  triggers    = {{ generation = "1" }}
}}

resource "tazlab_coredns" "kept" {{
  namespace  = "{namespace}"
  cluster_ip = "{ADDRESS}"
  hosts      = {{ "nas.lan" = ["192.168.1.5"] }}
  tailnets   = [{{ domain = "tail1234.ts.net", namespace = "tailscale" }}]
  resources  = {{ requests = {{ cpu = "10m" }} }}
}}

resource "tazlab_kept_secret" "kept" {{
  namespace   = "{namespace}"
  name        = "vault"
  vault       = {{ mount = "secret", path = "kept/{path}" }}
  forget_copy = true
  triggers    = {{ generation = "1" }}
}}

resource "tazlab_vault_jwt_auth" "kept" {{
  mount              = "{path}"
  keys               = "pem"
  validation_pubkeys = [{key}]
  bound_issuer       = "{ISSUER}"
  tune               = {{ default_lease_ttl = "1h" }}
}}

resource "tazlab_vault_jwt_role" "kept" {{
  mount           = tazlab_vault_jwt_auth.kept.mount
  name            = "kept"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = {{ "/kubernetes.io/namespace" = ["a", "b"] }}
  token_policies  = ["a"]
  token_ttl       = "24h"
}}

resource "tazlab_bootstrap_manifest" "kept" {{
  manifest = {{
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = {{ name = "kept", namespace = "{namespace}" }}
    data       = {{ number = "1" }}
  }}
}}

resource "tazlab_vault_secret_store" "kept" {{
  kind      = "SecretStore"
  namespace = "{namespace}"
  name      = "kept"
  server    = "{address}"
  kv_mount  = "secret"
  auth      = {{ token_secret = {{ name = "vault", key = "token" }} }}
  ca        = {{ secret = {{ name = "vault", key = "ca.crt" }} }}
}}

resource "tazlab_tailnet_cleanup" "kept" {{
  tags        = ["tag:k8s"]
  offline_for = "10m"
  timeouts    = {{}}
}}

resource "tazlab_tailnet_egress" "kept" {{
  namespace = "{namespace}"
  name      = "vault"
  fqdn      = "vault.tail1234.ts.net"
}}

resource "tazlab_tailnet_apiserver" "kept" {{
  namespace = "{namespace}"
  hostname  = "kept"
  tags      = ["tag:k8s"]
  triggers  = {{ generation = "1" }}
}}

resource "tazlab_bootstrap_ready" "kept" {{
  secret_stores = ["{namespace}/${{tazlab_vault_secret_store.kept.name}}"]
  services      = ["{namespace}/${{tazlab_tailnet_egress.kept.name}}"]
}}
"#,
        namespace = namespace.name(),
        path = mount.1,
        key = json!(PUBLIC_KEY),
        address = vault.address(),
    )
}
