//! What cannot be: images, nodes, addresses. Each ends with the cause, and soon where waiting cannot help.

use acceptance_tests::Proxy;
use acceptance_tests::kubeconfig;

use super::*;

const IP: &str = "10.96.0.81";
const OTHER_IP: &str = "10.96.0.82";

#[test]
fn a_wrong_corefile_is_refused_before_anybody_is_asked() {
    let (namespace, workspace) = (Namespace::named("wrong"), Workspace::new());
    let proxy = Proxy::start();
    let way = kubeconfig::through(&workspace, &proxy.url());
    workspace.provider(&format!("kubernetes = {{\n  config_path = \"{way}\"\n}}"));
    let lines = "    hosts {\n      10.0.0.1 a.lan\n    }\n".repeat(300);
    let long = format!("  corefile = <<-EOT\n    .:53 {{\n    chace 30\n{lines}    }}\n  EOT\n");
    let short = "  corefile = <<-EOT\n    .:53 {\n    chace 30\n    }\n  EOT\n";
    workspace.hcl(&apart(&namespace, IP, short));
    let control = workspace.plan().fails();
    workspace.hcl(&apart(&namespace, IP, &long));
    let refused = workspace.plan().fails();
    refused.error(&[DNS, "Corefile:2:", "chace", "cache"]);
    println!("a plan with a wrong Corefile of {} lines took {:.2?}", long.lines().count(), refused.took);
    assert_eq!(proxy.connections(), 0, "the answer needs no cluster");
    // Nearly all of it is Terraform's own beginning.
    refused.took_at_most(4, &control);
}

#[test]
fn what_cannot_be_says_why() {
    let (namespace, workspace) = (Namespace::made("refused"), Workspace::new());
    let _addresses = [IP, OTHER_IP].map(|address| Address::of(&namespace, address));

    // Another Service has the address.
    kubectl::succeeds(&[
        "create",
        "service",
        "clusterip",
        "holder",
        "--tcp=1",
        &format!("--clusterip={IP}"),
        "-n",
        namespace.name(),
    ]);
    workspace.hcl(&apart(&namespace, IP, ""));
    let control = workspace.plan().fails();
    let taken = control.error(&[DNS, IP, "/holder", "/kube-dns"]);
    assert!(taken.contains("cluster_ip ="), "{taken}");
    kubectl::succeeds(&["delete", "service", "holder", "-n", namespace.name()]);

    // A name that is no image's: certain at once. What the create made is kept, tainted.
    workspace.hcl(&apart(&namespace, IP, "  image = \"registry.example/CoreDNS:1\""));
    let image = workspace.apply().fails();
    image.warning(&["The CoreDNS image differs from the version"]);
    let error = image.error(&[DNS, "cannot be pulled", "InvalidImageName"]);
    assert!(error.contains("image ="), "{error}");
    image.waited_at_most(Duration::from_secs(15), &control);
    assert_eq!(workspace.addresses(), [DNS]);

    // A registry that is not there may come: it is waited for, and the error tells of it.
    let limits = "  timeouts = { create = \"8s\" }\n";
    workspace.hcl(&apart(&namespace, IP, &format!("  image = \"127.0.0.1:9/coredns:v1.15.0\"\n{limits}")));
    workspace.apply().fails().error(&[DNS, "Timed out", "ImagePull"]);

    // A node that is too small may get a neighbour.
    workspace.hcl(&apart(&namespace, IP, &format!("  resources = {{ requests = {{ cpu = \"900\" }} }}\n{limits}")));
    workspace.apply().fails().error(&[DNS, "Timed out", "Unschedulable", "Insufficient cpu"]);

    // Pods that the cluster does not take.
    workspace.hcl(&apart(&namespace, IP, "  priority_class = \"nobody-has-it\""));
    let refused = workspace.apply().fails();
    let error = refused.error(&[DNS, "nobody-has-it"]);
    assert!(error.contains("priority_class ="), "{error}");

    // A port that is taken: dnstap holds it when the server begins, and does not share it.
    let taken = "  corefile = <<-EOT\n    .:53 {\n        errors\n        health\n        ready\n        dnstap listen tcp://:5353\n        whoami\n    }\n    x.example:5353 {\n        whoami\n    }\n  EOT\n";
    workspace.hcl(&apart(&namespace, IP, taken));
    let crashed = ends_soon_after_a_crash(workspace.start(&["apply", "-json", "-auto-approve"]), namespace.name());
    let error = crashed.error(&[DNS, "exits at startup", ":5353", "address already in use"]);
    assert!(error.contains("2 times"), "once might be chance: {error}");

    // A name that is not there.
    workspace.hcl(&apart(
        &namespace,
        IP,
        "  upstreams = [\"192.0.2.53\"]\n  verify = [\"nothing.default.svc.cluster.local\"]",
    ));
    let error = workspace.apply().fails().error(&[DNS, "nothing.default.svc.cluster.local", "NXDOMAIN"]);
    assert!(error.contains("verify ="), "{error}");

    // And all of it mended; another address is another Service, so the live one is told.
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&apart(&namespace, IP, "").replace(IP, OTHER_IP));
    assert_eq!(workspace.plan().succeeds().changes(), [("replace".to_owned(), DNS.to_owned())]);
    workspace.terraform(&["state", "rm", DNS]).succeeds();
    workspace.plan().fails().error(&[DNS, OTHER_IP, IP, "/kube-dns"]);
}
