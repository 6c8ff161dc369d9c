//! A source for Flux's real kustomize-controller: a test's files, served on 127.0.0.1, and the ExternalArtifact that leads to
//! them, whose status is written as a source controller would.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Testbed, canary, kubectl};

/// The field manager of what is written here.
const MANAGER: &str = "tazlab-test-source";

/// Files that Flux can apply.
#[derive(Debug)]
pub struct Repository {
    folder: tempfile::TempDir,
    address: SocketAddr,
    served: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    closed: Arc<AtomicBool>,
}

impl Repository {
    /// An empty one.
    ///
    /// # Panics
    /// When the testbed runs no kustomize-controller.
    #[must_use]
    pub fn start() -> Self {
        let log = Testbed::get().kustomize_controller_log();
        assert!(log.is_file(), "no kustomize-controller is up: run `make testbed-up` again");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (served, closed) = (Arc::<Mutex<BTreeMap<String, Vec<u8>>>>::default(), Arc::<AtomicBool>::default());
        let address = listener.local_addr().unwrap();
        let (ours, ended) = (Arc::clone(&served), Arc::clone(&closed));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                answer(client, &ours);
            }
        });
        Self { folder: tempfile::tempdir().unwrap(), address, served, closed }
    }

    /// Writes a file.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Where the files are.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Shows the files as they are now to Flux, as the ExternalArtifact `namespace/name`.
    pub fn publish(&self, namespace: &str, name: &str) {
        let kind = json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "ExternalArtifact"});
        self.publish_as(kind, namespace, name);
    }

    /// The same as a `GitRepository`, for a repository whose own Kustomizations name one.
    pub fn publish_git(&self, namespace: &str, name: &str) {
        let spec = json!({"interval": "10m", "url": "https://git.invalid/nobody-asks-it"});
        let kind = json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "spec": spec});
        self.publish_as(kind, namespace, name);
    }

    fn publish_as(&self, kind: Value, namespace: &str, name: &str) {
        let output = Command::new("tar")
            .args(["--create", "--gzip", "--sort=name", "--mtime=@0", "--file=-", "."])
            .current_dir(self.folder.path())
            .output()
            .expect("tar runs");
        assert!(output.status.success(), "tar: {}", String::from_utf8_lossy(&output.stderr));
        let digest = canary::hex(&Sha256::digest(&output.stdout));
        let (file, size) = (format!("{digest}.tar.gz"), output.stdout.len());
        self.served.lock().unwrap().insert(file.clone(), output.stdout);
        let mut object = kind;
        object["metadata"] = json!({"namespace": namespace, "name": name});
        kubectl::apply_as(MANAGER, &object);
        let now = jiff::Timestamp::now().to_string();
        let now = format!("{}Z", now.split('.').next().unwrap_or_default().trim_end_matches('Z'));
        object["status"] = json!({
            "artifact": {"url": format!("http://{}/{file}", self.address), "path": file, "size": size, "lastUpdateTime": now,
                         "digest": format!("sha256:{digest}"), "revision": format!("test@sha256:{digest}")},
            "conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored artifact",
                            "lastTransitionTime": now}],
        });
        kubectl::apply_status_as(MANAGER, &[object]);
    }

    /// A Flux Kustomization of a folder of the ExternalArtifact `source` in its namespace, with more of its spec. What failed
    /// stays so for a while, so that it can be read; new files are tried at once.
    #[must_use]
    pub fn kustomization(namespace: &str, name: &str, source: &str, path: &str, more: &Value) -> Value {
        let mut spec = json!({
            "interval": "10m", "retryInterval": "20s", "prune": true, "path": path,
            "sourceRef": {"kind": "ExternalArtifact", "name": source},
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            spec[key] = value.clone();
        }
        json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
               "metadata": {"namespace": namespace, "name": name}, "spec": spec})
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
    }
}

/// Serves one file; what goes wrong is the client's to notice.
fn answer(mut client: TcpStream, served: &Mutex<BTreeMap<String, Vec<u8>>>) {
    let mut lines = BufReader::new(&client).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    let name = first.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let found = served.lock().unwrap().get(&name).cloned();
    let (code, body) = found.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let head = format!("HTTP/1.1 {code}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    drop(client.write_all(head.as_bytes()).and_then(|()| client.write_all(&body)));
}

/// Deletes the Flux Kustomizations of a namespace, and leaves what they have applied to the namespace's own end.
pub fn remove_kustomizations(namespace: &str) {
    const KIND: &str = "kustomizations.kustomize.toolkit.fluxcd.io";
    // The controller removes what a Kustomization has applied before it lets go of it, unless it is told not to prune.
    let all = kubectl::object(&[KIND, "-n", namespace]).unwrap_or_default();
    let keeps = |one: &&Value| one["metadata"]["finalizers"].is_array();
    let names =
        all["items"].as_array().into_iter().flatten().filter(keeps).filter_map(|one| one["metadata"]["name"].as_str());
    let names: Vec<&str> = names.collect();
    if !names.is_empty() {
        let patch = [
            &["patch", KIND, "-n", namespace],
            names.as_slice(),
            &["--type=merge", "-p", r#"{"spec":{"prune":false}}"#],
        ];
        drop(kubectl::kubectl(&patch.concat()));
    }
    drop(kubectl::kubectl(&["delete", KIND, "--all", "-n", namespace, "--wait=true", "--timeout=30s"]));
}
