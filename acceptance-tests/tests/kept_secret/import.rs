//! Import by id and by identity.

use super::*;

#[test]
fn what_is_kept_already_is_imported_with_nothing_to_do() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("import"), Place::free(&vault), workspace(&vault));
    let _ = kept(&workspace, &namespace, &place, "");
    let before = workspace.attributes(ONE);
    let id = format!("secret/data/{},{}/one", place.path, namespace.name());
    std::fs::remove_file(workspace.state_file()).unwrap();
    workspace.terraform(&["import", ONE, &id]).succeeds();
    let mut expected = before.clone();
    expected["restored"] = json!(false);
    assert_eq!(workspace.attributes(ONE), expected);
    workspace.plan().succeeds().changes_nothing();
    // It is known: what changes later is a newer copy, and no conflict.
    let next = workspace.secret();
    make(&namespace, &next);
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), next.as_bytes());

    std::fs::remove_file(workspace.state_file()).unwrap();
    let block = format!(
        "import {{\n  to = {ONE}\n  identity = {{ namespace = \"{}\", name = \"one\", mount = \"secret\", path = \"{}\" }}\n}}\n",
        namespace.name(),
        place.path
    );
    if acceptance_tests::Client::under_test().can(acceptance_tests::Capability::Identity) {
        workspace.hcl(&(one(&namespace, &place, "") + &block));
        workspace.apply().succeeds();
        workspace.plan().succeeds().changes_nothing();
    }
}

#[test]
fn ids_that_are_none_and_what_is_not_there_are_errors() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("ids"), Place::free(&vault), workspace(&vault));
    workspace.hcl(&one(&namespace, &place, ""));
    let absent = format!("secret/data/{},{}/one", place.path, namespace.name());
    for (id, words) in [
        ("blog/blog-tls", "Invalid import id"),
        ("secret/kept,a/b", "Invalid import id"),
        (&absent, "nothing to import"),
    ] {
        let refused = workspace.terraform(&["import", "-no-color", ONE, id]).fails();
        assert!(refused.stderr.contains(words), "{refused}");
    }
}
