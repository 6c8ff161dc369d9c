//! Programs as sources: how often they run, what they may print, what is wrong with them. Those that hang or ask for a password are in
//! the suite `hostile`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// A program that appends a line to the file `runs` each time, and then does `script`.
struct Program<'a> {
    workspace: &'a Workspace,
    path: String,
}

impl<'a> Program<'a> {
    fn new(workspace: &'a Workspace, script: &str) -> Self {
        let program = Self { workspace, path: workspace.sources().join("program").to_str().unwrap().to_owned() };
        program.does(script);
        program
    }

    fn does(&self, script: &str) {
        let runs = self.workspace.sources().join("runs");
        self.workspace.source("program", format!("#!/bin/sh\necho run >>{}\n{script}\n", runs.display()));
        fs::set_permissions(&self.path, fs::Permissions::from_mode(0o700)).unwrap();
    }

    /// How often it has run since this was last asked.
    fn runs(&self) -> usize {
        let file = self.workspace.sources().join("runs");
        let count = fs::read_to_string(&file).unwrap_or_default().lines().count();
        drop(fs::remove_file(file));
        count
    }

    /// A Secret whose key `key` comes from it.
    fn secret(&self, namespace: &Namespace, arguments: &str) -> String {
        secret("one", namespace, &format!("  commands = {{ key = [\"{}\", \"entry\"] }}\n{arguments}", self.path))
    }
}

fn secret(name: &str, namespace: &Namespace, arguments: &str) -> String {
    let namespace = namespace.name();
    format!(
        "resource \"tazlab_bootstrap_secret\" \"{name}\" {{\n  namespace = \"{namespace}\"\n  name = \"{name}\"\n{arguments}\n}}\n"
    )
}

#[test]
fn a_command_runs_once_a_plan_and_once_an_apply_however_many_name_it() {
    let (namespace, workspace) = (Namespace::made("runs"), Workspace::new());
    let content = workspace.secret();
    let program = Program::new(&workspace, &format!("echo {content}"));
    let twice = format!("  commands = {{ a = [\"{0}\", \"entry\"], b = [\"{0}\", \"entry\"] }}", program.path);
    workspace.hcl(&(program.secret(&namespace, "") + &secret("two", &namespace, &twice)));
    workspace.validate().succeeds();
    assert_eq!(program.runs(), 0, "validate");
    workspace.plan().succeeds();
    assert_eq!(program.runs(), 1, "plan");
    workspace.apply().succeeds();
    assert_eq!(program.runs(), 2, "a plan, and one more for the apply");
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
    assert_eq!(namespace.contents("two")["b"], content.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(program.runs(), 1, "plan");

    let rotated = workspace.secret();
    program.does(&format!("echo {rotated}"));
    let planned = workspace.terraform(&["plan", "-json", "-out", "saved.plan"]).succeeds();
    planned.warning(&["Secret", "will change", "\"key\""]);
    assert_eq!(program.runs(), 1, "plan");
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(program.runs(), 1, "the apply of a saved plan");
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes());

    workspace.terraform(&["plan", "-refresh-only"]).succeeds();
    assert_eq!(program.runs(), 0, "a refresh");
    workspace.destroy().succeeds();
    assert_eq!(program.runs(), 1, "destroy");
}

#[test]
fn what_was_handed_over_runs_nothing() {
    let (namespace, workspace) = (Namespace::made("handed"), Workspace::new());
    let content = workspace.secret();
    let program = Program::new(&workspace, &format!("echo {content}"));
    workspace.hcl(&program.secret(&namespace, "  hand_over_to = [\"somebody\"]"));
    workspace.apply().succeeds();
    acceptance_tests::kubectl::apply_as("somebody", &namespace.manifest("one", &[("key", &content)]));
    let _ = program.runs();
    workspace.apply().succeeds();
    let _ = program.runs();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(program.runs(), 0);
}

#[test]
fn any_bytes_up_to_a_limit_are_a_content() {
    let (namespace, workspace) = (Namespace::made("printed"), Workspace::new());
    let program = Program::new(&workspace, "printf '\\377\\000\\376\\n\\n'");
    workspace.hcl(&program.secret(&namespace, ""));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], [0xff, 0, 0xfe, b'\n']);
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_program_that_gives_nothing_is_an_error_that_says_what_to_do_and_shows_nothing_of_it() {
    let (namespace, workspace) = (Namespace::named("failing"), Workspace::new());
    let (printed, told) = (workspace.secret(), workspace.secret());
    let program = Program::new(&workspace, "");
    workspace.hcl(&program.secret(&namespace, ""));
    for (script, words) in [
        (":".to_owned(), "printed nothing"),
        ("echo".to_owned(), "empty line"),
        (format!("echo {printed}; echo {told} {printed} >&2; exit 7"), "exit status 7"),
        (format!("echo {told} >&2"), "printed nothing"),
        (format!("echo {printed}; kill -9 $$"), "signal: 9"),
        ("head -c 5242880 /dev/zero".to_owned(), "more than"),
    ] {
        program.does(&script);
        // A destroy begins with this plan, so it only warns.
        let planned = workspace.plan().succeeds();
        planned.warning(&[
            ONE,
            "A program gives no content",
            "No content for key \"key\"",
            words,
            "must be written, so apply fails",
        ]);
    }
    let error = workspace.apply().fails().error(&[ONE, "No content for key \"key\"", "more than", "must be written"]);
    assert!(error.contains("commands = {"), "{error}");
    fs::set_permissions(&program.path, fs::Permissions::from_mode(0o600)).unwrap();
    workspace.plan().succeeds().warning(&["not executable", "chmod +x"]);
    fs::remove_file(&program.path).unwrap();
    workspace.plan().succeeds().warning(&["there is no such file", "Correct the path"]);
    workspace.hcl(&program.secret(&namespace, "  on_missing_source = \"error\""));
    workspace.plan().fails().error(&["there is no such file", "every plan needs every source"]);
}

