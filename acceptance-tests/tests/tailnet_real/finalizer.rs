//! A Service that is deleted while the operator is stopped: what holds it, what `force_finalizer` leaves, and what the operator does
//! about that when it is there again.

use super::*;

#[test]
fn a_forced_finalizer_leaves_a_proxy_that_the_operator_does_not_take_away() {
    let control = ControlServer::for_the_cluster();
    let operator = TailscaleOperator::start(&control);
    let (namespace, workspace) = (Namespace::made("finalizer"), workspace(&control));
    let hcl = |arguments: &str| {
        format!(
            "resource \"tazlab_tailnet_egress\" \"vault\" {{\n  namespace = \"{}\"\n  name = \"vault\"\n  hostname = \"vault-egress\"\n  fqdn = \"{}\"\n  timeouts = {{ delete = \"10s\" }}\n{arguments}\n}}\n",
            namespace.name(),
            ControlServer::name("lushycorp-vault")
        )
    };
    workspace.hcl(&hcl(""));
    workspace.apply().succeeds();
    let device = control.until_connected("vault-egress", true);
    operator.stop();
    let held = ["Cannot delete Service", "has the finalizers", "tailscale.com/finalizer"];
    workspace.destroy().fails().error(&held);
    // The operator comes back and does what is left to do: nothing has to be forced.
    operator.resume();
    poll::until(Duration::from_mins(1), "end of the device", || control.device("vault-egress").is_none().then_some(()));
    workspace.destroy().succeeds();

    workspace.hcl(&hcl("  force_finalizer = true"));
    workspace.apply().succeeds();
    let forced = control.until_connected("vault-egress", true);
    assert_ne!(forced["nodeId"], device["nodeId"]);
    operator.stop();
    let words =
        ["A finalizer was removed", "StatefulSet", "tailscale.com/parent-resource=vault", "stays on the tailnet"];
    workspace.destroy().succeeds().warning(&words);
    operator.resume();
    // It works again, and has looked at everything that there is.
    workspace
        .hcl(&hcl("").replace("\"vault\"\n  hostname = \"vault-egress\"", "\"other\"\n  hostname = \"other-egress\""));
    workspace.apply().succeeds();
    assert_eq!(control.until_connected("vault-egress", true)["nodeId"], forced["nodeId"], "the proxy of no Service");
    // What the warning says takes it away; then its device is not connected any more, and the cleanup's.
    let labels = format!("tailscale.com/parent-resource=vault,tailscale.com/parent-resource-ns={}", namespace.name());
    kubectl::succeeds(&["delete", "statefulset,service,secret", "-n", operator.name(), "-l", &labels]);
    drop(control.until_connected("vault-egress", false));
    let cleanup = "resource \"tazlab_tailnet_cleanup\" \"egress\" {\n  tags = [\"tag:k8s\"]\n  hostnames = [\"vault-egress\"]\n  offline_for = \"1s\"\n}\n";
    let other = hcl("").replace("\"vault\"\n  hostname = \"vault-egress\"", "\"other\"\n  hostname = \"other-egress\"");
    workspace.hcl(&format!("{other}{cleanup}"));
    workspace.apply().succeeds();
    assert_eq!(control.device("vault-egress"), None);
    workspace.destroy().succeeds();
    assert_eq!(control.device("other-egress"), None);
    plant(&workspace, &control, &operator);
}
