//! The action `tazlab_tailnet_cleanup` as a user calls it: by `-invoke`, and by a trigger in another resource's life.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::*;

const HOUR: Duration = Duration::from_hours(1);

/// The example, word by word.
fn example() -> String {
    let path = "../examples/actions/tazlab_tailnet_cleanup/action.tf";
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A tailnet with so many ghosts of the example's name, and a workspace whose provider logs in to it.
fn scene(ghosts: usize) -> (Tailnet, Workspace) {
    let (tailnet, workspace) = (Tailnet::start(), Workspace::without_cluster(""));
    tailnet.lets_in(&workspace);
    for _ in 0..ghosts {
        let _ = tailnet.ghost("lushycorp-k8s", &["tag:k8s"], HOUR);
    }
    (tailnet, workspace)
}

/// The lines of progress.
fn progress(run: &Run) -> Vec<String> {
    let lines = run.events_of("action_progress");
    lines.iter().map(|event| event["hook"]["message"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_example_is_invoked_and_tells_each_device() {
    let (tailnet, workspace) = scene(3);
    workspace.hcl(&example());
    let invoke = "-invoke=action.tazlab_tailnet_cleanup.ghosts";
    let works = || {
        let planned = workspace.terraform(&["plan", "-json", invoke]).succeeds();
        planned.warning(&["lushycorp-k8s"]);
        assert_eq!(tailnet.deleted(), [""; 0], "a plan deletes nothing");

        // More than is allowed: nothing is deleted, and the run fails with the reason.
        workspace.hcl(&example().replace("offline_for", "max_deletions = 2\n    offline_for"));
        workspace.terraform(&["apply", "-json", "-auto-approve", invoke]).fails().error(&["max_deletions is 2"]);
        assert_eq!(tailnet.deleted(), [""; 0]);

        workspace.hcl(&example());
        let run = workspace.terraform(&["apply", "-json", "-auto-approve", invoke]).succeeds();
        let lines = progress(&run);
        assert_eq!(lines.iter().filter(|line| line.contains("deleted lushycorp-k8s")).count(), 3, "{lines:?}: {run}");
        assert_eq!((tailnet.deleted().len(), run.events_of("action_complete").len()), (3, 1));
    };
    let refuses = || is_unknown_to_the_client(workspace.plan(), &["Unsupported block type"]);
    shows(Capability::Actions, works, refuses);
}

/// The example with a resource whose life triggers it.
fn triggered(trigger: &str, input: &str) -> String {
    let resource = format!(
        "\nresource \"terraform_data\" \"cluster\" {{\n  input = \"{input}\"\n  lifecycle {{\n    action_trigger {{\n      {trigger}\n      actions = [action.tazlab_tailnet_cleanup.ghosts]\n    }}\n  }}\n}}\n"
    );
    example() + &resource
}

#[test]
fn a_destroy_triggers_it_too_and_on_failure_says_what_follows_when_it_fails() {
    let (tailnet, workspace) = scene(2);
    let works = || {
        // Before, and after: the machines that leave are gone by then.
        for (event, deleted) in [("before_destroy", 2), ("after_destroy", 3)] {
            workspace.hcl(&triggered(&format!("events = [{event}]"), "first"));
            workspace.apply().succeeds();
            assert!(tailnet.deleted().len() < deleted, "a create is no destroy");
            let run = workspace.destroy().succeeds();
            assert_eq!((tailnet.deleted().len(), progress(&run).is_empty()), (deleted, false), "{event}: {run}");
            let _ = tailnet.ghost("lushycorp-k8s", &["tag:k8s"], HOUR);
        }

        // Two, and one may go: the action fails.
        let _ = tailnet.ghost("lushycorp-k8s", &["tag:k8s"], HOUR);
        let failing = |trigger: &str, input: &str| {
            workspace.hcl(&triggered(trigger, input).replace("offline_for", "max_deletions = 1\n    offline_for"));
            workspace.apply()
        };
        failing("events = [before_create]", "halted").fails().error(&["max_deletions is 1"]);
        assert_eq!(workspace.addresses(), [""; 0], "halt is the default: nothing was created");
        failing("events = [before_create]\n      on_failure = continue", "created").succeeds();
        assert_eq!(workspace.addresses(), ["terraform_data.cluster"]);
        workspace.terraform(&["state", "rm", "terraform_data.cluster"]).succeeds();
        failing("events = [after_create]\n      on_failure = taint", "tainted").fails().error(&["max_deletions is 1"]);
        let planned = workspace.plan().succeeds();
        assert_eq!(planned.changes(), [("replace".to_owned(), "terraform_data.cluster".to_owned())], "{planned}");
        assert_eq!(tailnet.deleted().len(), 3);
    };
    let refuses = || {
        workspace.hcl(&triggered("events = [before_destroy]", "first"));
        is_unknown_to_the_client(
            workspace.plan(),
            &["Unsupported block type", "before_destroy", "Invalid \"event\" value"],
        );
    };
    shows(Capability::DestroyTriggers, works, refuses);
}

#[test]
fn a_trigger_sweeps_before_the_resource_is_born() {
    let (tailnet, workspace) = scene(2);
    let trigger = r#"
resource "terraform_data" "cluster" {
  input = "first"
  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.tazlab_tailnet_cleanup.ghosts]
    }
  }
}
"#;
    workspace.hcl(&(example() + trigger));
    let works = || {
        let run = workspace.apply().succeeds();
        assert_eq!((tailnet.deleted().len(), progress(&run).is_empty()), (2, false), "{run}");
        // Ghosts alone are no reason: the trigger is the other resource's change.
        let _ = tailnet.ghost("lushycorp-k8s", &["tag:k8s"], HOUR);
        workspace.plan().succeeds().changes_nothing();
        assert_eq!(tailnet.deleted().len(), 2);
        workspace.hcl(&(example() + &trigger.replace("first", "second")));
        workspace.apply().succeeds();
        assert_eq!(tailnet.deleted().len(), 3);
    };
    let refuses = || is_unknown_to_the_client(workspace.plan(), &["Unsupported block type"]);
    shows(Capability::ActionTriggers, works, refuses);
}

#[test]
fn a_trigger_sweeps_after_the_machines_are_destroyed() {
    let (tailnet, workspace) = scene(0);
    let path = "../examples/actions/tazlab_tailnet_cleanup/after-destroy.tf";
    let example = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    workspace.hcl(&example);
    let works = || {
        workspace.apply().succeeds();
        assert_eq!(tailnet.deleted(), [""; 0]);
        let _ = tailnet.ghost("lushycorp-k8s", &["tag:k8s"], HOUR);
        let connected = tailnet.joins("lushycorp-k8s", &["tag:k8s"]);
        let run = workspace.destroy().succeeds();
        assert!(progress(&run).iter().any(|line| line.contains("deleted lushycorp-k8s")), "{run}");
        let left: Vec<String> = tailnet.world().devices.iter().map(|device| device.node_id.clone()).collect();
        assert_eq!(left, [connected], "what is connected stays");
    };
    // Clients before 1.14 know no actions, and those before 1.16 no such event.
    let words = ["Unsupported block type", "Invalid \\\"event\\\" value", "Invalid \"event\" value"];
    let refuses = || is_unknown_to_the_client(workspace.plan(), &words);
    shows(Capability::DestroyTriggers, works, refuses);
}
