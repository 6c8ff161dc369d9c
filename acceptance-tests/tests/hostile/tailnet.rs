//! Another tailnet than the one that was meant, answers that leave something out, entries that protect nothing.

use std::fs;
use std::time::Duration;

use acceptance_tests::tailnet::{Fault, Rule, Seed};
use acceptance_tests::{Run, Tailnet, Workspace};
use serde_json::{Map, Value, json};

const K8S: &str = "tazlab_tailnet_cleanup.k8s";
const HOME: &str = "magellanic-gondola.ts.net";
const WORK: &str = "work.ts.net";
const HOUR: Duration = Duration::from_hours(1);

/// A tailnet with this suffix and so many stale devices of the tag.
fn tailnet(suffix: &str, stale: usize) -> Tailnet {
    let tailnet = Tailnet::start();
    suffix.clone_into(&mut tailnet.world().domain);
    tailnet.joins("laptop", &["tag:laptop"]);
    (0..stale).for_each(|_| drop(tailnet.ghost("k8s", &["tag:k8s"], HOUR)));
    tailnet
}

fn cleanup(workspace: &Workspace, arguments: &str) {
    workspace
        .hcl(&format!("resource \"tazlab_tailnet_cleanup\" \"k8s\" {{\n  tags = [\"tag:k8s\"]\n{arguments}\n}}\n"));
}

fn block(workspace: &Workspace) -> String {
    fs::read_to_string(workspace.path().join("provider.tf")).unwrap()
}

/// The same provider block, for another address.
fn moved(workspace: &Workspace, block: &str, from: &Tailnet, to: &Tailnet) {
    let moved = block.replace(&from.url(), &to.url());
    assert_ne!(moved, block);
    fs::write(workspace.path().join("provider.tf"), moved).unwrap();
}

fn restored(workspace: &Workspace, block: &str) {
    fs::write(workspace.path().join("provider.tf"), block).unwrap();
}

/// Two tailnets that take the same key, and a workspace whose provider is configured for the first.
fn two(arguments: &str) -> (Tailnet, Tailnet, Workspace) {
    let (home, work, workspace) = (tailnet(HOME, 2), tailnet(WORK, 5), Workspace::without_cluster(""));
    home.lets_in(&workspace);
    let key = fs::read_to_string(workspace.sources().join("api-key")).unwrap();
    work.world().access.key(key.trim());
    cleanup(&workspace, arguments);
    (home, work, workspace)
}

