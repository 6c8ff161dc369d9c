//! `tazlab_bootstrap_ready`, `tazlab_bootstrap_status` and `tazlab_dns_lookup` with the real Terraform, Flux's real
//! kustomize-controller, the real External Secrets with real Vaults behind it, and real workloads.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

// The first in order: it needs the cluster's objects for itself, and need not wait for those of the others to go.
mod birth;
mod cert_manager;
mod crd_order;
mod dns;
mod external_secrets;
mod gateway;
mod hopeless;
mod later;
mod many;
mod objects;
mod unreachable;

use std::time::Duration;

use acceptance_tests::{Namespace, Workspace, kubectl, poll};
use serde_json::{Value, json};

const READY: &str = "tazlab_bootstrap_ready.this";

/// How long the real controllers may take for one thing. A kubelet comes back to an API server that another suite took away within
/// a minute: client-go doubles its pause up to 30 seconds, and adds as much again by chance.
const CONTROLLERS: Duration = Duration::from_mins(3);

/// The data source and its outputs.
fn status(arguments: &str) -> String {
    format!(
        "data \"tazlab_bootstrap_status\" \"this\" {{\n{arguments}}}\n\noutput \"status\" {{ value = data.tazlab_bootstrap_status.this }}\n"
    )
}

fn output(workspace: &Workspace, name: &str) -> Value {
    workspace.state().pointer(&format!("/values/outputs/{name}/value")).cloned().unwrap_or_else(|| panic!("no {name}"))
}

/// The problems of a run's error, one line each.
fn lines(error: &str) -> Vec<String> {
    let detail = error.splitn(3, " | ").nth(2).and_then(|detail| detail.rsplit_once(" | line "));
    detail.unwrap_or_default().0.lines().skip_while(|line| !line.is_empty()).skip(1).map(ToOwned::to_owned).collect()
}

/// The `Ready` condition of a Kustomization.
fn condition(namespace: &Namespace, name: &str) -> Value {
    let found = kubectl::object(&["kustomizations.kustomize.toolkit.fluxcd.io", name, "-n", namespace.name()]);
    let conditions = found.unwrap_or_default()["status"]["conditions"].as_array().cloned().unwrap_or_default();
    conditions.into_iter().find(|one| one["type"] == "Ready").unwrap_or_default()
}

/// Waits until the controller says this reason.
fn says(namespace: &Namespace, name: &str, reason: &str) -> Value {
    poll::until(CONTROLLERS, &format!("{reason} of Kustomization {name}"), || {
        Some(condition(namespace, name)).filter(|condition| condition["reason"] == reason)
    })
}

/// Kustomizations that go before their namespace does.
struct Kustomizations<'a>(&'a Namespace);

impl Drop for Kustomizations<'_> {
    fn drop(&mut self) {
        acceptance_tests::flux::remove_kustomizations(self.0.name());
    }
}

fn config_map(namespace: &Namespace, name: &str) -> String {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace.name(), "name": name}})
        .to_string()
}
