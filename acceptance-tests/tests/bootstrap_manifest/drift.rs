//! What others do to the object, and what a plan makes of it.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

#[test]
fn changes_of_our_fields_are_reverted_whoever_made_them_and_others_are_no_difference() {
    let (namespace, workspace) = (Namespace::made("drift"), Workspace::new());
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\", b = \"2\" }"), "  force_conflicts = true"));
    workspace.apply().succeeds();
    // Fields of others.
    kubectl::succeeds(&["label", "configmap", "one", "-n", namespace.name(), "theirs=x"]);
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"data":{"c":"3"}}"#]);
    workspace.plan().succeeds().changes_nothing();
    // By hand, and by another manager.
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"data":{"a":"by hand"}}"#]);
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace.name()},
        "data": {"b": "by a controller"}});
    kubectl::apply_as("some-controller", &theirs);
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    let live = live_map(&namespace).unwrap();
    assert_eq!(live["data"], json!({"a": "1", "b": "2", "c": "3"}));
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "data.a, data.b");
    workspace.plan().succeeds().changes_nothing();
    // A field that goes is put back, and one that leaves the manifest goes.
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"data":{"a":null}}"#]);
    workspace.plan().succeeds().only("update", ONE);
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), ""));
    workspace.apply().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "1", "c": "3"}), "what leaves the manifest goes");
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn another_managers_field_is_a_conflict_with_its_name() {
    let (namespace, workspace) = (Namespace::made("conflict"), Workspace::new());
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace.name()},
        "data": {"a": "theirs"}});
    kubectl::apply_as("some-controller", &theirs);
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), ""));
    workspace.apply().fails().error(&["some-controller", ".data.a", "force_conflicts = true"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_state_that_shows_drift_forgets_it_when_it_is_gone() {
    let (namespace, workspace) = (Namespace::made("back"), Workspace::new());
    let hcl = block("one", &config_map(&namespace, "{ a = \"1\" }"), "");
    workspace.hcl(&hcl);
    workspace.apply().succeeds();
    let patch = |value: &str| {
        let patch = json!({"data": {"a": value}}).to_string();
        kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", &patch]);
    };
    patch("2");
    workspace.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert_eq!(workspace.attributes(ONE)["manifest"]["data"]["a"], "2");
    patch("1");
    workspace.plan().succeeds().changes_nothing();
    workspace.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert_eq!(workspace.attributes(ONE)["manifest"]["data"]["a"], "1");
}

#[test]
fn what_the_server_makes_of_it_is_no_difference_and_a_texts_drift_is_a_warning() {
    let (namespace, workspace) = (Namespace::made("text"), Workspace::new());
    let hcl = |cpu: &str| {
        format!(
            "resource \"tazlab_bootstrap_manifest\" \"one\" {{\n  yaml = <<-Y\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: one, namespace: {}}}\n    spec:\n      replicas: 0\n      selector: {{matchLabels: {{app: one}}}}\n      template:\n        metadata: {{labels: {{app: one}}}}\n        spec:\n          containers:\n          - name: one\n            image: registry.example/none\n            ports: [{{containerPort: 80}}]\n            resources: {{requests: {{cpu: {cpu}}}}}\n  Y\n}}\n",
            namespace.name()
        )
    };
    workspace.hcl(&hcl("1000m"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    // Another spelling of what is live: nothing to do.
    workspace.hcl(&hcl("\"1\""));
    workspace.plan().succeeds().changes_nothing();
    // A sidecar of somebody else's is not ours.
    let sidecar = r#"[{"op":"add","path":"/spec/template/spec/containers/0","value":{"name":"sidecar","image":"x"}}]"#;
    kubectl::succeeds(&["patch", "deploy", "one", "-n", namespace.name(), "--type", "json", "-p", sidecar]);
    workspace.plan().succeeds().changes_nothing();
    kubectl::succeeds(&["scale", "deploy", "one", "-n", namespace.name(), "--replicas", "1"]);
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&["The object will be repaired", "spec.replicas"]);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "spec.replicas");
    let live = kubectl::object(&["deploy", "one", "-n", namespace.name()]).unwrap();
    assert_eq!(live["spec"]["replicas"], 0);
    assert_eq!(live["spec"]["template"]["spec"]["containers"].as_array().unwrap().len(), 2);
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_saved_plan_survives_whatever_happens_to_the_object_before_its_apply() {
    let (namespace, workspace) = (Namespace::made("saved"), Workspace::new());
    let hcl = |value: &str| block("one", &config_map(&namespace, &format!("{{ a = \"{value}\", b = \"2\" }}")), "");
    let change = |patch: &str| {
        kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", patch]);
    };
    workspace.hcl(&hcl("1"));
    workspace.apply().succeeds();
    let after: [(&str, &dyn Fn()); 4] = [
        ("nothing", &|| {}),
        ("the change itself", &|| change(r#"{"data":{"a":"2"}}"#)),
        ("another change", &|| change(r#"{"data":{"a":"9","b":"8"}}"#)),
        ("a deletion", &|| {
            kubectl::succeeds(&["delete", "configmap", "one", "-n", namespace.name()]);
        }),
    ];
    for (index, (what, happens)) in after.into_iter().enumerate() {
        let value = (index + 2).to_string();
        workspace.hcl(&hcl(&value));
        workspace.terraform(&["plan", "-out", "saved"]).succeeds();
        happens();
        let applied = workspace.terraform(&["apply", "-json", "saved"]);
        assert!(applied.errors().is_empty(), "{what}: {applied}");
        assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": value, "b": "2"}), "{what}");
        workspace.plan().succeeds().changes_nothing();
    }
    // A plan of drift, which is gone before its apply.
    change(r#"{"data":{"b":"drifted"}}"#);
    workspace.terraform(&["plan", "-out", "saved"]).succeeds();
    change(r#"{"data":{"b":"2"}}"#);
    let applied = workspace.terraform(&["apply", "-json", "saved"]);
    assert!(applied.errors().is_empty(), "{applied}");
    workspace.plan().succeeds().changes_nothing();
}
