//! Everything of the tailnet, with the real Terraform on the fake control API: no cluster is needed. Every test has a
//! tailnet of its own, and ends with a search for its credentials in everything that Terraform left behind.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod action;
mod auth_key;
mod devices;
mod examples;
mod faults;
mod free;
mod guards;
mod interrupted;
mod life;
mod property;
mod rebirth;
mod settings;
mod thousands;
mod unreachable;
mod waiting;

use std::time::Duration;

use acceptance_tests::client::shows;
use acceptance_tests::{Capability, Tailnet, Workspace};
use serde_json::Value;

const K8S: &str = "tazlab_tailnet_cleanup.k8s";
const TAG: &[&str] = &["tag:k8s"];
const HOUR: Duration = Duration::from_hours(1);

/// A tailnet, and a workspace whose provider logs in to it.
struct Scene {
    tailnet: Tailnet,
    workspace: Workspace,
}

impl Scene {
    /// With an API key.
    fn new() -> Self {
        let (tailnet, workspace) = (Tailnet::start(), Workspace::without_cluster(""));
        tailnet.lets_in(&workspace);
        Self { tailnet, workspace }
    }

    /// With an OAuth client that may do everything that is needed.
    fn by_oauth(scopes: &[&str], tags: &[&str]) -> Self {
        let (tailnet, workspace) = (Tailnet::start(), Workspace::without_cluster(""));
        let (file, secret) = workspace.secret_file("oauth-client-secret");
        tailnet.world().access.client("client-1", &secret, scopes, tags);
        workspace.provider_block(&format!(
            "  tailscale = {{\n    base_url = \"{}\"\n    oauth_client_id = \"client-1\"\n    oauth_client_secret_file = \"{file}\"\n  }}",
            tailnet.url()
        ));
        Self { tailnet, workspace }
    }

    /// One cleanup `k8s` of the tag and these arguments.
    fn cleanup(&self, arguments: &str) {
        self.workspace
            .hcl(&format!("resource \"tazlab_tailnet_cleanup\" \"k8s\" {{\n  tags = [\"tag:k8s\"]\n{arguments}\n}}\n"));
    }

    /// So many devices of the name, dead for an hour; the first gets the name, the others numbers.
    fn ghosts(&self, hostname: &str, count: usize) -> Vec<String> {
        (0..count).map(|_| self.tailnet.ghost(hostname, TAG, HOUR)).collect()
    }

    /// A device that no test means: a tailnet without any has no suffix to be known by.
    fn with_a_laptop(&self) {
        self.tailnet.joins("laptop", &["tag:laptop"]);
    }

    fn attributes(&self) -> Value {
        self.workspace.attributes(K8S)
    }
}

impl Drop for Scene {
    /// What the tailnet gave out, tokens and keys, is searched for like the credentials.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.tailnet.world().secrets().iter().for_each(|secret| self.workspace.plant(secret));
        }
    }
}

/// The node ids of an attribute.
fn ids(devices: &Value) -> Vec<String> {
    let mut ids: Vec<String> = devices
        .as_array()
        .unwrap_or_else(|| panic!("no list: {devices}"))
        .iter()
        .map(|device| device["node_id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}
