//! The life of a cluster's DNS: kubeadm's install adopted, asked, changed under load, broken, mended, imported, taken away.

use acceptance_tests::dns::{self, CLUSTER_IP, ClusterDns, Lookups, dig};

use super::*;

const NAME: &str = "kubernetes.default.svc.cluster.local";

/// The address of the CoreDNS that knows another zone.
const CORP_IP: &str = "10.96.0.77";

fn arguments(namespace: &Namespace, more: &str) -> String {
    cluster_dns(&format!(
        r#"
  replicas   = 2
  ipv6       = false
  tailnets   = [{{ domain = "tail1234.ts.net", namespace = "{}" }}]
  hosts      = {{ "nas.lan" = ["192.168.1.5", "192.168.1.6"] }}
  stub_zones = {{ "corp.example" = ["{CORP_IP}"] }}
  verify     = ["{NAME}", "vault.tail1234.ts.net"]
  {more}
"#,
        namespace.name()
    ))
}

/// A second CoreDNS, which knows a zone.
fn corp(namespace: &Namespace) -> String {
    apart(
        namespace,
        CORP_IP,
        r"
  corefile = <<-EOT
    .:53 {
        errors
        health
        ready
        hosts {
            10.9.8.7 www.corp.example
        }
    }
  EOT
",
    )
    .replace("\"this\"", "\"corp\"")
}

fn addresses(server: &str, name: &str) -> Vec<String> {
    // kube-proxy learns of new replicas a moment after they are ready.
    dns::until_answered(server, name, "A", "NOERROR").records
}

#[test]
fn the_life_of_a_clusters_dns() {
    let (namespace, workspace) = (Namespace::made("dns"), Workspace::new());
    // It is looked at once more when it is put back.
    let _dns = Part::Dns.exclusive();
    let cluster = ClusterDns::alone();
    let address = Address::of(&namespace, CORP_IP);
    kubectl::succeeds(&["create", "service", "clusterip", "vault", "--tcp=8200", "-n", namespace.name()]);
    let of = |kind: &str, name: &str| kubectl::object(&[kind, name, "-n", "kube-system"]).unwrap();
    let uid = |object: Value| object["metadata"]["uid"].clone();
    let before = (uid(of("service", "kube-dns")), uid(of("deployment", "coredns")));

    // kubeadm's install is adopted, and a second CoreDNS made, in one apply.
    let text = |more: &str| arguments(&namespace, more) + &corp(&namespace);
    workspace.hcl(&text(""));
    workspace.apply().succeeds();
    assert_eq!((uid(of("service", "kube-dns")), uid(of("deployment", "coredns"))), before);
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 2);
    assert_eq!(workspace.attributes("tazlab_coredns.corp")["ready_replicas"], 1);
    assert!(kubectl::object(&["poddisruptionbudget", "coredns", "-n", "kube-system"]).is_some());
    assert!(kubectl::object(&["poddisruptionbudget", "coredns", "-n", namespace.name()]).is_none());
    workspace.plan().succeeds().changes_nothing();
    answers(&namespace);
    answers_for_what_comes_later(&namespace);

    changed_under_load(&workspace, &text);
    refused_and_crashed(&workspace, &text);
    mended(&workspace);

    // Imported, it is the same. What was adopted says so itself, until somebody takes that note off.
    workspace.terraform(&["state", "rm", DNS]).succeeds();
    for adopted in ["service/kube-dns", "deployment/coredns", "serviceaccount/coredns", "configmap/coredns"] {
        kubectl::succeeds(&["annotate", adopted, "tazlab.io/adopted-", "-n", "kube-system"]);
    }
    for adopted in ["clusterrole/system:coredns", "clusterrolebinding/system:coredns"] {
        kubectl::succeeds(&["annotate", adopted, "tazlab.io/adopted-"]);
    }
    workspace.terraform(&["import", DNS, "kube-system/coredns"]).succeeds();
    let running = pods("kube-system");
    workspace.apply().succeeds();
    assert_eq!(pods("kube-system"), running, "what is as it should be is not rolled");
    workspace.plan().succeeds().changes_nothing();

    workspace.destroy().succeeds();
    for (kind, name) in [
        ("deployment", "coredns"),
        ("service", "kube-dns"),
        ("serviceaccount", "coredns"),
        ("configmap", "coredns"),
        ("clusterrole", "system:coredns"),
        ("clusterrolebinding", "system:coredns"),
        ("poddisruptionbudget", "coredns"),
    ] {
        assert_eq!(kubectl::object(&[kind, name, "-n", "kube-system"]), None, "{kind} {name}");
    }
    drop(address);
    drop(cluster);
    dns::until_answered(CLUSTER_IP, NAME, "A", "NOERROR");
}

