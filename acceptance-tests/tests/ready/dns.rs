//! `tazlab_dns_lookup` with the cluster's own CoreDNS.

use acceptance_tests::{Part, Workspace, kubectl};
use serde_json::{Value, json};

use super::output;

const NAME: &str = "kubernetes.default.svc.cluster.local";

fn lookup(label: &str, arguments: &str) -> String {
    format!(
        "data \"tazlab_dns_lookup\" \"{label}\" {{\n{arguments}\n}}\n\noutput \"{label}\" {{ value = data.tazlab_dns_lookup.{label} }}\n"
    )
}

#[test]
fn every_replica_is_asked_for_records_of_any_type() {
    let _dns = Part::Dns.shared();
    let workspace = Workspace::new();
    let questions = [
        ("address", format!("name = \"{NAME}\"")),
        ("service", format!("name = \"_https._tcp.{NAME}.\"\ntype = \"SRV\"")),
        ("version", "name = \"dns-version.cluster.local\"\ntype = \"TXT\"".to_owned()),
        ("zone", "name = \"cluster.local\"\ntype = \"TYPE6\"".to_owned()),
        ("reverse", "name = \"1.0.96.10.in-addr.arpa\"\ntype = \"PTR\"".to_owned()),
        ("none", "name = \"nowhere.default.svc.cluster.local\"".to_owned()),
        ("ipv6", format!("name = \"{NAME}\"\ntype = \"AAAA\"")),
        ("deaf", format!("name = \"{NAME}\"\nport = 54")),
        ("nobody", format!("name = \"{NAME}\"\nlabels = {{ k8s-app = \"nobody\" }}")),
    ];
    workspace.hcl(&questions.iter().map(|(label, arguments)| lookup(label, arguments)).collect::<String>());
    let run = workspace.apply().succeeds();
    run.warning(&["The cluster's DNS does not answer as it should | nowhere.default.svc.cluster.local: ", "NXDOMAIN"]);

    let pods = kubectl::object(&["pods", "-n", "kube-system", "-l", "k8s-app=kube-dns"]).unwrap();
    let mut pods: Vec<&Value> = pods["items"].as_array().unwrap().iter().map(|pod| &pod["metadata"]["name"]).collect();
    pods.sort_by_key(|name| name.as_str());
    let count = pods.len();
    let address = output(&workspace, "address");
    let cluster_ip = kubectl::object(&["service", "kubernetes", "-n", "default"]).unwrap()["spec"]["clusterIP"].clone();
    assert_eq!(address["records"], json!([cluster_ip]));
    assert_eq!((&address["ready"], &address["consistent"]), (&json!(true), &json!(true)));
    let ip = cluster_ip.as_str().unwrap();
    assert_eq!(address["summary"], format!("{NAME} A: {ip} from {count} of {count} replicas"));
    let mut asked: Vec<&Value> =
        address["replicas"].as_array().unwrap().iter().map(|replica| &replica["pod"]).collect();
    asked.sort_by_key(|name| name.as_str());
    assert_eq!(asked, pods, "every replica");
    let record = &address["replicas"][0]["records"][0];
    assert_eq!((&record["name"], &record["type"]), (&json!(format!("{NAME}.")), &json!("A")));

    assert_eq!(output(&workspace, "service")["records"], json!([format!("0 100 443 {NAME}.")]));
    assert_eq!(output(&workspace, "version")["records"], json!(["\"1.1.0\""]));
    let zone = output(&workspace, "zone")["records"][0].as_str().unwrap().to_owned();
    assert!(zone.starts_with("ns.dns.cluster.local. hostmaster.cluster.local. "), "{zone}");
    assert_eq!(output(&workspace, "reverse")["records"], json!([format!("{NAME}.")]));

    for (label, words) in [
        ("none", "nowhere.default.svc.cluster.local does not exist (NXDOMAIN)"),
        ("ipv6", "exists and has no AAAA record"),
        ("deaf", "it does not answer for"),
        ("nobody", "has no pod with the labels k8s-app=nobody"),
    ] {
        let found = output(&workspace, label);
        assert_eq!(found["ready"], false, "{label}");
        let problem = found["problems"][0].as_str().unwrap();
        assert!(problem.contains(words), "{label}: {problem}");
    }
    workspace.plan().succeeds().changes_nothing();

    // A postcondition makes it an error.
    workspace.hcl(
        "data \"tazlab_dns_lookup\" \"this\" {\n  name = \"nowhere.default.svc.cluster.local\"\n  lifecycle {\n    postcondition {\n      condition     = self.ready\n      error_message = join(\"\\n\", self.problems)\n    }\n  }\n}\n",
    );
    workspace.plan().fails().error(&["NXDOMAIN"]);
    let wrong = [
        ("type = \"ANY\"", "not a type of DNS records"),
        ("port = 0", "whole number from 1"),
        ("labels = {}", "no elements"),
        ("port = 65536", "65536 is not a whole number"),
    ];
    let blocks = wrong
        .iter()
        .enumerate()
        .map(|(number, (arguments, _))| lookup(&format!("n{number}"), &format!("name = \"{NAME}\"\n{arguments}")));
    workspace.hcl(&(blocks.collect::<String>() + &lookup("named", "name = \"two..dots\"")));
    let said = workspace.terraform(&["validate", "-json"]).fails();
    for words in wrong.iter().map(|(_, words)| *words).chain(["a DNS name, whole"]) {
        assert!(said.stdout.contains(words), "{words}: {said}");
    }
}
