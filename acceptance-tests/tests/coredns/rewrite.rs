//! Names of a tailnet that stand for no Service cost one request, not thousands.

use acceptance_tests::dns::{self, dig};

use super::*;

const IP: &str = "10.96.0.83";

#[test]
fn what_the_rewrite_does_not_match_costs_one_request() {
    let (namespace, workspace) = (Namespace::made("rewrite"), Workspace::new());
    let _address = Address::of(&namespace, IP);
    workspace.hcl(&apart(
        &namespace,
        IP,
        &format!(
            "  upstreams = [\"192.0.2.53\"]\n  tailnets = [{{ domain = \"tail1234.ts.net\", namespace = \"{}\" }}]",
            namespace.name()
        ),
    ));
    // The namespace has one Service, which is not what is asked for.
    workspace.apply().succeeds();
    let (pod, address) = dns::pod_addresses(namespace.name(), "kube-dns").remove(0);
    for name in ["tail1234.ts.net", "_x._tcp.tail1234.ts.net", "two.labels.tail1234.ts.net"] {
        let before = dns::requests(namespace.name(), &pod, "A");
        assert_eq!(dig(&address, name, "A").code, "NXDOMAIN", "{name}");
        assert_eq!(dns::requests(namespace.name(), &pod, "A") - before, 1, "{name}");
    }
    // A Corefile that would come back to itself is refused.
    let looped =
        "  corefile = <<-EOT\n    tail1234.ts.net:53 {\n      errors\n      forward . 10.96.0.83\n    }\n  EOT";
    workspace.hcl(&apart(&namespace, IP, looped));
    let error = workspace.plan().fails().error(&[DNS, IP, "comes back"]);
    assert!(error.contains("corefile ="), "{error}");
    workspace.hcl("");
    workspace.apply().succeeds();
    assert_eq!(deployment(namespace.name()), None);
}
