//! `connected = "wait"`.

use acceptance_tests::poll;
use acceptance_tests::tailnet::{Fault, Rule};

use super::*;

const PATIENT: &str = "  connected = \"wait\"\n  offline_for = \"2s\"\n";

#[test]
fn devices_that_disconnect_are_waited_for_and_deleted() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let (alive, recent) = (tailnet.joins("alive", TAG), tailnet.ghost("recent", TAG, Duration::ZERO));
    // It is recent however long the plan takes.
    scene.cleanup(&PATIENT.replace("2s", "4m"));
    scene.workspace.plan().succeeds().warning(&[
        "Apply waits for connected devices",
        "2 tailnet devices are connected",
        "alive.",
    ]);
    scene.cleanup(PATIENT);
    let started = scene.workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(Duration::from_secs(30), "word of the wait", || {
        scene.workspace.traces().contains("1 of them connected").then_some(())
    });
    tailnet.world().leaves(&alive, Duration::ZERO);
    let _ = started.end().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(vec![alive, recent]));
}

#[test]
fn a_wait_that_fails_says_what_is_left() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let (alive, stale) = (tailnet.joins("alive", TAG), tailnet.ghost("stale", TAG, HOUR));
    scene.cleanup(PATIENT);
    scene.workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    // Terraform plans once more, the sweep lists, and the list after that is refused.
    let refused = Fault::Answer { code: 403, retry_after: None, body: "{\"message\":\"not now\"}".into() };
    tailnet.fault(Rule::at_list(refused).after(2));
    let failed = scene.workspace.terraform(&["apply", "-json", "saved.plan"]).fails();
    failed.error(&["Cannot list the devices", "not now", "Left (2)", &alive, &stale, "next apply"]);
    assert_eq!(tailnet.deleted(), [""; 0]);
}

#[test]
fn devices_that_stay_connected_are_an_error_and_on_destroy_a_warning() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let alive = tailnet.joins("alive", TAG);
    let short = format!("{PATIENT}  wait_timeout = \"2s\"");
    let stale = tailnet.ghost("stale", TAG, HOUR);
    scene.cleanup(&short);
    scene.workspace.apply().fails().error(&["still connected after 2s", &alive, "connected = \"wait\""]);
    assert_eq!(tailnet.deleted(), [stale], "what may go goes all the same");
    assert_eq!(scene.workspace.addresses(), [""; 0]);
    scene.cleanup(&format!("{short}\n  run_on = [\"destroy\"]"));
    let control = scene.workspace.apply().succeeds();
    scene.workspace.destroy().succeeds().warning(&["still connected after 2s", &alive]);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
    // Over the limit nothing is waited for.
    tailnet.joins("alive-too", TAG);
    scene.cleanup(&format!("{PATIENT}  wait_timeout = \"3m\"\n  max_deletions = 1"));
    let failed = scene.workspace.apply().fails();
    failed.error(&["max_deletions is 1"]);
    failed.waited_at_most(Duration::from_secs(30), &control);
}