#[test]
fn what_was_never_made_for_want_of_its_program_holds_no_destroy_up() {
    let (namespace, workspace) = (Namespace::made("nevermade"), Workspace::new());
    let (file, content) = workspace.secret_file("other");
    let program = Program::new(&workspace, "exit 1");
    let other = secret("two", &namespace, &format!("  files = {{ key = \"{file}\" }}"));
    workspace.hcl(&(program.secret(&namespace, "") + &other));
    workspace.apply().fails().error(&[ONE, "exit status 1"]);
    assert_eq!(namespace.contents("two")["key"], content.as_bytes());
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("two"), None);
}

#[test]
fn standard_error_is_shown_where_the_user_says_so() {
    let (namespace, workspace) = (Namespace::named("stderr"), Workspace::new());
    let printed = workspace.secret();
    let program = Program::new(&workspace, &format!("echo {printed}; echo 'no entry of {printed}' >&2; exit 7"));
    workspace.hcl(&program.secret(&namespace, ""));
    let hidden = workspace.plan().succeeds();
    assert!(hidden.warning(&["show_stderr = true"]).contains("exit status 7") && !hidden.stdout.contains("no entry"));
    workspace.hcl(&program.secret(&namespace, "  show_stderr = true"));
    workspace.plan().succeeds().warning(&["standard error", "no entry of (redacted)"]);
}

#[test]
fn a_lost_program_keeps_the_key_and_a_destroy_needs_none() {
    let (namespace, workspace) = (Namespace::made("lostprogram"), Workspace::new());
    let content = workspace.secret();
    let program = Program::new(&workspace, &format!("echo {content}"));
    workspace.hcl(&program.secret(&namespace, ""));
    workspace.apply().succeeds();
    program.does("exit 1");
    let kept = workspace.plan().succeeds().changes_nothing();
    kept.warning(&["A key has no source", "exit status 1", "is kept"]);
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one"), None);
}

#[test]
fn a_command_with_an_unknown_element_waits_for_apply() {
    let (namespace, workspace) = (Namespace::made("unknown"), Workspace::new());
    let content = workspace.secret();
    let program = Program::new(&workspace, &format!("echo {content}"));
    let entry = "resource \"terraform_data\" \"entry\" {\n  input = \"entry\"\n}\n";
    let command = format!("  commands = {{ key = [\"{}\", terraform_data.entry.output] }}", program.path);
    workspace.hcl(&(entry.to_owned() + &secret("one", &namespace, &command)));
    workspace.plan().succeeds();
    assert_eq!(program.runs(), 0);
    workspace.apply().succeeds();
    assert_eq!(program.runs(), 1);
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
    // Unknown again beside a live Secret: nothing is said to be removed.
    let renewed = entry.replace("\"entry\"\n}", "\"other\"\n}");
    workspace.hcl(&(renewed + &secret("one", &namespace, &command)));
    let planned = workspace.plan().succeeds();
    assert!(!planned.warnings().concat().contains("to be removed"), "{planned}");
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
}

#[test]
fn a_program_is_given_nothing_of_ours() {
    let (namespace, workspace) = (Namespace::made("given"), Workspace::new());
    let (file, other) = workspace.secret_file("other");
    let seen = workspace.sources().join("seen");
    let script = format!("(env; cat /proc/*/cmdline 2>/dev/null) >{}; echo content", seen.display());
    let program = Program::new(&workspace, &script);
    workspace.hcl(&program.secret(&namespace, &format!("  files = {{ other = \"{file}\" }}")));
    workspace.apply().succeeds();
    let kubeconfig = fs::read_to_string(acceptance_tests::Testbed::get().kubeconfig()).unwrap();
    let key = kubeconfig.lines().find_map(|line| line.trim().strip_prefix("client-key-data: "));
    let seen = fs::read(seen).unwrap();
    for secret in [Some(other.as_str()), key].into_iter().flatten() {
        assert_eq!(acceptance_tests::canary::find(secret, &seen), None);
    }
}
