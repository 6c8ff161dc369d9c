//! `tazlab_vault_jwt_auth` and `tazlab_vault_jwt_role` with the real Terraform on a real Vault, whose authority the system
//! does not know, and with real tokens of the real API server. Every test has a mount of its own, or a Vault of its own
//! where it harms it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod definitions;
mod differential;
mod examples;
mod faults;
mod import;
mod kv;
mod life;
mod logins;
mod many;
mod ownership;
mod service_account;
mod signing_key;
mod sources;

use acceptance_tests::{Namespace, Vault, Workspace, kubectl};
use serde_json::{Value, json};

const AUTH: &str = "tazlab_vault_jwt_auth.cluster";
const ROLE: &str = "tazlab_vault_jwt_role.one";
const AUDIENCE: &str = "https://vault.test:8200";

/// A path that no other test uses; unmounted at the end, whoever mounted it.
struct Path<'a>(&'a Vault, String);

impl<'a> Path<'a> {
    fn free(vault: &'a Vault, purpose: &str) -> Self {
        Self(vault, format!("test-{purpose}-{}", acceptance_tests::canary::plant().to_lowercase()))
    }

    fn name(&self) -> &str {
        &self.1
    }

    fn config(&self) -> Option<Value> {
        self.0.read(&format!("auth/{}/config", self.1))
    }

    fn mount(&self) -> Option<Value> {
        self.0.read(&format!("sys/auth/{}", self.1))
    }

    fn role(&self, name: &str) -> Option<Value> {
        self.0.read(&format!("auth/{}/role/{name}", self.1))
    }
}

impl Drop for Path<'_> {
    fn drop(&mut self) {
        drop(self.0.ask("DELETE", &format!("sys/auth/{}", self.1), None));
    }
}

/// A workspace whose provider reaches this Vault as root.
fn workspace(vault: &Vault) -> Workspace {
    let workspace = Workspace::new();
    workspace.provider(&vault.block(&workspace));
    workspace
}

/// The issuer that the cluster's tokens have.
fn issuer() -> String {
    let document = kubectl::succeeds(&["get", "--raw", "/.well-known/openid-configuration"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    document["issuer"].as_str().unwrap().to_owned()
}

/// The auth method, with more arguments.
fn auth(path: &str, arguments: &str) -> String {
    format!("resource \"tazlab_vault_jwt_auth\" \"cluster\" {{\n  mount = \"{path}\"\n{arguments}\n}}\n")
}

/// The auth method with the cluster's keys and issuer.
fn cluster_auth(path: &str, arguments: &str) -> String {
    auth(path, &format!("  keys = \"cluster\"\n  bound_issuer = \"{}\"\n{arguments}", issuer()))
}

/// A role for the ServiceAccount `default` of a namespace.
fn role(namespace: &str, arguments: &str) -> String {
    format!(
        r#"
resource "tazlab_vault_jwt_role" "one" {{
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "one"
  user_claim      = "sub"
  bound_audiences = ["{AUDIENCE}"]
  bound_subject   = "system:serviceaccount:{namespace}:default"
{arguments}
}}
"#
    )
}

/// A token of the ServiceAccount `default`.
fn token(namespace: &Namespace) -> String {
    kubectl::token(namespace, Some(AUDIENCE))
}

/// Logs in; gives the status and the answer.
fn login(vault: &Vault, path: &str, role: &str, jwt: &str) -> (u16, Value) {
    vault.ask_as("", "POST", &format!("auth/{path}/login"), Some(&json!({"role": role, "jwt": jwt})))
}
