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
mod interrupted;
mod nodes;
mod refused;
mod rewrite;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use acceptance_tests::started::Started;
use acceptance_tests::{Namespace, Quote, Run, Testbed, Workspace, kubectl, poll};
use serde_json::Value;

const DNS: &str = "tazlab_coredns.this";

/// The nodes, which two tests take away. Whoever needs one holds this.
static NODES: RwLock<()> = RwLock::new(());

/// The nodes, beside other tests.
fn node() -> RwLockReadGuard<'static, ()> {
    NODES.read().unwrap_or_else(PoisonError::into_inner)
}

/// The nodes, for one test alone. However it ends, they take pods again.
struct Nodes(#[allow(dead_code, reason = "held until the end")] RwLockWriteGuard<'static, ()>);

impl Nodes {
    const ALL: [&str; 2] = ["--selector", "kubernetes.io/os"];

    fn alone() -> Self {
        let alone = NODES.write().unwrap_or_else(PoisonError::into_inner);
        // Only the testbed's own nodes are taken from anybody.
        let _ = Testbed::get().node();
        Self(alone)
    }

    /// None of them takes another pod.
    fn cordon() {
        kubectl::succeeds(&[&["cordon"], &Self::ALL[..]].concat());
    }

    /// All of them take pods; `None` when that could not be said to the cluster.
    fn uncordon() -> Option<()> {
        kubectl::kubectl(&[&["uncordon"], &Self::ALL[..]].concat()).status.success().then_some(())
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        let _ = Self::uncordon();
    }
}

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

/// What does not go with the namespace, or not soon enough.
struct Roles<'a>(&'a Namespace);

impl Drop for Roles<'_> {
    fn drop(&mut self) {
        let name = format!("tazlab:{}:coredns", self.0.name());
        drop(kubectl::kubectl(&["delete", "clusterrole,clusterrolebinding", &name, "--ignore-not-found"]));
        // At once, and not when the namespace comes to it: the next run wants the address.
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

/// The end of an apply whose container crashes: within 15 s of the first time that it ended.
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
    assert!(took < Duration::from_secs(15), "{took:?} after the first crash: {run}");
    run
}
