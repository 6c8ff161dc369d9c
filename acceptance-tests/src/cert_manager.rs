//! The real cert-manager, as a process beside the cluster: for one test at a time, since it works on all of the cluster's
//! Certificates. Its definitions go with it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::lock::Lock;
use crate::{Acme, Part, Testbed, kubectl, poll, programs};

/// The kinds that it brings.
const DEFINITIONS: [&str; 6] = [
    "challenges.acme.cert-manager.io",
    "orders.acme.cert-manager.io",
    "certificaterequests.cert-manager.io",
    "certificates.cert-manager.io",
    "clusterissuers.cert-manager.io",
    "issuers.cert-manager.io",
];

/// A cert-manager at work; it ends with the value.
#[derive(Debug)]
pub struct CertManager {
    folder: tempfile::TempDir,
    process: Option<Child>,
    namespace: String,
    nameserver: String,
    /// Its definitions are, or may be, in the cluster.
    defined: bool,
    _alone: Lock,
}

impl CertManager {
    /// Brings its definitions and starts it. Secrets of a `ClusterIssuer` are in `namespace`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(namespace: &str, acme: &Acme) -> Self {
        let mut manager = Self::awaited(namespace, acme.dns());
        manager.start_again();
        manager
    }

    /// One that does not run yet, in a cluster without its definitions: whoever brings them lets it [`CertManager::run`]. They go with the
    /// value all the same.
    ///
    /// # Panics
    /// When there is no folder to be had.
    #[must_use]
    pub fn awaited(namespace: &str, nameserver: &str) -> Self {
        let alone = Part::CertManager.exclusive();
        let (namespace, nameserver) = (namespace.to_owned(), nameserver.to_owned());
        let folder = tempfile::tempdir().unwrap();
        let mut manager = Self { folder, process: None, namespace, nameserver, defined: true, _alone: alone };
        // A run that was killed may have left them.
        manager.stop();
        manager.defined = true;
        manager
    }

    /// The file with its definitions.
    #[must_use]
    pub fn definitions() -> PathBuf {
        programs::program("cert-manager").join("crds.yaml")
    }

    /// Starts it as in a new cluster: with definitions that nobody has used yet.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        self.stop();
        self.defined = true;
        let definitions = Self::definitions();
        let file = definitions.to_str().unwrap();
        kubectl::succeeds(&["apply", "--server-side", "--field-manager", "tazlab-test", "-f", file]);
        poll::until(Duration::from_secs(30), "definitions of cert-manager", || {
            let wait = ["wait", "--for", "condition=Established", "--timeout=10s", "-f", file];
            kubectl::kubectl(&wait).status.success().then_some(())
        });
        self.run();
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it does not start.
    pub fn run(&mut self) {
        let programs = programs::program("cert-manager");
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let process = Command::new(programs.join("cert-manager"))
            .args(["--kubeconfig", Testbed::get().kubeconfig().to_str().unwrap()])
            .args(["--cluster-resource-namespace", &self.namespace])
            .args(["--dns01-recursive-nameservers", &self.nameserver])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("cert-manager starts");
        self.process = Some(process);
    }

    /// Ends it with everything that it has brought.
    pub fn stop(&mut self) {
        if self.process.is_none() && !self.defined {
            return;
        }
        // While it works: what it has begun has finalizers, which it takes off.
        let all = [&["delete", "crd", "--ignore-not-found", "--timeout=60s"], DEFINITIONS.as_slice()].concat();
        drop(kubectl::kubectl(&all));
        self.defined = false;
        if let Some(mut process) = self.process.take() {
            drop(process.kill());
            drop(process.wait());
        }
    }

    /// What it has logged; nothing where it never ran.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for CertManager {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            println!("cert-manager, its last lines:\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        }
        self.stop();
    }
}

/// A `ClusterIssuer` that proves names by DNS; `account` is the Secret with its ACME account.
#[must_use]
pub fn cluster_issuer(name: &str, account: &str, acme: &Acme) -> Value {
    use base64::Engine;
    let authority = base64::prelude::BASE64_STANDARD.encode(acme.authority());
    json!({"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": name}, "spec": {"acme": {
        "server": acme.directory(), "caBundle": authority, "privateKeySecretRef": {"name": account},
        "solvers": [{"dns01": {"rfc2136": {"nameserver": acme.dns()}}}],
    }}})
}

/// A Certificate by that `ClusterIssuer`, into the Secret of its own name.
#[must_use]
pub fn certificate(namespace: &str, name: &str, issuer: &str, host: &str) -> Value {
    json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"namespace": namespace, "name": name},
        "spec": {"secretName": name, "dnsNames": [host], "privateKey": {"rotationPolicy": "Always"},
            "issuerRef": {"kind": "ClusterIssuer", "name": issuer}}})
}

/// The condition of this type of an object, `True`, `False` or nothing.
#[must_use]
pub fn condition(object: &[&str], kind: &str) -> Option<Value> {
    let object = kubectl::object(object)?;
    let all = object["status"]["conditions"].as_array()?.clone();
    all.into_iter().find(|condition| condition["type"] == kind)
}

/// Waits until an object is ready.
pub fn until_ready(object: &[&str]) {
    poll::until(Duration::from_mins(2), &format!("Ready of {object:?}"), || {
        condition(object, "Ready").filter(|ready| ready["status"] == "True")
    });
}

/// Asks for a renewal, as `cmctl renew` does.
pub fn renew(namespace: &str, name: &str) {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let issuing = json!({"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "a test",
        "lastTransitionTime": now, "observedGeneration": 1});
    let patch = json!([{"op": "add", "path": "/status/conditions/-", "value": issuing}]).to_string();
    let arguments =
        ["patch", "certificate", name, "-n", namespace, "--subresource=status", "--type=json", "-p", &patch];
    kubectl::succeeds(&arguments);
}
