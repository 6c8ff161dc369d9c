//! The cluster's own DNS: whoever changes it has it alone and puts back what kubeadm installed; and questions to DNS
//! servers, asked from the node by a program of its own.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::{Testbed, kubectl, poll};

/// Where kubeadm's Service is.
pub const CLUSTER_IP: &str = "10.96.0.10";

/// What kubeadm installs.
const OBJECTS: &[(&str, &str)] = &[
    ("serviceaccount", "coredns"),
    ("clusterrole", "system:coredns"),
    ("clusterrolebinding", "system:coredns"),
    ("configmap", "coredns"),
    ("service", "kube-dns"),
    ("deployment", "coredns"),
];

/// The cluster's DNS, for one test at a time. What is there at its beginning is there at its end.
#[derive(Debug)]
pub struct ClusterDns {
    saved: Vec<Value>,
    _alone: MutexGuard<'static, ()>,
}

impl ClusterDns {
    /// Waits for its turn.
    #[must_use]
    pub fn alone() -> Self {
        static DNS: Mutex<()> = Mutex::new(());
        let alone = DNS.lock().unwrap_or_else(PoisonError::into_inner);
        let saved =
            OBJECTS.iter().filter_map(|(kind, name)| kubectl::object(&[kind, name, "-n", "kube-system"])).collect();
        Self { saved, _alone: alone }
    }

    /// Is everything as it was?
    fn is_untouched(&self) -> bool {
        self.saved.iter().zip(seen()).all(|(saved, now)| {
            let same = |pointer: &str| saved.pointer(pointer) == now.pointer(pointer);
            // A Deployment's version moves with its status.
            let unchanged =
                if saved["kind"] == "Deployment" { "/metadata/generation" } else { "/metadata/resourceVersion" };
            same("/metadata/uid") && same(unchanged)
        }) && seen().len() == self.saved.len()
    }

    /// Takes the cluster's DNS away, pods included; it comes back at the end.
    pub fn remove(&self) {
        for (kind, name) in OBJECTS.iter().chain([&("poddisruptionbudget", "coredns")]) {
            kubectl::succeeds(&["delete", kind, name, "-n", "kube-system", "--ignore-not-found", "--wait=true"]);
        }
        poll::until(Duration::from_mins(1), "end of the DNS pods", || {
            let pods = kubectl::object(&["pods", "-n", "kube-system", "-l", "k8s-app=kube-dns"]).unwrap_or_default();
            pods["items"].as_array().is_none_or(Vec::is_empty).then_some(())
        });
    }

    /// Puts back what was there, whatever is there now, and waits until it answers.
    fn put_back(&self) {
        if self.is_untouched() {
            return;
        }
        self.remove();
        let file = tempfile::NamedTempFile::new().expect("a file");
        for object in &self.saved {
            std::fs::write(file.path(), manifest(object).to_string()).expect("written");
            // As kubeadm does it: by an update, under its own name.
            kubectl::succeeds(&["create", "--field-manager", "kubeadm", "-f", file.path().to_str().expect("a path")]);
        }
        kubectl::succeeds(&["rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout", "120s"]);
    }
}

/// The object as somebody would write it.
///
/// # Panics
/// When it is no object.
#[must_use]
pub fn manifest(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").remove("status");
    let metadata = object["metadata"].as_object_mut().expect("metadata");
    for name in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] {
        metadata.remove(name);
    }
    object
}

/// The objects of the cluster's DNS that are there.
#[must_use]
pub fn seen() -> Vec<Value> {
    OBJECTS.iter().filter_map(|(kind, name)| kubectl::object(&[kind, name, "-n", "kube-system"])).collect()
}

impl Drop for ClusterDns {
    fn drop(&mut self) {
        // A test that fails while the cluster is away has said enough.
        if std::thread::panicking() && !kubectl::kubectl(&["get", "--raw", "/readyz"]).status.success() {
            return;
        }
        self.put_back();
    }
}

/// An answer: response code, and the records as "name type data".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `NOERROR`, `NXDOMAIN`, `SERVFAIL`, …
    pub code: String,
    /// Each record.
    pub records: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

/// Runs a command in the node, with a script as its input.
fn in_node(arguments: &[&str], script: &str) -> std::process::Child {
    let (node, host) = Testbed::get().node();
    let mut command = Command::new("docker");
    if !host.is_empty() {
        command.env("DOCKER_HOST", host);
    }
    command
        .args(["exec", "-i", node])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("docker runs");
    child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
    child
}

fn ended(child: std::process::Child) -> String {
    let output = child.wait_with_output().expect("docker ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Asks `server` for `name` from the node, by UDP, once.
#[must_use]
pub fn dig(server: &str, name: &str, kind: &str) -> Answer {
    let told = ended(in_node(&["perl", "-", "dig", server, name, kind], include_str!("dns.pl")));
    let mut lines = told.lines();
    // What went wrong on the way may be said in several words.
    let (code, seconds) = lines.next().and_then(|line| line.rsplit_once(' ')).expect("an answer");
    let took = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    Answer { code: code.to_owned(), records: lines.map(ToOwned::to_owned).collect(), took }
}

/// A loop of lookups in the node, ten a second, bounded in time.
#[derive(Debug)]
pub struct Lookups(std::process::Child);

impl Lookups {
    /// Begins one that lasts `seconds` at most.
    #[must_use]
    pub fn begin(server: &str, name: &str, seconds: u32) -> Self {
        Self(in_node(&["perl", "-", "loop", server, name, &seconds.to_string()], include_str!("dns.pl")))
    }

    /// Ends it: how many were asked, and what those that failed got.
    #[must_use]
    pub fn end(self) -> (usize, Vec<String>) {
        drop(ended(in_node(&["sh", "-c", "touch /tmp/tazlab-lookups-end"], "")));
        let told = ended(self.0);
        let mut lines = told.lines();
        let asked = lines.next().expect("a number").parse().expect("a number");
        (asked, lines.map(ToOwned::to_owned).collect())
    }
}

/// The IP addresses of the ready pods behind the label `k8s-app`.
#[must_use]
pub fn pod_addresses(namespace: &str, app: &str) -> Vec<(String, String)> {
    let label = format!("k8s-app={app}");
    let pods = kubectl::object(&["pods", "-n", namespace, "-l", &label]).expect("a list");
    let living =
        pods["items"].as_array().expect("items").iter().filter(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    living.map(|pod| (text(&pod["metadata"]["name"]), text(&pod["status"]["podIP"]))).collect()
}

/// How many requests a pod has answered, by CoreDNS' own metric.
#[must_use]
pub fn requests(namespace: &str, pod: &str) -> u64 {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}:9153/proxy/metrics");
    let metrics = kubectl::succeeds(&["get", "--raw", &path]);
    let counts = metrics.lines().filter(|line| line.starts_with("coredns_dns_requests_total{"));
    counts.map(|line| line.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok()).expect("a count")).sum()
}

/// Waits until a name is answered as wanted: a Service that was made a moment ago is not known at once.
pub fn until_answered(server: &str, name: &str, kind: &str, code: &str) -> Answer {
    poll::until(Duration::from_secs(20), &format!("{code} for {name} from {server}"), || {
        Some(dig(server, name, kind)).filter(|answer| answer.code == code)
    })
}
