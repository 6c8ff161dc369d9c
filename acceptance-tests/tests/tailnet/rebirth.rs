//! A cluster that is born again under the same names: the cleanup as the bootstrap has it, and machines that join the tailnet
//! when they are made and leave it, without a word, when they are destroyed.

use super::*;

const BOOTSTRAP: &str = r#"
variable "cluster_generation" { type = string }

resource "terraform_data" "cluster_generation" {
  triggers_replace = [var.cluster_generation]
}

resource "tazlab_tailnet_cleanup" "k8s" {
  tags          = ["tag:k8s"]
  hostnames     = ["lushycorp-k8s", "lushycorp-vault-egress"]
  offline_for   = "2m"
  connected     = "wait"
  run_on        = ["create", "update", "destroy"]
  max_deletions = 25
  required_free = ["lushycorp-k8s"]
  triggers      = { cluster = terraform_data.cluster_generation.id }
}

resource "terraform_data" "machine" {
  for_each   = toset(["lushycorp-k8s", "lushycorp-vault-egress"])
  input      = { url = "@", name = each.key }
  depends_on = [tazlab_tailnet_cleanup.k8s]
  lifecycle {
    replace_triggered_by = [terraform_data.cluster_generation]
  }
  provisioner "local-exec" {
    command     = "curl -sf -X POST $URL/fake/join -d \"$DEVICE\""
    environment = { URL = self.input.url, DEVICE = jsonencode({ hostname = self.input.name, tags = ["tag:k8s"] }) }
  }
  provisioner "local-exec" {
    when        = destroy
    command     = "curl -sf -X POST $URL/fake/leave -d \"$DEVICE\""
    environment = { URL = self.input.url, DEVICE = jsonencode({ name = self.input.name, seconds_ago = 180 }) }
  }
}
"#;

#[test]
fn every_generation_gets_the_names_and_the_last_leaves_nothing() {
    let scene = Scene::new();
    let (tailnet, workspace) = (&scene.tailnet, &scene.workspace);
    scene.ghosts("lushycorp-k8s", 2);
    scene.ghosts("lushycorp-vault-egress", 1);
    tailnet.joins("lushycorp-vault", &["tag:vault"]);
    workspace.hcl(&BOOTSTRAP.replace('@', &tailnet.url()));
    let alive = ["lushycorp-k8s", "lushycorp-vault", "lushycorp-vault-egress"];
    for (generation, gone) in [("1", 3), ("2", 2)] {
        workspace.variable("cluster_generation", generation);
        workspace.apply().succeeds();
        assert_eq!(tailnet.labels(), alive, "generation {generation}");
        assert!(tailnet.world().devices.iter().all(|device| device.away_since.is_none()));
        assert_eq!(ids(&scene.attributes()["removed_devices"]).len(), gone);
        workspace.plan().succeeds().changes_nothing();
    }
    workspace.destroy().succeeds();
    assert_eq!(tailnet.labels(), ["lushycorp-vault"]);
    assert_eq!(tailnet.deleted().len(), 7);
}
