//! A plan that is applied later, by another process, when its sources may have changed.

use acceptance_tests::{Capability, Client};

use super::*;

#[test]
fn what_is_written_is_what_the_source_holds_at_apply() {
    let (namespace, workspace) = (Namespace::made("saved"), Workspace::new());
    let _ = applied(&workspace, &namespace, "");
    workspace.source("key", workspace.secret());
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    let last = workspace.secret();
    workspace.source("key", &last);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(namespace.contents("one")["key"], last.as_bytes());
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_source_that_went_back_writes_nothing_and_contradicts_no_plan() {
    let (namespace, workspace) = (Namespace::made("back"), Workspace::new());
    let (_, secret) = applied(&workspace, &namespace, "");
    workspace.source("key", workspace.secret());
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    workspace.source("key", &secret);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_secret_that_went_away_after_the_plan_is_made() {
    let (namespace, workspace) = (Namespace::made("away"), Workspace::new());
    let _ = applied(&workspace, &namespace, "");
    let rotated = workspace.secret();
    workspace.source("key", &rotated);
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    acceptance_tests::kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(namespace.contents("one")["key"], rotated.as_bytes());
    assert_eq!(workspace.attributes(ONE)["uid"], namespace.secret("one").unwrap()["metadata"]["uid"]);
}

#[test]
fn a_saved_create_whose_source_is_gone_makes_nothing() {
    let (namespace, workspace) = (Namespace::made("nothing"), Workspace::new());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, ""));
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    std::fs::remove_file(&file).unwrap();
    workspace.terraform(&["apply", "saved.plan"]).fails();
    assert_eq!(namespace.secret("one"), None);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn keys_that_the_plan_did_not_announce_are_not_written_where_the_client_tells() {
    let (namespace, workspace) = (Namespace::made("more"), Workspace::new());
    let (first, second) = (workspace.secret_file("first").0, workspace.secret_file("second").0);
    let files = format!("{{ first = \"{first}\", second = \"{second}\" }}");
    workspace.hcl(&one_file(&namespace, &first, "").replace(&format!("{{ key = \"{first}\" }}"), &files));
    workspace.apply().succeeds();
    let before = namespace.contents("one");
    assert_eq!(before.len(), 2, "{before:?}");
    workspace.source("first", workspace.secret());
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    workspace.source("second", workspace.secret());
    let applied = workspace.terraform(&["apply", "-json", "saved.plan"]);
    if Client::under_test().can(Capability::PlannedPrivate) {
        applied.fails().error(&["More keys would change than the plan announced", "\"second\"", "Plan again"]);
        assert_eq!(namespace.contents("one"), before, "nothing was written");
        workspace.apply().succeeds();
    } else {
        applied.succeeds();
    }
    let after = namespace.contents("one");
    assert!(after["first"] != before["first"] && after["second"] != before["second"]);
    workspace.plan().succeeds().changes_nothing();
}
