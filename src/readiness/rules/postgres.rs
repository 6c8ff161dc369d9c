//! Operators of `PostgreSQL`: `CloudNativePG` and Crunchy.

use std::collections::BTreeMap;

use super::view::UNSEEN;
use super::{Judgement, Rule, View};
use crate::readiness::sighting::Reason;

/// The phases that `CloudNativePG` does not leave by itself, in the words of older and of newer versions.
const UNRECOVERABLE: [&str; 2] = [
    "Cluster is in an unrecoverable state, needs manual intervention",
    "Cluster is unrecoverable and needs manual intervention",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        kind: "Cluster",
        group: "postgresql.cnpg.io",
        plural: "clusters",
        version: None,
        namespaced: true,
        counted: "PostgreSQL Clusters Ready",
        ready: "condition Ready is True; an unrecoverable phase ends the wait, a hibernated one is suspended",
        source: "github.com/cloudnative-pg/cloudnative-pg v1.27 `pkg/resources/status/transactions.go:32`, `api/v1/cluster_types.go`",
        judge: cloud_native,
    },
    Rule {
        kind: "PostgresCluster",
        group: "postgres-operator.crunchydata.com",
        plural: "postgresclusters",
        version: None,
        namespaced: true,
        counted: "PostgresClusters ready",
        ready: "`status.observedGeneration` is the latest, all replicas of each of `spec.instances` are updated and ready; with \
                `spec.proxy` ProxyAvailable is True, and PGBackRestRepoHostReady where it is there (it has no condition Ready)",
        source: "github.com/CrunchyData/postgres-operator v6.0.3 \
                 `pkg/apis/postgres-operator.crunchydata.com/v1/postgrescluster_types.go`",
        judge: crunchy,
    },
];

fn pods(label: &str, object: View<'_>) -> BTreeMap<String, String> {
    BTreeMap::from([(label.to_owned(), object.id().name)])
}

fn cloud_native(object: View<'_>) -> Judgement {
    if object.condition("cnpg.io/hibernation").is_some_and(|asleep| asleep.has("True")) {
        return Judgement::suspended();
    }
    let found = object.expects("Ready", "True").map_err(|reason| {
        let (phase, why) = (object.text("/status/phase"), object.text("/status/phaseReason"));
        let mut message = reason.message;
        for more in [phase, why].into_iter().filter(|more| !more.is_empty()) {
            message = format!("{message}; {more}");
        }
        Reason { message, is_final: UNRECOVERABLE.contains(&phase), ..reason }
    });
    Judgement { pods: pods("cnpg.io/cluster", object), ..found.into() }
}

fn crunchy(object: View<'_>) -> Judgement {
    if object.is_set("/spec/shutdown") || object.is_set("/spec/paused") {
        return Judgement::suspended();
    }
    let label = "postgres-operator.crunchydata.com/cluster";
    Judgement { pods: pods(label, object), ..crunchy_instances(object).and_then(|()| crunchy_parts(object)).into() }
}

fn crunchy_instances(object: View<'_>) -> Result<(), Reason> {
    if object.number("/status/observedGeneration").is_none() {
        return Err(Reason::seen(UNSEEN));
    }
    object.is_observed()?;
    for (index, instance) in object.list("/spec/instances").enumerate() {
        let wanted = instance.number("/replicas").unwrap_or(1);
        // The operator's own default, in `PostgresClusterSpec.Default`.
        let own = instance.text("/name");
        let name = if own.is_empty() { format!("{index:02}") } else { own.to_owned() };
        let of = object.list("/status/instances").find(|status| status.text("/name") == name);
        let count = |pointer| of.and_then(|status| status.number(pointer)).unwrap_or_default();
        let (ready, updated) = (count("/readyReplicas"), count("/updatedReplicas"));
        if ready != wanted || updated != wanted {
            let seen =
                format!("of instance set {name}, {ready} of {wanted} replicas are ready and {updated} are updated");
            return Err(Reason::seen(seen));
        }
    }
    Ok(())
}

fn crunchy_parts(object: View<'_>) -> Result<(), Reason> {
    if object.at("/spec/proxy").is_some() {
        object.expects("ProxyAvailable", "True")?;
    }
    match object.condition("PGBackRestRepoHostReady") {
        Some(_) => object.expects("PGBackRestRepoHostReady", "True"),
        None => Ok(()),
    }
}
