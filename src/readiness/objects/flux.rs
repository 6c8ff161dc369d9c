//! Flux: Kustomizations and HelmReleases.

use serde::Deserialize;

use super::{Conditions, Object, Observed, condition, not_ready};
use crate::readiness::kind::{Id, ObjectKind, Reference};
use crate::readiness::sighting::{Reason, Sighting, Standing};

/// The reason of an object whose `dependsOn` is not fulfilled (github.com/fluxcd/pkg/apis/meta v1.30, conditions.go).
const DEPENDENCY: &str = "DependencyNotReady";

/// The reasons of a Kustomization that waits for what it has applied.
const CHECKING: [&str; 2] = ["HealthCheckFailed", "Progressing"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct Spec {
    suspend: bool,
    depends_on: Option<Vec<Dependency>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Dependency {
    namespace: Option<String>,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct Status {
    observed_generation: Option<i64>,
    conditions: Conditions,
    inventory: Option<Inventory>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Inventory {
    entries: Option<Vec<Entry>>,
}

/// An applied object: `namespace_name_group_kind`.
#[derive(Clone, Debug, Deserialize)]
struct Entry {
    id: String,
}

impl Entry {
    fn reference(&self) -> Option<Reference> {
        let mut parts = self.id.rsplitn(3, '_');
        let (kind, group, named) = (parts.next()?, parts.next()?, parts.next()?);
        let kind = ObjectKind::ALL.into_iter().find(|known| {
            known.resource().0 == group
                && (known.to_string() == kind || (*known == ObjectKind::Crd && kind == "CustomResourceDefinition"))
        })?;
        let (namespace, name) = named.split_once('_')?;
        Some(Reference { kind, id: Id { namespace: namespace.to_owned(), name: name.to_owned() } })
    }
}

type Flux = Object<Spec, Status>;

/// A Kustomization.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct Kustomization(Flux);

/// A HelmRelease.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct HelmRelease(Flux);

impl Observed for Kustomization {
    fn sighting(self) -> Sighting {
        sighting(&self.0, ObjectKind::Kustomization)
    }
}

impl Observed for HelmRelease {
    fn sighting(self) -> Sighting {
        sighting(&self.0, ObjectKind::HelmRelease)
    }
}

fn sighting(object: &Flux, kind: ObjectKind) -> Sighting {
    let standing = object.metadata.departure().unwrap_or_else(|| standing(object));
    let waits_for = match &standing {
        Standing::NotReady(reason) => awaited(object, kind, reason),
        _ => Vec::new(),
    };
    Sighting { waits_for, ..Sighting::new(object.metadata.id(), standing) }
}

fn standing(object: &Flux) -> Standing {
    if object.spec.suspend {
        return Standing::Suspended;
    }
    let Some(ready) = condition(&object.status.conditions, "Ready") else {
        return not_ready("its controller has not reported a status yet");
    };
    if !ready.is_true() {
        let stalled = condition(&object.status.conditions, "Stalled");
        let is_final = stalled.is_some_and(super::Condition::is_true);
        return Standing::NotReady(Reason { is_final, ..ready.why() });
    }
    // The status of a failed reconciliation keeps the generation before; that of a ready one must be of this one.
    let observed = object.status.observed_generation.or(ready.observed_generation);
    if observed.unwrap_or(object.metadata.generation) < object.metadata.generation {
        return not_ready("its controller has not observed its latest change yet");
    }
    Standing::Ready
}

/// Whom it may wait for. One that failed by itself waits for nobody.
fn awaited(object: &Flux, kind: ObjectKind, reason: &Reason) -> Vec<Reference> {
    let own = &object.metadata.namespace;
    let dependencies = object.spec.depends_on.iter().flatten().map(|dependency| Reference {
        kind,
        id: Id {
            namespace: dependency.namespace.clone().filter(|namespace| !namespace.is_empty()).unwrap_or(own.clone()),
            name: dependency.name.clone(),
        },
    });
    let applied = object.status.inventory.iter().filter_map(|inventory| inventory.entries.as_ref()).flatten();
    match reason.word.as_str() {
        DEPENDENCY | "" => dependencies.collect(),
        word if CHECKING.contains(&word) => applied.filter_map(Entry::reference).collect(),
        _ => Vec::new(),
    }
}
