//! What stands on other controllers: secret stores with the real controller of External Secrets and a real Vault behind
//! it, Services of Tailscale's operator, which is played (see `operator`), and its nameserver. Each test has namespaces and
//! names of its own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod apiserver;
mod egress;
mod examples;
mod nameserver;
mod store;
mod unreachable;

use acceptance_tests::lock::Lock;
use acceptance_tests::{Namespace, Part, Quote, Testbed, Vault, Workspace, kubectl};
use serde_json::Value;

/// A namespace with what a store refers to: the Secret `vault` with a token and Vault's authority.
struct Scene {
    namespace: Namespace,
    vault: Vault,
    _objects: Lock,
}

impl Scene {
    fn new(vault: Vault) -> Self {
        // Fails where the testbed runs no controller.
        let _ = Testbed::get().external_secrets_log();
        let objects = Part::Objects.shared();
        let namespace = Namespace::made("stores");
        let authority = std::fs::read_to_string(vault.authority()).unwrap();
        let contents = [("token", vault.token()), ("ca.crt", &authority), ("wrong", "hvs.nobodys")];
        kubectl::apply_as("test", &namespace.manifest("vault", &contents));
        Self { namespace, vault, _objects: objects }
    }

    /// A cluster-wide store `name` that logs in with a key of the Secret; more arguments.
    fn store(&self, name: &str, key: &str, arguments: &str) -> String {
        let namespace = self.namespace.name();
        let ca = if arguments.contains("ca =") {
            String::new()
        } else {
            format!("ca = {{ secret = {{ namespace = \"{namespace}\", name = \"vault\", key = \"ca.crt\" }} }}")
        };
        format!(
            r#"
resource "tazlab_vault_secret_store" "{name}" {{
  name   = "{}"
  server = "{}"
  auth   = {{ token_secret = {{ namespace = "{namespace}", name = "vault", key = "{key}" }} }}
  {ca}
  {arguments}
}}
"#,
            self.name(name),
            self.vault.address()
        )
    }

    /// The name of a cluster-wide store of this test.
    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.namespace.name())
    }

    fn live(&self, name: &str) -> Option<Value> {
        kubectl::object(&["clustersecretstore", &self.name(name)])
    }
}

fn example(path: &str) -> String {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    std::fs::read_to_string(examples.join(path)).unwrap()
}

/// The words of the command in an example's import.sh.
fn import_command(path: &str) -> Vec<String> {
    let script = example(path);
    let line = script.lines().find_map(|line| line.strip_prefix("terraform ")).expect("a command");
    line.split_whitespace().map(ToOwned::to_owned).collect()
}

/// Forgets a resource and imports it again, after which an apply marks it and a plan is empty.
fn imported_again(workspace: &Workspace, words: &[String]) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    workspace.terraform(&["state", "rm", words[1]]).succeeds();
    workspace.terraform(&words).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
}
