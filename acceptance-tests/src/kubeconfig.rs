//! The test cluster's kubeconfig, and copies of it that lead elsewhere.

use std::fs;
use std::path::Path;

use crate::{Testbed, Workspace, kubectl};

/// A copy of the test cluster's kubeconfig that leads to `server`.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn through(workspace: &Workspace, server: &str) -> String {
    let text = fs::read_to_string(Testbed::get().kubeconfig()).unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("server: ")).expect("a server");
    let own = line.trim_start().trim_start_matches("server: ");
    workspace.source("kubeconfig", text.replace(own, server))
}

/// The API server's address, `127.0.0.1:port`.
///
/// # Panics
/// When the kubeconfig names none.
#[must_use]
pub fn api_server(kubeconfig: &Path) -> String {
    let text = fs::read_to_string(kubeconfig).unwrap();
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("server: https://")).expect("a server");
    line.to_owned()
}

/// The authority of the API server's certificate, PEM in base64.
///
/// # Panics
/// When the kubeconfig has none.
#[must_use]
pub fn authority() -> String {
    let field = "jsonpath={.clusters[0].cluster.certificate-authority-data}";
    kubectl::succeeds(&["config", "view", "--raw", "-o", field])
}

/// The provider's `kubernetes` for the test cluster without its kubeconfig, with the credential that these arguments give.
///
/// # Panics
/// When the kubeconfig names no server or authority.
#[must_use]
pub fn block(credential: &str) -> String {
    let server = api_server(Testbed::get().kubeconfig());
    format!(
        "kubernetes = {{\n  host = \"https://{server}\"\n  cluster_ca_certificate = base64decode(\"{}\")\n  {credential}\n}}",
        authority()
    )
}
