//! An API that does not answer: a destroy goes on, a create says why.

use acceptance_tests::client::shows;
use acceptance_tests::tailnet::{Fault, Rule};
use acceptance_tests::{Capability, Run};

use super::*;

/// How long a destroy may wait while nobody answers, its plan included.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same where it was there at the beginning: a blip is ridden out for a quarter of a minute.
const PATIENCE_IN_THE_MIDDLE: Duration = Duration::from_secs(20);
/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

/// An applied cleanup, and the run that applied it.
fn applied() -> (Scene, Run) {
    let scene = Scene::new();
    scene.with_a_laptop();
    scene.cleanup("  hostnames = [\"lushycorp-k8s\"]");
    let control = scene.workspace.apply().succeeds();
    (scene, control)
}

#[test]
fn a_destroy_with_the_api_gone_ends_in_a_warning() {
    let (mut scene, control) = applied();
    scene.tailnet.stop();
    let destroyed = scene.workspace.destroy().succeeds();
    destroyed.warning(&[
        "Cannot list the devices",
        "connection refused",
        "Selectors: tags = [\"tag:k8s\"], hostnames = [\"lushycorp-k8s\"]",
        "The devices could not be listed",
        "finish by hand",
        "fail_on_destroy_error",
    ]);
    destroyed.waited_at_most(PATIENCE, &control);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
    assert!(!destroyed.stdout.contains("next apply"), "nothing of it is left for another apply");
}

#[test]
fn with_fail_on_destroy_error_a_destroy_waits_for_the_api() {
    let scene = Scene::new();
    scene.with_a_laptop();
    let block = std::fs::read_to_string(scene.workspace.path().join("provider.tf")).unwrap();
    scene.cleanup("  fail_on_destroy_error = true");
    let control = scene.workspace.apply().succeeds();
    let ghosts = scene.ghosts("a", 2);
    std::fs::write(scene.workspace.path().join("provider.tf"), block.replace(&scene.tailnet.url(), NOWHERE)).unwrap();
    let failed = scene.workspace.destroy().fails();
    let told =
        failed.error(&["Cannot list the devices", "connection refused", "The next destroy lists", "finish by hand"]);
    assert!(!told.contains("next apply"), "{told}");
    failed.waited_at_most(PATIENCE, &control);
    assert_eq!(scene.workspace.addresses(), [K8S]);
    std::fs::write(scene.workspace.path().join("provider.tf"), block).unwrap();
    scene.workspace.destroy().succeeds();
    assert_eq!(sorted(scene.tailnet.deleted()), sorted(ghosts));
}

#[test]
fn a_destroy_rides_out_a_blip_in_the_middle() {
    let (scene, _) = applied();
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
    let (scene, control) = applied();
    scene.tailnet.fault(Rule::at_list(Fault::Silence).times(100));
    let destroyed = scene.workspace.destroy().succeeds();
    destroyed.warning(&["Cannot list the devices", "silent", "Selectors: "]);
    destroyed.waited_at_most(PATIENCE, &control);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
}

#[test]
fn a_destroy_with_the_api_silent_is_not_held_up_by_what_else_looks_at_the_tailnet() {
    let scene = Scene::by_oauth(&["devices:core", "auth_keys"], TAG);
    let used = r#"
resource "tazlab_tailnet_cleanup" "k8s" {
  tags = ["tag:k8s"]
}
data "tazlab_tailnet_devices" "after" {
  depends_on = [tazlab_tailnet_cleanup.k8s]
}
ephemeral "tazlab_tailnet_auth_key" "node" {
  tags = ["tag:k8s"]
}
resource "terraform_data" "node" {
  provisioner "local-exec" {
    command     = "true"
    environment = { KEY = ephemeral.tazlab_tailnet_auth_key.node.key }
  }
}
"#;
    scene.workspace.hcl(used);
    let control = scene.workspace.apply().succeeds();
    let silent = |method: &str| Rule::once(method, "/api/", Fault::Silence).times(100);
    scene.tailnet.fault(silent("GET"));
    scene.tailnet.fault(silent("POST"));
    let works = || {
        let destroyed = scene.workspace.destroy().succeeds();
        destroyed.warning(&["Cannot list the devices", "silent", "Selectors: "]);
        destroyed.waited_at_most(PATIENCE, &control);
        assert_eq!(scene.workspace.addresses(), [""; 0]);
    };
    // Where a client takes no unknown value of an ephemeral resource, it is the client that keeps the rest.
    let refuses = || drop(scene.workspace.destroy().fails().error(&["not wholly known"]));
    shows(Capability::LateEphemeral, works, refuses);
}

#[test]
fn a_destroy_whose_api_goes_away_in_the_middle_lists_what_is_left() {
    let (scene, control) = applied();
    let ghosts = scene.ghosts("lushycorp-k8s", 5);
    scene.tailnet.fault(Rule::at_delete(Fault::Silence).after(2).times(100));
    let destroyed = scene.workspace.destroy().succeeds();
    let told =
        destroyed.warning(&["Not every device was deleted", "Removed (2)", "Not deleted (3)", "may have been deleted"]);
    assert!(ghosts.iter().all(|id| told.contains(id)) && !told.contains("next apply"), "{told}");
    destroyed.waited_at_most(PATIENCE_IN_THE_MIDDLE, &control);
}

#[test]
fn a_destroy_by_a_credential_that_is_gone_ends_in_a_warning() {
    let (scene, _) = applied();
    scene.workspace.provider_block(&format!("  tailscale = {{ base_url = \"{NOWHERE}\" }}"));
    scene.workspace.destroy().succeeds().warning(&["Cannot list the devices", "TAILSCALE_OAUTH_CLIENT_SECRET"]);
}

#[test]
fn a_plan_does_not_wait_for_an_api_that_is_asked_too_much() {
    let scene = Scene::new();
    scene.cleanup("");
    let control = scene.workspace.plan().succeeds();
    let busy = Fault::Answer { code: 429, retry_after: Some("3".into()), body: String::new() };
    scene.tailnet.fault(Rule::at_list(busy).times(1000));
    let planned = scene.workspace.plan().succeeds();
    planned.warning(&["Cannot read the tailnet during plan", "429"]);
    planned.waited_at_most(PATIENCE, &control);
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