/// Through the Service's address and from every replica.
fn answers(namespace: &Namespace) {
    let vault = kubectl::object(&["service", "vault", "-n", namespace.name()]).unwrap();
    let vault = vault["spec"]["clusterIP"].as_str().unwrap();
    let replicas = dns::pod_addresses("kube-system", "kube-dns");
    assert_eq!(replicas.len(), 2, "{replicas:?}");
    for server in replicas.iter().map(|(_, address)| address.as_str()).chain([CLUSTER_IP]) {
        assert_eq!(addresses(server, NAME), [format!("{NAME}. A 10.96.0.1")]);
        // The question's name, not the Service's.
        assert_eq!(addresses(server, "vault.tail1234.ts.net"), [format!("vault.tail1234.ts.net. A {vault}")]);
        assert_eq!(addresses(server, "nas.lan").len(), 2);
        assert_eq!(addresses(server, "www.corp.example"), ["www.corp.example. A 10.9.8.7"]);
        let six = dig(server, "example.org", "AAAA");
        assert_eq!((six.code.as_str(), six.records.len()), ("NOERROR", 0));
        let own = dig(server, NAME, "A");
        let limit = own.took * 10 + Duration::from_secs(1);
        assert!(
            six.took < limit,
            "like what CoreDNS knows by itself ({own:?}), not after the upstream's silence: {six:?}"
        );
    }
}

/// An egress Service that is made after CoreDNS is answered for without another apply. It is one that points at another
/// name, as the Tailscale operator leaves it.
fn answers_for_what_comes_later(namespace: &Namespace) {
    let later = "later.tail1234.ts.net";
    let target = format!("vault.{}.svc.cluster.local", namespace.name());
    let servers = dns::pod_addresses("kube-system", "kube-dns");
    for (_, server) in &servers {
        assert_eq!(dig(server, later, "A").code, "NXDOMAIN");
    }
    kubectl::succeeds(&[
        "create",
        "service",
        "externalname",
        "later",
        "--external-name",
        &target,
        "-n",
        namespace.name(),
    ]);
    let vault = kubectl::object(&["service", "vault", "-n", namespace.name()]).unwrap();
    let vault = vault["spec"]["clusterIP"].as_str().unwrap();
    for (_, server) in &servers {
        // The answer that there is no such name may be kept for a moment.
        let records = poll::until(Duration::from_secs(40), "an answer for a Service that came later", || {
            let answer = dig(server, later, "A");
            (answer.code == "NOERROR" && !answer.records.is_empty()).then_some(answer.records)
        });
        assert!(records[0].starts_with(&format!("{later}. ")), "under the name that was asked for: {records:?}");
        assert!(records.iter().any(|record| record.ends_with(&format!(" A {vault}"))), "{records:?}");
    }
}

fn changed_under_load(workspace: &Workspace, text: &dyn Fn(&str) -> String) {
    let before = pods("kube-system");
    let lookups = Lookups::begin(CLUSTER_IP, NAME, 120);
    workspace.hcl(&text("cache_seconds = 20"));
    workspace.apply().succeeds();
    let (asked, failed) = lookups.end();
    assert!(asked > 20, "{asked} lookups are no load");
    assert_eq!(failed, [""; 0], "of {asked} lookups");
    let after = pods("kube-system");
    assert!(after.len() == 2 && before.iter().all(|pod| !after.contains(pod)), "all were rolled");
}

