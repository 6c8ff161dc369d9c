//! `tazlab_tailnet_egress`: data flows from a pod to a machine of the tailnet, and what the operator says when it does not.

use acceptance_tests::{Part, TailnetNode};

use super::*;

const EGRESS: &str = "tazlab_tailnet_egress.vault";

fn egress(namespace: &Namespace, name: &str, arguments: &str) -> String {
    format!(
        "resource \"tazlab_tailnet_egress\" \"vault\" {{\n  namespace = \"{}\"\n  name = \"{name}\"\n  fqdn = \"{}\"\n{arguments}\n}}\n",
        namespace.name(),
        ControlServer::name("lushycorp-vault")
    )
}

#[test]
fn data_flows_and_the_operators_words_are_shown() {
    let control = ControlServer::for_the_cluster();
    let operator = TailscaleOperator::start(&control);
    let _dns = Part::Dns.shared();
    let machine = TailnetNode::join(&control, "lushycorp-vault", &["tag:server"], "from the tailnet");
    assert_eq!(machine.name(), ControlServer::name("lushycorp-vault"));
    let (namespace, workspace) = (Namespace::made("egress"), workspace(&control));
    workspace.hcl(&egress(&namespace, "vault", "  hostname = \"lushycorp-vault-egress\"\n  tags = [\"tag:k8s\"]"));
    workspace.plan().succeeds().only("create", EGRESS);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let device = control.until_connected("lushycorp-vault-egress", true);
    assert_eq!(device["tags"], json!(["tag:k8s"]));
    // A pod that knows the Service alone: DNS leads it to the proxy, and the proxy over the tailnet to the machine.
    let url = format!("http://vault.{}.svc.cluster.local:8080/", namespace.name());
    // Its pod counts as ready before its rules are set: the caller asks again.
    assert_eq!(from_a_pod(&namespace, &url), "from the tailnet");
    workspace.destroy().succeeds();
    assert_eq!(control.device("lushycorp-vault-egress"), None, "the operator has taken its device away");

    let refused = |name: &str, arguments: &str, words: &[&str]| {
        workspace.hcl(&egress(&namespace, name, &format!("{arguments}\n  timeouts = {{ create = \"20s\" }}")));
        workspace.apply().fails().error(&[&[EGRESS], words].concat());
    };
    let gone = || drop(workspace.destroy().succeeds());
    // A tag that the operator's credential does not own.
    let words = ["The operator did not accept the Service", "requested tags [tag:other] are invalid or not permitted"];
    refused("tags", "  tags = [\"tag:other\"]", &words);
    gone();
    // Its condition holds, and the cluster makes no such pod.
    operator.enforce("baseline");
    refused("security", "", &["The proxy is not ready", "FailedCreate", "violates PodSecurity \"baseline"]);
    operator.enforce("privileged");
    gone();
    // Its credential is revoked.
    let mut revoked = operator.client().clone();
    revoked.secret = workspace.secret();
    control.accept(&revoked);
    refused("secret", "", &["The operator did not accept the Service", "ProxyFailed", "API token invalid"]);
    gone();
    // It does not run.
    operator.stop();
    refused(
        "absent",
        "",
        &["The operator did not accept the Service", "Tailscale's operator has not processed it yet"],
    );
    gone();
    plant(&workspace, &control, &operator);
}
