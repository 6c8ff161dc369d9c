//! Values that are never stored.

use super::*;

fn configuration(namespace: &Namespace, arguments: &str) -> String {
    format!(
        r#"
variable "password" {{
  type      = string
  ephemeral = true
}}

resource "tazlab_bootstrap_secret" "one" {{
  namespace = "{}"
  name      = "one"
  values    = {{ username = "git" }}
  values_wo = {{ password = var.password }}
{arguments}
}}
"#,
        namespace.name()
    )
}

#[test]
fn without_a_version_they_are_compared_at_every_plan() {
    let (namespace, workspace) = (Namespace::made("wo"), Workspace::new());
    workspace.hcl(&configuration(&namespace, ""));
    let first = workspace.secret();
    workspace.variable("password", &first);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["password"], first.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    assert!(workspace.attributes(ONE)["values_wo"].is_null());

    let second = workspace.secret();
    workspace.variable("password", &second);
    workspace.plan().succeeds().only("update", ONE).warning(&["\"password\""]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["password"], second.as_bytes());
}

#[test]
fn with_a_version_they_are_written_when_it_changes_or_a_key_is_missing() {
    let (namespace, workspace) = (Namespace::made("versioned"), Workspace::new());
    workspace.hcl(&configuration(&namespace, "values_wo_version = 1"));
    let first = workspace.secret();
    workspace.variable("password", &first);
    workspace.apply().succeeds();

    let second = workspace.secret();
    workspace.variable("password", &second);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&configuration(&namespace, "values_wo_version = 1\n  labels = { a = \"b\" }"));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["password"], first.as_bytes(), "another change leaves the value");

    workspace.hcl(&configuration(&namespace, "values_wo_version = 2"));
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["password"], second.as_bytes());

    let patch = r#"{"data":{"password":null}}"#;
    acceptance_tests::kubectl::succeeds(&["patch", "secret", "one", "-n", namespace.name(), "-p", patch]);
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["password"], second.as_bytes());
}
