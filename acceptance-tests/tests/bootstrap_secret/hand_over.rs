//! The owners that take a Secret over later.

use acceptance_tests::kubectl;
use serde_json::json;

use super::*;

#[test]
fn once_a_manager_owns_the_data_nothing_is_written_and_destroy_leaves_it() {
    let (namespace, workspace) = (Namespace::made("hand-over"), Workspace::new());
    let (file, _) = applied(&workspace, &namespace, "  hand_over_to = [\"kustomize-controller\"]");
    assert!(workspace.attributes(ONE)["owner"].is_null());
    let manifest = namespace.manifest("one", &[("key", "theirs")]);
    kubectl::apply_as("kustomize-controller", &manifest);
    workspace.plan().succeeds().changes_nothing();
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["owner"], "kustomize-controller");

    workspace.source("key", workspace.secret());
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&one_file(&namespace, &file, "  hand_over_to = [\"kustomize-controller\", \"external-secrets\"]"));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], b"theirs", "an argument that changes writes nothing either");
    workspace.plan().succeeds().changes_nothing();

    workspace.destroy().succeeds().warning(&["was not deleted", "kustomize-controller"]);
    assert_eq!(namespace.contents("one")["key"], b"theirs");
}

#[test]
fn an_owner_at_create_is_recorded_and_nothing_is_written() {
    let (namespace, workspace) = (Namespace::made("owned"), Workspace::new());
    let owner = kubectl::object(&["namespace", "default"]).unwrap();
    let mut manifest = namespace.manifest("one", &[("key", "theirs")]);
    manifest["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "v1", "kind": "Namespace", "name": "default", "uid": owner["metadata"]["uid"]}]);
    kubectl::apply_as("somebody", &manifest);
    let before = namespace.secret("one").unwrap()["metadata"]["resourceVersion"].clone();
    let _ = applied(&workspace, &namespace, "  hand_over_to = [\"kind:Namespace\"]");
    assert_eq!(workspace.attributes(ONE)["owner"], "Namespace default");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one").unwrap()["metadata"]["resourceVersion"], before);
}
