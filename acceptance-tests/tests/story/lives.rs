//! The story: one apply from nothing to `summary`; a destroy; a second birth, which equals the first; a new generation under the
//! same names, which does too; and a destroy when the cluster has died.
//!
//! Real: Terraform or OpenTofu, the example, Kubernetes, CoreDNS, Vault, External Secrets, kustomize-controller. Played: the
//! machines and Talos (the testbed's cluster stands for them, emptied with the last machine), Helm's releases (they start and
//! stop the testbed's controllers with their definitions), Flux' source, Tailscale's operator and control plane.

use std::time::Duration;

use acceptance_tests::Run;

use super::birth::{birth, same};
use super::clock::Clock;
use super::estate::Estate;
use super::site::Site;

/// Where the example puts the cluster's DNS.
pub(crate) const CLUSTER_IP: &str = acceptance_tests::dns::CLUSTER_IP;

/// What a destroy without a cluster may take, beside the wait for `offline_for`.
const WITHOUT_A_CLUSTER: Duration = Duration::from_secs(30);

fn timed(what: &str, run: Run) -> Run {
    let run = run.succeeds();
    Clock::of(&run).print(what);
    run
}

#[test]
fn born_destroyed_reborn_renewed_and_outlived() {
    let estate = Estate::new();
    let (workspace, tailnet) = (&estate.workspace, &estate.tailnet);
    let ghosts = ["lushycorp-k8s", "lushycorp-k8s", "lushycorp-vault-egress"]
        .map(|name| tailnet.ghost(name, &["tag:k8s"], Duration::from_hours(1)));
    tailnet.joins("nas", &["tag:home"]);
    let site = Site::clear(&estate);

    timed("a birth", workspace.apply());
    assert_eq!(tailnet.deleted().len(), ghosts.len());
    let first = birth(&estate);
    println!("{}", first["output bootstrap"].as_str().unwrap());
    workspace.plan().succeeds().changes_nothing();
}
