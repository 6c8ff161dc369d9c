//! A kind that comes with the objects of it, before them, after them, never, and at another version.

use std::time::Duration;

use acceptance_tests::{Namespace, Workspace, poll};

use super::*;

#[test]
fn a_namespace_a_definition_and_what_needs_them_come_in_one_apply_in_any_order() {
    let (namespace, workspace) = (Namespace::named("kinds"), Workspace::new());
    let definition = Definition::of(&namespace);
    let made =
        format!("{{ apiVersion = \"v1\", kind = \"Namespace\", metadata = {{ name = \"{}\" }} }}", namespace.name());
    // Nothing says what comes first.
    workspace.hcl(
        &(block("thing", &definition.thing(&namespace, "v1", "{ size = 1 }"), "")
            + &block("one", &config_map(&namespace, "{ a = \"b\" }"), "")
            + &block("definition", &definition.manifest(&["v1"]), "")
            + &block("namespace", &made, "")),
    );
    let planned = workspace.plan().succeeds();
    assert_eq!(planned.changes().len(), 4);
    planned.warning(&["could not be checked during plan", "does not exist yet"]);
    workspace.apply().succeeds();
    assert_eq!(definition.live(&namespace).unwrap()["spec"]["size"], 1);
    let attributes = workspace.attributes("tazlab_bootstrap_manifest.thing");
    assert_eq!(attributes["api_version"], format!("{}/v1", definition.group));
    assert_eq!((&attributes["kind"], &attributes["namespace"]), (&"Thing".into(), &namespace.name().into()));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespace.exists() && !definition.exists());
}

#[test]
fn a_kind_that_comes_late_is_waited_for() {
    let (namespace, workspace) = (Namespace::made("late"), Workspace::new());
    let definition = Definition::of(&namespace);
    workspace.hcl(&block("one", &definition.thing(&namespace, "v1", "{ size = 1 }"), ""));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let words = "no CustomResourceDefinition of the group";
    poll::until(Duration::from_secs(30), words, || workspace.traces().contains(words).then_some(()));
    kubectl::apply_as("tazlab-test", &definition_json(&definition));
    let _ = started.end().succeeds();
    assert!(definition.live(&namespace).is_some());
    workspace.plan().succeeds().changes_nothing();
    // The definition goes, and takes the object along.
    kubectl::succeeds(&["delete", "crd", &definition.name()]);
    workspace.plan().succeeds().only("create", ONE);
    workspace.destroy().succeeds();
}

