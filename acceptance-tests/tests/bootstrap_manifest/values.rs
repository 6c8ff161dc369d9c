//! Values of every form: what Terraform calls inconsistent must never appear.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

const FORMS: &str = r#"{
  whole = 1.0, half = 0.5, big = 9223372036854775807, unsigned = 18446744073709551615, small = -3, power = 1e3
  nothing = null, empty_list = [], empty_map = {}, text = "1", truth = false
  nested = [{ a = null, b = [1, "x", true] }, {}, []]
  listed = tolist(["a", "b"]), set = toset(["b", "a"]), mapped = tomap({ k = "v" })
  known_late = terraform_data.late.output, listed_late = [terraform_data.late.output, { z = terraform_data.late.id }]
  multi = "line\nline\n"
}"#;

#[test]
fn every_form_and_unknowns_inside_are_applied_and_planned_again_without_a_change() {
    let (namespace, workspace) = (Namespace::made("values"), Workspace::new());
    let definition = Definition::of(&namespace);
    let hcl = |late: &str, forms: &str| {
        format!("resource \"terraform_data\" \"late\" {{\n  input = {late}\n}}\n")
            + &block("definition", &definition.manifest(&["v1"]), "")
            + &block("one", &definition.thing(&namespace, "v1", forms), "")
    };
    // What is unknown changes its type with each apply.
    for late in ["1", "\"text\"", "{ k = [1] }", "[]", "null"] {
        workspace.hcl(&hcl(late, FORMS));
        workspace.apply().succeeds();
        workspace.plan().succeeds().changes_nothing();
    }
    let spec = definition.live(&namespace).unwrap()["spec"].clone();
    assert_eq!((&spec["whole"], &spec["half"], &spec["power"]), (&json!(1), &json!(0.5), &json!(1000)));
    assert_eq!((&spec["big"], &spec["small"]), (&json!(i64::MAX), &json!(-3)));
    assert_eq!((&spec["empty_list"], &spec["empty_map"], &spec["set"]), (&json!([]), &json!({}), &json!(["a", "b"])));
    assert!(spec.get("nothing").is_none());
    // The same in other words.
    let other = FORMS
        .replace("1.0", "1, absent = null")
        .replace("tolist([\"a\", \"b\"])", "[\"a\", \"b\"]")
        .replace("toset([\"b\", \"a\"])", "[\"a\", \"b\"]")
        .replace("tomap({ k = \"v\" })", "{ k = \"v\" }");
    workspace.hcl(&hcl("null", &other));
    workspace.plan().succeeds().changes_nothing();
    // With another change it is recorded as it is written.
    workspace.hcl(&hcl("null", &other.replace("truth = false", "truth = true")));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn the_objects_of_a_yaml_text_are_applied_by_for_each() {
    let (namespace, workspace) = (Namespace::made("texts"), Workspace::new());
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: one, namespace: {0}}}\ndata: {{a: b, n: }}\n---\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: one\n  namespace: {0}\n",
        namespace.name()
    );
    let file = workspace.source("objects.yaml", &text);
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_manifest\" \"all\" {{\n  for_each = provider::tazlab::manifests(file(\"{file}\"))\n  manifest = each.value\n}}\n"
    ));
    workspace.apply().succeeds();
    let of = |kind: &str| format!("tazlab_bootstrap_manifest.all[\"/{kind}/{}/one\"]", namespace.name());
    assert_eq!(workspace.addresses(), [of("ConfigMap"), of("ServiceAccount")]);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(live_map(&namespace).is_none());
}

