//! The testbed as the story finds it and leaves it: its DNS, its controllers with their definitions, and namespaces that have
//! the names of the example's are put back, whatever fails.

use std::sync::Arc;

use acceptance_tests::Part;
use acceptance_tests::dns::{self, ClusterDns};
use acceptance_tests::kubectl::{self, PREFIX, tried};
use acceptance_tests::leftovers::KINDS;
use acceptance_tests::lock::Lock;
use acceptance_tests::stand_in::{PROGRAMS, Programs};
use serde_json::{Value, json};

use super::cluster::{self, Cluster};
use super::estate::Estate;
use super::removal::{EXTERNAL_SECRETS, FLUX, NAMESPACES, emptied, part, remove, remove_namespaces};

const TYPES: &[&str] =
    &["proxmox_virtual_environment_vm", "talos_machine_bootstrap", "talos_cluster_kubeconfig", "helm_release"];

/// Nothing of the cluster is there, and the stand-ins can make it.
pub(crate) struct Site {
    pub(crate) cluster: Arc<Cluster>,
    /// What had the example's names (`make demo` leaves some): namespaces, and the Secrets in them.
    borrowed: Vec<Value>,
    _programs: Programs,
    /// It puts itself back.
    dns: Option<ClusterDns>,
    _cluster: Lock,
}

impl Site {
    /// Takes what is there away.
    ///
    /// # Panics
    /// When something that is no test's would go with the definitions.
    pub(crate) fn clear(estate: &Estate) -> Self {
        let (lock, dns) = (Part::Cluster.exclusive(), ClusterDns::alone());
        let strangers = strangers();
        assert!(strangers.is_empty(), "these would go with their definitions: {strangers:?}");
        let borrowed = borrowed();
        let cluster = Arc::new(Cluster::new(estate));
        let works = Arc::clone(&cluster);
        let programs = Programs::of(TYPES, move |kind, operation, input| works.work(kind, operation, input));
        estate.workspace.environment(PROGRAMS, programs.path().to_str().unwrap());
        let site = Self { cluster, borrowed, _programs: programs, dns: Some(dns), _cluster: lock };
        let failed = site.cluster.empty();
        assert!(failed.is_empty(), "{failed:#?}");
        emptied().expect("the namespaces of the example are gone");
        let there = cluster::ours(&estate.foreign).iter().map(cluster::uid).collect();
        estate.foreign.set(there).expect("the cluster is cleared once");
        site
    }

    /// Each step is done though another failed; gives what failed.
    fn put_back(&mut self) -> Vec<String> {
        let dns = self.dns.take();
        let site = &*self;
        site.cluster.end();
        let renewed = |release @ (program, _)| {
            let mut failed = remove(release);
            failed.extend(part(program, "start").err());
            failed
        };
        let namespaces = || {
            let mut failed = remove_namespaces();
            failed.extend(emptied().err());
            failed.extend(site.give_back().err());
            failed
        };
        std::thread::scope(|scope| {
            let parts =
                [scope.spawn(|| renewed(EXTERNAL_SECRETS)), scope.spawn(|| renewed(FLUX)), scope.spawn(namespaces)];
            drop(dns);
            parts.into_iter().flat_map(|part| part.join().unwrap_or_else(|_| vec!["a part panicked".into()])).collect()
        })
    }

    fn give_back(&self) -> Result<(), String> {
        if self.borrowed.is_empty() {
            return Ok(());
        }
        let items: Vec<Value> = self.borrowed.iter().map(dns::manifest).collect();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        std::fs::write(file.path(), list.to_string()).map_err(|error| error.to_string())?;
        tried(&["create", "-f", &file.path().to_string_lossy()]).map(drop)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let failed = self.put_back();
        let told = format!("the testbed was not put back: `make testbed-up` mends it\n{}", failed.join("\n"));
        // A second panic would end the process, and hide the first.
        if std::thread::panicking() {
            eprintln!("{}", if failed.is_empty() { "" } else { &told });
        } else {
            assert!(failed.is_empty(), "{told}");
        }
    }
}

fn borrowed() -> Vec<Value> {
    let there = NAMESPACES.iter().filter_map(|name| kubectl::object(&["namespace", name]));
    let there: Vec<Value> = there.collect();
    let names = there.iter().filter_map(|namespace| namespace["metadata"]["name"].as_str());
    let lists: Vec<Value> = names.filter_map(|name| kubectl::object(&["secrets", "-n", name])).collect();
    let secrets = lists.iter().flat_map(|list| list["items"].as_array().into_iter().flatten());
    there.iter().chain(secrets).cloned().collect()
}

/// Objects of the controllers' kinds that are neither a test's nor with the example's names.
fn strangers() -> Vec<String> {
    let all = kubectl::object(&[KINDS.join(",").as_str(), "-A"]).unwrap_or_default();
    let known = |one: &&Value| {
        let place = one["metadata"]["namespace"].as_str().or(one["metadata"]["name"].as_str()).unwrap_or_default();
        place.starts_with(PREFIX) || NAMESPACES.contains(&place)
    };
    all["items"].as_array().into_iter().flatten().filter(|one| !known(one)).map(cluster::told).collect()
}
