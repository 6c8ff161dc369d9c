//! Create, nothing to do, update, drift, replace, destroy.

use acceptance_tests::kubectl;
use serde_json::json;

use super::*;

#[test]
fn create_then_nothing_to_do_then_update_then_destroy() {
    let (namespace, workspace) = (Namespace::named("life"), Workspace::new());
    let (file, secret) = workspace.secret_file("token");
    let pem = workspace.source("ca", "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n");
    workspace.hcl(&format!(
        r#"
resource "tazlab_bootstrap_secret" "one" {{
  namespace        = "{}"
  name             = "one"
  create_namespace = true
  namespace_labels = {{ "pod-security.kubernetes.io/enforce" = "privileged" }}
  labels           = {{ app = "x" }}
  annotations      = {{ note = "y" }}
  files            = {{ token = "{file}", "ca.crt" = "{pem}" }}
  values           = {{ username = "git" }}
}}
"#,
        namespace.name()
    ));
    let planned = workspace.plan().succeeds().only("create", ONE);
    assert_eq!(planned.warnings(), [""; 0]);
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    assert_eq!(contents["token"], secret.as_bytes());
    assert_eq!(contents["username"], b"git");
    assert!(contents["ca.crt"].ends_with(b"-----"), "the last newline is cut and nothing else");
    let live = namespace.secret("one").unwrap();
    assert_eq!((&live["type"], &live["metadata"]["labels"]), (&json!("Opaque"), &json!({"app": "x"})));
    assert_eq!(live["metadata"]["annotations"]["note"], "y");
    let made = kubectl::object(&["namespace", namespace.name()]).unwrap();
    assert_eq!(made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "privileged");
    let attributes = workspace.attributes(ONE);
    assert_eq!(attributes["uid"], live["metadata"]["uid"]);
    assert_eq!(attributes["changed_keys"], json!("ca.crt, token, username"));
    let again = workspace.plan().succeeds().changes_nothing();
    assert_eq!(again.code, Some(0));

    let rotated = workspace.secret();
    workspace.source("token", format!("{rotated}\n"));
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&[ONE, "will change", "Keys to be written: \"token\"."]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["token"], rotated.as_bytes());
    assert_eq!(workspace.attributes(ONE)["changed_keys"], json!("token"));
    workspace.plan().succeeds().changes_nothing();

    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one"), None);
    assert!(!namespace.exists(), "the namespace was made for the Secret and is empty");
}

