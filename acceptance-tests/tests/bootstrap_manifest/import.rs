//! Import by id and by identity: only what names the object is stored, and one apply makes it ours.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

#[test]
fn an_import_records_names_and_the_next_apply_makes_it_ours() {
    let (namespace, workspace) = (Namespace::made("import"), Workspace::new());
    let literals = ["--from-literal=a=1", "--from-literal=theirs=x"];
    kubectl::succeeds(&[&["create", "configmap", "one", "-n", namespace.name()], &literals[..]].concat());
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), ""));
    let id = format!("apiVersion=v1,kind=ConfigMap,namespace={},name=one", namespace.name());
    workspace.terraform(&["import", ONE, &id]).succeeds();
    let attributes = workspace.attributes(ONE);
    assert_eq!(attributes["manifest"]["metadata"]["name"], "one");
    assert!(attributes["manifest"].get("data").is_none(), "nobody knows which fields are to be managed");
    assert_eq!((&attributes["on_destroy"], &attributes["force_conflicts"]), (&json!("delete"), &json!(false)));
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "1", "theirs": "x"}));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn ids_that_are_none_and_objects_that_do_not_exist_are_errors() {
    let (namespace, workspace) = (Namespace::made("ids"), Workspace::new());
    workspace.hcl(&block("one", &config_map(&namespace, "{}"), ""));
    let gone = format!("apiVersion=v1,kind=ConfigMap,namespace={},name=none", namespace.name());
    let no_kind = "apiVersion=nothing.example/v1,kind=None,name=none";
    for (id, words) in [
        ("one", "Invalid import id"),
        ("apiVersion=v1,kind=ConfigMap", "Invalid import id"),
        (gone.as_str(), "does not exist"),
        (no_kind, "does not exist"),
    ] {
        let refused = workspace.terraform(&["import", "-no-color", ONE, id]).fails();
        assert!(refused.stderr.contains(words), "{refused}");
    }
}
