//! A wait that is disturbed: nodes that come later, an API server that goes away, a user who stops.

use acceptance_tests::node;

use super::*;

const IP: &str = "10.96.0.84";

/// For one thing that the cluster does: kubelets and controllers may take a minute when the API server was away.
const PATIENCE: Duration = Duration::from_mins(3);

/// The scheduler has said of a pod that no node takes it.
fn pod_waits(namespace: &Namespace) -> Option<()> {
    let reasons = "jsonpath={.items[*].status.conditions[*].reason}";
    let said = kubectl::succeeds(&["get", "pods", "-n", namespace.name(), "-l", "k8s-app=kube-dns", "-o", reasons]);
    said.contains("Unschedulable").then_some(())
}

#[test]
fn a_wait_outlives_what_passes_and_ends_when_it_is_told_to() {
    let _nodes = Nodes::alone();
    let (namespace, workspace) = (Namespace::made("wait"), Workspace::new());
    let _address = Address::of(&namespace, IP);
    let text =
        apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]\n  verify = [\"kubernetes.default.svc.cluster.local\"]");

    // Stopped in the wait: what was made is in the state.
    Nodes::cordon();
    workspace.hcl(&text);
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(PATIENCE, "a pod that waits", || pod_waits(&namespace));
    started.signal("INT");
    let stopped = started.end().fails();
    stopped.error(&[DNS, "Stopped", "Unschedulable"]);
    assert_eq!(workspace.addresses(), [DNS]);

    // No node, and the API server dies: both come back, and one apply is enough.
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    started.says(PATIENCE, "apply_start");
    poll::until(PATIENCE, "a pod of the new create", || {
        started.output().contains("Creating").then(|| pod_waits(&namespace)).flatten()
    });
    node::kill_api_server();
    node::until_ready();
    poll::until(PATIENCE, "node that takes pods", Nodes::uncordon);
    started.end().succeeds();
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 1);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(deployment(namespace.name()), None);
}
