//! Whose an object is: what a destroy deletes, leaves, and refuses.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

#[test]
fn what_existed_is_adopted_and_kept_without_our_fields() {
    let (namespace, workspace) = (Namespace::made("adopt"), Workspace::new());
    let literal = ["create", "configmap", "one", "-n", namespace.name(), "--from-literal=theirs=x"];
    kubectl::succeeds(&literal);
    workspace.hcl(&block("one", &config_map(&namespace, "{ ours = \"y\" }"), ""));
    workspace.apply().succeeds().warning(&["An existing object is adopted"]);
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"theirs": "x", "ours": "y"}));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds().warning(&["The object was not deleted"]);
    let live = live_map(&namespace).unwrap();
    assert_eq!(live["data"], json!({"theirs": "x"}));
    assert_eq!(live["metadata"]["annotations"], json!(null));
}

#[test]
fn an_object_is_kept_where_that_is_wanted_and_handed_over_to_who_is_named() {
    let (namespace, workspace) = (Namespace::made("keep"), Workspace::new());
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), "  on_destroy = \"keep\""));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "1"}));
    kubectl::succeeds(&["delete", "configmap", "one", "-n", namespace.name()]);

    let hcl = |value: &str| {
        block(
            "one",
            &config_map(&namespace, &format!("{{ a = \"{value}\" }}")),
            "  hand_over_to = [\"kustomize-controller\"]",
        )
    };
    workspace.hcl(&hcl("0"));
    workspace.apply().succeeds();
    // What an update changed is no promise of one that changes nothing.
    workspace.hcl(&hcl("1"));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "data.a");
    assert_eq!(workspace.attributes(ONE)["owner"], json!(null));
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace.name()},
        "data": {"a": "theirs"}});
    kubectl::apply_as("kustomize-controller", &theirs);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&hcl("2"));
    workspace.apply().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "theirs"}), "nothing is written");
    assert_eq!(workspace.attributes(ONE)["owner"], "kustomize-controller");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds().warning(&["hand_over_to"]);
    assert!(live_map(&namespace).is_some());
}

#[test]
fn a_namespace_is_deleted_only_when_it_is_empty_or_that_is_wanted() {
    let (namespace, workspace) = (Namespace::named("full"), Workspace::new());
    let made =
        format!("{{ apiVersion = \"v1\", kind = \"Namespace\", metadata = {{ name = \"{}\" }} }}", namespace.name());
    workspace.hcl(&block("one", &made, "  timeouts = { delete = \"60s\" }"));
    workspace.apply().succeeds();
    kubectl::succeeds(&["create", "configmap", "theirs", "-n", namespace.name()]);
    workspace.destroy().fails().error(&["still holds others", "ConfigMap theirs", "force_destroy = true"]);
    assert!(namespace.exists());
    workspace.hcl(&block("one", &made, "  force_destroy = true"));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}

#[test]
fn a_definition_is_deleted_only_without_objects_of_others() {
    let (namespace, workspace) = (Namespace::made("defined"), Workspace::new());
    let definition = Definition::of(&namespace);
    workspace.hcl(&block("one", &definition.manifest(&["v1"]), ""));
    workspace.apply().succeeds();
    let theirs = json!({"apiVersion": format!("{}/v1", definition.group), "kind": "Thing",
        "metadata": {"name": "theirs", "namespace": namespace.name()}});
    kubectl::apply_as("somebody", &theirs);
    workspace.destroy().fails().error(&["still holds others", "theirs"]);
    assert!(definition.exists());
    kubectl::succeeds(&["delete", &definition.name(), "theirs", "-n", namespace.name()]);
    workspace.destroy().succeeds();
    assert!(!definition.exists());
}

#[test]
fn finalizers_that_hold_the_object_are_named_and_removed_only_where_that_is_wanted() {
    let (namespace, workspace) = (Namespace::made("held"), Workspace::new());
    let hcl = |arguments: &str| block("one", &config_map(&namespace, "{ a = \"1\" }"), arguments);
    workspace.hcl(&hcl("  timeouts = { delete = \"4s\" }"));
    workspace.apply().succeeds();
    let finalizer = r#"{"metadata":{"finalizers":["tazlab.example/held"]}}"#;
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "--type", "merge", "-p", finalizer]);
    workspace.destroy().fails().error(&["tazlab.example/held", "timed out"]);
    assert_eq!(workspace.addresses(), [ONE]);
    let forced = "  force_finalizer = true\n  timeouts = { delete = \"8s\" }";
    // The object is going away: the arguments are recorded without it.
    let state = std::fs::read_to_string(workspace.state_file()).unwrap();
    std::fs::write(
        workspace.state_file(),
        state
            .replace("\"force_finalizer\": false", "\"force_finalizer\": true")
            .replace("\"delete\": \"4s\"", "\"delete\": \"8s\""),
    )
    .unwrap();
    workspace.hcl(&hcl(forced));
    workspace.destroy().succeeds().warning(&["A finalizer was removed", "tazlab.example/held"]);
    assert!(live_map(&namespace).is_none());
}
