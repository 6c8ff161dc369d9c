//! `data.tazlab_tailnet_devices` and the function `tailnet_canonical_name`.

use acceptance_tests::tailnet::{Fault, Rule, Seed};

use super::*;

fn outputs(scene: &Scene) -> Value {
    scene.workspace.state()["values"]["outputs"].clone()
}

#[test]
fn devices_are_filtered_and_ghosts_are_grouped_with_their_holder() {
    let scene = Scene::new();
    let tailnet = &scene.tailnet;
    let holder = tailnet.ghost("k8s", TAG, HOUR);
    tailnet.joins("k8s", TAG);
    tailnet.joins("vault", &["tag:vault"]);
    tailnet.ghost("free", TAG, HOUR);
    tailnet.joins("free", TAG);
    tailnet.world().devices.retain(|device| device.label != "free");
    tailnet.world().join(&Seed { external: Some("other.ts.net".into()), ..Seed::named("k8s", TAG) });
    scene.workspace.hcl(
        r#"
data "tazlab_tailnet_devices" "all" {}
data "tazlab_tailnet_devices" "k8s" {
  tags      = ["tag:k8s"]
  hostnames = ["k8s"]
  connected = false
}
data "tazlab_tailnet_devices" "vault" {
  hostname_regex = "va.*"
}
data "tazlab_tailnet_devices" "long" {
  offline_for = "30m"
}
output "all" { value = data.tazlab_tailnet_devices.all }
output "k8s" { value = data.tazlab_tailnet_devices.k8s }
output "vault" { value = data.tazlab_tailnet_devices.vault }
output "long" { value = data.tazlab_tailnet_devices.long.devices[*].name }
output "canonical" { value = provider::tazlab::tailnet_canonical_name(data.tazlab_tailnet_devices.all.devices[1].name) }
"#,
    );
    let applied = scene.workspace.apply().succeeds();
    applied.warning(&[
        "Stale devices on the tailnet",
        &format!("k8s: held by {holder} (away for "),
        "free: no device holds the name",
    ]);
    let told = outputs(&scene);
    let all = &told["all"]["value"];
    assert_eq!(all["devices"].as_array().unwrap().len(), 5);
    assert_eq!((&all["ready"], all["problems"].as_array().unwrap().len()), (&Value::Bool(false), 2));
    let (free, k8s) = (&all["ghosts"][0], &all["ghosts"][1]);
    assert_eq!((&free["canonical_name"], &free["holder"]), (&"free".into(), &Value::Null));
    assert_eq!((&k8s["canonical_name"], &k8s["holder"]["node_id"]), (&"k8s".into(), &holder.clone().into()));
    assert_eq!(k8s["devices"].as_array().unwrap().len(), 2, "a shared device has another domain");
    let away = &told["k8s"]["value"]["devices"];
    assert_eq!((ids(away), &away[0]["connected"]), (vec![holder], &Value::Bool(false)));
    assert_eq!(told["vault"]["value"]["ready"], true);
    assert_eq!(told["long"]["value"], serde_json::json!(["k8s.magellanic-gondola.ts.net"]));
    assert_eq!(told["canonical"]["value"], "k8s");
    scene.workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_tailnet_that_cannot_be_seen_is_not_ready_and_no_error() {
    let scene = Scene::new();
    scene.workspace.hcl(
        r#"
data "tazlab_tailnet_devices" "all" {
  lifecycle {
    postcondition {
      condition     = self.ready
      error_message = join("\n", self.problems)
    }
  }
}
resource "terraform_data" "summary" { input = data.tazlab_tailnet_devices.all.ready }
"#,
    );
    scene.workspace.apply().succeeds();
    scene.tailnet.fault(Rule::at_list(Fault::Answer { code: 403, retry_after: None, body: String::new() }).times(1));
    let failed = scene.workspace.plan().fails();
    failed.warning(&["Cannot read the tailnet", "devices:core:read"]);
    failed.error(&["postcondition failed", "devices:core:read"]);
    scene.tailnet.fault(Rule::at_list(Fault::Malformed).times(10));
    // Terraform shows no warnings of the refresh before a destroy.
    scene.workspace.destroy().succeeds();
}
