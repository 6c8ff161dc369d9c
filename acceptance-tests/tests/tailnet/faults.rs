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
    tailnet.fault(Rule::at_delete(busy("0")).after(5).times(2));
    scene.cleanup("");
    scene.workspace.apply().succeeds();
    assert!(tailnet.faults_are_over());
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts.clone()), "each once");
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(ghosts));
}

#[test]
fn a_date_to_wait_for_is_one_of_the_servers_clock() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    tailnet.world().clock = jiff::SignedDuration::from_hours(24);
    let ghosts = scene.ghosts("a", 3);
    scene.cleanup("");
    scene.workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    // To our clock this is a day away.
    let date = tailnet.world().date_in(Duration::from_secs(5));
    tailnet.fault(Rule::at_delete(busy(&date)));
    let applied = scene.workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert!(tailnet.faults_are_over() && applied.took >= Duration::from_secs(3), "{:?}", applied.took);
    assert_eq!(tailnet.journal().iter().filter(|entry| entry.status == 429).count(), 1, "it was waited for");
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts));
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
fn of_many_devices_one_that_comes_back_while_its_delete_waits_stays_too() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    // So many that a list decides, and not a look at each.
    let ghosts = scene.ghosts("a", 101);
    scene.cleanup("  max_deletions = 200\n  run_on = [\"create\"]");
    scene.workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    tailnet.forget_journal();
    // All wait for six seconds. Terraform plans once more, the sweep lists, and the list after the wait finds it back.
    tailnet.fault(Rule { path: format!("/api/v2/device/{}", ghosts[0]), ..Rule::at_delete(busy("6")) });
    tailnet.fault(Rule::at_list(Fault::Wake { node_ids: ghosts[..1].to_vec() }).after(2));
    scene.workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert!(tailnet.faults_are_over());
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts[1..].to_vec()));
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(tailnet.deleted()));
    assert_eq!(tailnet.count("GET", "/api/v2/tailnet/"), 3, "one list more, for all");
    assert_eq!(tailnet.count("GET", "/api/v2/device/"), 0);
}

#[test]
fn a_page_is_no_deletion() {
    let scene = Scene::new();
    let ghosts = scene.ghosts("a", 2);
    let page = |code| Fault::Answer { code, retry_after: None, body: "<html>Not Found</html>".to_owned() };
    scene.cleanup("  run_on = [\"create\"]");
    scene.tailnet.fault(Rule::once("GET", "/api/v2/device/", page(404)).times(2));
    let failed = scene.workspace.apply().fails();
    failed.error(&["Not every device was deleted", "base_url", "<html>Not Found</html>", &ghosts[0], &ghosts[1]]);
    scene.tailnet.fault(Rule::at_delete(page(404)).times(2));
    scene.workspace.apply().fails().error(&["Not every device was deleted", "base_url", &ghosts[0], &ghosts[1]]);
    scene.tailnet.fault(Rule::at_delete(page(200)).times(2));
    scene.workspace.apply().fails().error(&["may have been deleted", "base_url"]);
    assert_eq!(scene.tailnet.deleted(), [""; 0]);
    scene.tailnet.world().faults.clear();
    scene.workspace.apply().succeeds();
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(ghosts));
}

#[test]
fn an_answer_that_is_no_list_deletes_nothing() {
    let scene = Scene::new();
    scene.ghosts("a", 2);
    scene.tailnet.fault(Rule::at_list(Fault::Malformed).times(3));
    scene.cleanup("");
    let failed = scene.workspace.apply().fails();
    failed.warning(&["Cannot read the tailnet during plan", "not what the API promises"]);
    failed.error(&["Cannot list the devices", "not what the API promises", "base_url"]);
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
    let before = tailnet.world().access.given.len();
    scene.workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts));
    let logins = tailnet.world().access.given.len() - before;
    assert_eq!(logins, 2, "one, and one more after the refusal, for ten deletions at once");
    assert!(tailnet.journal().iter().any(|entry| entry.status == 401));
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let scene = Scene::by_oauth(&["devices:core"], &[]);
    let tailnet = &scene.tailnet;
    let ghosts = scene.ghosts("a", 60);
    scene.cleanup("  max_deletions = 60\n  run_on = [\"create\"]");
    {
        // Short lives are renewed at their half. The sweep takes longer: three looks and three deletes, one after another.
        let mut world = tailnet.world();
        (world.access.token_life, world.latency) = (Duration::from_secs(4), Duration::from_millis(500));
    }
    scene.workspace.apply().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts));
    assert!(tailnet.world().access.given.len() >= 3, "one for the plan, one for the sweep, and another");
    assert!(tailnet.journal().iter().all(|entry| entry.status == 200), "no token was used beyond its end");
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
