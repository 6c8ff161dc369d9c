//! What needs a client that can do it: each test states its capability, shows it on a client that has it, and on one that
//! has not, that the client refuses it by itself. `make testacc` runs all of this on each client and makes a table of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod action;
mod everyday;
mod generate;
mod identity;
mod list;
mod module_tests;
mod moved;
mod upgrade;

use acceptance_tests::client::shows;
use acceptance_tests::{Capability, Client, Namespace, Part, Run, Tailnet, Vault, Workspace, kubectl};
use serde_json::{Value, json};

/// A mount that no other test uses, unmounted at the end, whoever mounted it.
struct Mount<'a>(&'a Vault, String);

impl<'a> Mount<'a> {
    fn free(vault: &'a Vault, purpose: &str) -> Self {
        Self(vault, format!("clients-{purpose}-{}", acceptance_tests::canary::plant().to_lowercase()))
    }

    /// Mounted and configured with the cluster's keys by hand, with these roles.
    fn made(vault: &'a Vault, purpose: &str, roles: &[&str]) -> Self {
        let mount = Self::free(vault, purpose);
        vault.write(&format!("sys/auth/{}", mount.1), &json!({"type": "jwt", "description": "by hand"}));
        let config = json!({"jwks_url": "", "jwt_validation_pubkeys": [PUBLIC_KEY], "bound_issuer": ISSUER});
        vault.write(&format!("auth/{}/config", mount.1), &config);
        for name in roles {
            let role = json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"],
                              "bound_subject": "system:serviceaccount:a:default", "token_policies": ["a"]});
            vault.write(&format!("auth/{}/role/{name}", mount.1), &role);
        }
        mount
    }

    fn accessor(&self) -> String {
        let mount = self.0.read(&format!("sys/auth/{}", self.1)).expect("it is mounted");
        mount["accessor"].as_str().expect("an accessor").to_owned()
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        drop(self.0.ask("DELETE", &format!("sys/auth/{}", self.1), None));
    }
}

const ISSUER: &str = "https://issuer.test";

/// A public key whose other half nobody has.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOOnakyLcnvA4XQTBn6xKo1Y5t721
XIxSS0TT1HMB3FKHoX5SwwJC1+ZiJIaIDcEIBd53Sbey9nuuE/ClFkgEOg==
-----END PUBLIC KEY-----
";

/// HCL for the mount at `path` as [`Mount::made`] makes it, with more arguments, and its role `one`.
fn trust(path: &str, arguments: &str) -> String {
    format!(
        r#"
resource "tazlab_vault_jwt_auth" "cluster" {{
  mount              = "{path}"
  description        = "by hand"
  keys               = "pem"
  validation_pubkeys = [{key}]
  bound_issuer       = "{ISSUER}"
  {arguments}
}}

resource "tazlab_vault_jwt_role" "one" {{
  mount           = tazlab_vault_jwt_auth.cluster.mount
  name            = "one"
  user_claim      = "sub"
  bound_audiences = ["vault"]
  bound_subject   = "system:serviceaccount:a:default"
  token_policies  = ["a"]
}}
"#,
        key = json!(PUBLIC_KEY)
    )
}

/// A workspace whose provider reaches the test cluster, and this Vault as root.
fn workspace(vault: &Vault) -> Workspace {
    let workspace = Workspace::new();
    workspace.provider(&vault.block(&workspace));
    workspace
}

/// What the state says of one resource beside its attributes.
fn stored(workspace: &Workspace, address: &str) -> Value {
    let resources = workspace.state().pointer("/values/root_module/resources").cloned().unwrap_or_default();
    let found = resources.as_array().and_then(|all| all.iter().find(|one| one["address"] == address).cloned());
    found.unwrap_or_else(|| panic!("{address} is not in the state: {resources}"))
}

/// The client knows nothing of it, and says so before it asks any provider.
fn is_unknown_to_the_client(run: Run, words: &[&str]) {
    let run = run.fails();
    // Its events hold the errors as JSON.
    let said = format!("{}{}{}", run.errors().join(" "), run.stdout, run.stderr);
    assert!(words.iter().any(|word| said.contains(word)), "none of {words:?} is said: {run}");
}
