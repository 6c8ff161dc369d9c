//! A definition that is not there, comes while it is waited for, and serves an older version than usual.

use serde_json::{Value, json};

use super::*;

const DEFINITION: &str = "secretstores.external-secrets.io";

/// The definition of `SecretStore`, taken away; it is put back however the test ends.
struct Undefined(Value);

impl Undefined {
    fn new() -> Self {
        let live = kubectl::object(&["crd", DEFINITION]).expect("the testbed installs External Secrets");
        let metadata = json!({"name": DEFINITION, "annotations": live["metadata"]["annotations"]});
        kubectl::succeeds(&["delete", "crd", DEFINITION]);
        Self(
            json!({"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata, "spec": live["spec"]}),
        )
    }

    /// Defines the kind, at this version only.
    fn define(&self, served: &str) {
        let mut definition = self.0.clone();
        for version in definition["spec"]["versions"].as_array_mut().unwrap() {
            version["served"] = json!(version["name"] == served);
        }
        kubectl::apply_as("test", &definition);
    }
}

impl Drop for Undefined {
    fn drop(&mut self) {
        self.define("v1");
        // `kubectl wait` fails at once where a definition has no conditions yet.
        poll::until(Duration::from_secs(30), &format!("established {DEFINITION}"), || {
            let waited = kubectl::tried(&["wait", "--for", "condition=Established", &format!("crd/{DEFINITION}")]);
            waited.ok()
        });
    }
}

#[test]
fn a_kind_that_is_not_there_is_waited_for_and_taken_at_the_version_that_is_served() {
    let _alone = Part::Cluster.exclusive();
    let _harmed = Harmed::cluster();
    let (namespace, workspace) = (Namespace::made("undefined"), Workspace::new());
    let store = |arguments: &str| {
        let auth = "{ token_secret = { name = \"none\", key = \"token\" } }";
        format!(
            "resource \"tazlab_vault_secret_store\" \"one\" {{\n  kind = \"SecretStore\"\n  namespace = \"{}\"\n  name = \"one\"\n  server = \"https://127.0.0.1:1\"\n  auth = {auth}\n  {arguments}\n}}\n",
            namespace.name()
        )
    };
    let undefined = Undefined::new();
    workspace.hcl(&store("timeouts = { create = \"3s\" }"));
    let planned = workspace.plan().succeeds().only("create", "tazlab_vault_secret_store.one");
    assert_eq!(planned.warnings(), [""; 0]);
    let failed = workspace.apply().fails();
    Quote::of("Error: The cluster does not have this kind")
        .with("ClusterSecretStore tazlab-secrets-vault", &format!("SecretStore {}/one", namespace.name()))
        .with("clustersecretstores.external-secrets.io", DEFINITION)
        .is_told_by(&failed);
    assert_eq!(workspace.addresses(), [""; 0]);

    workspace.hcl(&store(""));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let missing = format!("waiting: CustomResourceDefinition {DEFINITION} does not exist");
    let seen = || (workspace.traces().matches(&missing).count() > 1).then_some(());
    poll::until(Duration::from_mins(1), "progress", seen);
    undefined.define("v1beta1");
    // No controller reads that version any more: what it would say is said here.
    let kind = "secretstores.v1beta1.external-secrets.io";
    // kubectl itself does not know the kind before it is served.
    let made = || {
        let got = kubectl::kubectl(&["get", kind, "one", "-n", namespace.name(), "-o", "json"]);
        got.status.success().then(|| serde_json::from_slice::<Value>(&got.stdout).unwrap())
    };
    poll::until(Duration::from_mins(1), "store", made);
    let valid = json!({"status": {"conditions": [{"type": "Ready", "status": "True", "reason": "Valid", "message": "store validated"}]}});
    let patch = ["patch", kind, "one", "-n", namespace.name(), "--subresource", "status", "--type", "merge", "-p"];
    kubectl::succeeds(&[&patch[..], &[&valid.to_string()]].concat());
    started.end().succeeds();
    assert_eq!(made().unwrap()["apiVersion"], "external-secrets.io/v1beta1");
    workspace.plan().succeeds().changes_nothing();
    // The same store, now at the newer version.
    drop(undefined);
    workspace.destroy().succeeds();
    assert_eq!(kubectl::object(&["secretstore", "one", "-n", namespace.name()]), None);
}
