//! The node that has the API server, of the testbed's own cluster: commands in it, and whether its API server answers. Who harms it
//! has the cluster's exclusive lock, and puts it back.

use std::process::Command;
use std::time::Duration;

use crate::{Part, Testbed, kubectl, poll};

/// A command of the engine that runs the node.
pub fn engine(arguments: &[&str]) -> Command {
    let (_, host) = Testbed::get().node();
    let mut command = Command::new("docker");
    if !host.is_empty() {
        command.env("DOCKER_HOST", host);
    }
    command.args(arguments);
    command
}

/// Runs a command of the engine that harms the node or undoes that; did it succeed?
///
/// # Panics
/// When there is no docker, and when the test does not have the cluster for itself.
pub fn engine_tried(arguments: &[&str]) -> bool {
    Part::Cluster.assert_exclusive();
    engine(arguments).output().expect("docker runs").status.success()
}

/// Runs a script in the node that harms it or undoes that; did it succeed?
pub fn tried(script: &str) -> bool {
    engine_tried(&["exec", Testbed::get().node().0, "bash", "-c", script])
}

/// Runs a script in the node that harms it or undoes that.
///
/// # Panics
/// When it fails, and when the test does not have the cluster for itself.
pub fn run(script: &str) {
    assert!(tried(script), "in the node: {script}");
}

/// The address of this machine at which the node reaches it.
///
/// # Panics
/// When the node has no way to it.
#[must_use]
pub fn way_out() -> String {
    let (node, _) = Testbed::get().node();
    let route = engine(&["exec", node, "ip", "-4", "route", "show", "default"]).output().expect("docker runs");
    let route = String::from_utf8(route.stdout).expect("a route is text");
    route.split_whitespace().nth(2).expect("the node has a default route").to_owned()
}

/// Kills the API server; the kubelet starts it again.
pub fn kill_api_server() {
    run("kill -9 $(pgrep -o -f '^kube-apiserver')");
}

/// Does the API server answer as it should?
pub fn answers() -> Option<()> {
    kubectl::kubectl(&["--request-timeout", "2s", "get", "--raw", "/readyz"]).status.success().then_some(())
}

/// Waits until it does, and until pods are made and scheduled again: the controllers and the scheduler end where they cannot renew
/// their leases, and who comes next waits for the old lease to run out.
pub fn until_ready() {
    poll::until(Duration::from_mins(2), "answer of the API server", answers);
    let first = poll::until(Duration::from_mins(1), "leases of the controllers and the scheduler", leases_renewed);
    poll::until(Duration::from_mins(2), "controllers and scheduler that renew their leases", || {
        leases_renewed().filter(|now| now.iter().zip(&first).all(|(now, first)| now != first))
    });
}

/// When the controllers and the scheduler last renewed their leases.
fn leases_renewed() -> Option<[String; 2]> {
    let leases = ["get", "lease", "kube-controller-manager", "kube-scheduler", "-n", "kube-system"];
    let times = ["--request-timeout", "2s", "-o", "jsonpath={.items[*].spec.renewTime}"];
    let found = kubectl::tried(&[&leases[..], &times].concat()).ok()?;
    found.split(' ').map(ToOwned::to_owned).collect::<Vec<_>>().try_into().ok()
}
