//! Whose Secret it is: the same name created and deleted by two blocks, in any order.

use super::*;

#[test]
fn a_block_renamed_without_moved_leaves_the_secret_there() {
    let (namespace, workspace) = (Namespace::made("renamed"), Workspace::new());
    let (file, secret) = applied(&workspace, &namespace, "");
    let uid = namespace.secret("one").unwrap()["metadata"]["uid"].clone();
    workspace.hcl(
        &one_file(&namespace, &file, "")
            .replace("\"tazlab_bootstrap_secret\" \"one\"", "\"tazlab_bootstrap_secret\" \"other\""),
    );
    workspace.apply().succeeds();
    // In whichever order: the Secret is there afterwards, with its content.
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    assert_eq!(workspace.addresses(), ["tazlab_bootstrap_secret.other"]);
    workspace.plan().succeeds().changes_nothing();
    drop(uid);
    workspace.destroy().succeeds();
    assert_eq!(namespace.secret("one"), None);
}

#[test]
fn create_before_destroy_with_replace_leaves_the_secret_there() {
    let (namespace, workspace) = (Namespace::made("cbd"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "  lifecycle { create_before_destroy = true }");
    let uid = namespace.secret("one").unwrap()["metadata"]["uid"].clone();
    let replaced = workspace.terraform(&["apply", "-json", "-auto-approve", "-replace", ONE]).succeeds();
    replaced.warning(&["The object was not deleted", "Secret ", "mark"]);
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    assert_eq!(namespace.secret("one").unwrap()["metadata"]["uid"], uid, "it was never away");
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_secret_that_somebody_made_anew_is_not_deleted() {
    let (namespace, workspace) = (Namespace::made("anew"), Workspace::new());
    let _ = applied(&workspace, &namespace, "");
    acceptance_tests::kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    acceptance_tests::kubectl::succeeds(&[
        "create",
        "secret",
        "generic",
        "one",
        "-n",
        namespace.name(),
        "--from-literal=key=theirs",
    ]);
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret "]);
    assert_eq!(namespace.contents("one")["key"], b"theirs");
}
