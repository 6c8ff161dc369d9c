//! Real kubectl, and namespaces that a test has for itself.

use std::process::{Command, Output};
use std::time::Duration;

use rand::Rng;
use serde_json::Value;

use crate::lock::Lock;
use crate::{Part, Testbed, poll, test_process};

/// Runs kubectl on the test cluster.
pub fn kubectl(arguments: &[&str]) -> Output {
    Command::new(Testbed::get().kubectl())
        .arg("--kubeconfig")
        .arg(Testbed::get().kubeconfig())
        .args(arguments)
        .env_remove("KUBECONFIG")
        .output()
        .expect("kubectl runs")
}

/// Runs kubectl, which must succeed; gives what it printed.
///
/// # Panics
/// When it fails, with what it said.
pub fn succeeds(arguments: &[&str]) -> String {
    let output = kubectl(arguments);
    assert!(output.status.success(), "kubectl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("kubectl prints UTF-8")
}

/// Runs kubectl, which may fail: where things are put back, one failure must not keep the rest from being done.
///
/// # Errors
/// What it said.
pub fn tried(arguments: &[&str]) -> Result<String, String> {
    let output = kubectl(arguments);
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("kubectl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// An object as JSON; `None` when it does not exist.
///
/// # Panics
/// When kubectl fails for another reason.
pub fn object(arguments: &[&str]) -> Option<Value> {
    let mut all = vec!["get", "-o", "json", "--ignore-not-found"];
    all.extend(arguments);
    let text = succeeds(&all);
    (!text.trim().is_empty()).then(|| serde_json::from_str(&text).expect("kubectl prints JSON"))
}

/// A token of the ServiceAccount `default`, for one audience or the API server's own. The cluster makes that account some time
/// after the namespace.
pub fn token(namespace: &Namespace, audience: Option<&str>) -> String {
    let mut arguments = vec!["create", "token", "default", "-n", namespace.name()];
    arguments.extend(audience.into_iter().flat_map(|audience| ["--audience", audience]));
    let made = poll::until(Duration::from_secs(20), "token of the ServiceAccount default", || {
        let output = kubectl(&arguments);
        output.status.success().then_some(output.stdout)
    });
    String::from_utf8(made).expect("kubectl prints UTF-8").trim().to_owned()
}

/// Applies a manifest with server-side apply as another field manager.
///
/// # Panics
/// When it fails.
pub fn apply_as(manager: &str, manifest: &Value) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), manifest.to_string()).expect("written");
    let path = file.path().to_str().expect("a path");
    succeeds(&["apply", "--server-side", "--force-conflicts", "--field-manager", manager, "-f", path]);
}

/// Applies the status of objects, as the controllers do whose part a test plays, all in one run.
///
/// # Panics
/// When it fails.
pub fn apply_status_as(manager: &str, objects: &[Value]) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
    std::fs::write(file.path(), list.to_string()).expect("written");
    let path = file.path().to_str().expect("a path");
    let flags = ["--server-side", "--force-conflicts", "--subresource=status", "--field-manager", manager, "-f", path];
    succeeds(&[&["apply"], flags.as_slice()].concat());
}

/// The keys of the cluster's tokens, for whoever asks; closed again at the end.
#[derive(Debug)]
pub struct OpenKeys(String);

impl OpenKeys {
    /// Allows it by a ClusterRoleBinding of this name.
    ///
    /// # Panics
    /// When the test has not taken [`Part::Discovery`] for itself.
    #[must_use]
    pub fn to_everybody(name: &str) -> Self {
        Part::Discovery.assert_exclusive();
        let role = "--clusterrole=system:service-account-issuer-discovery";
        succeeds(&["create", "clusterrolebinding", name, role, "--group=system:unauthenticated"]);
        Self(name.to_owned())
    }
}

impl Drop for OpenKeys {
    fn drop(&mut self) {
        drop(kubectl(&["delete", "clusterrolebinding", &self.0]));
    }
}

/// What the names of all namespaces of tests begin with.
pub const PREFIX: &str = "tazlab-test-";

/// An image that every node has, and whose container waits for ever: the one that its sandboxes are made of.
///
/// # Panics
/// When no node says that it has it.
#[must_use]
pub fn pause_image() -> String {
    let nodes = object(&["nodes"]).expect("the cluster has nodes");
    let images = nodes["items"].as_array().into_iter().flatten().filter_map(|node| node["status"]["images"].as_array());
    let mut names = images.flatten().filter_map(|image| image["names"].as_array()).flatten().filter_map(Value::as_str);
    let found = names.find(|name| name.starts_with("registry.k8s.io/pause:"));
    found.unwrap_or_else(|| panic!("no node says that it has registry.k8s.io/pause: {}", nodes["items"])).to_owned()
}

/// A namespace with a random name. It is removed at the end, whether a test made it or not. Until then nobody harms the cluster but
/// the test itself.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    _cluster: Lock,
}

impl Namespace {
    /// A name that is free; nothing is made.
    #[must_use]
    pub fn named(purpose: &str) -> Self {
        let name = format!("{PREFIX}{purpose}-{:08x}", rand::rng().random::<u32>());
        Self { name, _cluster: Part::Cluster.shared() }
    }

    /// A namespace that is there.
    #[must_use]
    pub fn made(purpose: &str) -> Self {
        let namespace = Self::named(purpose);
        let metadata = serde_json::json!({"name": namespace.name(), "annotations": test_process::annotations()});
        apply_as("tazlab-test", &serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}));
        namespace
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A Secret in it.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<Value> {
        object(&["secret", name, "-n", self.name()])
    }

    /// The decoded contents of a Secret in it.
    ///
    /// # Panics
    /// When there is no such Secret.
    #[must_use]
    pub fn contents(&self, name: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
        use base64::Engine;
        let secret = self.secret(name).unwrap_or_else(|| panic!("there is no Secret {}/{name}", self.name()));
        let data = secret["data"].as_object().cloned().unwrap_or_default();
        let decode =
            |text: &Value| base64::prelude::BASE64_STANDARD.decode(text.as_str().unwrap_or_default()).expect("base64");
        data.iter().map(|(key, text)| (key.clone(), decode(text))).collect()
    }

    /// A manifest of a Secret in it, for [`apply_as`]. `data` and not `stringData`: by server-side apply the second
    /// makes its manager the owner of nothing that anybody else sees.
    #[must_use]
    pub fn manifest(&self, name: &str, contents: &[(&str, &str)]) -> Value {
        use base64::Engine;
        let encode = |text: &str| Value::from(base64::prelude::BASE64_STANDARD.encode(text));
        let data: serde_json::Map<_, _> =
            contents.iter().map(|(key, text)| ((*key).to_owned(), encode(text))).collect();
        serde_json::json!({"apiVersion": "v1", "kind": "Secret", "data": data,
                           "metadata": {"namespace": self.name(), "name": name}})
    }

    /// Is the namespace there?
    #[must_use]
    pub fn exists(&self) -> bool {
        object(&["namespace", self.name()]).is_some()
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(kubectl(&["delete", "namespace", self.name(), "--ignore-not-found", "--wait=false"]));
    }
}
