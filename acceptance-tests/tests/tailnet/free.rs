//! `required_free`, with each kind of holder.

use acceptance_tests::tailnet::Seed;

use super::*;

#[test]
fn a_birth_needs_the_name_and_says_who_holds_it() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let wanted = "  hostnames = [\"k8s\"]\n  required_free = [\"k8s\"]\n  offline_for = \"10m\"\n";
    // A shared device has a name in another tailnet's domain.
    tailnet.world().join(&Seed { external: Some("other.ts.net".into()), ..Seed::named("k8s", TAG) });
    // Ours and connected, ours and seen a moment ago, not ours.
    for (tags, away) in [(TAG, None), (TAG, Some(60)), (&["tag:vault"], Some(3600))] {
        let holder = tailnet.world().join(&Seed { away_seconds: away, ..Seed::named("k8s", tags) }).node_id.clone();
        scene.cleanup(wanted);
        let failed = scene.workspace.apply().fails();
        failed.error(&[
            K8S,
            "required to be free",
            "k8s.magellanic-gondola.ts.net",
            &holder,
            tags[0],
            "required_free =",
        ]);
        failed.warning(&["Apply would fail", &holder]);
        assert_eq!(scene.workspace.addresses(), [""; 0]);
        tailnet.world().devices.retain(|device| device.node_id != holder);
    }
    assert_eq!(tailnet.deleted(), [""; 0]);
    scene.workspace.apply().succeeds();
    // Born since: another update finds it holding the name, and a rebirth does not accept that.
    tailnet.joins("k8s", TAG);
    scene.cleanup(&format!("{wanted}  max_deletions = 3"));
    scene.workspace.apply().succeeds();
    scene.cleanup(&format!("{wanted}  max_deletions = 3\n  triggers = {{ cluster = \"two\" }}"));
    scene.workspace.apply().fails().error(&["required to be free", "connected"]);
    assert!(scene.attributes()["triggers"].is_null(), "a failed update keeps what was stored");
}

#[test]
fn what_was_deleted_is_waited_for_until_it_leaves_the_list() {
    let scene = Scene::new();
    scene.ghosts("k8s", 2);
    scene.tailnet.world().lingers = 3;
    scene.cleanup("  required_free = [\"k8s\"]");
    scene.workspace.apply().succeeds();
    assert_eq!(scene.tailnet.deleted().len(), 2);
    assert_eq!(scene.tailnet.labels(), [""; 0], "the name is really free when apply is done");
    assert!(scene.workspace.traces().contains("waiting until deleted devices leave the list"));
}
