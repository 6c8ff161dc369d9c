//! What is replaced, what is not, and what Terraform plans again.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

fn service(namespace: &Namespace, name: &str, address: &str) -> String {
    format!(
        "{{\n    apiVersion = \"v1\"\n    kind = \"Service\"\n    metadata = {{ name = \"{name}\", namespace = \"{}\" }}\n    spec = {{ {address} ports = [{{ port = 80 }}], selector = {{ a = \"b\" }} }}\n  }}",
        namespace.name()
    )
}

#[test]
fn what_cannot_change_is_replaced() {
    let (namespace, workspace) = (Namespace::made("immutable"), Workspace::new());
    workspace.hcl(&block("one", &selected(&namespace, "one"), ""));
    workspace.apply().succeeds();
    let uid = workspace.attributes(ONE)["uid"].clone();
    workspace.hcl(&block("one", &selected(&namespace, "two"), ""));
    let planned = workspace.plan().succeeds().only("replace", ONE);
    planned.warning(&["The change forces replacement", "immutable"]);
    workspace.terraform(&["plan", "-out", "saved"]).succeeds();
    let applied = workspace.terraform(&["apply", "-json", "saved"]);
    assert!(applied.errors().is_empty(), "{applied}");
    assert_ne!(workspace.attributes(ONE)["uid"], uid);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

fn selected(namespace: &Namespace, label: &str) -> String {
    format!(
        "{{\n    apiVersion = \"apps/v1\"\n    kind = \"Deployment\"\n    metadata = {{ name = \"one\", namespace = \"{}\" }}\n    spec = {{ replicas = 0, selector = {{ matchLabels = {{ app = \"{label}\" }} }}, template = {{ metadata = {{ labels = {{ app = \"{label}\" }} }}, spec = {{ containers = [{{ name = \"one\", image = \"registry.example/none\" }}] }} }} }}\n  }}",
        namespace.name()
    )
}

#[test]
fn an_object_that_became_immutable_after_the_plan_fails_with_the_cause() {
    let (namespace, workspace) = (Namespace::made("became"), Workspace::new());
    let hcl = |value: &str| {
        let map = config_map(&namespace, &format!("{{ a = \"{value}\" }}"));
        block("one", &map.replace("    data = ", "    immutable = false\n    data = "), "")
    };
    workspace.hcl(&hcl("1"));
    workspace.apply().succeeds();
    workspace.hcl(&hcl("2"));
    workspace.terraform(&["plan", "-out", "saved"]).succeeds();
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"immutable":true}"#]);
    let applied = workspace.terraform(&["apply", "-json", "saved"]).fails();
    let errors = applied.errors();
    assert!(errors.iter().all(|error| error.contains("immutable") && !error.contains("inconsistent")), "{errors:?}");
    // The next plan knows it.
    workspace.plan().succeeds().only("replace", ONE);
    workspace.apply().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "2"}));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn what_holds_too_much_is_not_replaced_by_itself() {
    let (namespace, workspace) = (Namespace::made("dear"), Workspace::new());
    let claim = |mode: &str| {
        let manifest = format!(
            "{{\n    apiVersion = \"v1\"\n    kind = \"PersistentVolumeClaim\"\n    metadata = {{ name = \"one\", namespace = \"{}\" }}\n    spec = {{ accessModes = [\"{mode}\"], storageClassName = \"none\", resources = {{ requests = {{ storage = \"1Gi\" }} }} }}\n  }}",
            namespace.name()
        );
        block("one", &manifest, "")
    };
    workspace.hcl(&claim("ReadWriteOnce"));
    workspace.apply().succeeds();
    workspace.hcl(&claim("ReadWriteMany"));
    workspace.plan().fails().error(&["what cannot change", "-replace"]);
    workspace.hcl(&claim("ReadWriteOnce"));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn another_name_is_another_object() {
    let (namespace, workspace) = (Namespace::made("rename"), Workspace::new());
    workspace.hcl(&block("one", &service(&namespace, "one", ""), ""));
    workspace.apply().succeeds();
    workspace.hcl(&block("one", &service(&namespace, "two", ""), ""));
    workspace.plan().succeeds().only("replace", ONE);
    workspace.terraform(&["plan", "-refresh=false", "-json"]).fails().error(&["another object", "-refresh=false"]);
    workspace.apply().succeeds();
    assert!(kubectl::object(&["service", "one", "-n", namespace.name()]).is_none());
    assert_eq!(workspace.attributes(ONE)["name"], "two");
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_manifest_that_is_unknown_as_a_whole_is_an_update_and_never_another_object() {
    let (namespace, workspace) = (Namespace::made("unknown"), Workspace::new());
    let hcl = |name: &str, value: &str| {
        format!(
            "resource \"terraform_data\" \"late\" {{\n  input = {}\n}}\n",
            config_map(&namespace, &format!("{{ a = \"{value}\" }}")).replace("\"one\"", &format!("\"{name}\""))
        ) + &block("one", "terraform_data.late.output", "")
    };
    workspace.hcl(&hcl("one", "1"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&hcl("one", "2"));
    let planned = workspace.plan().succeeds();
    assert!(planned.changes().contains(&("update".to_owned(), ONE.to_owned())), "{planned}");
    workspace.apply().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "2"}));
    workspace.plan().succeeds().changes_nothing();

    workspace.hcl(&hcl("other", "3"));
    let run = workspace.apply().fails();
    let error = run.error(&["another object", "ConfigMap"]);
    assert!(!error.contains("inconsistent"), "{error}");
    assert!(kubectl::object(&["configmap", "other", "-n", namespace.name()]).is_none(), "nothing was written");
    workspace.plan().succeeds().only("replace", ONE);
    workspace.apply().succeeds();
    assert!(live_map(&namespace).is_none());
    workspace.plan().succeeds().changes_nothing();
}
