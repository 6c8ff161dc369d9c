//! The cluster's own DNS: whoever changes it has it alone and puts back what kubeadm installed; and questions to DNS
//! servers, asked from the node by a program of its own.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::kubectl::{self, tried};
use crate::lock::Lock;
use crate::{Part, Testbed, node, poll};

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
    _alone: Lock,
}

impl ClusterDns {
    /// Waits for its turn.
    ///
    /// # Panics
    /// When what is there is not what kubeadm installs, with what is wrong and what mends it.
    #[must_use]
    pub fn alone() -> Self {
        let alone = Part::Dns.exclusive();
        let saved = seen();
        let problems = problems(&saved);
        assert!(
            problems.is_empty(),
            "the cluster's DNS is not as kubeadm installed it: {}. A run that was killed left it so. `make testbed-up` mends it.",
            problems.join(", ")
        );
        Self { saved, _alone: alone }
    }

    /// Is everything as it was?
    fn is_untouched(&self) -> bool {
        let seen = seen();
        self.saved.iter().zip(&seen).all(|(saved, now)| {
            let same = |pointer: &str| saved.pointer(pointer) == now.pointer(pointer);
            // A Deployment's version moves with its status.
            let unchanged =
                if saved["kind"] == "Deployment" { "/metadata/generation" } else { "/metadata/resourceVersion" };
            same("/metadata/uid") && same(unchanged)
        }) && seen.len() == self.saved.len()
    }

    /// Takes the cluster's DNS away, pods included; it comes back at the end.
    ///
    /// # Panics
    /// When something of it stays.
    pub fn remove(&self) {
        let left = take_away();
        assert!(left.is_empty(), "{}", left.join("\n"));
    }

    /// Puts back what was there, whatever is there now, and waits until it answers. Each step is done though another
    /// failed; gives what failed.
    fn put_back(&self) -> Vec<String> {
        let mut failed = take_away();
        for object in &self.saved {
            // As kubeadm does it: by an update, under its own name.
            let file = tempfile::NamedTempFile::new().and_then(|file| {
                std::fs::write(file.path(), manifest(object).to_string())?;
                Ok(file)
            });
            failed.extend(match file {
                Ok(file) => {
                    let path = file.path().to_string_lossy().into_owned();
                    tried(&["create", "--field-manager", "kubeadm", "-f", &path]).err()
                }
                Err(error) => Some(error.to_string()),
            });
        }
        let rollout =
            tried(&["rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout", "120s"]).err();
        // Whoever mends the testbed at the same time puts back the same.
        let problems = problems(&seen());
        if rollout.is_none() && problems.is_empty() {
            return Vec::new();
        }
        failed.extend(rollout);
        failed.extend(problems);
        failed
    }
}

/// What is missing of kubeadm's install, or is not its.
fn problems(seen: &[Value]) -> Vec<String> {
    let found = |kind: &str, name: &str| {
        let is_it = |object: &&Value| {
            object["kind"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(kind))
                && object["metadata"]["name"] == name
        };
        seen.iter().find(is_it)
    };
    let problem = |(kind, name): &(&str, &str)| match found(kind, name) {
        None => Some(format!("{kind} {name} is missing")),
        Some(object) if object["metadata"]["annotations"]["tazlab.io/instance"].is_string() => {
            Some(format!("{kind} {name} was made by the provider"))
        }
        Some(_) => None,
    };
    OBJECTS.iter().filter_map(problem).collect()
}

/// Deletes what the cluster's DNS consists of, and waits for the end of its pods; gives what failed.
pub fn take_away() -> Vec<String> {
    let (cluster, namespaced): (Vec<_>, Vec<_>) =
        OBJECTS.iter().chain([&("poddisruptionbudget", "coredns")]).partition(|(kind, _)| kind.starts_with("cluster"));
    let mut failed = Vec::new();
    let pods = ["-n", "kube-system", "-l", "k8s-app=kube-dns"];
    // One after another and not by the cluster's garbage collector, which pauses where definitions come and go.
    let orphans = ["delete", "--ignore-not-found", "--cascade=orphan"];
    for (objects, namespace) in [(namespaced, &["-n", "kube-system"][..]), (cluster, &[])] {
        let names: Vec<String> = objects.iter().map(|(kind, name)| format!("{kind}/{name}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        failed.extend(tried(&[&orphans[..], namespace, &names[..]].concat()).err());
    }
    failed.extend(tried(&[&orphans[..], &["replicasets"], &pods[..]].concat()).err());
    failed.extend(tried(&[&["delete", "pods", "--grace-period=1", "--timeout=60s"][..], &pods[..]].concat()).err());
    failed
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
    OBJECTS.iter().filter_map(|(kind, name)| looked(&[kind, name, "-n", "kube-system"])).collect()
}

/// An object or a list; `None` when it is not there, or cannot be seen.
fn looked(arguments: &[&str]) -> Option<Value> {
    let output = kubectl::kubectl(&[&["get", "-o", "json", "--ignore-not-found"], arguments].concat());
    serde_json::from_slice(&output.stdout).ok().filter(|_| output.status.success())
}

impl Drop for ClusterDns {
    fn drop(&mut self) {
        let fails = std::thread::panicking();
        // The test may have failed while the cluster was away.
        let back = Instant::now() + Duration::from_mins(2);
        while fails && tried(&["--request-timeout=5s", "get", "--raw", "/readyz"]).is_err() && Instant::now() < back {
            std::thread::park_timeout(Duration::from_secs(1));
        }
        if self.is_untouched() {
            return;
        }
        let failed = self.put_back();
        if failed.is_empty() {
            return;
        }
        let told = format!("the cluster's DNS was not put back: `make testbed-up` mends it\n{}", failed.join("\n"));
        // A second panic would end the process, and hide the first.
        if fails {
            eprintln!("{told}");
        } else {
            panic!("{told}");
        }
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
    let mut command = node::engine(&["exec", "-i", Testbed::get().node().0]);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
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

    /// Ends it: how many were asked, and what those that failed got. Prints how many were answered at the second try only.
    #[must_use]
    pub fn end(self) -> (usize, Vec<String>) {
        drop(ended(in_node(&["sh", "-c", "touch /tmp/tazlab-lookups-end"], "")));
        let told = ended(self.0);
        let mut lines = told.lines();
        let counts = lines.next().and_then(|line| line.split_once(' ')).expect("two numbers");
        println!("{} lookups, {} of them asked twice", counts.0, counts.1);
        (counts.0.parse().expect("a number"), lines.map(ToOwned::to_owned).collect())
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

/// How many requests of one type a pod has answered, by CoreDNS' own metric. All types together would count what
/// CoreDNS asks itself too: its plugin `loop` sends questions of the type HINFO until one comes back.
#[must_use]
pub fn requests(namespace: &str, pod: &str, kind: &str) -> u64 {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}:9153/proxy/metrics");
    let metrics = kubectl::succeeds(&["get", "--raw", &path]);
    let label = format!("type=\"{kind}\"");
    let counts =
        metrics.lines().filter(|line| line.starts_with("coredns_dns_requests_total{") && line.contains(&label));
    counts.map(|line| line.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok()).expect("a count")).sum()
}

/// Waits until a name is answered as wanted: a Service that was made a moment ago is not known at once.
pub fn until_answered(server: &str, name: &str, kind: &str, code: &str) -> Answer {
    poll::until(Duration::from_secs(20), &format!("{code} for {name} from {server}"), || {
        Some(dig(server, name, kind)).filter(|answer| answer.code == code)
    })
}
