//! Several sources of one key: an order, what is passed over, and what never is.

use acceptance_tests::Vault;
use serde_json::json;

use super::*;

/// A Secret whose key is in Vault, in a file, or in both.
fn configuration(namespace: &Namespace, file: &str, arguments: &str) -> String {
    one_file(
        namespace,
        file,
        &format!(
            "  vault = {{ key = {{ mount = \"secret\", path = \"bootstrap\", field = \"token\" }} }}\n  first_of = [\"vault\", \"files\"]\n{arguments}"
        ),
    )
}

fn put(vault: &Vault, content: &str) {
    vault.write("secret/data/bootstrap", &json!({"data": {"token": content}}));
}

#[test]
fn the_first_that_has_the_key_is_written_and_an_outage_writes_nothing_stale() {
    let (namespace, workspace, vault) = (Namespace::made("order"), Workspace::new(), Vault::start());
    workspace.provider(&vault.block(&workspace));
    let (file, old) = workspace.secret_file("key");
    workspace.hcl(&configuration(&namespace, &file, ""));
    let planned = workspace.plan().succeeds();
    planned.warning(&["A source does not have a key", "vault: ", "is read from files"]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], old.as_bytes());

    let rotated = workspace.secret();
    put(&vault, &rotated);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes());
    let quiet = workspace.plan().succeeds().changes_nothing();
    assert!(!quiet.warnings().concat().contains("A source does not have a key"), "{quiet}");

    vault.seal();
    let kept = workspace.plan().succeeds().changes_nothing();
    kept.warning(&["A key has no source", "sealed", "is kept"]);
    workspace.apply().succeeds();
    workspace.hcl(&configuration(&namespace, &file, "  labels = { a = \"b\" }"));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes(), "the file is older");
    acceptance_tests::kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.apply().fails().error(&["No content for key \"key\"", "sealed", "must be written"]);
    assert_eq!(namespace.secret("one"), None);
    vault.unseal();
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes());
}

#[test]
fn denied_or_without_its_engine_is_not_absent_and_a_missing_field_is() {
    let (namespace, workspace, vault) = (Namespace::made("denied"), Workspace::new(), Vault::start());
    workspace.provider(&vault.block(&workspace));
    let (file, old) = workspace.secret_file("key");
    let rotated = workspace.secret();
    put(&vault, &rotated);
    workspace.hcl(&configuration(&namespace, &file, ""));
    workspace.apply().succeeds();

    let poor = vault.token_with("path \"secret/data/other\" { capabilities = [\"read\"] }");
    workspace.plant(&poor);
    workspace.provider(&vault.block_with(&workspace, &poor));
    workspace.plan().succeeds().changes_nothing().warning(&["permission denied", "is kept"]);
    workspace.provider(&vault.block(&workspace));

    vault.write("secret/data/bootstrap", &json!({"data": {"other": "x"}}));
    workspace
        .plan()
        .succeeds()
        .only("update", ONE)
        .warning(&["A source does not have a key", "has no field \"token\""]);
    put(&vault, &rotated);
    vault.delete("sys/mounts/secret");
    workspace.plan().succeeds().changes_nothing().warning(&["A key has no source", "is kept"]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes(), "not {old}");
}

#[test]
fn a_command_says_by_its_exit_status_that_it_has_nothing() {
    let (namespace, workspace) = (Namespace::made("status"), Workspace::new());
    let (file, content) = workspace.secret_file("key");
    let with = |status: u8| {
        one_file(
            &namespace,
            &file,
            &format!(
                "  commands = {{ key = [\"sh\", \"-c\", \"exit {status}\"] }}\n  first_of = [\"commands\", \"files\"]\n  absent_exit_codes = [11]"
            ),
        )
    };
    workspace.hcl(&with(1));
    workspace.plan().succeeds().warning(&["No content for key \"key\"", "exit status 1"]);
    workspace.apply().fails().error(&["No content for key \"key\"", "exit status 1"]);
    workspace.hcl(&with(11));
    workspace.apply().succeeds().warning(&["A source does not have a key", "exit status 11", "is read from files"]);
    assert_eq!(namespace.contents("one")["key"], content.as_bytes());
    // Another command is another argument: the key must be written, so a failure is an error.
    workspace.hcl(&with(1));
    workspace.plan().fails().error(&["No content for key \"key\""]);
}
