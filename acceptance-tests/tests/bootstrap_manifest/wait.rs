//! What create and update wait for, with statuses as controllers write them.

use std::time::Duration;

use acceptance_tests::{Namespace, Workspace, poll};

use super::*;

fn hcl(definition: &Definition, namespace: &Namespace, arguments: &str) -> String {
    block("one", &definition.thing(namespace, "v1", "{ size = 1 }"), arguments)
}

/// A definition that is there already.
fn defined(namespace: &Namespace, workspace: &Workspace) -> Definition {
    let definition = Definition::of(namespace);
    workspace.hcl(&block("definition", &definition.manifest(&["v1"]), ""));
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "tazlab_bootstrap_manifest.definition"]).succeeds();
    definition
}

#[test]
fn conditions_and_fields_are_waited_for() {
    let (namespace, workspace) = (Namespace::made("wait"), Workspace::new());
    let definition = defined(&namespace, &workspace);
    let wait =
        "  wait_for = {\n    conditions = { Ready = \"True\" }\n    fields = { \"status.phase\" = \"Running\" }\n  }";
    workspace.hcl(&hcl(&definition, &namespace, wait));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let says = |words: &'static str| {
        poll::until(Duration::from_secs(30), words, || workspace.traces().contains(words).then_some(()));
    };
    says("it has no condition Ready yet");
    definition.merge_status(
        &namespace,
        r#"{"status":{"observedGeneration":0,"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#,
    );
    says("has not processed the current generation yet");
    definition.merge_status(&namespace, r#"{"status":{"observedGeneration":1,"phase":"Pending"}}"#);
    says("status.phase is");
    definition.merge_status(&namespace, r#"{"status":{"phase":"Running"}}"#);
    let _ = started.end().succeeds();
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_wait_ends_at_its_timeout_or_with_a_failure_and_says_what_was_seen() {
    let (namespace, workspace) = (Namespace::made("ends"), Workspace::new());
    let definition = defined(&namespace, &workspace);
    let wait =
        "  wait_for = { conditions = { Ready = \"True\" } }\n  failed_when = { conditions = { Stalled = \"True\" } }\n";
    workspace.hcl(&hcl(&definition, &namespace, &format!("{wait}  timeouts = {{ create = \"3s\" }}")));
    workspace.apply().fails().error(&["not as wait_for expects", "no condition Ready", "timed out"]);
    assert_eq!(workspace.addresses(), [ONE], "it exists, and is tainted");
    workspace.hcl(&hcl(&definition, &namespace, wait));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let before = definition.live(&namespace).map(|live| live["metadata"]["uid"].clone());
    poll::until(Duration::from_secs(30), "the object made anew", || {
        let uid = definition.live(&namespace).map(|live| live["metadata"]["uid"].clone());
        (uid.is_some() && uid != before).then_some(())
    });
    definition.merge_status(
        &namespace,
        r#"{"status":{"conditions":[{"type":"Stalled","status":"True","reason":"Broken","message":"no disk"}]}}"#,
    );
    let run = started.end();
    assert!(run.errors().iter().any(|error| error.contains("has failed") && error.contains("no disk")), "{run}");
}

#[test]
fn an_update_whose_wait_failed_is_waited_for_by_the_next_apply() {
    let (namespace, workspace) = (Namespace::made("again"), Workspace::new());
    let definition = defined(&namespace, &workspace);
    workspace.hcl(&hcl(&definition, &namespace, ""));
    workspace.apply().succeeds();
    let wait = "  wait_for = { fields = { \"status.phase\" = \"Running\" } }\n  timeouts = { update = \"3s\" }";
    workspace.hcl(&hcl(&definition, &namespace, wait).replace("size = 1", "size = 2"));
    workspace.apply().fails().error(&["not as wait_for expects", "status.phase is not set"]);
    assert_eq!(definition.live(&namespace).unwrap()["spec"]["size"], 2);
    workspace.plan().succeeds().only("update", ONE);
    definition.merge_status(&namespace, r#"{"status":{"phase":"Running"}}"#);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
}
