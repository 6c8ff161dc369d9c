//! The story: one apply from nothing to `summary`; a destroy; a second birth, which equals the first; a new generation under the
//! same names, which does too; and a destroy when the cluster has died.
//!
//! Real: Terraform or OpenTofu, the example, Kubernetes, CoreDNS, Vault, External Secrets, kustomize-controller. Played: the
//! machines and Talos (the testbed's cluster stands for them, emptied with the last machine), Helm's releases (they start and
//! stop the testbed's controllers with their definitions), Flux' source, Tailscale's operator and control plane.

use std::collections::BTreeSet;
use std::time::Duration;

use acceptance_tests::kubectl::tried;
use acceptance_tests::{Client, Run};

use super::birth::{birth, same};
use super::clock::Clock;
use super::estate::{Estate, OFFLINE_FOR};
use super::site::Site;

/// Where the example puts the cluster's DNS.
pub(crate) const CLUSTER_IP: &str = acceptance_tests::dns::CLUSTER_IP;

/// How long a destroy may wait for a cluster that is not there, beside the wait for `offline_for`: what it waits for takes 12 s on an idle
/// machine, and a single object that was waited for as a change is would take minutes.
const WITHOUT_A_CLUSTER: Duration = Duration::from_mins(1);

fn timed(what: &str, run: Run) -> Run {
    let run = run.succeeds();
    Clock::of(&run).print(what);
    run
}

/// The devices that are none of ours.
const OTHERS: [&str; 1] = ["nas"];

#[test]
fn born_destroyed_reborn_renewed_and_outlived() {
    let estate = Estate::new();
    let (workspace, tailnet) = (&estate.workspace, &estate.tailnet);
    let ghosts = ["lushycorp-k8s", "lushycorp-k8s", "lushycorp-vault-egress"]
        .map(|name| tailnet.ghost(name, &["tag:k8s"], Duration::from_hours(1)));
    tailnet.joins(OTHERS[0], &["tag:k8s", "tag:home"]);
    let site = Site::clear(&estate);
    println!("\n{:?} {}", Client::under_test().product, Client::under_test().version);
    assert!(tried(&["get", "crd", "clustersecretstores.external-secrets.io"]).is_err(), "no plan sees a definition");
    // In any order.
    let deleted = || tailnet.deleted().into_iter().collect::<BTreeSet<_>>();

    timed("a birth on an empty estate", workspace.apply());
    assert_eq!(deleted(), ghosts.into());
    tailnet.forget_journal();
    let first = birth(&estate);
    println!("{}", first["output bootstrap"].as_str().unwrap());

    timed("terraform destroy", workspace.destroy());
    assert_eq!(site.cluster.left(), [""; 0], "a destroy leaves nothing of ours to the end of the machines");
    gone(&estate);

    timed("a birth after terraform destroy", workspace.apply());
    same(&first, &birth(&estate));

    workspace.variable("cluster_generation", "2");
    let reborn = timed("a birth as a new generation, with the old state", workspace.apply());
    // What belongs to no generation is as the birth before left it.
    let changed = |address: &str| reborn.changes().iter().any(|(_, changed)| changed == address);
    assert!(changed("tazlab_vault_jwt_auth.cluster") && !changed("tazlab_vault_jwt_role.grafana"), "{reborn}");
    assert!(!site.cluster.left().is_empty(), "the old generation took along what was in it");
    same(&first, &birth(&estate));
    let control = workspace.plan().succeeds().changes_nothing();

    site.cluster.die();
    workspace.variable("on_unreachable", "forget");
    let destroyed = timed("terraform destroy when the cluster has died", workspace.destroy());
    destroyed.warning(&["dropped from the state"]);
    destroyed.waited_at_most(WITHOUT_A_CLUSTER + OFFLINE_FOR, &control);
    gone(&estate);
}

/// After a destroy: nothing in the state, in Vault, on the tailnet.
fn gone(estate: &Estate) {
    assert_eq!(estate.workspace.addresses(), [""; 0]);
    assert_eq!(estate.vault.ask("GET", "sys/auth/jwt", None).0, 400, "the mount is gone");
    assert_eq!(estate.tailnet.labels(), OTHERS);
    let world = estate.tailnet.world();
    assert!(!world.keys.is_empty() && world.keys.iter().all(|key| key.revoked), "auth keys are minted and revoked");
}
