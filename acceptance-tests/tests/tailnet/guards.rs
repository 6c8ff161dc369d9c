//! Who is never deleted.

use acceptance_tests::tailnet::Seed;
use serde_json::json;

use super::*;

#[test]
fn external_protected_connected_recent_and_nameless_devices_stay() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let ghost = tailnet.ghost("ghost", TAG, HOUR);
    let by_id = tailnet.ghost("by-id", TAG, HOUR);
    tailnet.ghost("by-name", TAG, HOUR);
    tailnet.joins("alive", TAG);
    tailnet.ghost("recent", TAG, Duration::from_mins(1));
    tailnet.ghost("prefixed", &["tag:k8s-operator"], HOUR);
    let patched = |hostname: &str, patch: Value| {
        let Value::Object(patch) = patch else { panic!("no object") };
        let seed = Seed { away_seconds: Some(3600), patch, ..Seed::named(hostname, TAG) };
        tailnet.world().join(&seed).node_id.clone()
    };
    let external =
        Seed { away_seconds: Some(3600), external: Some("other.ts.net".into()), ..Seed::named("shared", TAG) };
    tailnet.world().join(&external);
    // Without lastSeen it is connected, unless the API says that it is not: then its age counts from its birth.
    patched("silent", json!({ "lastSeen": null, "connectedToControl": null }));
    patched("ageless", json!({ "lastSeen": null, "created": "" }));
    patched("no-time", json!({ "lastSeen": "yesterday" }));
    let born = patched("born", json!({ "lastSeen": null }));
    let legacy = patched("legacy", json!({ "nodeId": "", "tags": ["tag:other", "tag:k8s"] }));
    scene
        .cleanup(&format!("  protect = [\"{by_id}\", \"by-name.magellanic-gondola.ts.net\"]\n  offline_for = \"10m\""));
    let applied = scene.workspace.apply().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(vec![ghost, born, legacy]));
    applied.warning(&["Selected devices are kept", "recent.", "offline_for"]);
    let stay = ["ageless", "alive", "by-id", "by-name", "no-time", "prefixed", "recent", "shared", "silent"];
    assert_eq!(tailnet.labels(), stay);
}

#[test]
fn connected_devices_go_only_when_the_user_says_so() {
    let scene = Scene::new();
    let alive = scene.tailnet.joins("alive", TAG);
    scene.cleanup("");
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted(), [""; 0]);
    scene.cleanup("  connected = \"delete\"\n  triggers = { cluster = \"two\" }");
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted(), [alive]);
}

#[test]
fn the_servers_clock_counts_and_not_ours() {
    let scene = Scene::new();
    // To the server it is an hour later than to us.
    scene.tailnet.world().clock = jiff::SignedDuration::from_hours(1);
    let recent = scene.tailnet.ghost("recent", TAG, Duration::from_secs(30));
    let old = scene.tailnet.ghost("old", TAG, Duration::from_secs(150));
    scene.cleanup("");
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted(), [old]);
    assert!(scene.tailnet.world().devices.iter().any(|device| device.node_id == recent));
}

#[test]
fn with_too_many_nothing_is_deleted() {
    let scene = Scene::new();
    scene.ghosts("a", 3);
    scene.cleanup("  max_deletions = 2");
    scene.workspace.plan().succeeds().warning(&["More devices match than may be deleted"]);
    scene.workspace.apply().fails().error(&[
        K8S,
        "max_deletions is 2",
        "a-2.magellanic-gondola.ts.net",
        "max_deletions = 2",
    ]);
    assert_eq!(scene.workspace.addresses(), [""; 0], "a failed create stores nothing");
    scene.cleanup("  max_deletions = 2\n  run_on = [\"destroy\"]");
    scene.workspace.apply().succeeds();
    let destroyed = scene.workspace.destroy().succeeds();
    destroyed.warning(&["More devices match", "max_deletions is 2", "finish by hand", "tags = [\"tag:k8s\"]"]);
    assert_eq!(scene.tailnet.deleted(), [""; 0]);
    assert_eq!(scene.workspace.addresses(), [""; 0]);
}

#[test]
fn with_fail_on_destroy_error_a_destroy_is_kept_from_forgetting() {
    let scene = Scene::new();
    scene.ghosts("a", 3);
    scene.cleanup("  max_deletions = 2\n  run_on = [\"destroy\"]\n  fail_on_destroy_error = true");
    scene.workspace.apply().succeeds();
    scene.workspace.destroy().fails().error(&["max_deletions is 2"]);
    assert_eq!(scene.workspace.addresses(), [K8S]);
    scene.cleanup("  run_on = [\"destroy\"]\n  fail_on_destroy_error = true");
    scene.workspace.apply().succeeds();
    scene.workspace.destroy().succeeds();
    assert_eq!(scene.tailnet.deleted().len(), 3);
}
