//! Ctrl-C between deletions.

use acceptance_tests::poll;

use super::*;

#[test]
fn ctrl_c_ends_between_deletions_and_the_next_apply_goes_on() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    let ghosts = scene.ghosts("a", 150);
    scene.cleanup("  max_deletions = 1000");
    tailnet.world().latency = Duration::from_millis(300);
    let interrupt = |arguments: &[&str], then: &str| {
        let before = tailnet.deleted().len();
        let started = workspace.start(arguments);
        poll::until(Duration::from_mins(1), "deletions", || (tailnet.deleted().len() > before + 10).then_some(()));
        started.signal("INT");
        let run = started.end();
        let done = tailnet.deleted().len();
        assert!(done < 150, "it was stopped before its end");
        run.fails().error(&["The cleanup was not finished", "stopped", "Removed (", "Left (", then]);
        done
    };
    interrupt(&["apply", "-json", "-auto-approve"], "next apply lists what is left");
    assert_eq!(workspace.addresses(), [""; 0], "an interrupted create stores nothing");
    scene.cleanup("  max_deletions = 1000\n  run_on = [\"destroy\"]");
    tailnet.world().latency = Duration::ZERO;
    workspace.apply().succeeds();
    tailnet.world().latency = Duration::from_millis(300);
    interrupt(&["destroy", "-json", "-auto-approve"], "next destroy lists what is left");
    assert_eq!(workspace.addresses(), [K8S], "who stops a destroy can go on with it");
    tailnet.world().latency = Duration::ZERO;
    workspace.destroy().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts), "each device once, none lost");
}