fn names_both(text: &str, home: &Tailnet, work: &Tailnet) {
    for words in [HOME, WORK, &home.url(), &work.url(), "Nothing was deleted"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_destroy_deletes_nothing_at_another_address() {
    let (home, work, workspace) = two("  run_on = [\"destroy\"]\n  fail_on_destroy_error = true");
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(K8S)["tailnet"], HOME);
    let before = block(&workspace);
    moved(&workspace, &before, &home, &work);
    let failed = workspace.destroy().fails();
    names_both(&failed.error(&["another tailnet"]), &home, &work);
    assert_eq!(work.deleted(), [""; 0]);
    // The control: the same at the address that was meant.
    restored(&workspace, &before);
    workspace.destroy().succeeds();
    assert_eq!((home.deleted().len(), work.deleted().len()), (2, 0));
}

#[test]
fn a_destroy_that_may_not_fail_says_it_and_deletes_nothing() {
    let (home, work, workspace) = two("  run_on = [\"destroy\"]");
    workspace.apply().succeeds();
    moved(&workspace, &block(&workspace), &home, &work);
    let destroyed = workspace.destroy().succeeds();
    names_both(&destroyed.warning(&["another tailnet", "fail_on_destroy_error"]), &home, &work);
    assert_eq!((home.deleted().len(), work.deleted().len()), (0, 0));
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn another_tailnet_behind_the_same_address_is_told_by_its_suffix() {
    let (home, _, workspace) = two("  run_on = [\"destroy\"]");
    workspace.apply().succeeds();
    // Another key, or another tailnet in the configuration: other devices.
    let at_home = home.world().devices.clone();
    home.world().devices.clear();
    home.world().domain = WORK.to_owned();
    home.joins("laptop", &[]);
    home.ghost("k8s", &["tag:k8s"], HOUR);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["another tailnet", HOME, WORK]);
    assert_eq!(home.deleted(), [""; 0]);
    // The control.
    home.world().domain = HOME.to_owned();
    home.world().devices = at_home;
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(home.deleted().len(), 2);
}

#[test]
fn an_update_and_a_replacement_delete_nothing_of_another_tailnet() {
    let arguments =
        |trigger: &str| format!("  run_on = [\"update\", \"destroy\"]\n  triggers = {{ cluster = \"{trigger}\" }}");
    let (home, work, workspace) = two(&arguments("one"));
    workspace.apply().succeeds();
    let before = block(&workspace);
    moved(&workspace, &before, &home, &work);
    cleanup(&workspace, &arguments("two"));
    names_both(&workspace.plan().succeeds().warning(&["another tailnet"]), &home, &work);
    names_both(&workspace.apply().fails().error(&["another tailnet", "-replace"]), &home, &work);
    // What the message says: the destroy half deletes nothing.
    let replaced = workspace.terraform(&["apply", "-json", "-auto-approve", &format!("-replace={K8S}")]).succeeds();
    names_both(&replaced.warning(&["another tailnet"]), &home, &work);
    assert_eq!((home.deleted().len(), work.deleted().len()), (0, 0));
    assert_eq!(workspace.attributes(K8S)["tailnet"], WORK);
    // The control: it is recorded for this one now.
    cleanup(&workspace, &arguments("three"));
    workspace.apply().succeeds();
    assert_eq!((home.deleted().len(), work.deleted().len()), (0, 5));
}

#[test]
fn a_tailnet_that_was_empty_is_not_taken_for_one_with_older_devices() {
    let (tailnet, workspace) = (Tailnet::start(), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    cleanup(&workspace, "  fail_on_destroy_error = true");
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(K8S)["tailnet"], Value::Null, "nothing names the suffix of an empty tailnet");
    workspace.plan().succeeds().changes_nothing();
    let empty = tailnet.world().now();
    // Another tailnet at the same address: its devices had joined before.
    tailnet.ghost("k8s", &["tag:k8s"], HOUR);
    let failed = workspace.destroy().fails();
    failed.error(&["another tailnet", HOME, "joined before", "Nothing was deleted"]);
    assert_eq!(tailnet.deleted(), [""; 0]);
    // The control: the same tailnet, whose devices came later.
    tailnet.world().devices.clear();
    let later = (empty + Duration::from_mins(1)).to_string();
    let Value::Object(patch) = json!({ "created": later }) else { panic!("no object") };
    let seed = Seed { away_seconds: Some(3600), patch, ..Seed::named("k8s", &["tag:k8s"]) };
    tailnet.world().join(&seed);
    workspace.destroy().succeeds();
    assert_eq!(tailnet.deleted().len(), 1);
}

#[test]
fn a_state_without_a_record_deletes_nothing_until_an_apply_has_made_one() {
    let (home, work, workspace) = two("  run_on = [\"update\", \"destroy\"]\n  triggers = { cluster = \"one\" }");
    workspace.apply().succeeds();
    // As an earlier version wrote it.
    let text = fs::read_to_string(workspace.state_file()).unwrap();
    let mut state: Value = serde_json::from_str(&text).unwrap();
    let instance = state.pointer_mut("/resources/0/instances/0").unwrap().as_object_mut().unwrap();
    assert!(instance.remove("private").is_some());
    assert!(instance["attributes"].as_object_mut().unwrap().remove("tailnet").is_some());
    fs::write(workspace.state_file(), state.to_string()).unwrap();
    let before = block(&workspace);
    moved(&workspace, &before, &home, &work);
    cleanup(&workspace, "  run_on = [\"update\", \"destroy\"]\n  triggers = { cluster = \"two\" }");
    workspace.apply().fails().error(&["does not record", WORK, "tailnet = ", "Nothing was deleted"]);
    restored(&workspace, &before);
    cleanup(&workspace, "  run_on = [\"update\", \"destroy\"]\n  triggers = { cluster = \"one\" }");
    // An update records it, and deletes nothing.
    workspace.plan().succeeds().only("update", K8S);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(K8S)["tailnet"], HOME);
    assert_eq!((home.deleted().len(), work.deleted().len()), (0, 0));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!((home.deleted().len(), work.deleted().len()), (2, 0));
}

#[test]
fn a_tailnet_that_is_named_is_compared() {
    let (home, work, workspace) = two("  tailnet = \"work.ts.net\"");
    let failed = workspace.apply().fails();
    failed.error(&["another tailnet", HOME, WORK, "line 3"]);
    assert_eq!((home.deleted().len(), work.deleted().len()), (0, 0));
    for wrong in ["Work.ts.net", "work", ".ts.net", "https://work.ts.net"] {
        cleanup(&workspace, &format!("  tailnet = \"{wrong}\""));
        workspace.validate().fails();
    }
    cleanup(&workspace, &format!("  tailnet = \"{HOME}\""));
    workspace.apply().succeeds();
    assert_eq!(home.deleted().len(), 2);
}

