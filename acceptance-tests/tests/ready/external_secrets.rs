//! External Secrets' part: its CRDs, a store, and the status of its objects, played with messages as the controller writes
//! them (external-secrets 0.18.2). The store names a controller of its own (`spec.controller`), so that a real one leaves
//! these objects alone.

use std::process::Command;

use acceptance_tests::{Namespace, kubectl};
use serde_json::{Value, json};

const MANAGER: &str = "external-secrets";
const MODULE: &str = "github.com/external-secrets/external-secrets@v0.18.2";
const KINDS: [&str; 3] = ["externalsecrets", "secretstores", "clustersecretstores"];

/// The CRDs, where the cluster does not have them.
pub(super) fn crds() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let missing = |kind: &&str| kubectl::object(&["crd", &format!("{kind}.external-secrets.io")]).is_none();
        if !KINDS.iter().any(missing) {
            return;
        }
        let module = Command::new("go").args(["mod", "download", "-json", MODULE]).output().expect("go runs");
        let module: Value = serde_json::from_slice(&module.stdout).expect("a module");
        let folder = module["Dir"].as_str().expect("a folder").to_owned() + "/config/crds/bases/external-secrets.io_";
        for kind in KINDS {
            let file = format!("{folder}{kind}.yaml");
            kubectl::succeeds(&["apply", "--server-side", "--force-conflicts", "-f", &file]);
        }
        let names = KINDS.map(|kind| format!("crd/{kind}.external-secrets.io"));
        let mut wait = vec!["wait", "--for=condition=Established", "--timeout=30s"];
        wait.extend(names.iter().map(String::as_str));
        kubectl::succeeds(&wait);
    });
}

/// A ClusterSecretStore that goes with its value.
pub(super) struct Store(String);

impl Store {
    pub(super) fn made(namespace: &Namespace) -> Self {
        let store = Self(format!("played-{}", namespace.name()));
        let vault = json!({"server": "https://192.0.2.1:8200", "path": "secret", "version": "v2",
                           "auth": {"tokenSecretRef": {"name": "t", "namespace": namespace.name(), "key": "token"}}});
        let object = store.with(&json!({"spec": {"controller": "tazlab-test", "provider": {"vault": vault}}}));
        kubectl::apply_as("tazlab-test", &object);
        store
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }

    fn with(&self, more: &Value) -> Value {
        let mut object =
            json!({"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": self.0}});
        for (key, value) in more.as_object().into_iter().flatten() {
            object[key] = value.clone();
        }
        object
    }

    pub(super) fn valid(&self) {
        let status =
            json!({"capabilities": "ReadWrite", "conditions": [condition("True", "Valid", "store validated")]});
        kubectl::apply_status_as(MANAGER, &[self.with(&json!({"status": status}))]);
    }

    pub(super) fn refused(&self) {
        let message = "unable to validate store: invalid vault credentials: Error making API request.\n\nCode: 403. Errors:\n\n* permission denied";
        let status = json!({"conditions": [condition("False", "ValidationFailed", message)]});
        kubectl::apply_status_as(MANAGER, &[self.with(&json!({"status": status}))]);
    }

    /// The manifest of an ExternalSecret that reads from it.
    pub(super) fn secret(&self, namespace: &Namespace, name: &str) -> Value {
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
               "metadata": {"namespace": namespace.name(), "name": name},
               "spec": {"refreshInterval": "1h", "target": {"name": name},
                        "secretStoreRef": {"name": self.0, "kind": "ClusterSecretStore"},
                        "data": [{"secretKey": "k", "remoteRef": {"key": name, "property": "k"}}]}})
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&["delete", "clustersecretstore", &self.0, "--ignore-not-found", "--wait=false"]));
    }
}

fn condition(status: &str, reason: &str, message: &str) -> Value {
    json!({"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": "2026-01-01T00:00:00Z"})
}

/// The status of an ExternalSecret whose secret is there.
pub(super) fn synced() -> Value {
    json!({"conditions": [condition("True", "SecretSynced", "secret synced")], "binding": {"name": "x"}})
}

/// The status of an ExternalSecret whose store is not ready.
pub(super) fn failed() -> Value {
    json!({"conditions": [condition("False", "SecretSyncedError", "error processing spec.data[0] (key: x), err: ClusterSecretStore is not ready")]})
}

/// The names of the ExternalSecrets in a namespace.
pub(super) fn names(namespace: &Namespace) -> Vec<String> {
    let all = kubectl::object(&["externalsecrets.external-secrets.io", "-n", namespace.name()]).unwrap_or_default();
    let names = all["items"].as_array().into_iter().flatten().filter_map(|one| one["metadata"]["name"].as_str());
    names.map(ToOwned::to_owned).collect()
}

/// Gives all ExternalSecrets of a namespace this status.
pub(super) fn play(namespace: &Namespace, names: &[String], status: &Value) {
    let objects: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
                   "metadata": {"namespace": namespace.name(), "name": name}, "status": status})
        })
        .collect();
    kubectl::apply_status_as(MANAGER, &objects);
}
