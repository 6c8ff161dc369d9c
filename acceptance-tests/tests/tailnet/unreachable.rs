//! An API that does not answer: a destroy goes on, a create says why.

use acceptance_tests::tailnet::{Fault, Rule};

use super::*;

/// What a destroy may take while nobody answers.
const LIMIT: Duration = Duration::from_secs(15);
/// The same where it was there at the beginning: a blip is ridden out for a quarter of a minute.
const LIMIT_IN_THE_MIDDLE: Duration = Duration::from_secs(25);
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

fn applied() -> Scene {
    let scene = Scene::new();
    scene.cleanup("  hostnames = [\"lushycorp-k8s\"]");
    scene.workspace.apply().succeeds();
    scene
}

#[test]
fn a_destroy_with_the_api_gone_ends_in_a_warning() {
    let mut scene = applied();
    scene.tailnet.stop();
    let destroyed = scene.workspace.destroy().succeeds();
    destroyed.warning(&[
        "cannot be listed",
        "connection refused",
        "Selectors: tags = [\"tag:k8s\"], hostnames = [\"lushycorp-k8s\"]",
        "No list of devices was got in this call",
        "finish by hand",
        "fail_on_destroy_error",
    ]);
    assert!(destroyed.took < LIMIT, "{:?}", destroyed.took);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
    assert!(!destroyed.stdout.contains("next apply"), "nothing of it is left for another apply");
}

#[test]
fn with_fail_on_destroy_error_a_destroy_waits_for_the_api() {
    let scene = Scene::new();
    let block = std::fs::read_to_string(scene.workspace.path().join("provider.tf")).unwrap();
    scene.cleanup("  fail_on_destroy_error = true");
    scene.workspace.apply().succeeds();
    let ghosts = scene.ghosts("a", 2);
    std::fs::write(scene.workspace.path().join("provider.tf"), block.replace(&scene.tailnet.url(), NOWHERE)).unwrap();
    let failed = scene.workspace.destroy().fails();
    let told = failed.error(&["cannot be listed", "connection refused", "The next destroy lists", "finish by hand"]);
    assert!(!told.contains("next apply"), "{told}");
    assert!(failed.took < LIMIT, "{:?}", failed.took);
    assert_eq!(scene.workspace.addresses(), [K8S]);
    std::fs::write(scene.workspace.path().join("provider.tf"), block).unwrap();
    scene.workspace.destroy().succeeds();
    assert_eq!(sorted(scene.tailnet.deleted()), sorted(ghosts));
}

#[test]
fn a_destroy_rides_out_a_blip_in_the_middle() {
    let scene = applied();
    let ghosts = scene.ghosts("lushycorp-k8s", 3);
    // The looks fail for six seconds at least: longer than a destroy waits for an API that it has not seen.
    let blip = Rule { path: format!("/api/v2/device/{}", ghosts[1]), ..Rule::once("GET", "", Fault::Reset).times(5) };
    scene.tailnet.fault(blip);
    scene.workspace.destroy().succeeds();
    assert_eq!(sorted(scene.tailnet.deleted()), sorted(ghosts));
    assert!(scene.tailnet.faults_are_over());
}

#[test]
fn a_destroy_with_the_api_silent_ends_in_a_warning() {
    let scene = applied();
    scene.tailnet.fault(Rule::at_list(Fault::Silence).times(100));
    let destroyed = scene.workspace.destroy().succeeds();
    destroyed.warning(&["cannot be listed", "silent", "Selectors: "]);
    assert!(destroyed.took < LIMIT, "{:?}", destroyed.took);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
}

#[test]
fn a_destroy_whose_api_goes_away_in_the_middle_lists_what_is_left() {
    let scene = applied();
    let ghosts = scene.ghosts("lushycorp-k8s", 5);
    scene.tailnet.fault(Rule::at_delete(Fault::Silence).after(2).times(100));
    let destroyed = scene.workspace.destroy().succeeds();
    let told = destroyed.warning(&[
        "Not every device was deleted",
        "Removed (2)",
        "Not deleted (3)",
        "may be gone all the same",
    ]);
    assert!(ghosts.iter().all(|id| told.contains(id)) && !told.contains("next apply"), "{told}");
    assert!(destroyed.took < LIMIT_IN_THE_MIDDLE, "{:?}", destroyed.took);
}

#[test]
fn a_destroy_by_a_credential_that_is_gone_ends_in_a_warning() {
    let scene = applied();
    scene.workspace.provider_block(&format!("  tailscale = {{ base_url = \"{NOWHERE}\" }}"));
    scene.workspace.destroy().succeeds().warning(&["cannot be listed", "TAILSCALE_OAUTH_CLIENT_SECRET"]);
}

#[test]
fn a_plan_does_not_wait_for_an_api_that_is_asked_too_much() {
    let scene = Scene::new();
    scene.cleanup("");
    let busy = Fault::Answer { code: 429, retry_after: Some("3".into()), body: String::new() };
    scene.tailnet.fault(Rule::at_list(busy).times(1000));
    let planned = scene.workspace.plan().succeeds();
    planned.warning(&["cannot be seen while planning", "429"]);
    assert!(planned.took < LIMIT, "{:?}", planned.took);
}

#[test]
fn a_create_without_a_tailnet_says_what_is_missing() {
    let scene = Scene::new();
    scene.cleanup("");
    scene.workspace.provider_block("");
    // A destroy begins with a plan, so a plan only warns.
    scene.workspace.plan().succeeds().warning(&["No tailnet is configured", "tailscale.api_key"]);
    scene.workspace.apply().fails().error(&["The tailnet cannot be reached", "tailscale.api_key"]);
    let wrong = scene.workspace.secret();
    scene.workspace.provider_block(&format!(
        "  tailscale = {{\n    base_url = \"{}\"\n    api_key = \"{}\"\n  }}",
        scene.tailnet.url(),
        scene.workspace.source("wrong", &wrong).replace('/', "-")
    ));
    scene.workspace.apply().fails().error(&["the credential is refused", "API token invalid"]);
}