#[test]
fn protect_takes_what_can_protect_and_says_what_protects_nothing() {
    let (tailnet, workspace) = (tailnet(HOME, 1), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    tailnet.ghost("nas", &["tag:k8s", "tag:prod"], HOUR);
    for wrong in [" ", "100.64.0.1", "fd7a:115c:a1e0::1", "nas, k8s", "nas*", "tag:", "tag:1x", "https://nas"] {
        cleanup(&workspace, &format!("  protect = [\"{wrong}\"]"));
        workspace.plan().fails().error(&["protect"]);
    }
    for wrong in [
        "hostname_regex = \"K8S.*\"",
        "hostname_regex = \"k8s[.]work[.]ts[.]net\"",
        "hostnames = [\"k8s.work.ts.net\"]",
    ] {
        cleanup(&workspace, &format!("  {wrong}"));
        workspace.plan().fails().error(&["hostname"]);
    }
    cleanup(&workspace, "  protect = [\"tag:prod\", \"tag:gone\", \"laptpo\"]");
    let said = |run: Run| drop(run.succeeds().warning(&["match no device", "\"laptpo\"", "\"tag:gone\""]));
    said(workspace.plan());
    said(workspace.apply());
    assert_eq!(tailnet.labels(), ["laptop", "nas"], "what the tag protects stays, the rest goes");
    // The control: without the entry it goes as well.
    cleanup(&workspace, "  triggers = { cluster = \"two\" }");
    workspace.apply().succeeds();
    assert_eq!(tailnet.labels(), ["laptop"]);
}

#[test]
fn what_the_api_leaves_out_keeps_a_device() {
    let (tailnet, workspace) = (tailnet(HOME, 0), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    let fields = ["connectedToControl", "isExternal", "name"];
    for field in fields {
        let patch: Map<String, Value> = [(field.to_owned(), Value::Null)].into_iter().collect();
        let seed = Seed { away_seconds: Some(3600), patch, ..Seed::named(&field.to_lowercase(), &["tag:k8s"]) };
        tailnet.world().join(&seed);
    }
    cleanup(&workspace, "");
    let applied = workspace.apply().succeeds();
    applied.warning(&["Selected devices are kept", "connectedToControl", "isExternal"]);
    assert_eq!(tailnet.deleted(), [""; 0]);
    // The control: the same devices with all of their fields.
    tailnet.world().devices.iter_mut().for_each(|device| device.patch.clear());
    cleanup(&workspace, "  triggers = { cluster = \"two\" }");
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted().len(), fields.len());
}

#[test]
fn a_refusal_that_repeats_the_credential_tells_nobody() {
    let (tailnet, workspace) = (tailnet(HOME, 1), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    cleanup(&workspace, "");
    workspace.apply().succeeds();
    // The API takes the key no more; it says so, and repeats it.
    let key = workspace.secret();
    let file = workspace.source("other-key", &key);
    let before = block(&workspace);
    fs::write(workspace.path().join("provider.tf"), before.replace("api-key", "other-key")).unwrap();
    assert!(block(&workspace).contains(&file));
    cleanup(&workspace, "  triggers = { cluster = \"two\" }");
    let failed = workspace.apply().fails();
    failed.error(&["API token invalid", "(redacted)"]);
    // The control is that the fake does repeat it: what it sends is what was scrubbed.
    restored(&workspace, &before);
    workspace.apply().succeeds();
}

#[test]
fn an_id_that_two_devices_have_deletes_neither_unless_both_may_go() {
    let (tailnet, workspace) = (tailnet(HOME, 0), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    let stale = tailnet.ghost("k8s", &["tag:k8s"], HOUR);
    let with_its_id = |name: &str, tags: &[&str], field: &str| {
        let patch: Map<String, Value> = [(field.to_owned(), json!(stale))].into_iter().collect();
        tailnet.world().join(&Seed { patch, ..Seed::named(name, tags) });
    };
    // It is connected; or it is none of the selected ones.
    for (tags, field) in [(&["tag:k8s"], "nodeId"), (&["tag:prod"], "id")] {
        with_its_id("other", tags, field);
        cleanup(&workspace, &format!("  triggers = {{ of = \"{field}\" }}"));
        workspace.apply().succeeds().warning(&["Selected devices are kept", "has the same id"]);
        assert_eq!(tailnet.deleted(), [""; 0], "{field}");
        tailnet.world().devices.pop();
    }
    // The control: without the other one it goes.
    cleanup(&workspace, "  triggers = { of = \"nobody\" }");
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted(), [stale]);
}

#[test]
fn a_part_of_the_devices_decides_nothing() {
    let (tailnet, workspace) = (tailnet(HOME, 2), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    cleanup(&workspace, "");
    let page = json!({"devices": [], "nextPageToken": "two"}).to_string();
    let parts = [Fault::Answer { code: 200, retry_after: None, body: page }, Fault::Malformed];
    for fault in parts {
        tailnet.fault(Rule::at_list(fault).times(50));
        let failed = workspace.apply().fails();
        failed.error(&["Cannot list"]);
        assert_eq!((tailnet.deleted(), workspace.addresses()), (Vec::new(), Vec::new()));
        tailnet.world().faults.clear();
    }
    // The control: all of them.
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted().len(), 2);
}

#[test]
fn the_name_of_a_device_is_no_command_to_a_terminal() {
    let (tailnet, workspace) = (tailnet(HOME, 0), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    let patch: Map<String, Value> = [("hostname".to_owned(), json!("k8s\u{1b}[2K\r"))].into_iter().collect();
    tailnet.world().join(&Seed { away_seconds: Some(3600), patch, ..Seed::named("k8s", &["tag:k8s"]) });
    cleanup(&workspace, "");
    let planned = workspace.terraform(&["plan", "-no-color"]).succeeds();
    assert!(planned.stdout.contains("will be deleted") && planned.stdout.contains("k8s"), "{planned}");
    assert!(!planned.stdout.contains('\u{1b}') && !planned.stdout.contains('\r'), "{:?}", planned.stdout);
}
