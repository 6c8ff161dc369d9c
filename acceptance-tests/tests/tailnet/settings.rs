//! Provider settings that come later, and every way to log in.

use super::*;

const CLEANUP: &str = "resource \"tazlab_tailnet_cleanup\" \"k8s\" {\n  tags = [\"tag:k8s\"]\n}\n";

#[test]
fn settings_that_are_made_in_the_same_apply_are_waited_for() {
    let scene = Scene::new();
    scene.ghosts("a", 1);
    let (file, key) = scene.workspace.secret_file("late");
    scene.tailnet.world().access.key(&key);
    scene.workspace.provider_block(&format!(
        "  tailscale = {{\n    base_url = terraform_data.url.output\n    api_key_file = \"{file}\"\n  }}"
    ));
    let late =
        format!("{CLEANUP}\nresource \"terraform_data\" \"url\" {{\n  input = \"{}\"\n}}\n", scene.tailnet.url());
    scene.workspace.hcl(&late);
    let planned = scene.workspace.plan().succeeds();
    planned.warning(&["Cannot read the tailnet during plan", "tailscale.base_url"]);
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted().len(), 1);
    scene.workspace.plan().succeeds().changes_nothing();
    scene.workspace.destroy().succeeds();
}

#[test]
fn selectors_that_are_not_known_yet_are_waited_for() {
    let scene = Scene::new();
    scene.ghosts("a", 1);
    scene.workspace.hcl(
        "resource \"terraform_data\" \"name\" {\n  input = \"a\"\n}\n\nresource \"tazlab_tailnet_cleanup\" \"k8s\" {\n  hostnames = [terraform_data.name.output]\n}\n",
    );
    scene.workspace.plan().succeeds().warning(&["Cannot preview the cleanup", "hostnames"]);
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted().len(), 1);
}

#[test]
fn a_federated_client_logs_in_with_its_identity_token() {
    let scene = Scene::new();
    scene.ghosts("a", 1);
    let (file, token) = scene.workspace.secret_file("identity");
    scene.tailnet.world().access.federated("federated-1", &token, &["devices:core"]);
    scene.workspace.provider_block(&format!(
        "  tailscale = {{\n    base_url = \"{}\"\n    tailnet = \"magellanic-gondola.ts.net\"\n    oauth_client_id = \"federated-1\"\n    identity_token_file = \"{file}\"\n  }}",
        scene.tailnet.url()
    ));
    scene.workspace.hcl(CLEANUP);
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted().len(), 1);
    assert!(scene.tailnet.count("POST", "/api/v2/oauth/token-exchange") >= 1);
    assert_eq!(scene.tailnet.count("GET", "/api/v2/tailnet/-/"), 0, "the tailnet is named");
}
