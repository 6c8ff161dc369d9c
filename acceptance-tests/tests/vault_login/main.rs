//! The login proof, the cluster's keys and the ephemeral tokens: real Terraform, real tokens of the real API server, real
//! Vaults on TLS with an authority that the system does not know.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod clock;
mod ephemeral;
mod examples;
mod keys;
mod login;
mod refusals;
mod server;
mod story;
mod unknown;

use std::fmt::Write;

use acceptance_tests::{Namespace, Vault, Workspace, audit, kubectl};
use serde_json::{Value, json};

/// The audience that everybody asks for.
const AUDIENCE: &str = "https://vault.example.net:8200";

/// The ServiceAccount of each test.
const ACCOUNT: &str = "grafana-sa";

/// A namespace with a ServiceAccount, and a mount that takes its tokens.
struct Site<'a> {
    vault: &'a Vault,
    namespace: Namespace,
    mount: String,
    /// More mounts that end with the test.
    others: Vec<String>,
}

impl<'a> Site<'a> {
    fn new(vault: &'a Vault) -> Self {
        let namespace = Namespace::made("login");
        kubectl::succeeds(&["create", "serviceaccount", ACCOUNT, "-n", namespace.name()]);
        let mount = format!("proof-{}", namespace.name().rsplit('-').next().unwrap());
        let site = Self { vault, namespace, mount, others: Vec::new() };
        site.mounted(&site.mount, "jwt");
        site.configured(&site.mount, &json!({}));
        site
    }

    fn mounted(&self, path: &str, kind: &str) {
        self.vault.write(&format!("sys/auth/{path}"), &json!({"type": kind}));
    }

    /// Writes the mount's configuration: the cluster's own keys and issuer, but for what `change` says.
    fn configured(&self, path: &str, change: &Value) {
        let body = json!({"bound_issuer": issuer(), "jwt_validation_pubkeys": cluster_keys()});
        self.vault.write(&format!("auth/{path}/config"), &changed(body, change));
    }

    /// One more mount, configured with `change`; its path.
    fn another(&mut self, name: &str, change: &Value) -> String {
        let path = format!("{}-{name}", self.mount);
        self.mounted(&path, "jwt");
        self.others.push(path.clone());
        self.configured(&path, change);
        path
    }

    /// Writes a role that lets the ServiceAccount in, but for what `change` says.
    fn role_at(&self, path: &str, name: &str, change: &Value) {
        let body = json!({
            "role_type": "jwt", "user_claim": "sub", "bound_audiences": [AUDIENCE], "bound_subject": self.subject(),
            "token_ttl": "20m", "token_policies": ["default"],
        });
        self.vault.write(&format!("auth/{path}/role/{name}"), &changed(body, change));
    }

    fn role(&self, name: &str, change: &Value) {
        self.role_at(&self.mount, name, change);
    }

    fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{ACCOUNT}", self.namespace.name())
    }

    /// A policy of a name that nobody else has.
    fn policy(&self, name: &str, text: &str) -> String {
        let name = format!("{}-{name}", self.mount);
        self.vault.write(&format!("sys/policies/acl/{name}"), &json!({"policy": text}));
        name
    }
}

impl Drop for Site<'_> {
    fn drop(&mut self) {
        for path in self.others.iter().chain([&self.mount]) {
            drop(self.vault.ask("DELETE", &format!("sys/auth/{path}"), None));
        }
    }
}

fn changed(mut body: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The cluster's keys as `kubectl` gets them.
fn cluster_keys() -> Vec<String> {
    tazlab_jwk::jwks_to_pem(&kubectl::succeeds(&["get", "--raw", "/openid/v1/jwks"])).unwrap()
}

fn issuer() -> String {
    let document = kubectl::succeeds(&["get", "--raw", "/.well-known/openid-configuration"]);
    serde_json::from_str::<Value>(&document).unwrap()["issuer"].as_str().unwrap().to_owned()
}

/// A login to prove; the arguments are added to the ordinary ones.
struct Login<'a> {
    name: &'a str,
    path: &'a str,
    role: &'a str,
    arguments: String,
}

impl<'a> Login<'a> {
    fn new(name: &'a str, path: &'a str, role: &'a str) -> Self {
        Self { name, path, role, arguments: format!("audiences = [\"{AUDIENCE}\"]") }
    }

    fn with(self, arguments: &str) -> Self {
        Self { arguments: arguments.to_owned(), ..self }
    }
}

/// The configuration that proves all these logins, and gives out what was found by their names.
fn proofs(namespace: &str, logins: &[Login<'_>]) -> String {
    let mut text = String::new();
    for Login { name, path, role, arguments } in logins {
        writeln!(
            text,
            "data \"tazlab_vault_jwt_login\" \"{name}\" {{\n  mount = \"{path}\"\n  role = \"{role}\"\n  service_account = {{ namespace = \"{namespace}\", name = \"{ACCOUNT}\" }}\n  {arguments}\n}}\noutput \"{name}\" {{\n  value = data.tazlab_vault_jwt_login.{name}\n}}"
        )
        .unwrap();
    }
    text
}

/// The values of the outputs.
fn outputs(workspace: &Workspace) -> Value {
    let shown = workspace.terraform(&["output", "-json"]).succeeds();
    let all: Value = serde_json::from_str(&shown.stdout).unwrap();
    all.as_object().unwrap().iter().map(|(name, output)| (name.clone(), output["value"].clone())).collect()
}

/// The problems in one text.
fn problems(found: &Value) -> String {
    let all = found["problems"].as_array().unwrap_or_else(|| panic!("{found}"));
    all.iter().map(|problem| problem.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}
