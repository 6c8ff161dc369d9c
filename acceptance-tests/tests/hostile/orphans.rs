//! A create that fails after something was made, or may have been: it is in the state, or it is said.

use std::time::Duration;

use acceptance_tests::fake_cluster::Fault;
use acceptance_tests::{FakeCluster, Workspace, poll};
use serde_json::Value;

use super::adoption::{ONE, manifest, one_file, scene};

fn is_tainted(workspace: &Workspace) -> bool {
    let state: Value = serde_json::from_slice(&std::fs::read(workspace.state_file()).unwrap()).unwrap();
    state["resources"][0]["instances"][0]["status"] == "tainted"
}

/// Applies with a write that is answered late, and stops in the middle of it.
fn stopped_in_the_write(server: &FakeCluster, workspace: &Workspace) -> acceptance_tests::Run {
    stopped(server, workspace, Fault::Slow(Duration::from_secs(20)), 1)
}

/// The same in the write of this number.
fn stopped(server: &FakeCluster, workspace: &Workspace, fault: Fault, number: usize) -> acceptance_tests::Run {
    let is_write = |line: &&String| line.starts_with("PATCH") && line.contains("/secrets/");
    let writes = || server.lines().iter().filter(is_write).count();
    let before = writes();
    server.fault(Some(fault));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(Duration::from_mins(1), "the write", || (writes() - before == number).then_some(()));
    started.signal("INT");
    let stopped = started.end().fails();
    server.fault(None);
    stopped
}

#[test]
fn a_secret_that_was_written_when_the_user_stopped_is_in_the_state() {
    let (server, workspace) = scene();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    let stopped = stopped_in_the_write(&server, &workspace);
    stopped.warning(&["A failed create left objects behind", "Secret a/one"]);
    assert!(server.secret("a", "one").is_some());
    assert_eq!(workspace.addresses(), [ONE]);
    assert!(is_tainted(&workspace));
    workspace.destroy().succeeds();
    assert_eq!(server.secret("a", "one"), None, "nothing is left behind");
}

#[test]
fn the_next_apply_goes_on_from_there() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    let _ = stopped_in_the_write(&server, &workspace);
    workspace.apply().succeeds();
    assert!(!is_tainted(&workspace));
    workspace.plan().succeeds().changes_nothing();
    let data = server.secret("a", "one").unwrap()["data"]["key"].as_str().unwrap().to_owned();
    assert_eq!(base64::Engine::decode(&base64::prelude::BASE64_STANDARD, data).unwrap(), secret.as_bytes());
    workspace.destroy().succeeds();
    assert_eq!(server.secret("a", "one"), None, "it is ours");
}

#[test]
fn what_others_had_before_is_not_tainted_and_the_doubt_is_said() {
    let (server, workspace) = scene();
    server.apply_as("their-controller", &manifest(&[("theirs", "stays")]));
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    // The first write is of what must not exist, and is refused.
    let stopped = stopped(&server, &workspace, Fault::SlowSuccess(Duration::from_secs(20)), 2);
    stopped.warning(&["An object may have been changed", "Secret a/one existed before this create"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_create_that_never_learned_of_what_others_had_has_not_touched_it() {
    let (server, workspace) = scene();
    server.apply_as("their-controller", &manifest(&[("theirs", "stays")]));
    let before = server.secret("a", "one");
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, ""));
    let stopped = stopped_in_the_write(&server, &workspace);
    assert!(stopped.warnings().iter().all(|warning| !warning.contains("left objects behind")), "{stopped}");
    assert_eq!(workspace.addresses(), [""; 0]);
    assert_eq!(server.secret("a", "one"), before);
}

#[test]
fn a_namespace_that_was_made_for_a_secret_that_is_then_refused_is_not_lost() {
    let (server, workspace) = (FakeCluster::start(), Workspace::without_cluster(""));
    workspace.provider_block(&server.block());
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, "  create_namespace = true"));
    server.fault(Some(Fault::Refuse(403, "secrets is forbidden".to_owned())));
    let refused = workspace.apply().fails();
    refused.error(&["forbidden"]);
    refused.warning(&["Namespace a was created"]);
    assert_eq!(workspace.addresses(), [ONE]);
    assert!(server.namespace("a").is_some());
    // As it is, a destroy takes it away.
    workspace.destroy().succeeds();
    assert_eq!(server.namespace("a"), None);
    // And an apply goes on.
    workspace.apply().fails();
    server.fault(None);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!((server.namespace("a"), server.secret("a", "one")), (None, None));
}

#[test]
fn control_a_create_that_made_nothing_leaves_nothing_in_the_state() {
    let (server, workspace) = scene();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&file, "  create_namespace = true"));
    server.fault(Some(Fault::Refuse(403, "secrets is forbidden".to_owned())));
    let refused = workspace.apply().fails();
    assert!(
        refused.warnings().iter().all(|warning| !warning.contains("A failed create left objects behind")),
        "{refused}"
    );
    assert_eq!(workspace.addresses(), [""; 0]);
}
