//! `tazlab_kept_secret` with the real Terraform, a real API server and a real Vault; with the real cert-manager and a real ACME
//! server in `cert_manager`. Every test has a namespace and a path of its own, and ends with a search for its secrets in
//! everything that Terraform left behind.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod cert_manager;
mod certificates;
mod differences;
mod examples;
mod faults;
mod import;
mod labels;
mod life;
mod recreation;

use acceptance_tests::{Namespace, Vault, Workspace, canary, kubectl};
use serde_json::{Value, json};

const ONE: &str = "tazlab_kept_secret.one";

/// A path of the testbed's Vault that no other test uses; forgotten at the end, whoever wrote there.
struct Place<'a> {
    vault: &'a Vault,
    path: String,
}

impl<'a> Place<'a> {
    fn free(vault: &'a Vault) -> Self {
        Self { vault, path: format!("kept/test-{}", canary::plant().to_lowercase()) }
    }

    /// The fields of its newest version.
    fn fields(&self) -> Option<Value> {
        self.vault.read(&format!("secret/data/{}", self.path)).map(|found| found["data"].clone())
    }

    /// The number of its newest version.
    fn version(&self) -> Option<i64> {
        self.vault.read(&format!("secret/metadata/{}", self.path))?["current_version"].as_i64()
    }

    /// The Secrets in its newest version.
    fn secrets(&self) -> Vec<Value> {
        let fields = self.fields().expect("a copy");
        let list: Value = serde_json::from_str(fields["manifest"].as_str().unwrap()).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    /// The content of a key in the only Secret of the copy.
    fn content(&self, key: &str) -> Vec<u8> {
        use base64::Engine;
        let secrets = self.secrets();
        assert_eq!(secrets.len(), 1);
        base64::prelude::BASE64_STANDARD.decode(secrets[0]["data"][key].as_str().unwrap()).unwrap()
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        drop(self.vault.ask("DELETE", &format!("secret/metadata/{}", self.path), None));
    }
}

fn workspace(vault: &Vault) -> Workspace {
    let workspace = Workspace::new();
    workspace.provider(&vault.block(&workspace));
    workspace
}

/// One kept Secret `one`, with more arguments.
fn one(namespace: &Namespace, place: &Place<'_>, arguments: &str) -> String {
    format!(
        "resource \"tazlab_kept_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n  vault = {{ mount = \"secret\", path = \"{}\" }}\n{arguments}\n}}\n",
        namespace.name(),
        place.path
    )
}

/// Makes the Secret `one` with this content, as somebody else.
fn make(namespace: &Namespace, content: &str) {
    kubectl::apply_as("somebody", &namespace.manifest("one", &[("key", content)]));
}

/// Deletes it.
fn delete(namespace: &Namespace) {
    kubectl::succeeds(&["delete", "secret", "one", "-n", namespace.name()]);
}

/// A Secret of a kept one's own, with its copy in Vault; gives its content.
fn kept(workspace: &Workspace, namespace: &Namespace, place: &Place<'_>, arguments: &str) -> String {
    let content = workspace.secret();
    make(namespace, &content);
    workspace.hcl(&one(namespace, place, arguments));
    workspace.apply().succeeds();
    assert_eq!(place.content("key"), content.as_bytes());
    content
}
