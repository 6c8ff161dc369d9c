//! An API that goes wrong in every way that it can.

use acceptance_tests::tailnet::{Fault, Rule};

use super::*;

fn busy(retry_after: &str) -> Fault {
    Fault::Answer { code: 429, retry_after: Some(retry_after.to_owned()), body: "slow down".to_owned() }
}

fn error(code: u16) -> Fault {
    Fault::Answer { code, retry_after: None, body: "<html>bad gateway</html>".to_owned() }
}

#[test]
fn what_passes_is_survived_and_counted_once() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let ghosts = scene.ghosts("a", 12);
    tailnet.fault(Rule::at_list(busy("1")));
    tailnet.fault(Rule::at_list(error(502)).after(1));
    tailnet.fault(Rule::at_list(Fault::Slow { pieces: 20, pause: 20 }));
    tailnet.fault(Rule::at_delete(Fault::DoneAndReset).every(4).times(2));
    tailnet.fault(Rule::at_delete(Fault::DoneAndAnswer { code: 500 }).after(1));
    tailnet.fault(Rule::at_delete(Fault::Reset).after(2));
    tailnet.fault(Rule::at_delete(busy("Tue, 01 Jan 2030 00:00:00 GMT")).after(50));
    tailnet.fault(Rule::at_delete(busy("0")).after(5).times(2));
    scene.cleanup("");
    scene.workspace.apply().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts.clone()), "each once");
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(ghosts));
}

#[test]
fn what_does_not_pass_leaves_a_list_and_the_next_apply_goes_on() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let ghosts = scene.ghosts("a", 4);
    let stubborn = |times| Rule {
        path: format!("/api/v2/device/{}", ghosts[2]),
        ..Rule::at_delete(Fault::Answer { code: 409, retry_after: None, body: "{\"message\":\"not now\"}".into() })
            .times(times)
    };
    tailnet.fault(stubborn(1));
    scene.cleanup("");
    let failed = scene.workspace.apply().fails();
    failed.error(&[
        "Not every device was deleted",
        "Removed (3)",
        "Not deleted (1)",
        &ghosts[2],
        "status 409: not now",
        "next apply",
    ]);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
    assert_eq!(tailnet.deleted().len(), 3);
    scene.workspace.apply().succeeds();
    assert_eq!(ids(&scene.attributes()["removed_devices"]), [ghosts[2].clone()]);

    // An update that failed is repaired by the next apply, too.
    let more = scene.ghosts("b", 2);
    let stubborn = Rule { path: format!("/api/v2/device/{}", more[1]), ..stubborn(1) };
    tailnet.fault(stubborn);
    scene.cleanup("  triggers = { cluster = \"two\" }");
    scene.workspace.apply().fails().error(&["Removed (1)", &more[1]]);
    scene.workspace.apply().succeeds();
    assert_eq!(ids(&scene.attributes()["removed_devices"]), [more[1].clone()]);
    scene.workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_device_that_comes_back_while_its_delete_waits_stays() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let ghosts = scene.ghosts("a", 1);
    tailnet.fault(Rule::at_delete(busy("6")));
    // The first look finds it away; the one after the long wait does not.
    tailnet.fault(Rule::once("GET", "/api/v2/device/", Fault::Wake { node_ids: ghosts }).after(1));
    scene.cleanup("  run_on = [\"create\"]");
    scene.workspace.apply().succeeds();
    assert_eq!(tailnet.deleted(), [""; 0]);
    assert_eq!(tailnet.count("DELETE", "/api/v2/device/"), 1);
}

#[test]
fn a_device_that_comes_back_between_list_and_delete_stays() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let ghosts = scene.ghosts("a", 3);
    // The first look at a single device comes after the list.
    let wake = Fault::Wake { node_ids: vec![ghosts[1].clone()] };
    tailnet.fault(Rule::once("GET", "/api/v2/device/", wake));
    scene.cleanup("  run_on = [\"create\"]");
    scene.workspace.apply().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(vec![ghosts[0].clone(), ghosts[2].clone()]));
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(tailnet.deleted()));
    assert_eq!(ids(&scene.attributes()["stale_devices"]).len(), 3);
}

#[test]
fn an_answer_that_is_no_list_deletes_nothing() {
    let scene = Scene::new();
    scene.ghosts("a", 2);
    scene.tailnet.fault(Rule::at_list(Fault::Malformed).times(3));
    scene.cleanup("");
    let failed = scene.workspace.apply().fails();
    failed.warning(&["cannot be seen while planning", "not what the API promises"]);
    failed.error(&["cannot be listed", "not what the API promises", "base_url"]);
    assert_eq!(scene.tailnet.deleted(), [""; 0]);
}

#[test]
fn a_token_that_ends_in_the_middle_is_renewed_once() {
    let scene = Scene::by_oauth(&["devices:core"], &[]);
    let tailnet = &scene.tailnet;
    let ghosts = scene.ghosts("a", 10);
    tailnet.fault(Rule::at_delete(Fault::EndTokens).after(4));
    scene.cleanup("");
    scene.workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    let before = tailnet.world().access.logins;
    scene.workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts));
    let logins = tailnet.world().access.logins - before;
    assert_eq!(logins, 2, "one, and one more after the refusal, for ten deletions at once");
    assert!(tailnet.journal().iter().any(|entry| entry.status == 401));
}

#[test]
fn a_missing_scope_is_named_and_deletes_nothing() {
    let scene = Scene::by_oauth(&["devices:core:read"], &[]);
    scene.ghosts("a", 2);
    scene.cleanup("");
    let failed = scene.workspace.apply().fails();
    failed.error(&["needs the scope \"devices:core\", and has \"devices:core:read\"", "Not deleted (2)"]);
    let scene = Scene::by_oauth(&["auth_keys"], &[]);
    scene.cleanup("");
    scene.workspace.apply().fails().error(&["devices:core:read"]);
}
