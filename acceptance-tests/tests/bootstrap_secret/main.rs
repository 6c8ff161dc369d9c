//! `tazlab_bootstrap_secret` with the real Terraform on a real API server. Every test has a namespace of its own, and
//! ends with a search for its secrets in everything that Terraform left behind.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod adoption;
mod commands;
mod ephemeral;
mod first_of;
mod hand_over;
mod import;
mod life;
mod ownership;
mod pull;
mod rebirth;
mod registries;
mod requests;
mod rights;
mod saved_plan;
mod sops;
mod sources;
mod tokens;
mod unreachable;
mod webhook;
mod write_only;

use acceptance_tests::{Namespace, Quote, Workspace};

/// One Secret `one` from a file, with more arguments.
fn one_file(namespace: &Namespace, file: &str, arguments: &str) -> String {
    format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n  files = {{ key = \"{file}\" }}\n{arguments}\n}}\n",
        namespace.name()
    )
}

const ONE: &str = "tazlab_bootstrap_secret.one";

/// Applies a workspace with one Secret from a file; gives the file and the secret in it.
fn applied(workspace: &Workspace, namespace: &Namespace, arguments: &str) -> (String, String) {
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(namespace, &file, arguments));
    workspace.apply().succeeds();
    (file, secret)
}
