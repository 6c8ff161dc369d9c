//! The cluster of the story: the testbed's, at an address of its own, and what the stand-ins for Proxmox, Talos and Helm do
//! with it. It is born when Talos bootstraps it; its last machine takes everything along that a newborn one would lack.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use acceptance_tests::flux::Repository;
use acceptance_tests::kubectl::{self, tried};
use acceptance_tests::operator::Conduct;
use acceptance_tests::stand_in::Answer;
use acceptance_tests::tailnet::Seed;
use acceptance_tests::{Operator, Proxy, Tailnet, Testbed, dns, poll};
use serde_json::{Value, json};

use super::estate::{Estate, kustomization};
use super::removal::{EXTERNAL_SECRETS, FLUX, emptied, part, remove, remove_namespaces};

/// The cluster, for one test at a time: [`Site`](super::site::Site) sees to that.
pub(crate) struct Cluster {
    tailnet: Arc<Tailnet>,
    repository: Arc<Repository>,
    port: u16,
    machines: Mutex<usize>,
    reach: Mutex<Option<Proxy>>,
    operators: Mutex<Vec<Operator>>,
    releases: Mutex<BTreeSet<String>>,
    /// What of ours was still there when the last machine went.
    left: Mutex<Vec<String>>,
    foreign: Arc<OnceLock<BTreeSet<String>>>,
}

impl Cluster {
    pub(crate) fn new(estate: &Estate) -> Self {
        Self {
            tailnet: Arc::clone(&estate.tailnet),
            repository: Arc::clone(&estate.repository),
            port: Proxy::free_port(),
            machines: Mutex::default(),
            reach: Mutex::default(),
            operators: Mutex::default(),
            releases: Mutex::default(),
            left: Mutex::default(),
            foreign: Arc::clone(&estate.foreign),
        }
    }

    /// The work of the stand-ins' programs.
    pub(crate) fn work(&self, kind: &str, operation: &str, input: &Value) -> Answer {
        match (kind, operation) {
            ("proxmox_virtual_environment_vm", "create") => *lock(&self.machines) += 1,
            ("proxmox_virtual_environment_vm", "delete") => {
                let mut machines = lock(&self.machines);
                *machines -= 1;
                // A cluster that has died is nobody's to see: what is in it may wait for the end of the test.
                if *machines == 0 && self.answers() {
                    *lock(&self.left) = ours(&self.foreign).iter().map(told).collect();
                    done(&self.empty())?;
                }
            }
            ("talos_machine_bootstrap", "create") => {
                emptied()?;
                *lock(&self.reach) = Some(Proxy::start_at(self.port));
            }
            ("talos_cluster_kubeconfig", "create") => return Ok(Some(self.kubeconfig())),
            ("helm_release", "read") => return self.look(&input["value"]),
            ("helm_release", "create") => {
                self.install(&input["value"])?;
                lock(&self.releases).insert(name_of(&input["value"]));
            }
            // As Helm's provider does it: what is not there needs not be taken away. (In a rebirth it asks the new cluster.)
            ("helm_release", "delete") if lock(&self.releases).remove(&name_of(&input["value"])) => {
                self.uninstall(&input["value"])?;
            }
            _ => {}
        }
        Ok(None)
    }

    /// The kubeconfig's parts, as Talos gives them, by way of the cluster's own address.
    fn kubeconfig(&self) -> Value {
        let path = Testbed::get().kubeconfig().display().to_string();
        let text = kubectl::succeeds(&["config", "view", "--raw", "-o", "json"]);
        let all: Value = serde_json::from_str(&text).unwrap();
        let at = |pointer: &str| all.pointer(pointer).cloned().unwrap_or_else(|| panic!("{path} has no {pointer}"));
        json!({"kubernetes_client_configuration": {
            "host": format!("https://127.0.0.1:{}", self.port),
            "ca_certificate": at("/clusters/0/cluster/certificate-authority-data"),
            "client_certificate": at("/users/0/user/client-certificate-data"),
            "client_key": at("/users/0/user/client-key-data"),
        }})
    }

    fn answers(&self) -> bool {
        lock(&self.reach).as_ref().is_some_and(|proxy| !proxy.is_silent())
    }

