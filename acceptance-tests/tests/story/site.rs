//! The testbed as the story finds it and leaves it: its DNS, its controllers with their definitions, and namespaces that have
//! the names of the example's are put back, whatever fails.

use std::sync::Arc;

use acceptance_tests::dns::{self, ClusterDns};
use acceptance_tests::kubectl::{self, tried};
use acceptance_tests::stand_in::{PROGRAMS, Programs};
use serde_json::{Value, json};

use super::cluster::{Cluster, EXTERNAL_SECRETS, FLUX, NAMESPACES, part};
use super::estate::Estate;

const TYPES: &[&str] =
    &["proxmox_virtual_environment_vm", "talos_machine_bootstrap", "talos_cluster_kubeconfig", "helm_release"];

/// Nothing of the cluster is there, and the stand-ins can make it.
pub(crate) struct Site {
    pub(crate) cluster: Arc<Cluster>,
    /// What had the example's names (`make demo` leaves some): namespaces, and the Secrets in them.
    borrowed: Vec<Value>,
    _programs: Programs,
    _dns: ClusterDns,
}

impl Site {
    /// Takes what is there away.
    ///
    /// # Panics
    /// When something that is no test's would go with the definitions.
    pub(crate) fn clear(estate: &Estate) -> Self {
        let dns = ClusterDns::alone();
        let strangers = strangers();
        assert!(strangers.is_empty(), "these would go with their definitions: {strangers:?}");
        let borrowed = borrowed();
        let cluster = Arc::new(Cluster::new(estate));
        let works = Arc::clone(&cluster);
        let programs = Programs::of(TYPES, move |kind, operation, input| works.work(kind, operation, input));
        estate.workspace.environment(PROGRAMS, programs.path().to_str().unwrap());
        let site = Self { cluster, borrowed, _programs: programs, _dns: dns };
        let failed = site.cluster.empty();
        assert!(failed.is_empty(), "{failed:#?}");
        site
    }

    /// Each step is done though another failed; gives what failed.
    fn put_back(&self) -> Vec<String> {
        let mut failed = Vec::new();
        if self.cluster.has_machines() || std::thread::panicking() {
            failed.extend(self.cluster.empty());
        }
        let list = json!({"apiVersion": "v1", "kind": "List",
            "items": self.borrowed.iter().map(dns::manifest).collect::<Vec<_>>()});
        let borrowed = || match tempfile::NamedTempFile::new() {
            _ if self.borrowed.is_empty() => None,
            Ok(file) => {
                let written = std::fs::write(file.path(), list.to_string()).map_err(|error| error.to_string());
                written.and_then(|()| tried(&["create", "-f", &file.path().to_string_lossy()])).err()
            }
            Err(error) => Some(error.to_string()),
        };
        std::thread::scope(|scope| {
            let parts = [EXTERNAL_SECRETS, FLUX].map(|(program, _)| scope.spawn(move || part(program, "start").err()));
            failed.extend(borrowed());
            failed.extend(parts.into_iter().filter_map(|part| part.join().unwrap_or(Some("a part panicked".into()))));
        });
        failed
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
    let kinds = "kustomizations.kustomize.toolkit.fluxcd.io,externalsecrets.external-secrets.io,secretstores.external-secrets.io,clustersecretstores.external-secrets.io";
    let all = kubectl::object(&[kinds, "-A"]).unwrap_or_default();
    let known = |one: &&Value| {
        let place = one["metadata"]["namespace"].as_str().or(one["metadata"]["name"].as_str()).unwrap_or_default();
        place.starts_with("tazlab-test-") || NAMESPACES.contains(&place)
    };
    all["items"].as_array().into_iter().flatten().filter(|one| !known(one)).map(super::cluster::told).collect()
}
