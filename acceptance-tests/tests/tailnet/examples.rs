//! The examples about the tailnet, as they stand.

use std::fs;
use std::path::Path;

use acceptance_tests::tailnet::Seed;

use super::*;

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(path)).unwrap()
}

#[test]
fn the_ghost_story() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    fs::remove_file(workspace.path().join("provider.tf")).unwrap();
    workspace.hcl(&text("tailnet-ghosts/main.tf"));
    let seeds: Vec<Seed> = serde_json::from_str(&text("tailnet-ghosts/devices.json")).unwrap();
    for seed in &seeds {
        tailnet.world().join(seed);
    }
    assert_eq!(tailnet.labels(), ["lushycorp-k8s", "lushycorp-k8s-1", "lushycorp-k8s-2", "lushycorp-vault"]);
    let key = workspace.secret();
    tailnet.world().access.key(&key);
    workspace.variable("api_key", &key);
    workspace.variable("base_url", &tailnet.url());
    workspace.apply().succeeds();
    assert_eq!(tailnet.labels(), ["lushycorp-vault"], "three dead devices, one apply, the name is free");
    let newborn = tailnet.joins("lushycorp-k8s", TAG);
    assert!(tailnet.labels().contains(&"lushycorp-k8s".to_owned()));
    workspace.plan().succeeds().changes_nothing();
    tailnet.world().leaves(&newborn, HOUR);
    workspace.destroy().succeeds();
    assert_eq!(tailnet.labels(), ["lushycorp-vault"], "one destroy, nothing is left");
}

#[test]
fn the_resource_the_data_source_and_the_key() {
    let scene = Scene::by_oauth(&["devices:core", "auth_keys"], TAG);
    scene.ghosts("lushycorp-k8s", 2);
    scene.workspace.hcl(&text("resources/tazlab_tailnet_cleanup/resource.tf"));
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted().len(), 2);
    scene.workspace.destroy().succeeds();

    scene.ghosts("lushycorp-k8s", 2);
    scene.workspace.hcl(&text("data-sources/tazlab_tailnet_devices/data-source.tf"));
    scene.workspace.apply().succeeds();
    let outputs = scene.workspace.state()["values"]["outputs"].clone();
    assert!(outputs["ghosts"]["value"]["lushycorp-k8s"].is_string(), "{outputs}");

    scene.workspace.hcl(&text("ephemeral-resources/tazlab_tailnet_auth_key/ephemeral-resource.tf"));
    let join = format!(
        "curl -sf -X POST {}/fake/join -d \"{{\\\"hostname\\\": \\\"node\\\", \\\"key\\\": \\\"$TS_AUTHKEY\\\"}}\"",
        scene.tailnet.url()
    );
    scene.workspace.variable("join_command", &join);
    scene.workspace.apply().succeeds();
    assert!(scene.tailnet.labels().contains(&"node".to_owned()));
}
