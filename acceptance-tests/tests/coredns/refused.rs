//! What cannot be: images, nodes, addresses. Each ends with the cause, and soon where waiting cannot help.

use acceptance_tests::dns::ClusterDns;

use super::*;

#[test]
fn what_cannot_be_says_why() {
    let (namespace, workspace) = (Namespace::made("refused"), Workspace::new());
    let _cluster = ClusterDns::alone();
    let _roles = Roles(&namespace);

    // Another Service has the address.
    kubectl::succeeds(&[
        "create",
        "service",
        "clusterip",
        "holder",
        "--tcp=1",
        &format!("--clusterip={OTHER_IP}"),
        "-n",
        namespace.name(),
    ]);
    workspace.hcl(&apart(&namespace, ""));
    let taken = workspace.plan().fails().error(&[DNS, OTHER_IP, "/holder", "/kube-dns"]);
    assert!(taken.contains("cluster_ip ="), "{taken}");
    kubectl::succeeds(&["delete", "service", "holder", "-n", namespace.name()]);

    // A name that is no image's: certain at once. What the create made is kept, tainted.
    workspace.hcl(&apart(&namespace, "  image = \"registry.example/CoreDNS:1\""));
    let image = workspace.apply().fails();
    image.warning(&["Another version"]);
    let error = image.error(&[DNS, "cannot be pulled", "InvalidImageName"]);
    assert!(error.contains("image ="), "{error}");
    assert!(image.took < Duration::from_secs(20), "{image}");
    assert_eq!(workspace.addresses(), [DNS]);

    // A registry that is not there may come: it is waited for, and the error tells of it.
    let limits = "  timeouts = { create = \"8s\" }\n";
    workspace.hcl(&apart(&namespace, &format!("  image = \"127.0.0.1:9/coredns:v1.14.7\"\n{limits}")));
    workspace.apply().fails().error(&[DNS, "Timed out", "ImagePull"]);

    // A node that is too small may get a neighbour.
    workspace.hcl(&apart(&namespace, &format!("  resources = {{ requests = {{ cpu = \"900\" }} }}\n{limits}")));
    workspace.apply().fails().error(&[DNS, "Timed out", "Unschedulable", "Insufficient cpu"]);

    // Pods that the cluster does not take.
    workspace.hcl(&apart(&namespace, "  priority_class = \"nobody-has-it\""));
    let refused = workspace.apply().fails();
    let error = refused.error(&[DNS, "nobody-has-it"]);
    assert!(error.contains("priority_class ="), "{error}");

    // An address that the pod does not have.
    let bound = "  corefile = <<-EOT\n    .:53 {\n        errors\n        health\n        ready\n        bind 192.0.2.7\n        whoami\n    }\n  EOT\n";
    workspace.hcl(&apart(&namespace, bound));
    let crashed = workspace.apply().fails();
    crashed.error(&[DNS, "ends at its start", "192.0.2.7"]);

    // A name that is not there.
    workspace
        .hcl(&apart(&namespace, "  upstreams = [\"192.0.2.53\"]\n  verify = [\"nothing.default.svc.cluster.local\"]"));
    let error = workspace.apply().fails().error(&[DNS, "nothing.default.svc.cluster.local", "NXDOMAIN"]);
    assert!(error.contains("verify ="), "{error}");

    // And all of it mended; another address is another Service, so the live one is told.
    workspace.hcl(&apart(&namespace, "  upstreams = [\"192.0.2.53\"]"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&apart(&namespace, "").replace(OTHER_IP, "10.96.0.78"));
    assert_eq!(workspace.plan().succeeds().changes(), [("replace".to_owned(), DNS.to_owned())]);
    workspace.terraform(&["state", "rm", DNS]).succeeds();
    workspace.plan().fails().error(&[DNS, "10.96.0.78", OTHER_IP, "/kube-dns"]);
}
