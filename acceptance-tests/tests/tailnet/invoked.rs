//! The action with the command line itself: invoked by name, and at a moment of another resource's life. A client that has
//! no actions refuses the block, which is shown instead.

use std::process::Command;

use acceptance_tests::Testbed;

use super::*;

const ACTION: &str = r#"
action "tazlab_tailnet_cleanup" "ghosts" {
  config {
    tags          = ["tag:k8s"]
    required_free = ["k8s"]
  }
}

resource "terraform_data" "cluster" {
  input = "one"
  lifecycle {
    action_trigger {
      events  = [before_create, after_update]
      actions = [action.tazlab_tailnet_cleanup.ghosts]
    }
  }
}
"#;

/// Has the client under test actions? Terraform has them since 1.14, OpenTofu has none.
fn has_actions() -> bool {
    let said = Command::new(Testbed::terraform()).arg("version").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let Some(version) = said.lines().find_map(|line| line.strip_prefix("Terraform v1.")) else { return false };
    version.split('.').next().unwrap().parse::<u32>().unwrap() >= 14
}

/// The lines of progress that the client shows.
fn lines(run: &acceptance_tests::Run) -> Vec<String> {
    let progress = run.events().filter(|event| event["type"] == "action_progress");
    progress.map(|event| event["hook"]["message"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_action_is_invoked_by_name_and_by_triggers() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    let ghosts = scene.ghosts("k8s", 3);
    workspace.hcl(ACTION);
    if !has_actions() {
        workspace.plan().fails().error(&["Unsupported block type", "action"]);
        assert_eq!(tailnet.journal(), []);
        return;
    }
    let planned = workspace.plan().succeeds();
    planned.warning(&["3 tailnet devices will be deleted", &ghosts[2]]);
    assert_eq!(tailnet.deleted(), [""; 0], "a plan deletes nothing");
    let created = workspace.apply().succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts));
    let told = lines(&created);
    assert_eq!(told.iter().filter(|line| line.contains("] deleted k8s")).count(), 3, "{told:?}");

    tailnet.forget_journal();
    let more = scene.ghosts("k8s", 2);
    workspace.plan().succeeds().changes_nothing();
    let invoke = ["apply", "-json", "-auto-approve", "-invoke=action.tazlab_tailnet_cleanup.ghosts"];
    let invoked = workspace.terraform(&invoke).succeeds();
    assert_eq!(sorted(tailnet.deleted()), sorted(more));
    assert!(lines(&invoked).last().unwrap().starts_with("2 of 2"), "{:?}", lines(&invoked));

    // Somebody else holds the name: who invoked it is told.
    let holder = tailnet.joins("k8s", &["tag:vault"]);
    workspace.terraform(&invoke).fails().error(&["required to be free", &holder, "tag:vault"]);
    tailnet.world().devices.clear();
    tailnet.forget_journal();
    let late = scene.ghosts("k8s", 1);
    workspace.hcl(&ACTION.replace("\"one\"", "\"two\""));
    workspace.apply().succeeds();
    assert_eq!(tailnet.deleted(), late);
    workspace.destroy().succeeds();
}