    /// As Helm's provider does it: what it does not hear of within its time is gone.
    fn look(&self, release: &Value) -> Answer {
        let limit = release["timeouts"]["read"].as_str().and_then(|text| text.trim_end_matches('s').parse().ok());
        let end = Instant::now() + Duration::from_secs(limit.ok_or("timeouts.read is not in seconds")?);
        while !self.answers() {
            if Instant::now() > end {
                return Ok(Some(Value::Null));
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        Ok(None)
    }

    /// A release's controller and definitions; of Flux' repository, the source, the root and what it installs.
    fn install(&self, release: &Value) -> Result<(), String> {
        if name_of(release) == "flux2" {
            return part(FLUX.0, "start");
        }
        let (namespace, values) = ("flux-system", release["values"].to_string());
        let path = "clusters/tazlab-k8s";
        if !values.contains(path) {
            return Err(format!("the release does not follow {path}: {values}"));
        }
        // The repository installs External Secrets, and Tailscale's operator, which is played.
        part(EXTERNAL_SECRETS.0, "start")?;
        let operator = |services: &str| Operator::start(services, "tailscale", conduct(&self.tailnet));
        lock(&self.operators).extend([operator("tailscale"), operator("kube-system")]);
        self.repository.publish_git(namespace, namespace);
        kubectl::apply_as("helm", &kustomization(namespace, path, &json!({})));
        Ok(())
    }

    fn uninstall(&self, release: &Value) -> Result<(), String> {
        if name_of(release) == "flux2" {
            return done(&remove(FLUX));
        }
        let kind = "kustomizations.kustomize.toolkit.fluxcd.io";
        tried(&["delete", kind, "flux-system", "-n", "flux-system", "--ignore-not-found", "--timeout=60s"])?;
        // Flux takes away what the root has brought, and what that has brought.
        poll::until(Duration::from_mins(1), "end of what Flux has made", || {
            tried(&["get", kind, "-A", "-o", "name"]).is_ok_and(|names| names.is_empty()).then_some(())
        });
        lock(&self.operators).clear();
        done(&remove(EXTERNAL_SECRETS))?;
        tried(&["delete", "gitrepositories.source.toolkit.fluxcd.io", "--all", "-n", "flux-system"]).map(drop)
    }

    /// The API server answers nobody any more, and its devices leave the tailnet.
    pub(crate) fn die(&self) {
        lock(&self.reach).as_ref().expect("it was born").fall_silent();
        lock(&self.operators).clear();
        self.leave();
    }

    /// What of ours was still there when the last machine went.
    pub(crate) fn left(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.left))
    }

    fn leave(&self) {
        let mut world = self.tailnet.world();
        let here = world.devices.iter().filter(|device| device.away_since.is_none() && device.tags == ["tag:k8s"]);
        for id in here.map(|device| device.node_id.clone()).collect::<Vec<_>>() {
            world.leaves(&id, Duration::ZERO);
        }
    }

    /// Takes away all that a newborn cluster would lack; gives what failed. Namespaces may take a little longer: see
    /// [`emptied`].
    pub(crate) fn empty(&self) -> Vec<String> {
        self.end();
        std::thread::scope(|scope| {
            let parts = [
                scope.spawn(|| remove(EXTERNAL_SECRETS)),
                scope.spawn(|| remove(FLUX)),
                scope.spawn(dns::take_away),
                scope.spawn(remove_namespaces),
            ];
            parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|_| vec!["a part panicked".into()])).collect()
        })
    }

    /// Nobody works in the cluster or reaches it any more.
    pub(crate) fn end(&self) {
        lock(&self.operators).clear();
        lock(&self.releases).clear();
        *lock(&self.reach) = None;
        self.leave();
    }
}

fn name_of(release: &Value) -> String {
    release["name"].as_str().unwrap_or_default().to_owned()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn done(failed: &[String]) -> Result<(), String> {
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

/// How the operator's devices join: with its own tag where a Service names none.
fn conduct(tailnet: &Arc<Tailnet>) -> Conduct {
    let tailnet = Arc::clone(tailnet);
    let join = Box::new(move |hostname: &str, tags: &[String]| {
        let tags = if tags.is_empty() { vec!["tag:k8s".to_owned()] } else { tags.to_vec() };
        tailnet.world().join(&Seed { tags, ..Seed::named(hostname, &[]) }).name()
    });
    Conduct { join, privileged: true, ..Conduct::default() }
}

/// The uid of an object.
pub(crate) fn uid(object: &Value) -> String {
    object["metadata"]["uid"].as_str().unwrap_or_default().to_owned()
}

/// Everything in the cluster that our provider has made, without what was there before and what other tests have made.
pub(crate) fn ours(foreign: &OnceLock<BTreeSet<String>>) -> Vec<Value> {
    let mut kinds = BTreeSet::from([
        "clusterroles",
        "clusterrolebindings",
        "configmaps",
        "deployments",
        "namespaces",
        "poddisruptionbudgets",
        "secrets",
        "serviceaccounts",
        "services",
    ]);
    let stores = "clustersecretstores.external-secrets.io";
    if tried(&["get", "crd", stores]).is_ok() {
        kinds.insert(stores);
    }
    let kinds = kinds.into_iter().collect::<Vec<_>>().join(",");
    let all = kubectl::object(&[&kinds, "-A"]).unwrap_or_default();
    let made = |one: &&Value| {
        let metadata = &one["metadata"];
        let other = |field: &str| metadata[field].as_str().is_some_and(|text| text.contains("tazlab-test-"));
        let was_there = foreign.get().is_some_and(|foreign| foreign.contains(&uid(one)));
        metadata["annotations"]["tazlab.io/instance"].is_string() && !was_there && !other("name") && !other("namespace")
    };
    all["items"].as_array().into_iter().flatten().filter(made).cloned().collect()
}

/// An object's kind and name.
pub(crate) fn told(object: &Value) -> String {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or("-");
    format!("{} {}/{}", object["kind"].as_str().unwrap_or_default(), text("namespace"), text("name"))
}