fn refused_and_crashed(workspace: &Workspace, text: &dyn Fn(&str) -> String) {
    let running = pods("kube-system");
    let block = |line: &str| {
        format!("cache_seconds = 20\n  extra_server_blocks = \"x.example:53 {{\\n  errors\\n  {line}\\n}}\"")
    };
    // What is wrong is refused before anything is planned.
    workspace.hcl(&text(&block("chace 30")));
    let refused = workspace.plan().fails();
    let error = refused.error(&[DNS, "Corefile:", "chace", "cache"]);
    assert!(error.contains("extra_server_blocks ="), "it points at the argument: {error}");
    assert_eq!(pods("kube-system"), running);

    // What parses and dies is told by its last words, and touches no replica that works.
    workspace.hcl(&text(&block("tls /nowhere/tls.crt /nowhere/tls.key")));
    let lookups = Lookups::begin(CLUSTER_IP, NAME, 120);
    let crashed = ends_soon_after_a_crash(workspace.start(&["apply", "-json", "-auto-approve"]), "kube-system");
    crashed.warning(&["needs a file", "/nowhere/tls.crt"]);
    let error = crashed.error(&[DNS, "exits at startup", "no such file", "The existing replicas keep running"]);
    assert!(error.contains("extra_server_blocks ="), "it points at the argument: {error}");

    // A second one, with a plugin that is known only when the apply comes to it, and which the image lacks.
    let data = |name: &str| format!("resource \"terraform_data\" \"plugin\" {{\n  input = \"{name}\"\n}}\n");
    let plugin = text(&format!("{}\n  known_plugins = [terraform_data.plugin.output]", block("elsewhere 1")));
    workspace.hcl(&(data("another") + &plugin));
    workspace.apply().fails().error(&[DNS, "Corefile:", "elsewhere"]);
    workspace.hcl(&(data("elsewhere") + &plugin));
    let crashed = ends_soon_after_a_crash(workspace.start(&["apply", "-json", "-auto-approve"]), "kube-system");
    crashed.error(&[DNS, "exits at startup", "elsewhere", "The existing replicas keep running"]);

    // And an image that is none.
    let with_data = |more: &str| data("elsewhere") + &text(more);
    workspace.hcl(&with_data("cache_seconds = 20\n  image = \"registry.example/CoreDNS:1\""));
    workspace.apply().fails().error(&[DNS, "cannot be pulled", "image ="]);
    workspace.plan().succeeds().only("update", DNS);

    let (asked, failed) = lookups.end();
    assert_eq!(failed, [""; 0], "of {asked} lookups");
    let still: Vec<String> = pods("kube-system").into_iter().filter(|pod| running.contains(pod)).collect();
    assert_eq!(still, running);
    // A replica that restarts in this state still has the Corefile that works.
    let file = || {
        let map = kubectl::object(&["configmap", "coredns", "-n", "kube-system"]).unwrap();
        map["data"]["Corefile"].as_str().unwrap().to_owned()
    };
    assert!(!file().contains("/nowhere") && !file().contains("elsewhere"), "{}", file());
    workspace.hcl(&with_data("cache_seconds = 20"));
    workspace.plan().succeeds().only("update", DNS);

    // What the configuration says and is to be ignored does not come back through the Corefile.
    workspace.hcl(&with_data("cache_seconds = 25\n  lifecycle {\n    ignore_changes = [cache_seconds]\n  }"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert!(file().contains("cache 20") && !file().contains("cache 25"), "{}", file());
    workspace.hcl(&with_data("cache_seconds = 20"));
    workspace.plan().succeeds().changes_nothing();
}

/// Whatever somebody changes or removes is put back, and a saved plan does what it says though more has moved since.
fn mended(workspace: &Workspace) {
    let patch = |object: &str, change: &str| {
        kubectl::succeeds(&["patch", object, "-n", "kube-system", "--type=merge", "-p", change]);
    };
    patch("configmap/coredns", r#"{"data": {"Corefile": ".:53 {\n  whoami\n}\n"}}"#);
    patch("service/kube-dns", r#"{"metadata": {"labels": {"kubernetes.io/name": "Mine"}}}"#);
    kubectl::succeeds(&["delete", "serviceaccount/coredns", "-n", "kube-system"]);
    kubectl::succeeds(&["delete", "poddisruptionbudget/coredns", "-n", "kube-system"]);
    let planned = workspace.terraform(&["plan", "-json", "-detailed-exitcode", "-out", "saved"]).succeeds();
    let planned = planned.only("update", DNS);
    planned.warning(&["CoreDNS will be repaired", "ServiceAccount", "data.Corefile"]);
    kubectl::succeeds(&["scale", "deployment/coredns", "-n", "kube-system", "--replicas=1"]);
    kubectl::succeeds(&["delete", "clusterrole/system:coredns"]);
    workspace.terraform(&["apply", "-json", "saved"]).succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 2);

    kubectl::succeeds(&["delete", "deployment/coredns", "-n", "kube-system", "--wait=true"]);
    workspace.plan().succeeds().only("update", DNS);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    dns::until_answered(CLUSTER_IP, NAME, "A", "NOERROR");
}
