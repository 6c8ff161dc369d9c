//! `tazlab_tailnet_egress`.

use std::time::Duration;

use acceptance_tests::operator::{Conduct, FINALIZER};
use acceptance_tests::{Operator, poll};
use serde_json::json;

use super::*;

const EGRESS: &str = "tazlab_tailnet_egress.vault";

fn egress(namespace: &Namespace, arguments: &str) -> String {
    format!(
        "resource \"tazlab_tailnet_egress\" \"vault\" {{\n  namespace = \"{}\"\n  name = \"lushycorp-vault\"\n  fqdn = \"lushycorp-vault.tail1234.ts.net\"\n{arguments}\n}}\n",
        namespace.name()
    )
}

fn live(namespace: &Namespace) -> Option<Value> {
    kubectl::object(&["service", "lushycorp-vault", "-n", namespace.name()])
}

#[test]
fn a_proxy_without_a_pod_is_told_and_one_with_a_pod_is_ready() {
    let (namespace, own) = (Namespace::made("egress"), Namespace::made("egress-proxies"));
    let enforce = "pod-security.kubernetes.io/enforce=baseline";
    kubectl::succeeds(&["label", "namespace", own.name(), enforce]);
    let operator = Operator::start(namespace.name(), own.name(), Conduct { privileged: true, ..Conduct::default() });
    let workspace = Workspace::new();
    workspace.hcl(&egress(&namespace, "  hostname = \"lushycorp-vault-egress\"\n  timeouts = { create = \"15s\" }"));
    workspace.plan().succeeds().only("create", EGRESS);
    let failed = workspace.apply().fails();
    // The condition holds already; the cluster takes no such pod.
    let young = live(&namespace).unwrap();
    assert_eq!(young["status"]["conditions"][0]["status"], "True");
    assert_eq!(workspace.attributes(EGRESS)["uid"], young["metadata"]["uid"]);
    let error = failed.error(&[EGRESS, "The proxy is not ready"]);
    let proxy = error.split_once("StatefulSet ").and_then(|(_, after)| after.split_once(',')).unwrap().0;
    Quote::of("Error: The proxy is not ready")
        .with("tailscale/ts-lushycorp-vault", proxy)
        .with("Service tailscale/", &format!("Service {}/", namespace.name()))
        .is_told_by(&failed);

    kubectl::succeeds(&[
        "label",
        "namespace",
        own.name(),
        "pod-security.kubernetes.io/enforce=privileged",
        "--overwrite",
    ]);
    workspace.hcl(&egress(&namespace, "  hostname = \"lushycorp-vault-egress\""));
    // It was made by the failed create, so it is made anew, by way of the operator's finalizer.
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let service = live(&namespace).unwrap();
    assert_ne!(service["metadata"]["uid"], young["metadata"]["uid"]);
    let annotations = &service["metadata"]["annotations"];
    assert_eq!(annotations["tailscale.com/hostname"], "lushycorp-vault-egress");
    assert_eq!(annotations["tailscale.com/tailnet-fqdn"], "lushycorp-vault.tail1234.ts.net");
    assert!(service["spec"]["externalName"].as_str().unwrap().ends_with(".svc.cluster.local"), "it is the operator's");
    assert_eq!(workspace.attributes(EGRESS)["uid"], service["metadata"]["uid"]);

    // An update says nothing of the external name; the default hostname follows from the names.
    workspace.hcl(&egress(&namespace, "  tags = [\"tag:b\", \"tag:a\"]\n  proxy_class = \"prod\""));
    workspace.apply().succeeds();
    let changed = live(&namespace).unwrap();
    assert_eq!(changed["spec"]["externalName"], service["spec"]["externalName"]);
    let metadata = &changed["metadata"];
    let hostname = format!("{}-lushycorp-vault", namespace.name());
    assert_eq!(metadata["annotations"]["tailscale.com/hostname"], json!(hostname));
    assert_eq!(metadata["annotations"]["tailscale.com/tags"], "tag:a,tag:b");
    assert_eq!(metadata["labels"]["tailscale.com/proxy-class"], "prod");
    workspace.plan().succeeds().changes_nothing();
    kubectl::succeeds(&[
        "annotate",
        "service",
        "lushycorp-vault",
        "-n",
        namespace.name(),
        "--overwrite",
        "tailscale.com/tags=tag:c",
    ]);
    workspace.plan().succeeds().only("update", EGRESS);
    workspace.apply().succeeds();
    let id = format!("{}/lushycorp-vault", namespace.name());
    imported_again(&workspace, &["import".to_owned(), EGRESS.to_owned(), id]);

    // Without the operator a destroy ends with the finalizer, and by force with a warning.
    operator.conduct().cleans = false;
    let hcl = |more: &str| egress(&namespace, &format!("  timeouts = {{ delete = \"6s\" }}\n{more}"));
    workspace.hcl(&hcl(""));
    workspace.apply().succeeds();
    workspace.destroy().fails().error(&["Cannot delete Service", "has the finalizers", FINALIZER, "timed out"]);
    assert_eq!(workspace.addresses(), [EGRESS]);
    workspace.provider("on_unreachable = \"forget\"");
    workspace.destroy().succeeds().warning(&["A finalizer was removed", "stays on the tailnet"]);
    poll::until(Duration::from_secs(5), "end of the Service", || live(&namespace).is_none().then_some(()));
}

#[test]
fn what_the_operator_refuses_is_an_error_soon() {
    let (namespace, own) = (Namespace::made("egress"), Namespace::named("egress-proxies"));
    let message = "unable to provision proxy resources: invalid Service: tag \"tag:\" is invalid";
    let refuses = Some(("ProxyInvalid", message.to_owned()));
    let operator = Operator::start(namespace.name(), own.name(), Conduct { refuses, ..Conduct::default() });
    let workspace = Workspace::new();
    workspace.hcl(&egress(&namespace, "  force_finalizer = true"));
    let control = workspace.plan().succeeds();
    let failed = workspace.apply().fails();
    failed.error(&[EGRESS, "The operator refuses the Service", "ProxyInvalid", message]);
    failed.waited_at_most(Duration::from_secs(30), &control);
    drop(operator);
    workspace.destroy().succeeds();
    assert_eq!(live(&namespace), None);

    let refuses = |arguments: &str, word: &str| {
        workspace.hcl(&egress(&namespace, arguments).replace("lushycorp-vault.tail1234.ts.net", "vault.example.com"));
        let run = workspace.terraform(&["validate", "-json"]).fails();
        assert!(run.stdout.contains(word), "{run}");
    };
    refuses("", "a MagicDNS name");
    refuses("  hostname = \"Vault\"", "a name as devices have it");
    refuses("  tags = [\"k8s\"]", "tag:k8s");
}
