//! Faults of the real cluster: its API server killed in the middle of a create, its node paused. One after another,
//! and each puts the cluster back.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod definitions;
mod rotation;

use std::time::Duration;

use acceptance_tests::{Namespace, Part, Quote, Testbed, Workspace, kubectl, node, poll};

/// The provider's default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The cluster, which a test has for itself; put back when the test ends, however it ends.
struct Harmed;

impl Harmed {
    fn cluster() -> Self {
        let _ = Testbed::get().node();
        Part::Cluster.assert_exclusive();
        Self
    }
}

impl Drop for Harmed {
    fn drop(&mut self) {
        node::engine_tried(&["unpause", Testbed::get().node().0]);
        node::tried("test ! -e /root/kube-apiserver.yaml || mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/");
        rotation::put_back();
        node::until_ready();
    }
}

fn secrets(namespace: &Namespace, file: &str, count: usize) -> String {
    format!(
        r#"
resource "tazlab_bootstrap_secret" "many" {{
  count            = {count}
  namespace        = "{}"
  name             = "many-${{count.index}}"
  create_namespace = true
  files            = {{ key = "{file}" }}
}}
"#,
        namespace.name()
    )
}

#[test]
fn an_api_server_killed_in_the_middle_of_a_create_loses_nothing() {
    let _alone = Part::Cluster.exclusive();
    // Declared before the harm, so that it is taken away after it: when the cluster answers again.
    let namespace = Namespace::named("killed");
    let _harmed = Harmed::cluster();
    let workspace = Workspace::new();
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&secrets(&namespace, &file, 60));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    started.says(Duration::from_secs(30), "apply_complete");
    node::kill_api_server();
    // The kubelet starts it again, and the apply goes on; where it gives up, the next one converges.
    let run = started.end();
    if run.code != Some(0) {
        workspace.apply().succeeds();
    }
    assert_eq!(workspace.addresses().len(), 60);
    for index in 0..60 {
        assert_eq!(namespace.contents(&format!("many-{index}"))["key"], secret.as_bytes());
    }
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}

#[test]
fn an_api_server_that_is_gone_at_destroy_is_an_error_soon_and_nothing_is_forgotten() {
    let _alone = Part::Cluster.exclusive();
    // Declared before the harm, so that it is taken away after it: when the cluster answers again.
    let namespace = Namespace::named("stopped");
    let _harmed = Harmed::cluster();
    let workspace = Workspace::new();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&secrets(&namespace, &file, 3));
    let control = workspace.apply().succeeds();
    node::run(
        "mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/ && while pgrep -f '^kube-apiserver' > /dev/null; do sleep 0.2; done",
    );
    let destroyed = workspace.destroy().fails();
    destroyed.waited_at_most(CONNECT_TIMEOUT, &control);
    destroyed.error(&["is unreachable"]);
    assert_eq!(workspace.addresses().len(), 3);
    node::run("mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/");
    node::until_ready();
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}

#[test]
fn a_paused_node_is_an_error_soon_and_with_forget_a_warning() {
    let _alone = Part::Cluster.exclusive();
    // Declared before the harm, so that it is taken away after it: when the cluster answers again.
    let namespace = Namespace::named("paused");
    let _harmed = Harmed::cluster();
    let workspace = Workspace::new();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&secrets(&namespace, &file, 3));
    let control = workspace.apply().succeeds();
    assert!(node::engine_tried(&["pause", Testbed::get().node().0]));
    let planned = workspace.plan().fails();
    planned.waited_at_most(CONNECT_TIMEOUT, &control);
    planned.error(&["connect_timeout"]);
    workspace.provider("on_unreachable = \"forget\"");
    let destroyed = workspace.destroy().succeeds();
    // When it plans, and when it destroys.
    destroyed.waited_at_most(CONNECT_TIMEOUT * 2, &control);
    destroyed.warning(&["dropped from the state"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_provider_that_is_killed_in_the_middle_loses_nothing() {
    let _alone = Part::Cluster.exclusive();
    // Declared before the harm, so that it is taken away after it: when the cluster answers again.
    let namespace = Namespace::named("sigkill");
    let _harmed = Harmed::cluster();
    let workspace = Workspace::new();
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&secrets(&namespace, &file, 60));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    started.says(Duration::from_secs(30), "apply_complete");
    started.signal("KILL");
    drop(started.end());
    // Terraform may have left a lock of its own on the state.
    drop(std::fs::remove_file(workspace.path().join(".terraform.tfstate.lock.info")));
    workspace.apply().succeeds();
    assert_eq!(workspace.addresses().len(), 60);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespace.exists(), "every Secret that was made is found again, and taken away");
}