/// The definition as somebody else would apply it.
fn definition_json(definition: &Definition) -> Value {
    serde_json::json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": definition.name()},
        "spec": {"group": definition.group, "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}

#[test]
fn a_kind_and_a_namespace_that_never_come_are_named_at_the_timeout() {
    let (namespace, workspace) = (Namespace::made("never"), Workspace::new());
    let definition = Definition::of(&namespace);
    let short = "  timeouts = { create = \"4s\" }";
    workspace.hcl(&block("one", &definition.thing(&namespace, "v1", "{}"), short));
    let run = workspace.apply().fails();
    run.error(&["The cluster does not have this kind", "timed out", &definition.group, "depends_on"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    let nowhere = Namespace::named("nowhere");
    workspace.hcl(&block("one", &config_map(&nowhere, "{}"), short));
    workspace.apply().fails().error(&["The namespace does not exist", nowhere.name(), "timed out"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_namespace_that_does_not_go_is_named_with_what_holds_it() {
    let (namespace, workspace) = (Namespace::made("going"), Workspace::new());
    let held = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "held", "namespace": namespace.name(), "finalizers": ["tazlab.example/held"]}});
    kubectl::apply_as("tazlab-test", &held);
    kubectl::succeeds(&["delete", "namespace", namespace.name(), "--wait=false"]);
    workspace.hcl(&block("one", &config_map(&namespace, "{}"), "  timeouts = { create = \"20s\" }"));
    let run = workspace.apply();
    let patch = r#"{"metadata":{"finalizers":null}}"#;
    kubectl::succeeds(&["patch", "configmap", "held", "-n", namespace.name(), "--type", "merge", "-p", patch]);
    let words = ["The namespace is being deleted", "timed out", namespace.name(), "tazlab.example/held"];
    run.fails().error(&words);
}

#[test]
fn what_no_server_can_have_is_an_error_of_the_plan_and_of_the_apply() {
    let (namespace, workspace) = (Namespace::made("impossible"), Workspace::new());
    let of = |api_version: &str, kind: &str| {
        let manifest = config_map(&namespace, "{}").replace("\"v1\"", &format!("\"{api_version}\""));
        block("one", &manifest.replace("\"ConfigMap\"", &format!("\"{kind}\"")), "")
    };
    for (api_version, kind, hint) in [
        ("v1", "Deployment", "It serves kind Deployment of apps/v1"),
        ("apps/v1beta1", "Deployment", "It serves kind Deployment of apps/v1"),
        ("v1", "configMap", "It serves kind ConfigMap of v1"),
        ("v1", "Nothing", "Correct apiVersion or kind"),
    ] {
        workspace.hcl(&of(api_version, kind));
        let run = workspace.plan().fails();
        run.error(&[
            "The API server does not have this kind",
            "the group of a CustomResourceDefinition has a dot",
            hint,
        ]);
    }
    for (wrong, by) in [("name = \"one\"", "name = \"a/b\""), ("kind = \"ConfigMap\"", "kind = \"Config/Map\"")] {
        workspace.hcl(&block("one", &config_map(&namespace, "{}").replace(wrong, by), ""));
        workspace.plan().fails().error(&["The manifest cannot be applied", "cannot be the name of"]);
    }
    // Known at apply only.
    let late = "resource \"terraform_data\" \"late\" {\n  input = \"Deployment\"\n}\n".to_owned();
    let manifest = config_map(&namespace, "{}").replace("\"ConfigMap\"", "terraform_data.late.output");
    workspace.hcl(&(late + &block("one", &manifest, "")));
    let run = workspace.apply().fails();
    run.error(&["The API server does not have this kind", "apps/v1"]);
    run.waited_at_most(Duration::from_mins(1), &workspace.plan());
}

#[test]
fn a_definition_is_upgraded_beside_its_object() {
    let (namespace, workspace) = (Namespace::made("upgrade"), Workspace::new());
    let definition = Definition::of(&namespace);
    let hcl = |versions: &[&str], version: &str, size: &str| {
        block("definition", &definition.manifest(versions), "")
            + &block(
                "one",
                &definition.thing(&namespace, version, size),
                "  depends_on = [tazlab_bootstrap_manifest.definition]",
            )
    };
    workspace.hcl(&hcl(&["v1"], "v1", "{ size = 1 }"));
    workspace.apply().succeeds();
    let uid = workspace.attributes(ONE)["uid"].clone();
    workspace.hcl(&hcl(&["v1", "v2"], "v2", "{ size = 2 }"));
    let planned = workspace.plan().succeeds();
    assert!(planned.changes().iter().all(|(action, _)| action == "update"), "{planned}");
    workspace.apply().succeeds();
    let attributes = workspace.attributes(ONE);
    assert_eq!(attributes["api_version"], format!("{}/v2", definition.group));
    assert_eq!(attributes["uid"], uid, "another version is the same object");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn the_scope_of_a_kind_is_checked_while_planning() {
    let (namespace, workspace) = (Namespace::made("scope"), Workspace::new());
    let wrong = "{ apiVersion = \"v1\", kind = \"ConfigMap\", metadata = { name = \"one\" } }";
    workspace.hcl(&block("one", wrong, ""));
    workspace.plan().fails().error(&["wrong scope", "Set metadata.namespace"]);
    let wrong = format!(
        "{{ apiVersion = \"v1\", kind = \"Namespace\", metadata = {{ name = \"x\", namespace = \"{}\" }} }}",
        namespace.name()
    );
    workspace.hcl(&block("one", &wrong, ""));
    workspace.plan().fails().error(&["wrong scope", "Remove metadata.namespace"]);
}

#[test]
fn changed_triggers_create_what_is_missing() {
    let (namespace, workspace) = (Namespace::made("triggers"), Workspace::new());
    let hcl = |cluster: &str| {
        let triggers = format!("  triggers = {{ cluster = \"{cluster}\" }}");
        block("one", &config_map(&namespace, "{ a = \"1\" }"), &triggers)
    };
    workspace.hcl(&hcl("first"));
    workspace.apply().succeeds();
    let uid = workspace.attributes(ONE)["uid"].clone();
    workspace.hcl(&hcl("second"));
    workspace.terraform(&["plan", "-out", "saved"]).succeeds();
    kubectl::succeeds(&["delete", "configmap", "one", "-n", namespace.name()]);
    let applied = workspace.terraform(&["apply", "-json", "saved"]);
    assert!(applied.errors().is_empty(), "{applied}");
    assert_ne!(workspace.attributes(ONE)["uid"], uid);
    assert!(live_map(&namespace).is_some());
    workspace.plan().succeeds().changes_nothing();
}
