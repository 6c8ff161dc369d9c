//! The same cluster, empty again: what was kept is there before anything makes a new one.

use super::*;

const GENERATION: &str = "  create_namespace = true\n  triggers = { cluster = terraform_data.generation.id }";

fn generation(number: u32) -> String {
    format!("resource \"terraform_data\" \"generation\" {{\n  triggers_replace = [{number}]\n}}\n")
}

/// The Secret as its maker left it: with a type, labels, annotations and an owner.
fn full(namespace: &Namespace, content: &str) -> Value {
    let mut secret = namespace.manifest("one", &[("key", content)]);
    secret["type"] = json!("example.com/account");
    secret["metadata"]["labels"] = json!({"app": "x"});
    secret["metadata"]["annotations"] = json!({"cert-manager.io/issuer-kind": "ClusterIssuer"});
    let account = kubectl::object(&["serviceaccount", "default", "-n", namespace.name()]).unwrap();
    secret["metadata"]["ownerReferences"] = json!([{"apiVersion": "v1", "kind": "ServiceAccount", "name": "default",
        "uid": account["metadata"]["uid"]}]);
    secret
}

#[test]
fn changed_triggers_restore_everything_but_the_owner() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("again"), Place::free(&vault), workspace(&vault));
    let content = workspace.secret();
    // The account comes some time after its namespace.
    let _ = kubectl::token(&namespace, None);
    kubectl::apply_as("somebody", &full(&namespace, &content));
    let configuration = |number| generation(number) + &one(&namespace, &place, GENERATION);
    workspace.hcl(&configuration(1));
    workspace.apply().succeeds();

    // Planned while the old Secret is still there, applied when it is gone.
    workspace.hcl(&configuration(2));
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    kubectl::succeeds(&["delete", "namespace", namespace.name()]);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    let restored = namespace.secret("one").unwrap();
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
    assert_eq!(restored["type"], "example.com/account");
    let metadata = &restored["metadata"];
    assert_eq!(metadata["labels"], json!({"app": "x"}));
    assert_eq!(metadata["annotations"], json!({"cert-manager.io/issuer-kind": "ClusterIssuer"}));
    assert!(metadata["ownerReferences"].is_null());
    let attributes = workspace.attributes(ONE);
    assert_eq!((&attributes["restored"], &attributes["kept_version"]), (&json!(true), &json!(1)));
    workspace.plan().succeeds().changes_nothing();

    // The state is lost, too.
    kubectl::succeeds(&["delete", "namespace", namespace.name()]);
    std::fs::remove_file(workspace.state_file()).unwrap();
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
    assert_eq!(workspace.attributes(ONE)["restored"], true);
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_secret_that_went_by_itself_is_planned_to_come_back() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("went"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "");
    delete(&namespace);
    workspace.plan().succeeds().only("update", ONE).warning(&["The Secret will be restored"]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    // What was restored moves on like any other.
    let next = workspace.secret();
    make(&namespace, &next);
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), next.as_bytes());
}

#[test]
fn a_missing_namespace_is_an_error_that_says_what_to_do() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("missing"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "");
    kubectl::succeeds(&["delete", "namespace", namespace.name()]);
    workspace.apply().fails().error(&["The namespace does not exist", "create_namespace = true"]);
    workspace.hcl(&one(&namespace, &place, "  create_namespace = true"));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
}

#[test]
fn a_copy_can_be_restored_by_hand() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("hand"), Place::free(&vault), workspace(&vault));
    let content = kept(&workspace, &namespace, &place, "");
    delete(&namespace);
    let manifest = place.fields().unwrap()["manifest"].as_str().unwrap().to_owned();
    let file = workspace.source("manifest.json", manifest);
    kubectl::succeeds(&["create", "-f", &file]);
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
}
