//! The API server's signing key is rotated as one does it: two keys are valid, the new one signs; then the new one alone.

use acceptance_tests::Vault;
use serde_json::{Value, json};

use super::*;

const AUTH: &str = "tazlab_vault_jwt_auth.cluster";
const AUDIENCE: &str = "https://vault.test:8200";

/// Where the API server's manifest is kept while its keys are others.
const KEPT: &str = "/root/kube-apiserver-before-rotation.yaml";
const MANIFEST: &str = "/etc/kubernetes/manifests/kube-apiserver.yaml";

/// Gives the cluster its own keys back.
pub(super) fn put_back() {
    if node::tried(&format!("test -e {KEPT}")) {
        node::tried(&format!("mv {KEPT} {MANIFEST} && rm -f /etc/kubernetes/pki/sa-new.*"));
        end_now();
        keys_are(1);
    }
}

/// Waits until the API server answers with so many keys; gives their ids.
fn keys_are(count: usize) -> Vec<String> {
    let began = std::time::Instant::now();
    let ids = poll::until(Duration::from_mins(3), &format!("API server with {count} keys"), || {
        let output = kubectl::kubectl(&["--request-timeout", "2s", "get", "--raw", "/openid/v1/jwks"]);
        let keys: Value = serde_json::from_slice(&output.stdout).ok()?;
        let ids: Vec<String> =
            keys["keys"].as_array()?.iter().filter_map(|key| key["kid"].as_str().map(ToOwned::to_owned)).collect();
        (ids.len() == count && node::answers().is_some()).then_some(ids)
    });
    println!("the API server had {count} keys after {:?}", began.elapsed());
    ids
}

/// Changes the manifest by a sed script; the kubelet starts the API server anew.
fn edit(script: &str) {
    // Written elsewhere and moved: the kubelet must never see half of it.
    node::run(&format!("sed '{script}' {MANIFEST} > /root/edited.yaml && mv /root/edited.yaml {MANIFEST}"));
    end_now();
}

/// Ends the API server that the manifest no longer describes: by itself it takes its time.
fn end_now() {
    node::tried("pkill -KILL -f '^kube-apiserver'");
}

fn token(namespace: &Namespace) -> String {
    kubectl::token(namespace, Some(AUDIENCE))
}

#[test]
fn a_rotated_signing_key_is_planned_and_repaired_and_tokens_in_flight_stay_valid() {
    let (_alone, vault) = (Part::Cluster.exclusive(), Vault::shared());
    // Declared before the harm, so that it is taken away after it: when the cluster answers again.
    let namespace = Namespace::made("rotation");
    let _harmed = Harmed::cluster();
    let workspace = Workspace::new();
    workspace.provider(&vault.block(&workspace));
    let path = format!("test-rotation-{}", acceptance_tests::canary::plant().to_lowercase());
    let hcl = |keep: bool| {
        format!(
            r#"
resource "tazlab_vault_jwt_auth" "cluster" {{
  mount              = "{path}"
  keys               = "cluster"
  keep_previous_keys = {keep}
}}

resource "tazlab_vault_jwt_role" "one" {{
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "one"
  user_claim      = "sub"
  bound_audiences = ["{AUDIENCE}"]
  bound_subject   = "system:serviceaccount:{}:default"
  token_policies  = ["default"]
}}
"#,
            namespace.name()
        )
    };
    let login = |jwt: &str| {
        vault.ask_as("", "POST", &format!("auth/{path}/login"), Some(&json!({"role": "one", "jwt": jwt}))).0
    };
    workspace.hcl(&hcl(true));
    workspace.apply().succeeds();
    let first = keys_are(1);
    let old = token(&namespace);
    workspace.plant(&old);
    assert_eq!(login(&old), 200);

    // Two keys, and the new one signs.
    node::run(&format!("cp {MANIFEST} {KEPT}"));
    node::run(
        "cd /etc/kubernetes/pki && openssl genrsa -out sa-new.key 2048 && openssl rsa -in sa-new.key -pubout -out sa-new.pub",
    );
    edit(
        "s#\\(.*\\)--service-account-key-file=.*#&\\n\\1--service-account-key-file=/etc/kubernetes/pki/sa-new.pub#; s#--service-account-signing-key-file=.*#--service-account-signing-key-file=/etc/kubernetes/pki/sa-new.key#",
    );
    let both = keys_are(2);
    let second = both.iter().find(|id| !first.contains(id)).unwrap();
    let new = token(&namespace);
    workspace.plant(&new);
    assert_eq!(login(&new), 400, "Vault does not know the new key yet");
    // What is seen while planning may be old when it is applied.
    let planned = workspace.terraform(&["plan", "-json", "-out", "saved"]).succeeds().only("update", AUTH);
    planned.warning(&["will change", &format!("keys to be added: {second}")]);
    workspace.terraform(&["apply", "-json", "saved"]).succeeds();
    assert_eq!((login(&new), login(&old)), (200, 200));

    // The new one alone: tokens in flight go on until the next change, or as long as one likes.
    edit("/--service-account-key-file=.*sa.pub/d");
    assert_eq!(&keys_are(1)[0], second);
    workspace.plan().succeeds().changes_nothing();
    assert_eq!((login(&new), login(&old)), (200, 200));
    workspace.hcl(&hcl(false));
    let planned = workspace.plan().succeeds().only("update", AUTH);
    planned.warning(&["will change", &format!("keys to be removed: {}", first[0])]);
    workspace.apply().succeeds();
    assert_eq!((login(&new), login(&old)), (200, 400));
    assert_eq!(workspace.attributes(AUTH)["key_ids"], json!([second]));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}
