//! `tazlab_coredns` with the real Terraform, a real kubelet and real CoreDNS pods. One after another: each test has the
//! cluster's DNS alone, and kubeadm's install is there again at its end.

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
mod refused;
mod rewrite;

use std::time::Duration;

use acceptance_tests::{Namespace, Testbed, Workspace, kubectl, poll};
use serde_json::Value;

const DNS: &str = "tazlab_coredns.this";

/// A Service address of a CoreDNS that is not the cluster's.
const OTHER_IP: &str = "10.96.0.77";

/// The cluster's DNS, with more arguments. Its upstream answers nobody: tests ask for what it knows by itself.
fn cluster_dns(arguments: &str) -> String {
    format!(
        "resource \"tazlab_coredns\" \"this\" {{\n  cluster_ip = \"10.96.0.10\"\n  upstreams = [\"192.0.2.53\"]\n{arguments}\n}}\n"
    )
}

/// A CoreDNS of one replica in a namespace of its own, with more arguments.
fn apart(namespace: &Namespace, arguments: &str) -> String {
    format!(
        "resource \"tazlab_coredns\" \"this\" {{\n  namespace = \"{}\"\n  cluster_ip = \"{OTHER_IP}\"\n  replicas = 1\n{arguments}\n}}\n",
        namespace.name()
    )
}

/// What does not go with the namespace, or not soon enough.
struct Roles<'a>(&'a Namespace);

impl Drop for Roles<'_> {
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

/// The uids of the pods that are not being deleted.
fn pods(namespace: &str) -> Vec<String> {
    let all = kubectl::object(&["pods", "-n", namespace, "-l", "k8s-app=kube-dns"]).unwrap_or_default();
    let living =
        all["items"].as_array().into_iter().flatten().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    let mut uids: Vec<String> = living.map(|pod| pod["metadata"]["uid"].as_str().unwrap().to_owned()).collect();
    uids.sort_unstable();
    uids
}
