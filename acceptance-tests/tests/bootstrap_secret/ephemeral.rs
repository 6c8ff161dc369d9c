//! `tazlab_secret`: what is in a live Secret, without a trace in state.

use super::*;

fn configuration(source: &Namespace, after: &str, more: &str) -> String {
    let namespace = source.name();
    format!(
        r#"
ephemeral "tazlab_secret" "source" {{
  namespace = "{namespace}"
  name      = "source"
{after}
}}

resource "tazlab_bootstrap_secret" "one" {{
  namespace         = "{namespace}"
  name              = "one"
  values_wo         = {{ copy = ephemeral.tazlab_secret.source.data["key"] }}
  values_wo_base64  = {{ binary = ephemeral.tazlab_secret.source.data_base64["binary"] }}
  values_wo_version = 1
}}
{more}
"#
    )
}

#[test]
fn the_contents_of_a_secret_are_read_and_leave_no_trace() {
    let (namespace, workspace) = (Namespace::made("ephemeral"), Workspace::new());
    let content = workspace.secret();
    let binary = workspace.source("binary", [0xff, 0x00]);
    acceptance_tests::kubectl::succeeds(&[
        "create",
        "secret",
        "generic",
        "source",
        "-n",
        namespace.name(),
        &format!("--from-file=key={}", workspace.source("text", &content)),
        &format!("--from-file=binary={binary}"),
    ]);
    workspace.hcl(&configuration(&namespace, "", ""));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["copy"], content.as_bytes());
    assert_eq!(namespace.contents("one")["binary"], [0xff, 0x00]);
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_missing_secret_is_an_error_unless_it_comes_in_the_same_run() {
    let (namespace, workspace) = (Namespace::made("after"), Workspace::new());
    workspace.hcl(&configuration(&namespace, "", ""));
    workspace.plan().fails().error(&["The Secret does not exist", "set after"]);

    let (file, content) = workspace.secret_file("key");
    let source = format!(
        "resource \"tazlab_bootstrap_secret\" \"source\" {{\n  namespace = \"{}\"\n  name = \"source\"\n  files = {{ key = \"{file}\", binary = \"{file}\" }}\n}}\n",
        namespace.name()
    );
    workspace.hcl(&configuration(&namespace, "  after = tazlab_bootstrap_secret.source.uid", &source));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["copy"], content.as_bytes());
    workspace.plan().succeeds().changes_nothing();
}
