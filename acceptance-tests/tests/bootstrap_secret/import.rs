//! Import by id: metadata into state, no data, and nothing to do after one apply.

use acceptance_tests::kubectl;
use serde_json::json;

use super::*;

#[test]
fn an_import_takes_metadata_and_the_next_apply_writes_no_data() {
    let (namespace, workspace) = (Namespace::made("import"), Workspace::new());
    let (file, secret) = workspace.secret_file("key");
    kubectl::succeeds(&[
        "create",
        "secret",
        "generic",
        "one",
        "-n",
        namespace.name(),
        &format!("--from-literal=key={secret}"),
    ]);
    kubectl::succeeds(&["label", "secret", "one", "-n", namespace.name(), "app=x"]);
    workspace.hcl(&one_file(&namespace, &file, "  labels = { app = \"x\" }"));
    let id = format!("{}/one", namespace.name());
    workspace.terraform(&["import", ONE, &id]).succeeds();
    let attributes = workspace.attributes(ONE);
    assert_eq!(attributes["labels"], json!({"app": "x"}));
    assert_eq!(
        (&attributes["type"], &attributes["values"], &attributes["on_missing_source"]),
        (&json!("Opaque"), &json!(null), &json!("keep"))
    );

    workspace.plan().succeeds().only("update", ONE);
    let before = namespace.contents("one");
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["changed_keys"], json!(""));
    assert_eq!(namespace.contents("one"), before);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one"), None, "the first update made it ours");
}

#[test]
fn an_import_block_works_and_an_import_that_was_never_applied_deletes_nothing() {
    let (namespace, workspace) = (Namespace::made("block"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    kubectl::succeeds(&["create", "secret", "generic", "one", "-n", namespace.name(), "--from-literal=key=theirs"]);
    let id = format!("{}/one", namespace.name());
    let import = format!("import {{\n  to = {ONE}\n  id = \"{id}\"\n}}\n");
    workspace.hcl(&(one_file(&namespace, &file, "") + &import));
    workspace.plan().succeeds().warning(&["\"key\""]);
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.terraform(&["import", ONE, &id]).succeeds();
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret "]);
    assert_eq!(namespace.contents("one")["key"], b"theirs");
}

#[test]
fn ids_that_are_none_and_secrets_that_are_not_there_are_errors() {
    let (namespace, workspace) = (Namespace::made("ids"), Workspace::new());
    workspace.hcl(&one_file(&namespace, "/nowhere", ""));
    for (id, words) in [("one", "namespace/name"), ("a/b/c", "namespace/name"), ("nowhere/one", "does not exist")] {
        let refused = workspace.terraform(&["import", "-no-color", ONE, id]).fails();
        assert!(refused.stderr.contains(words), "{refused}");
    }
}
