//! Stores and ExternalSecrets as users write them, for the testbed's real External Secrets with real Vaults behind it: what
//! they say is the controller's own.

use std::time::{Duration, Instant};

use acceptance_tests::{Namespace, Testbed, Vault, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::CONTROLLERS;

pub(super) const EXTERNAL_SECRET: &str = "externalsecrets.external-secrets.io";
pub(super) const STORE: &str = "secretstores.external-secrets.io";

/// The Secret that stores log in with.
const LOGIN: &str = "vault";

/// Vaults, what each holds, and the Secret with the way to them.
pub(super) struct Vaults {
    /// The testbed's.
    pub(super) shared: Vault,
    /// One that can be sealed.
    pub(super) own: Vault,
    namespace: String,
}

impl Vaults {
    pub(super) fn of(namespace: &Namespace, workspace: &Workspace) -> Self {
        // Fails where the testbed runs no controller.
        let _ = Testbed::get().external_secrets_log();
        let vaults = Self { shared: Vault::shared(), own: Vault::start(), namespace: namespace.name().to_owned() };
        let (shared, own) = (&vaults.shared, &vaults.own);
        for secret in [shared.token(), own.token()] {
            workspace.plant(secret);
        }
        let authority = |vault: &Vault| std::fs::read_to_string(vault.authority()).unwrap();
        let (shared_ca, own_ca) = (authority(shared), authority(own));
        let contents = [
            ("token", shared.token()),
            ("ca.crt", shared_ca.as_str()),
            ("own-token", own.token()),
            ("own-ca.crt", own_ca.as_str()),
            ("wrong-token", "hvs.nobodys"),
        ];
        kubectl::apply_as("tazlab-test", &namespace.manifest(LOGIN, &contents));
        vaults
    }

    /// The manifest of a store for `vault` that logs in with these keys of the Secret: a SecretStore, or (`None`) the
    /// ClusterSecretStore with the namespace's name.
    pub(super) fn store(&self, name: Option<&str>, vault: &Vault, token: &str, authority: &str) -> Value {
        let namespace = self.namespace.as_str();
        let key = |key: &str| {
            let mut reference = json!({"name": LOGIN, "key": key});
            if name.is_none() {
                reference["namespace"] = json!(namespace);
            }
            reference
        };
        let mut ca = key(authority);
        ca["type"] = json!("Secret");
        let vault = json!({"server": vault.address(), "path": "secret", "version": "v2", "caProvider": ca,
                           "auth": {"tokenSecretRef": key(token)}});
        let (kind, metadata) = match name {
            Some(name) => ("SecretStore", json!({"namespace": namespace, "name": name})),
            None => ("ClusterSecretStore", json!({"name": namespace})),
        };
        json!({"apiVersion": "external-secrets.io/v1", "kind": kind, "metadata": metadata, "spec": {"provider": {"vault": vault}}})
    }

    /// The manifest of an ExternalSecret that reads from the store of this name, as [`Vaults::store`] has it.
    pub(super) fn secret(&self, store: Option<&str>, name: &str) -> Value {
        let store = match store {
            Some(store) => json!({"kind": "SecretStore", "name": store}),
            None => json!({"kind": "ClusterSecretStore", "name": self.namespace}),
        };
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
               "metadata": {"namespace": self.namespace, "name": name},
               "spec": {"refreshInterval": "1h", "target": {"name": name}, "secretStoreRef": store,
                        "data": [{"secretKey": "k", "remoteRef": {"key": self.key(name), "property": "k"}}]}})
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.namespace)
    }

    /// Writes what the ExternalSecret of this name reads.
    pub(super) fn write(&self, vault: &Vault, name: &str, property: &str, secret: &str) {
        vault.write(&format!("secret/data/{}", self.key(name)), &json!({"data": {property: secret}}));
    }

    /// Deletes it.
    pub(super) fn delete(&self, vault: &Vault, name: &str) {
        vault.delete(&format!("secret/metadata/{}", self.key(name)));
    }
}

impl Drop for Vaults {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&[
            "delete",
            "clustersecretstore",
            &self.namespace,
            "--ignore-not-found",
            "--wait=false",
        ]));
        // The shared Vault outlives the test.
        let folder = format!("secret/metadata/{}", self.namespace);
        let (_, names) = self.shared.ask("GET", &format!("{folder}?list=true"), None);
        for name in names["data"]["keys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            drop(self.shared.ask("DELETE", &format!("{folder}/{name}"), None));
        }
    }
}

/// Makes the controller look at objects now: what is ready is looked at again after an hour.
pub(super) fn nudge(kind: &str, namespace: &Namespace, names: &[&str]) {
    let now = format!("tazlab.io/nudged={}", jiff::Timestamp::now().as_nanosecond());
    let command = ["annotate", "--overwrite", "--namespace", namespace.name(), kind];
    kubectl::succeeds(&[&command[..], names, &[now.as_str()]].concat());
}

/// Those for which the controller does not give this reason.
fn others<'a>(kind: &str, namespace: &Namespace, names: &[&'a str], reason: &str) -> Vec<&'a str> {
    let all = kubectl::object(&[kind, "-n", namespace.name()]).unwrap_or_default();
    let says = |one: &&Value| {
        let conditions = one["status"]["conditions"].as_array();
        conditions.into_iter().flatten().any(|one| one["type"] == "Ready" && one["reason"] == reason)
    };
    let found: Vec<&Value> = all["items"].as_array().into_iter().flatten().filter(says).collect();
    names.iter().filter(|name| !found.iter().any(|one| one["metadata"]["name"] == **name)).copied().collect()
}

/// Waits until the controller gives this reason for all of them.
pub(super) fn say(kind: &str, namespace: &Namespace, names: &[&str], reason: &str) {
    poll::until(CONTROLLERS, &format!("{reason} of {kind} {}", names.join(", ")), || {
        others(kind, namespace, names, reason).is_empty().then_some(())
    });
}

/// Waits until it does, and nudges it now and then: what has failed again and again is tried anew after minutes only, and a nudge
/// that comes before the controller has seen what was mended is in vain.
pub(super) fn come_to_say(kind: &str, namespace: &Namespace, names: &[&str], reason: &str) {
    let mut nudged: Option<Instant> = None;
    poll::until(CONTROLLERS, &format!("{reason} of {kind} {}", names.join(", ")), || {
        let left = others(kind, namespace, names, reason);
        if !left.is_empty() && nudged.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
            nudge(kind, namespace, &left);
            nudged = Some(Instant::now());
        }
        left.is_empty().then_some(())
    });
}
