//! `manifest_wo`: merged when it is written, and nowhere else. Every test ends with a search for its secrets.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

const VARIABLE: &str = "variable \"token\" {\n  type = string\n  ephemeral = true\n}\n";

fn hcl(definition: &Definition, namespace: &Namespace, spec: &str, version: u32) -> String {
    let arguments = format!(
        "  manifest_wo = {{ spec = {{ auth = {{ token = var.token }}, keys = [{{ key = var.token }}] }} }}\n  manifest_wo_version = {version}\n  depends_on = [tazlab_bootstrap_manifest.definition]"
    );
    VARIABLE.to_owned()
        + &block("definition", &definition.manifest(&["v1"]), "")
        + &block("one", &definition.thing(namespace, "v1", spec), &arguments)
}

#[test]
fn it_is_written_with_its_version_and_kept_by_every_other_update() {
    let (namespace, workspace) = (Namespace::made("wo"), Workspace::new());
    let definition = Definition::of(&namespace);
    workspace.hcl(&hcl(&definition, &namespace, "{ url = \"a\", auth = { user = \"x\" } }", 1));
    let first = workspace.secret();
    workspace.variable("token", &first);
    workspace.apply().succeeds();
    let spec =
        |token: &str, url: &str| json!({"url": url, "auth": {"user": "x", "token": token}, "keys": [{"key": token}]});
    assert_eq!(definition.live(&namespace).unwrap()["spec"], spec(&first, "a"));
    workspace.plan().succeeds().changes_nothing();

    let second = workspace.secret();
    workspace.variable("token", &second);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&hcl(&definition, &namespace, "{ url = \"b\", auth = { user = \"x\" } }", 1));
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    assert_eq!(definition.live(&namespace).unwrap()["spec"], spec(&first, "b"), "another change leaves the value");
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "spec.url");
    workspace.plan().succeeds().changes_nothing();

    workspace.hcl(&hcl(&definition, &namespace, "{ url = \"b\", auth = { user = \"x\" } }", 2));
    workspace.apply().succeeds();
    assert_eq!(definition.live(&namespace).unwrap()["spec"], spec(&second, "b"));

    // What others write there is not seen, and drift beside it shows none of it.
    let theirs = workspace.secret();
    definition.merge(&namespace, &json!({"spec": {"auth": {"token": theirs}, "keys": [{"key": theirs}]}}).to_string());
    workspace.plan().succeeds().changes_nothing();
    definition.merge(&namespace, r#"{"spec":{"url":"drifted"}}"#);
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    assert_eq!(definition.live(&namespace).unwrap()["spec"], spec(&theirs, "b"));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn the_names_of_its_fields_are_kept_nowhere_and_one_that_it_leaves_out_is_not_taken_away() {
    let (namespace, workspace) = (Namespace::made("names"), Workspace::new());
    let definition = Definition::of(&namespace);
    let (name, other) = (workspace.secret(), workspace.secret());
    workspace.variable("token", &workspace.secret());
    let arguments = |version: u32| {
        format!(
            "  manifest_wo = {{ spec = {{ auth = {{ (var.name) = var.token }} }} }}\n  manifest_wo_version = {version}\n  depends_on = [tazlab_bootstrap_manifest.definition]"
        )
    };
    let set = |name: &str, version: u32| {
        workspace.variable("name", name);
        let thing = definition.thing(&namespace, "v1", "{ auth = { user = \"x\" } }");
        workspace.hcl(
            &(VARIABLE.replace("token", "name")
                + VARIABLE
                + &block("definition", &definition.manifest(&["v1"]), "")
                + &block("one", &thing, &arguments(version))),
        );
    };
    set(&name, 1);
    workspace.apply().succeeds();
    assert!(definition.live(&namespace).unwrap()["spec"]["auth"][&name].is_string());
    workspace.plan().succeeds().changes_nothing();
    set(&other, 1);
    workspace.plan().fails().error(&["manifest_wo has another form", "Change manifest_wo_version"]);
    assert!(definition.live(&namespace).unwrap()["spec"]["auth"][&name].is_string());
    set(&other, 2);
    workspace.apply().succeeds();
    let auth = definition.live(&namespace).unwrap()["spec"]["auth"].clone();
    assert!(auth[&other].is_string() && auth[&name].is_null(), "{auth}");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn no_refusal_repeats_it() {
    let (namespace, workspace) = (Namespace::made("quiet"), Workspace::new());
    let secret = workspace.secret();
    workspace.variable("token", &secret);
    // The API server quotes what it refuses.
    workspace.hcl(
        &(VARIABLE.to_owned()
            + &block(
                "one",
                &format!(
                    "{{ apiVersion = \"v1\", kind = \"Service\", metadata = {{ name = \"one\", namespace = \"{}\" }}, spec = {{ ports = [{{ port = 80 }}] }} }}",
                    namespace.name()
                ),
                "  manifest_wo = { spec = { clusterIP = var.token } }\n  manifest_wo_version = 1",
            )),
    );
    for run in [workspace.plan().fails(), workspace.apply().fails()] {
        run.error(&["spec.clusterIP"]);
    }
}
