//! An API that does not answer: a destroy goes on, a create says why.

use acceptance_tests::tailnet::{Fault, Rule};

use super::*;

/// What a destroy may take while nobody answers.
const LIMIT: Duration = Duration::from_secs(15);

fn applied() -> Scene {
    let scene = Scene::new();
    scene.cleanup("  hostnames = [\"lushycorp-k8s\"]");
    scene.workspace.apply().succeeds();
    scene
}

#[test]
fn a_destroy_with_the_api_gone_ends_in_a_warning() {
    let Scene { tailnet, workspace } = applied();
    drop(tailnet);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&[
        "cannot be listed",
        "connection refused",
        "Selectors: tags = [\"tag:k8s\"], hostnames = [\"lushycorp-k8s\"]",
        "No list of devices was got in this call",
        "finish by hand",
        "fail_on_destroy_error",
    ]);
    assert!(destroyed.took < LIMIT, "{:?}", destroyed.took);
    assert_eq!(workspace.addresses(), [""; 0]);
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
    assert!(ghosts.iter().all(|id| told.contains(id)), "{told}");
    assert!(destroyed.took < LIMIT, "{:?}", destroyed.took);
}

#[test]
fn a_destroy_by_a_credential_that_is_gone_ends_in_a_warning() {
    let scene = applied();
    scene.workspace.provider_block("  tailscale = { base_url = \"http://127.0.0.1:9\" }");
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
