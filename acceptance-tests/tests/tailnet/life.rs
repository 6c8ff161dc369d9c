//! Create, nothing to do, update, update by triggers, destroy: the whole life of a name.

use super::*;

fn arguments(trigger: &str, more: &str) -> String {
    format!(
        "  hostnames = [\"lushycorp-k8s\"]\n  required_free = [\"lushycorp-k8s\"]\n  triggers = {{ cluster = \"{trigger}\" }}\n{more}"
    )
}

#[test]
fn the_name_is_free_at_every_birth_and_nothing_is_left_at_the_end() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    let ghosts = scene.ghosts("lushycorp-k8s", 3);
    // Everybody who looks alike and is not meant.
    tailnet.ghost("lushycorp-k8s-vault", TAG, HOUR);
    tailnet.ghost("lushycorp-k8s", &["tag:other"], HOUR);
    tailnet.joins("lushycorp-vault", TAG);
    let others = ["lushycorp-k8s-3", "lushycorp-k8s-vault", "lushycorp-vault"];

    scene.cleanup(&arguments("one", ""));
    let planned = workspace.plan().succeeds().only("create", K8S);
    planned.warning(&[
        K8S,
        "Devices will be deleted",
        "3 tailnet devices will be deleted",
        "lushycorp-k8s-2.magellanic-gondola.ts.net",
        &ghosts[0],
    ]);
    assert_eq!(tailnet.deleted(), [""; 0], "a plan deletes nothing");
    workspace.apply().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts.clone()));
    assert_eq!(tailnet.labels(), others);
    let attributes = scene.attributes();
    assert_eq!(ids(&attributes["removed_devices"]), sorted(ghosts.clone()));
    assert_eq!(attributes["stale_devices"], attributes["removed_devices"]);
    assert_eq!(attributes["removed_devices"][0]["hostname"], "lushycorp-k8s");

    // The newborn gets the name; what is no birth deletes nothing, and lets it have the name.
    let newborn = tailnet.joins("lushycorp-k8s", TAG);
    assert_eq!(tailnet.world().devices.last().unwrap().label, "lushycorp-k8s");
    tailnet.forget_journal();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(tailnet.journal(), [], "nothing to do asks for nothing");
    scene.cleanup(&arguments("one", "  max_deletions = 20"));
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted(), [""; 0]);
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(ghosts), "what the last cleanup did stays told");

    // A rebirth.
    tailnet.world().leaves(&newborn, HOUR);
    scene.cleanup(&arguments("two", "  max_deletions = 20"));
    let planned = workspace.plan().succeeds().only("update", K8S);
    planned.warning(&["1 tailnet device will be deleted", &newborn]);
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted(), std::slice::from_ref(&newborn));
    assert_eq!(ids(&scene.attributes()["removed_devices"]), [newborn]);
    workspace.plan().succeeds().changes_nothing();

    // The end.
    let last = scene.ghosts("lushycorp-k8s", 2);
    tailnet.forget_journal();
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["2 tailnet devices will be deleted", &last[1]]);
    assert_eq!(sorted(tailnet.deleted()), sorted(last));
    assert_eq!(tailnet.labels(), others);
}

#[test]
fn it_runs_when_it_is_told_to_and_not_at_other_times() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    scene.ghosts("a", 1);
    let configuration = |run_on: &str, trigger: &str| {
        scene.cleanup(&format!("  run_on = [{run_on}]\n  triggers = {{ cluster = \"{trigger}\" }}"));
    };
    configuration("\"destroy\"", "one");
    workspace.apply().succeeds();
    let asked: Vec<String> = tailnet.journal().into_iter().map(|entry| entry.method).collect();
    assert_eq!(asked, ["GET"], "nothing is to be done at create but to see which tailnet it is");
    assert_eq!((scene.attributes()["stale_devices"]).as_array().unwrap().len(), 0);
    assert_eq!(scene.attributes()["tailnet"], "magellanic-gondola.ts.net");
    tailnet.forget_journal();
    configuration("\"destroy\"", "two");
    workspace.apply().succeeds();
    assert_eq!(tailnet.journal(), []);
    configuration("\"update\"", "two");
    workspace.apply().succeeds();
    assert_eq!(tailnet.journal(), [], "the triggers did not change");
    configuration("\"update\"", "three");
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted().len(), 1);
    scene.ghosts("a", 1);
    tailnet.forget_journal();
    workspace.destroy().succeeds();
    assert_eq!(tailnet.journal(), []);
    configuration("\"create\"", "one");
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted().len(), 1);
}

