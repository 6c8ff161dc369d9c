//! Secrets that exist already, and fields that others own.

use acceptance_tests::kubectl;
use serde_json::{Value, json};

use super::*;

fn manifest(namespace: &Namespace, content: &str) -> Value {
    namespace.manifest("one", &[("key", content), ("theirs", "stays")])
}

#[test]
fn a_secret_with_equal_contents_is_adopted() {
    let (namespace, workspace) = (Namespace::made("adopt"), Workspace::new());
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
    let before = namespace.secret("one").unwrap();
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.apply().succeeds().warning(&["is adopted", "kubectl-create"]);
    let after = namespace.secret("one").unwrap();
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(workspace.attributes(ONE)["changed_keys"], json!(""));
    workspace.plan().succeeds().changes_nothing();
    // Both own the key: what the other one wrote stays.
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret ", "kubectl-create"]);
    let left = namespace.secret("one").unwrap();
    assert_eq!(left["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(left["metadata"]["annotations"]["tazlab.io/instance"], Value::Null);
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
}

#[test]
fn a_destroy_takes_our_keys_off_a_secret_of_others_and_no_more() {
    let (namespace, workspace) = (Namespace::made("shared"), Workspace::new());
    let typed = |data: &[(&str, &str)]| {
        let mut object = namespace.manifest("one", data);
        object["type"] = json!("tazlab.test/shared");
        object
    };
    kubectl::apply_as("somebody", &typed(&[("theirs", "stays")]));
    let (file, _) = workspace.secret_file("key");
    let arguments = "  type = \"tazlab.test/shared\"\n  labels = { ours = \"x\" }\n  annotations = { ours = \"x\" }";
    workspace.hcl(&one_file(&namespace, &file, arguments));
    workspace.apply().succeeds().warning(&["is adopted", "somebody"]);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret ", "somebody"]);
    let contents = namespace.contents("one");
    assert_eq!((contents.len(), contents["theirs"].as_slice()), (1, &b"stays"[..]));
    let metadata = namespace.secret("one").unwrap()["metadata"].clone();
    assert!(metadata["labels"].is_null() && metadata["annotations"].is_null(), "{metadata}");

    // What somebody adds to a Secret that we made is theirs as well.
    let (other, workspace) = (Namespace::made("added"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&other, &file, ""));
    workspace.apply().succeeds();
    kubectl::apply_as("somebody", &other.manifest("one", &[("theirs", "stays")]));
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret ", "somebody"]);
    let contents = other.contents("one");
    assert_eq!((contents.len(), contents["theirs"].as_slice()), (1, &b"stays"[..]));
}

#[test]
fn another_field_manager_is_a_conflict_that_names_it_and_taints_nothing() {
    let (namespace, workspace) = (Namespace::made("conflict"), Workspace::new());
    kubectl::apply_as("somebody", &manifest(&namespace, "theirs"));
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, ""));
    let error = workspace.apply().fails().error(&[ONE, "key", "\"somebody\"", "force_conflicts = true"]);
    assert!(error.contains("files = {"), "it points at the argument: {error}");
    assert_eq!(namespace.contents("one")["key"], b"theirs");
    assert_eq!(workspace.addresses(), [""; 0], "a create that failed on an adopted Secret leaves no tainted object");

    workspace.hcl(&one_file(&namespace, &file, "  force_conflicts = true"));
    workspace.plan().succeeds().only("create", ONE);
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    assert_eq!((contents["key"].as_slice(), contents["theirs"].as_slice()), (secret.as_bytes(), &b"stays"[..]));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_controller_that_writes_our_field_is_a_conflict_later_too() {
    let (namespace, workspace) = (Namespace::made("later"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "");
    kubectl::apply_as("some-controller", &manifest(&namespace, "theirs"));
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().fails().error(&["\"some-controller\"", "hand_over_to"]);
    assert_eq!(namespace.contents("one")["key"], b"theirs");
    assert_eq!(workspace.addresses(), [ONE], "a failed update keeps its state");
    kubectl::apply_as("some-controller", &manifest(&namespace, &secret));
    workspace.apply().succeeds();
}

#[test]
fn what_the_api_server_refuses_points_at_the_argument() {
    let (namespace, workspace) = (Namespace::made("refused"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, "  labels = { \"not a label\" = \"x\" }"));
    workspace.apply().fails().error(&[ONE, "labels"]);
    assert_eq!(namespace.secret("one"), None);
}