#[test]
fn a_change_by_hand_is_drift_and_put_back() {
    let (namespace, workspace) = (Namespace::made("drift"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "  labels = { app = \"x\" }");
    let patch = r#"{"stringData":{"key":"by hand"},"metadata":{"labels":{"app":"z","theirs":"stays"}}}"#;
    kubectl::succeeds(&["patch", "secret", "one", "-n", namespace.name(), "-p", patch]);
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&["\"key\""]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    let labels = namespace.secret("one").unwrap()["metadata"]["labels"].clone();
    assert_eq!(labels, serde_json::json!({"app": "x", "theirs": "stays"}));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_key_that_was_removed_comes_back_and_a_foreign_one_stays() {
    let (namespace, workspace) = (Namespace::made("keys"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "");
    let patch = r#"{"data":{"key":null},"stringData":{"theirs":"stays"}}"#;
    kubectl::succeeds(&["patch", "secret", "one", "-n", namespace.name(), "-p", patch]);
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    assert_eq!((contents["key"].as_slice(), contents["theirs"].as_slice()), (secret.as_bytes(), &b"stays"[..]));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_secret_deleted_behind_terraforms_back_is_made_again() {
    let (namespace, workspace) = (Namespace::made("deleted"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "");
    kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.plan().succeeds().only("create", ONE);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.destroy().succeeds();
}

#[test]
fn a_namespace_that_was_made_for_a_secret_is_not_forgotten_with_it() {
    let (namespace, workspace) = (Namespace::named("only-namespace"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "create_namespace = true");
    // As a destroy leaves it that ends between the two.
    kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
    // Beside another Secret it would stay anyway.
    workspace.apply().succeeds();
    kubectl::apply_as("somebody", &namespace.manifest("other", &[("key", "theirs")]));
    kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.plan().succeeds().only("create", ONE);
}

#[test]
fn a_key_without_a_source_goes_away() {
    let (namespace, workspace) = (Namespace::made("less"), Workspace::new());
    let (file, secret) = applied(&workspace, &namespace, "  values = { old = \"x\" }");
    assert_eq!(namespace.contents("one")["old"], b"x");
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.apply().succeeds();
    let contents = namespace.contents("one");
    assert_eq!(contents.len(), 1);
    assert_eq!(contents["key"], secret.as_bytes());
}

#[test]
fn another_name_or_type_makes_the_secret_anew() {
    let (namespace, workspace) = (Namespace::made("replace"), Workspace::new());
    let (file, _) = applied(&workspace, &namespace, "");
    let renamed = one_file(&namespace, &file, "").replace("name = \"one\"", "name = \"two\"");
    workspace.hcl(&renamed);
    workspace.plan().succeeds().only("replace", ONE);
    workspace.apply().succeeds();
    assert!(namespace.secret("one").is_none() && namespace.secret("two").is_some());
    workspace.hcl(&renamed.replace("files", "type = \"example.com/token\"\nfiles"));
    workspace.plan().succeeds().only("replace", ONE);
    workspace.apply().succeeds();
    assert_eq!(namespace.secret("two").unwrap()["type"], "example.com/token");
}

#[test]
fn an_immutable_secret_is_made_anew_when_its_data_changes() {
    let (namespace, workspace) = (Namespace::made("immutable"), Workspace::new());
    let (_, _) = applied(&workspace, &namespace, "  immutable = true");
    workspace.plan().succeeds().changes_nothing();
    let rotated = workspace.secret();
    workspace.source("key", &rotated);
    workspace.plan().succeeds().only("replace", ONE);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes());
}

#[test]
fn many_secrets_share_a_namespace_and_the_last_takes_it_along() {
    let (namespace, workspace) = (Namespace::named("many"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&format!(
        r#"
resource "tazlab_bootstrap_secret" "many" {{
  count            = 20
  namespace        = "{}"
  name             = "many-${{count.index}}"
  create_namespace = true
  files            = {{ key = "{file}" }}
}}
"#,
        namespace.name()
    ));
    workspace.apply().succeeds();
    assert_eq!(workspace.addresses().len(), 20);
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}

#[test]
fn a_namespace_that_holds_something_else_stays() {
    let (namespace, workspace) = (Namespace::named("holds"), Workspace::new());
    let _ = applied(&workspace, &namespace, "  create_namespace = true");
    kubectl::succeeds(&["create", "configmap", "theirs", "-n", namespace.name()]);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["The namespace was not deleted", "ConfigMap theirs"]);
    assert!(namespace.exists() && namespace.secret("one").is_none());
}

#[test]
fn a_namespace_that_was_there_before_stays() {
    let (namespace, workspace) = (Namespace::made("before"), Workspace::new());
    let _ = applied(&workspace, &namespace, "  create_namespace = true");
    workspace.destroy().succeeds();
    assert!(namespace.exists());
}

#[test]
fn a_missing_namespace_is_an_error_that_says_what_to_do() {
    let (namespace, workspace) = (Namespace::named("missing"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.apply().fails().error(&[ONE, "create_namespace = true", "namespace ="]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_namespace_that_is_going_away_is_waited_for() {
    let (namespace, workspace) = (Namespace::made("terminating"), Workspace::new());
    kubectl::succeeds(&["create", "configmap", "holds", "-n", namespace.name()]);
    let finalizer = |value: &str| format!(r#"{{"metadata":{{"finalizers":{value}}}}}"#);
    let patch = |value: &str| {
        kubectl::succeeds(&[
            "patch",
            "configmap",
            "holds",
            "-n",
            namespace.name(),
            "--type",
            "merge",
            "-p",
            &finalizer(value),
        ]);
    };
    patch(r#"["tazlab.io/test"]"#);
    kubectl::succeeds(&["delete", "namespace", namespace.name(), "--wait=false"]);
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, "  create_namespace = true"));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    acceptance_tests::poll::until(std::time::Duration::from_secs(30), "word of the namespace in the log", || {
        workspace.traces().contains("is being deleted").then_some(())
    });
    patch("[]");
    let _ = started.end().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
}
