//! Admission while planning and applying: a webhook that is not reached is waited for, one that denies is final.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

/// A webhook for the `ConfigMap`s of a namespace whose Service does not exist, removed at the end.
struct Away(String);

impl Away {
    fn of(namespace: &Namespace) -> Self {
        let name = namespace.name();
        let webhook = json!({
            "name": "away.tazlab.example", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
            "timeoutSeconds": 2, "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE", "UPDATE"]}],
            "clientConfig": {"service": {"name": "away", "namespace": name}},
        });
        let configuration = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name}, "webhooks": [webhook]});
        kubectl::apply_as("tazlab-test", &configuration);
        acceptance_tests::poll::until(std::time::Duration::from_secs(30), "the webhook in force", || {
            let probe = ["create", "configmap", "probe", "-n", name, "--dry-run=server"];
            kubectl::tried(&probe).err().filter(|error| error.contains("failed to call webhook")).map(drop)
        });
        Self(name.to_owned())
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        let _ = kubectl::kubectl(&["delete", "validatingwebhookconfiguration", &self.0, "--ignore-not-found"]);
    }
}

#[test]
fn one_that_is_not_reached_is_a_warning_of_the_plan_and_waited_for_by_the_apply() {
    let (namespace, workspace) = (Namespace::made("away"), Workspace::new());
    let webhook = Away::of(&namespace);
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), "  timeouts = { create = \"4s\" }"));
    workspace.plan().succeeds().warning(&["could not be checked during plan", "away.tazlab.example"]);
    workspace.apply().fails().error(&["away.tazlab.example", "admission is not ready"]);
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), ""));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let words = "waiting until it is";
    acceptance_tests::poll::until(std::time::Duration::from_secs(30), words, || {
        workspace.traces().contains(words).then_some(())
    });
    drop(webhook);
    let _ = started.end().succeeds();
    workspace.plan().succeeds().changes_nothing();
}
