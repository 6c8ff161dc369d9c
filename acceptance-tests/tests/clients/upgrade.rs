//! State that an earlier version wrote is read by this one. `states/` keeps one file for each release, with one object of each
//! type that has state; a release adds its own by `cargo test -p acceptance-tests --test clients -- --ignored`.

use std::fs;
use std::path::{Path, PathBuf};

use tazlab::environment::Environment;
use tazlab::framework::provider::Provider;
use tazlab::provider::{Tazlab, VERSION};

use super::*;

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

#[test]
#[ignore = "writes the file of this release"]
fn the_state_of_this_release_is_kept() {
    let (vault, namespace) = (Vault::shared(), Namespace::made("kept"));
    let (mount, workspace, tailnet) = (Mount::free(&vault, "kept"), Workspace::new(), Tailnet::start());
    tailnet.world().access.key("tskey-api-kept");
    let tailscale = format!("tailscale = {{\n  base_url = \"{}\"\n  api_key = \"tskey-api-kept\"\n}}\n", tailnet.url());
    workspace.provider(&(tailscale + &vault.block(&workspace)));
    workspace.hcl(&format!(
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
  cluster_ip = "10.96.0.234"
  hosts      = {{ "nas.lan" = ["192.168.1.5"] }}
  tailnets   = [{{ domain = "tail1234.ts.net", namespace = "tailscale" }}]
  resources  = {{ requests = {{ cpu = "10m" }} }}
}}

resource "tazlab_vault_jwt_auth" "kept" {{
  path               = "{path}"
  keys               = "pem"
  validation_pubkeys = [{key}]
  bound_issuer       = "{ISSUER}"
  tune               = {{ default_lease_ttl = "1h" }}
}}

resource "tazlab_vault_jwt_role" "kept" {{
  path            = tazlab_vault_jwt_auth.kept.path
  name            = "kept"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_claims    = {{ "/kubernetes.io/namespace" = ["a", "b"] }}
  token_policies  = ["a"]
  token_ttl       = "24h"
}}

resource "tazlab_tailnet_cleanup" "kept" {{
  tags        = ["tag:k8s"]
  offline_for = "10m"
  timeouts    = {{}}
}}
"#,
        namespace = namespace.name(),
        path = mount.1,
        key = json!(PUBLIC_KEY)
    ));
    workspace.apply().succeeds();
    let state = workspace.state_file();
    let kept: Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
    let types: Vec<_> = kept["resources"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    for name in Tazlab::new(Environment::of(&[])).registry().resources.keys() {
        assert!(types.contains(name), "add a {name} to this test");
    }
    fs::create_dir_all(states()).unwrap();
    fs::copy(&state, states().join(format!("{VERSION}.tfstate"))).unwrap();
    workspace.destroy().succeeds();
}
