//! What many Secrets cost an API server, by its own counters: one that nobody else uses.

use std::collections::BTreeMap;

use acceptance_tests::KubeApiserver;
use serde_json::json;

use super::*;

const COUNT: u64 = 200;

/// The server's counters for Secrets while something runs.
fn counted(server: &KubeApiserver, run: impl FnOnce()) -> BTreeMap<String, u64> {
    let before = server.requests("secrets");
    run();
    let mut counts = server.requests("secrets");
    for (what, count) in before {
        *counts.get_mut(&what).expect("a counter counts upwards") -= count;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

fn succeeds(server: &KubeApiserver, arguments: &[&str]) {
    let output = server.kubectl(arguments);
    assert!(output.status.success(), "kubectl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_create_and_a_destroy_are_hardly_more_than_one_request_a_secret() {
    let server = KubeApiserver::alone();
    succeeds(&server, &["create", "namespace", "many"]);
    let workspace = Workspace::without_cluster(&server.block());
    workspace.without_traces();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"s\" {{\n  count = {COUNT}\n  namespace = \"many\"\n  name = \"s-${{count.index}}\"\n  files = {{ key = \"{file}\" }}\n}}\n"
    ));
    let at_most = |counts: &BTreeMap<String, u64>, most: u64| {
        assert!(counts.values().sum::<u64>() <= most, "more than {most}: {counts:?}");
    };

    // No look before, and none that finds something.
    let counts = counted(&server, || drop(workspace.apply().succeeds()));
    assert_eq!(counts, BTreeMap::from([("APPLY 201".to_owned(), COUNT)]));

    // A few by themselves, then a list for all others, however many ask at the same time.
    let counts = counted(&server, || drop(workspace.plan().succeeds().changes_nothing()));
    assert_eq!(counts.get("LIST 200"), Some(&1), "{counts:?}");
    at_most(&counts, COUNT / 20);

    // The refresh before it, in a process of its own, is counted with it.
    let counts = counted(&server, || drop(workspace.destroy().succeeds()));
    assert_eq!(counts.get("DELETE 200"), Some(&COUNT), "{counts:?}");
    at_most(&counts, COUNT * 11 / 10);
}

/// Server-side apply makes what is missing and takes over what is there. The precondition that keeps a create from it must be the
/// server's, in the transaction that writes.
#[test]
fn the_server_itself_refuses_to_create_what_exists() {
    let server = KubeApiserver::alone();
    let workspace = Workspace::without_cluster(&server.block());
    let (file, secret) = workspace.secret_file("key");
    succeeds(&server, &["create", "namespace", "theirs"]);
    succeeds(&server, &["create", "secret", "generic", "one", "-n", "theirs", "--from-literal=other=stays"]);
    // No field of theirs is ours, and force takes whatever is: neither is what the create is refused for.
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"theirs\"\n  name = \"one\"\n  files = {{ key = \"{file}\" }}\n  force_conflicts = true\n}}\n"
    ));
    let counts = counted(&server, || drop(workspace.apply().succeeds().warning(&["is adopted", "kubectl-create"])));
    let expected = [("APPLY 409", 1), ("GET 200", 1), ("APPLY 200", 1)].map(|(what, count)| (what.to_owned(), count));
    assert_eq!(counts, BTreeMap::from(expected));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds().warning(&["The object was not deleted", "kubectl-create"]);
    let left = server.kubectl(&["get", "secret", "one", "-n", "theirs", "-o", "json"]);
    let left: serde_json::Value = serde_json::from_slice(&left.stdout).unwrap();
    assert_eq!(left["data"], json!({"other": "c3RheXM="}));
    assert!(!left.to_string().contains(&secret) && !left.to_string().contains("tazlab.io"), "{left}");
}
