//! `ephemeral.tazlab_tailnet_auth_key`: minted at plan and at apply, used, revoked, and found nowhere.

use acceptance_tests::Capability;
use acceptance_tests::client::shows;
use acceptance_tests::tailnet::{Fault, Rule};

use super::*;

const USED: &str = r#"
resource "terraform_data" "node" {
  provisioner "local-exec" {
    command     = "curl -sf -X POST $URL/fake/join -d \"{\\\"hostname\\\": \\\"node\\\", \\\"key\\\": \\\"$KEY\\\"}\""
    quiet       = true
    environment = { KEY = ephemeral.tazlab_tailnet_auth_key.node.key, URL = "@" }
  }
}
"#;

fn configuration(scene: &Scene, arguments: &str) {
    let key = format!("ephemeral \"tazlab_tailnet_auth_key\" \"node\" {{\n  tags = [\"tag:k8s\"]\n{arguments}\n}}\n");
    scene.workspace.hcl(&(key + &USED.replace('@', &scene.tailnet.url())));
}

#[test]
fn a_key_lets_a_node_in_and_is_revoked_when_nothing_refers_to_it_any_more() {
    let scene = Scene::by_oauth(&["auth_keys"], TAG);
    configuration(&scene, "  ephemeral = true\n  preauthorized = true\n  expiry = \"10m\"");
    scene.workspace.apply().succeeds();
    let world = scene.tailnet.world();
    let node = &world.devices[0];
    assert_eq!(
        (node.label.as_str(), node.tags.as_slice(), node.ephemeral),
        ("node", &["tag:k8s".to_owned()][..], true)
    );
    assert!(world.keys.iter().all(|key| key.revoked));
    assert_eq!(world.keys.iter().filter(|key| key.used).count(), 1, "one is for the plan");
    let last = world.keys.last().unwrap();
    assert_eq!(last.capabilities["devices"]["create"]["preauthorized"], true);
    let life = last.ends.duration_since(jiff::Timestamp::now());
    assert!(life <= jiff::SignedDuration::from_mins(10) && life > jiff::SignedDuration::from_mins(5));
    drop(world);
    assert_eq!(deletions(&scene), (2, 2), "each key is revoked, and once");
}

/// How many keys were minted, and how many requests asked to delete one of them. No key is asked for twice.
fn deletions(scene: &Scene) -> (usize, usize) {
    let keys = scene.tailnet.world().keys.clone();
    let count = |id: &str| scene.tailnet.count("DELETE", &format!("/api/v2/tailnet/-/keys/{id}"));
    assert!(keys.iter().all(|key| count(&key.id) <= 1), "{:?}", scene.tailnet.journal());
    (keys.len(), scene.tailnet.count("DELETE", "/api/v2/tailnet/-/keys/"))
}

#[test]
fn a_key_may_stay_and_what_the_api_refuses_is_explained() {
    let scene = Scene::by_oauth(&["auth_keys"], TAG);
    configuration(&scene, "  revoke_on_close = false\n  reusable = true");
    scene.workspace.apply().succeeds();
    assert!(scene.tailnet.world().keys.iter().all(|key| !key.revoked));
    assert_eq!(deletions(&scene), (2, 0));
    scene.workspace.hcl("ephemeral \"tazlab_tailnet_auth_key\" \"node\" {\n  tags = [\"tag:other\"]\n}\n");
    scene.workspace.plan().fails().error(&[
        "requested tags [tag:other] are invalid or not permitted",
        "tagOwners",
        "tags =",
    ]);
    scene
        .workspace
        .hcl("ephemeral \"tazlab_tailnet_auth_key\" \"node\" {\n  tags = [\"tag:k8s\"]\n  expiry = \"2161h\"\n}\n");
    scene.workspace.plan().fails().error(&["90 days"]);
}

#[test]
fn a_key_that_is_not_what_was_asked_for_is_revoked_and_refused() {
    let scene = Scene::by_oauth(&["auth_keys"], TAG);
    configuration(&scene, "");
    let answers = |body: &str| {
        let fault = Fault::Answer { code: 200, retry_after: None, body: body.into() };
        scene.tailnet.fault(Rule::once("POST", "/api/v2/tailnet/-/keys", fault));
        scene.workspace.plan().fails()
    };
    let revoked = |id: &str| scene.tailnet.count("DELETE", &format!("/api/v2/tailnet/-/keys/{id}"));
    let allows = |more: &str| format!(r#""capabilities":{{"devices":{{"create":{{"tags":{more}}}}}}}"#);
    let key = scene.workspace.secret();
    let more = allows(r#"["tag:k8s"],"reusable":true"#);
    answers(&format!(r#"{{"id":"k1","key":"{key}",{more}}}"#)).error(&["differs from the request", "reusable: true"]);
    answers(&format!(r#"{{"id":"k2","key":"{key}",{}}}"#, allows("null")))
        .error(&["differs from the request", "tags: []"]);
    answers(&format!(r#"{{"id":"k3","key":"{key}","capabilities":null}}"#))
        .error(&["does not report what the key allows"]);
    answers(&format!(r#"{{"id":"k4",{}}}"#, allows(r#"["tag:k8s"]"#))).error(&["does not contain the key"]);
    for id in ["k1", "k2", "k3", "k4"] {
        assert_eq!(revoked(id), 1, "{id}");
    }
    // Without an id nothing can be revoked, and the user must know.
    answers(&format!(r#"{{"key":"{key}"}}"#)).error(&["not minted", "A key may have been created", "Keys page"]);
    assert_eq!((revoked(""), scene.tailnet.faults_are_over()), (4, true));
}

#[test]
fn with_settings_that_come_later_it_is_opened_at_apply() {
    let scene = Scene::by_oauth(&["auth_keys"], TAG);
    configuration(&scene, "");
    let block = std::fs::read_to_string(scene.workspace.path().join("provider.tf")).unwrap();
    let url = format!("\"{}\"", scene.tailnet.url());
    let late = block.replace(&format!("base_url = {url}"), "base_url = terraform_data.url.output");
    std::fs::write(scene.workspace.path().join("provider.tf"), late).unwrap();
    let more = format!("resource \"terraform_data\" \"url\" {{\n  input = {url}\n}}\n");
    std::fs::write(scene.workspace.path().join("url.tf"), more).unwrap();
    let works = || {
        scene.workspace.plan().succeeds();
        assert_eq!(scene.tailnet.world().keys.len(), 0);
        scene.workspace.apply().succeeds();
        assert_eq!(scene.tailnet.labels(), ["node"]);
        let (minted, revoked) = deletions(&scene);
        assert!(minted > 0 && minted == revoked, "{minted} minted, {revoked} revoked");
    };
    // Where a client takes no unknown value of an ephemeral resource, it must be told to open it later.
    let refuses = || {
        scene.workspace.plan().fails().error(&["not wholly known"]);
        let main = std::fs::read_to_string(scene.workspace.path().join("main.tf")).unwrap();
        let block = "ephemeral \"tazlab_tailnet_auth_key\" \"node\" {\n";
        let told = main.replace(block, &format!("{block}  depends_on = [terraform_data.url]\n"));
        assert_ne!(told, main);
        scene.workspace.hcl(&told);
        works();
    };
    shows(Capability::LateEphemeral, works, refuses);
}
