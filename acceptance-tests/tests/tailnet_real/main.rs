//! The tailnet with real parts: Tailscale's own operator in the cluster, its proxies, nodes beside it, and a control server of ours.
//! What the operator says, and what crosses the tailnet, is nobody's simulation here. Faults, ages and many devices are the suite
//! `tailnet`'s, whose API is a fake: `answers` shows that both APIs answer alike.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod answers;
mod apiserver;
mod egress;
mod finalizer;
mod programs;

use std::time::Duration;

use acceptance_tests::{ControlServer, Namespace, TailscaleOperator, Workspace, kubectl, poll, tailscale};
use serde_json::json;

/// A workspace whose provider reaches the cluster and the tailnet.
fn workspace(control: &ControlServer) -> Workspace {
    let workspace = Workspace::new();
    workspace.provider(&control.block(&workspace));
    workspace
}

/// Nothing of what the tailnet gave out, nor of the operator's credential, may be found anywhere.
fn plant(workspace: &Workspace, control: &ControlServer, operator: &TailscaleOperator<'_>) {
    workspace.plant(&operator.client().secret);
    control.secrets().iter().for_each(|secret| workspace.plant(secret));
}

/// What a pod of this namespace gets from a URL.
fn from_a_pod(namespace: &Namespace, url: &str) -> String {
    let name = "caller";
    let container = json!({"name": name, "image": tailscale::image("proxy"), "imagePullPolicy": "IfNotPresent",
        "command": ["/usr/local/bin/caller", url]});
    kubectl::apply_as(
        "tazlab-test",
        &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": namespace.name(), "name": name},
            "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}}),
    );
    let ended = poll::until(Duration::from_mins(1), &format!("end of pod {name}"), || {
        let pod = kubectl::object(&["pod", name, "-n", namespace.name()])?;
        let phase = pod["status"]["phase"].as_str()?.to_owned();
        matches!(phase.as_str(), "Succeeded" | "Failed").then_some(phase)
    });
    let printed = kubectl::succeeds(&["logs", name, "-n", namespace.name()]);
    assert_eq!(ended, "Succeeded", "{printed}");
    printed
}
