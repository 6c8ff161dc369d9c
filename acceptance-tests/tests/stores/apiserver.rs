//! `tazlab_tailnet_apiserver`, with a tailnet that gives names as the real one does.

use std::sync::Arc;
use std::time::Duration;

use acceptance_tests::operator::Conduct;
use acceptance_tests::tailnet::Seed;
use acceptance_tests::{Operator, Tailnet};
use serde_json::json;

use super::*;

const APISERVER: &str = "tazlab_tailnet_apiserver.this";

/// An operator whose devices join this tailnet.
fn operator(namespace: &Namespace, tailnet: &Arc<Tailnet>) -> Operator {
    let tailnet = Arc::clone(tailnet);
    let join = Box::new(move |hostname: &str, tags: &[String]| {
        let seed = Seed { tags: tags.to_vec(), ..Seed::named(hostname, &[]) };
        tailnet.world().join(&seed).name()
    });
    Operator::start(namespace.name(), namespace.name(), Conduct { join, ..Conduct::default() })
}

fn service(namespace: &Namespace, arguments: &str) -> String {
    format!(
        "resource \"tazlab_tailnet_apiserver\" \"this\" {{\n  namespace = \"{}\"\n  hostname = \"lushycorp-k8s\"\n  tags = [\"tag:k8s\"]\n{arguments}\n}}\n",
        namespace.name()
    )
}

#[test]
fn a_number_is_an_error_that_names_the_holder_and_the_free_name_is_taken() {
    let (namespace, tailnet) = (Namespace::made("apiserver"), Arc::new(Tailnet::start()));
    let ghost = tailnet.ghost("lushycorp-k8s", &["tag:k8s"], Duration::from_hours(1));
    let _operator = operator(&namespace, &tailnet);
    let workspace = Workspace::new();
    workspace.hcl(&service(&namespace, ""));
    let control = workspace.plan().succeeds().only("create", APISERVER);
    let failed = workspace.apply().fails();
    let number = "lushycorp-k8s-1.magellanic-gondola.ts.net";
    failed.error(&[APISERVER, number, "instead of lushycorp-k8s", "no credential", "admin console"]);
    failed.waited_at_most(Duration::from_secs(45), &control);
    // With a credential the holder is named.
    let (file, key) = workspace.secret_file("api-key");
    tailnet.world().access.key(&key);
    workspace.provider(&format!("tailscale = {{ base_url = \"{}\", api_key_file = \"{file}\" }}", tailnet.url()));
    workspace.plan().succeeds().only("replace", APISERVER);
    let failed = workspace.apply().fails();
    failed.error(&["is held by lushycorp-k8s.magellanic-gondola.ts.net", &ghost, "tag:k8s", "last seen"]);
    Quote::of("Error: The device got the name lushycorp-k8s-1.magellanic-gondola.ts.net instead of lushycorp-k8s")
        // The failed apply's own device has the first number.
        .with("lushycorp-k8s-1.", "lushycorp-k8s-2.")
        .with("Service kube-system/", &format!("Service {}/", namespace.name()))
        .is_told_by(&failed);

    // The name is free: what the failed apply made is made anew.
    tailnet.world().devices.clear();
    workspace.apply().succeeds();
    let attributes = workspace.attributes(APISERVER);
    assert_eq!(attributes["fqdn"], "lushycorp-k8s.magellanic-gondola.ts.net");
    assert_eq!(attributes["addresses"], json!(["100.64.0.7"]));
    workspace.plan().succeeds().changes_nothing();
    let live = kubectl::object(&["service", "tailscale-apiserver", "-n", namespace.name()]).unwrap();
    let spec = &live["spec"];
    assert_eq!((&spec["type"], &spec["loadBalancerClass"]), (&json!("LoadBalancer"), &json!("tailscale")));
    assert_eq!((&spec["selector"], &spec["ports"][0]["port"]), (&json!({"component": "kube-apiserver"}), &json!(6443)));
    assert!(workspace.traces().contains("no Tailscale hostname known yet, waiting for proxy pod to finish auth"));

    let id = format!("{}/tailscale-apiserver", namespace.name());
    imported_again(&workspace, &["import".to_owned(), APISERVER.to_owned(), id]);
    // A rebirth: the Service is gone, and an update makes it again under the same name.
    tailnet.world().devices.clear();
    kubectl::succeeds(&["delete", "service", "tailscale-apiserver", "-n", namespace.name()]);
    workspace.hcl(&service(&namespace, "  triggers = { cluster = \"two\" }"));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(APISERVER)["fqdn"], "lushycorp-k8s.magellanic-gondola.ts.net");
    workspace.destroy().succeeds();
    assert_eq!(kubectl::object(&["service", "tailscale-apiserver", "-n", namespace.name()]), None);
}