#[test]
fn what_cannot_be_a_manifest_is_refused_with_its_reason() {
    let (namespace, workspace) = (Namespace::made("refused"), Workspace::new());
    let with = |field: &str| config_map(&namespace, "{}").replace("data = {}", field);
    let metadata =
        |field: &str| config_map(&namespace, "{}").replace("metadata = { ", &format!("metadata = {{ {field}, "));
    for (manifest, words) in [
        (with("status = {}"), "status is set by the API server"),
        (metadata("uid = \"x\""), "metadata.uid"),
        (metadata("resourceVersion = \"1\""), "metadata.resourceVersion"),
        (metadata("managedFields = []"), "metadata.managedFields"),
        (metadata("generateName = \"x-\""), "generateName"),
        (with("data = { x = \"y\" }").replace("ConfigMap", "Secret"), "tazlab_bootstrap_secret"),
        ("{ apiVersion = \"v1\", kind = \"List\", items = [] }".to_owned(), "for_each"),
        ("{ kind = \"ConfigMap\" }".to_owned(), "apiVersion"),
        ("\"text\"".to_owned(), "A manifest is an object"),
    ] {
        workspace.hcl(&block("one", &manifest, ""));
        workspace.plan().fails().error(&["The manifest cannot be applied", words]);
    }
    let text = "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: a}\\n---\\na: 1\\n";
    for (text, words) in [(text, "2 documents"), ("", "no document"), ("a: [", "line 1")] {
        workspace.hcl(&format!("resource \"tazlab_bootstrap_manifest\" \"one\" {{\n  yaml = \"{text}\"\n}}\n"));
        workspace.plan().fails().error(&[words]);
    }
    // What the API server knows of its own kinds is an error of the plan.
    for field in ["nonsense = 1", "data = [1]"] {
        workspace.hcl(&block("one", &with(field), ""));
        workspace.plan().fails().error(&["The API server refuses the manifest", "ConfigMap"]);
    }
}

#[test]
fn fractions_and_an_empty_namespace_are_taken_as_kubectl_takes_them() {
    let (namespace, workspace) = (Namespace::made("thirds"), Workspace::new());
    let definition = Definition::of(&namespace);
    let hcl = |spec: &str| {
        block("definition", &definition.manifest(&["v1"]), "")
            + &block("one", &definition.thing(&namespace, "v1", spec), "")
            + "resource \"tazlab_bootstrap_manifest\" \"class\" {\n  manifest = {\n    apiVersion = \"scheduling.k8s.io/v1\"\n    kind = \"PriorityClass\"\n"
            + &format!(
                "    metadata = {{ name = \"{}\", namespace = \"\" }}\n    value = 1\n  }}\n}}\n",
                namespace.name()
            )
    };
    workspace.hcl(&hcl("{ third = 1 / 3, list = [2 / 3] }"));
    workspace.apply().succeeds();
    let spec = definition.live(&namespace).unwrap()["spec"].clone();
    assert_eq!(spec, json!({"third": 1.0 / 3.0, "list": [2.0 / 3.0]}));
    workspace.plan().succeeds().changes_nothing();
    definition.merge(&namespace, r#"{"spec":{"third":0.25}}"#);
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(workspace.attributes("tazlab_bootstrap_manifest.class")["namespace"], Value::Null);
    workspace.destroy().succeeds();
}

#[test]
fn keys_that_are_no_texts_are_those_of_kubectl_and_errors_end_with_one_full_stop() {
    let (namespace, workspace) = (Namespace::made("keys"), Workspace::new());
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: one, namespace: {0}}}\ndata:\n  8080: port\n  true: truth\n  1.50: fraction\n",
        namespace.name()
    );
    let file = workspace.source("objects.yaml", &text);
    let hcl = format!(
        "resource \"tazlab_bootstrap_manifest\" \"one\" {{\n  for_each = provider::tazlab::manifests(file(\"{file}\"))\n  manifest = each.value\n}}\n"
    );
    workspace.hcl(&hcl);
    workspace.apply().succeeds();
    let ours = live_map(&namespace).unwrap()["data"].clone();
    assert_eq!(ours, json!({"8080": "port", "true": "truth", "1.5": "fraction"}));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    // The same by kubectl itself.
    kubectl::succeeds(&["apply", "-f", &file]);
    assert_eq!(live_map(&namespace).unwrap()["data"], ours);
    for wrong in ["a: [", "a: 1", "a: 1\na: 2"] {
        workspace.source("objects.yaml", wrong);
        let error = workspace.plan().fails().error(&["Invalid function argument", "line"]);
        assert!(!error.contains(".."), "{error}");
    }
}
