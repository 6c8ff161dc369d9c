//! What runs pods: Deployments, StatefulSets and DaemonSets, as `kubectl rollout status` sees them
//! (k8s.io/kubectl v0.34 `pkg/polymorphichelpers/rollout_status.go`), and available too.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Conditions, Metadata, Object, Observed, condition};
use crate::cluster::tailscale_operator::{PARENT, PARENT_NAMESPACE};
use crate::readiness::kind::Id;
use crate::readiness::sighting::{Reason, Sighting, Standing};
use crate::readiness::warnings;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct Spec {
    replicas: Option<i64>,
    paused: bool,
    selector: Option<Selector>,
    update_strategy: Option<Strategy>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Selector {
    match_labels: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Strategy {
    #[serde(rename = "type")]
    kind: Option<String>,
    rolling_update: Option<RollingUpdate>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct RollingUpdate {
    partition: Option<i64>,
}

impl Spec {
    /// Are changed pods made only when somebody deletes the old ones?
    fn updates_on_delete(&self) -> bool {
        self.update_strategy.as_ref().is_some_and(|strategy| strategy.kind.as_deref() == Some("OnDelete"))
    }

    /// The pods of a StatefulSet that are left as they are.
    fn partition(&self) -> i64 {
        let rolling = self.update_strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
        rolling.and_then(|rolling| rolling.partition).unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct Status {
    observed_generation: i64,
    replicas: i64,
    updated_replicas: i64,
    available_replicas: i64,
    desired_number_scheduled: i64,
    updated_number_scheduled: i64,
    number_available: i64,
    conditions: Conditions,
}

type Workload = Object<Spec, Status>;

/// A Deployment.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct Deployment(Workload);

/// A StatefulSet.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct StatefulSet(Workload);

/// A DaemonSet.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct DaemonSet(Workload);

/// The StatefulSet that the Tailscale operator makes for a Service.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct Proxy(StatefulSet);

/// How many pods there are to be, and how many are.
struct Count {
    wanted: i64,
    updated: i64,
    available: i64,
    /// Pods of an earlier template.
    old: i64,
}

impl Observed for Deployment {
    fn sighting(self) -> Sighting {
        let Object { metadata, spec, status } = self.0;
        let count = Count {
            wanted: spec.replicas.unwrap_or(1),
            updated: status.updated_replicas,
            available: status.available_replicas,
            old: status.replicas - status.updated_replicas,
        };
        sighting(&metadata, spec, &status, &count)
    }
}

impl Observed for StatefulSet {
    fn sighting(self) -> Sighting {
        let Object { metadata, spec, status } = self.0;
        let wanted = spec.replicas.unwrap_or(1);
        let kept = if spec.updates_on_delete() { wanted } else { spec.partition().min(wanted) };
        let count = Count {
            wanted,
            // The pods that are left as they are count as if they were new.
            updated: (status.updated_replicas + kept).min(wanted),
            available: status.available_replicas,
            old: 0,
        };
        sighting(&metadata, spec, &status, &count)
    }
}

impl Observed for Proxy {
    fn sighting(self) -> Sighting {
        let labels = self.0.0.metadata.labels.as_ref();
        let label = |name: &str| labels.and_then(|labels| labels.get(name)).cloned();
        let service = label(PARENT_NAMESPACE).zip(label(PARENT)).map(|(namespace, name)| Id { namespace, name });
        Sighting { service, ..self.0.sighting() }
    }
}

impl Observed for DaemonSet {
    fn sighting(self) -> Sighting {
        let Object { metadata, spec, status } = self.0;
        let wanted = status.desired_number_scheduled;
        let count = Count {
            wanted,
            updated: if spec.updates_on_delete() { wanted } else { status.updated_number_scheduled },
            available: status.number_available,
            old: 0,
        };
        sighting(&metadata, spec, &status, &count)
    }
}

fn sighting(metadata: &Metadata, spec: Spec, status: &Status, count: &Count) -> Sighting {
    let standing = metadata.departure().unwrap_or_else(|| standing(metadata, &spec, status, count));
    let (pods, uid) = match standing {
        Standing::NotReady(_) => {
            (spec.selector.and_then(|selector| selector.match_labels).unwrap_or_default(), metadata.uid.clone())
        }
        _ => Default::default(),
    };
    Sighting { pods, uid, ..Sighting::new(metadata.id(), standing) }
}

fn standing(metadata: &Metadata, spec: &Spec, status: &Status, count: &Count) -> Standing {
    if status.observed_generation < metadata.generation {
        return Standing::NotReady(Reason::seen("its controller has not observed its latest change yet"));
    }
    let Count { wanted, updated, available, old } = *count;
    if updated >= wanted && available >= wanted && old <= 0 {
        return Standing::Ready;
    }
    let mut seen = vec![format!("{available} of {wanted} pods are available")];
    if updated < wanted {
        seen.push(format!("{updated} are of the latest template"));
    }
    if old > 0 {
        seen.push(format!("{old} old pods still exist"));
    }
    if spec.paused {
        seen.push("its rollout is paused".to_owned());
    }
    // What keeps pods from being made, in the API server's own words.
    let failed = condition(&status.conditions, "ReplicaFailure").filter(|failure| failure.is_true());
    let late = condition(&status.conditions, "Progressing").filter(|progress| progress.status == "False");
    let word = failed.or(late).and_then(|condition| condition.reason.clone()).unwrap_or_default();
    let refusal = failed.and_then(|failure| failure.message.clone());
    let is_final = refusal.as_deref().is_some_and(warnings::is_by_admission);
    seen.extend(refusal);
    Standing::NotReady(Reason { word, message: seen.join("; "), is_final, ..Reason::default() })
}
