//! `tazlab_coredns` with the real Terraform, a real kubelet and real CoreDNS pods. One test has the cluster's DNS, and
//! kubeadm's install is there again at its end; two have the nodes; the others have a namespace and an address each.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod adoption;
mod cluster_dns;
mod harm;
mod owners;
mod refused;
mod rewrite;
mod scaled;

use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use acceptance_tests::lock::Lock;
use acceptance_tests::started::Started;
use acceptance_tests::{Namespace, Part, Quote, Run, Testbed, Workspace, kubectl, poll};
use serde_json::Value;

const DNS: &str = "tazlab_coredns.this";

/// The cluster's DNS, with more arguments. Its upstream answers nobody: tests ask for what it knows by itself.
fn cluster_dns(arguments: &str) -> String {
    format!(
        "resource \"tazlab_coredns\" \"this\" {{\n  cluster_ip = \"10.96.0.10\"\n  upstreams = [\"192.0.2.53\"]\n{arguments}\n}}\n"
    )
}

/// A CoreDNS of one replica in a namespace and with an address of its own, with more arguments.
fn apart(namespace: &Namespace, address: &str, arguments: &str) -> String {
    format!(
        "resource \"tazlab_coredns\" \"this\" {{\n  namespace = \"{}\"\n  cluster_ip = \"{address}\"\n  replicas = 1\n{arguments}\n}}\n",
        namespace.name()
    )
}

/// An address for a CoreDNS in a namespace, which no other test has meanwhile; it takes with it what does not go with the namespace,
/// or not soon enough.
struct Address<'a>(&'a Namespace, #[allow(dead_code, reason = "held until the end")] Lock);

impl<'a> Address<'a> {
    fn of(namespace: &'a Namespace, address: &str) -> Self {
        let address: Ipv4Addr = address.parse().expect("an address");
        Self(namespace, Part::Address(address).exclusive())
    }
}

impl Drop for Address<'_> {
    fn drop(&mut self) {
        let name = format!("tazlab:{}:coredns", self.0.name());
        drop(kubectl::kubectl(&["delete", "clusterrole,clusterrolebinding", &name, "--ignore-not-found"]));
        // At once, and not when the namespace comes to it: the next test wants the address.
        drop(kubectl::kubectl(&["delete", "service", "kube-dns", "-n", self.0.name(), "--ignore-not-found"]));
    }
}

fn deployment(namespace: &str) -> Option<Value> {
    kubectl::object(&["deployment", "coredns", "-n", namespace])
}

/// The pods that are not being deleted.
fn living(namespace: &str) -> Vec<Value> {
    let all = kubectl::object(&["pods", "-n", namespace, "-l", "k8s-app=kube-dns"]).unwrap_or_default();
    let pods = all["items"].as_array().cloned().unwrap_or_default();
    pods.into_iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null()).collect()
}

/// Their uids.
fn pods(namespace: &str) -> Vec<String> {
    let uid = |pod: &Value| pod["metadata"]["uid"].as_str().unwrap().to_owned();
    let mut uids: Vec<String> = living(namespace).iter().map(uid).collect();
    uids.sort_unstable();
    uids
}

/// The end of an apply whose container crashes: soon after the first time that it ended, which is far from the apply's own limit.
fn ends_soon_after_a_crash(started: Started, namespace: &str) -> Run {
    let ended = |state: &Value| state["terminated"]["finishedAt"].as_str().map(ToOwned::to_owned);
    let first = poll::until(Duration::from_mins(1), "a container that ends", || {
        let pods = kubectl::object(&["pods", "-n", namespace, "-l", "k8s-app=kube-dns"]).unwrap_or_default();
        let statuses = pods["items"].as_array()?.iter().map(|pod| &pod["status"]["containerStatuses"][0]);
        let crashes = statuses.filter(|status| status["ready"] == false);
        crashes.filter_map(|status| ended(&status["state"]).or_else(|| ended(&status["lastState"]))).min()
    });
    let run = started.end().fails();
    let first: jiff::Timestamp = first.parse().expect("a time");
    let took = SystemTime::now().duration_since(first.into()).unwrap_or_default();
    println!("the apply ended {took:.1?} after the first crash");
    assert!(took < Duration::from_mins(1), "{took:?} after the first crash: {run}");
    run
}