#[test]
fn a_saved_plan_acts_on_what_apply_finds_of_what_it_announced() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    let planned = scene.ghosts("a", 2);
    scene.cleanup("");
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    // One came back, and another one is there.
    tailnet.world().wake(&planned[..1]);
    let new = tailnet.ghost("b", TAG, HOUR);
    let applied = workspace.terraform(&["apply", "-json", "saved.plan"]);
    let all = applied.clone();
    let deleted = sorted(vec![planned[1].clone(), new.clone()]);
    let works = || {
        applied.fails().error(&["More devices match than the plan announced", &new, "none was deleted"]);
        assert_eq!(tailnet.deleted(), [""; 0], "before anything is written");
        workspace.apply().succeeds();
    };
    // Without it the limits alone hold.
    shows(Capability::PlannedPrivate, works, || drop(all.succeeds()));
    assert_eq!(sorted(tailnet.deleted()), deleted);
    assert_eq!(ids(&scene.attributes()["removed_devices"]), sorted(tailnet.deleted()));
    // The same for an update: triggers change, and the tailnet changes between plan and apply.
    scene.cleanup("  triggers = { cluster = \"two\" }");
    scene.ghosts("c", 1);
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    tailnet.world().devices.clear();
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(ids(&scene.attributes()["removed_devices"]), [""; 0]);
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_planned_destroy_deletes_nothing_else_and_what_the_run_takes_away_is_no_surprise() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    // A tailnet is known by its devices.
    tailnet.joins("bystander", &["tag:other"]);
    scene.cleanup("");
    workspace.apply().succeeds();
    let alive = tailnet.joins("a", TAG);
    workspace.terraform(&["plan", "-destroy", "-out", "saved.plan"]).succeeds();
    // Its machine is destroyed in the same run.
    tailnet.world().leaves(&alive, HOUR);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(tailnet.deleted(), [alive.clone()]);

    workspace.apply().succeeds();
    workspace.terraform(&["plan", "-destroy", "-out", "saved.plan"]).succeeds();
    let new = tailnet.ghost("b", TAG, HOUR);
    let destroyed = workspace.terraform(&["apply", "-json", "saved.plan"]).succeeds();
    destroyed.warning(&["More devices match than the plan announced", &new, "none was deleted"]);
    assert_eq!(tailnet.deleted(), [alive]);
    assert_eq!(workspace.addresses(), [""; 0], "a cleanup never holds a destroy up");
}

#[test]
fn a_dry_run_says_what_would_go_and_deletes_nothing() {
    let scene = Scene::new();
    let ghosts = scene.ghosts("a", 2);
    scene.cleanup("  dry_run = true\n  required_free = [\"a\"]");
    scene.workspace.plan().succeeds().warning(&["2 tailnet devices would be deleted (dry_run)", &ghosts[1]]);
    let applied = scene.workspace.apply().succeeds();
    applied.warning(&["A name that is required to be free is held", &ghosts[0]]);
    let attributes = scene.attributes();
    assert_eq!(ids(&attributes["stale_devices"]), sorted(ghosts));
    assert_eq!(ids(&attributes["removed_devices"]), [""; 0]);
    scene.workspace.destroy().succeeds();
    assert_eq!(scene.tailnet.deleted(), [""; 0]);
}
