//! A real API server of a test's own on 127.0.0.1, with an etcd behind it and nothing else of a cluster: what issues tokens with a
//! signing key that the test made, and counts the requests of nobody else. It is far cheaper than a second cluster, and issues
//! the same tokens.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::signer::openssl;
use crate::{Proxy, Testbed, canary, poll};

/// An API server and its etcd; they end with the value.
#[derive(Debug)]
pub struct KubeApiserver {
    folder: tempfile::TempDir,
    port: u16,
    token: String,
    processes: Vec<Child>,
}

impl KubeApiserver {
    /// Starts one that signs with a key of its own.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn alone() -> Self {
        let key = tempfile::NamedTempFile::new().unwrap();
        // The format of keys that is older than the one which openssl writes by itself.
        let pem = openssl(&["genrsa", "-traditional", "2048"], b"");
        fs::write(key.path(), pem).unwrap();
        Self::start(key.path(), "https://kubernetes.default.svc")
    }

    /// Starts one that signs with the key in this file, for this issuer.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn start(signing_key: &Path, issuer: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (client, peer, port) = (Proxy::free_port(), Proxy::free_port(), Proxy::free_port());
        let token = canary::plant();
        fs::write(folder.path().join("tokens.csv"), format!("{token},admin,admin,\"system:masters\"\n")).unwrap();
        let mut server = Self { folder, port, token, processes: Vec::new() };
        let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
        server.run(
            "etcd",
            &[
                format!("--data-dir={}", server.path("etcd-data")),
                format!("--listen-client-urls={client}"),
                format!("--advertise-client-urls={client}"),
                format!("--listen-peer-urls={peer}"),
                format!("--initial-advertise-peer-urls={peer}"),
                format!("--initial-cluster=default={peer}"),
                "--unsafe-no-fsync".to_owned(),
            ],
        );
        let key = signing_key.display();
        server.run(
            "kube-apiserver",
            &[
                format!("--etcd-servers={client}"),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={port}"),
                format!("--cert-dir={}", server.path("certificates")),
                format!("--token-auth-file={}", server.path("tokens.csv")),
                "--authorization-mode=RBAC".to_owned(),
                "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
                format!("--service-account-issuer={issuer}"),
                format!("--service-account-key-file={key}"),
                format!("--service-account-signing-key-file={key}"),
            ],
        );
        // It answers before all of it has begun.
        poll::until(Duration::from_mins(3), "API server of the test's own", || {
            assert!(server.processes.iter_mut().all(|one| one.try_wait().unwrap().is_none()), "{}", server.log());
            server.kubectl(&["get", "--raw", "/readyz"]).status.success().then_some(())
        });
        server
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a path that is text").to_owned()
    }

    /// The component of the testbed's one binary of Kubernetes, which is what it is called.
    fn run(&mut self, name: &str, arguments: &[String]) {
        let program = self.path(name);
        std::os::unix::fs::symlink(binary(), &program).unwrap();
        let log = fs::File::create(self.path(&format!("{name}.log"))).unwrap();
        let process = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        self.processes.push(process);
    }

    fn log(&self) -> String {
        ["etcd", "kube-apiserver"].map(|name| fs::read_to_string(self.path(&format!("{name}.log"))).unwrap()).concat()
    }

    fn authority(&self) -> String {
        self.path("certificates/apiserver.crt")
    }

    /// Runs kubectl on it.
    #[must_use]
    pub fn kubectl(&self, arguments: &[&str]) -> Output {
        let user = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
            "clusters": [{"name": "c", "cluster": {
                "server": format!("https://127.0.0.1:{}", self.port), "certificate-authority": self.authority()}}],
            "users": [{"name": "c", "user": {"token": self.token}}]});
        fs::write(self.path("kubeconfig"), user.to_string()).unwrap();
        Command::new(Testbed::get().kubectl())
            .args(["--kubeconfig", &self.path("kubeconfig"), "--cache-dir", &self.path("cache")])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("kubectl runs")
    }

    /// A token of a ServiceAccount that is made for it in the namespace `default`.
    ///
    /// # Panics
    /// When the server issues none.
    #[must_use]
    pub fn token_of(&self, account: &str, audience: &str) -> String {
        // The namespace comes with a controller of the server's own, a moment after it is ready.
        poll::until(Duration::from_mins(1), "ServiceAccount", || {
            let made = self.kubectl(&["create", "serviceaccount", account, "--namespace", "default"]);
            let there = String::from_utf8_lossy(&made.stderr).contains("AlreadyExists");
            (made.status.success() || there).then_some(())
        });
        let issued =
            self.kubectl(&["create", "token", account, "--namespace", "default", &format!("--audience={audience}")]);
        assert!(issued.status.success(), "no token: {}", String::from_utf8_lossy(&issued.stderr));
        String::from_utf8(issued.stdout).unwrap().trim().to_owned()
    }

    /// The requests for objects of a kind (`secrets`) by verb and code, `APPLY 201`, as the server itself has counted them since it
    /// began. Watches are left out: the server's own never end.
    ///
    /// # Panics
    /// When it does not show its metrics.
    #[must_use]
    pub fn requests(&self, resource: &str) -> BTreeMap<String, u64> {
        let shown = self.kubectl(&["get", "--raw", "/metrics"]);
        assert!(shown.status.success(), "no metrics: {}", String::from_utf8_lossy(&shown.stderr));
        let mut counts = BTreeMap::new();
        for line in String::from_utf8(shown.stdout).unwrap().lines() {
            let Some((labels, count)) =
                line.strip_prefix("apiserver_request_total{").and_then(|line| line.split_once("} "))
            else {
                continue;
            };
            let label = |name: &str| labels.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            if label("resource") == Some(&format!("\"{resource}\"")) && label("verb") != Some("\"WATCH\"") {
                let of = |name: &str| label(name).unwrap().trim_matches('"').to_owned();
                *counts.entry(format!("{} {}", of("verb"), of("code"))).or_default() += count.parse::<u64>().unwrap();
            }
        }
        counts
    }

    /// The provider's `kubernetes` block for it.
    #[must_use]
    pub fn block(&self) -> String {
        format!(
            "kubernetes = {{\n  host = \"https://127.0.0.1:{}\"\n  token = \"{}\"\n  cluster_ca_certificate_file = \"{}\"\n}}",
            self.port,
            self.token,
            self.authority()
        )
    }
}

impl Drop for KubeApiserver {
    fn drop(&mut self) {
        // The API server first: without its etcd it only complains.
        for process in self.processes.iter_mut().rev() {
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// The testbed's Kubernetes. With kind's own nodes there is none on this machine yet: it is built.
fn binary() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed/program");
    let output = Command::new(script).arg("kubernetes").output().expect("the testbed's programs");
    assert!(output.status.success(), "no kubernetes: {}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}
