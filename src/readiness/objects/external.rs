//! External Secrets: ExternalSecrets and the stores that they read from.

use serde::Deserialize;

use super::{Conditions, Metadata, Object, Observed, condition, not_ready};
use crate::readiness::kind::{Id, ObjectKind, Reference};
use crate::readiness::sighting::{Sighting, Standing};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::readiness) struct Spec {
    secret_store_ref: StoreRef,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct StoreRef {
    kind: Option<String>,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::readiness) struct Status {
    conditions: Conditions,
}

/// Of a store only its status is read: its spec says how to get at secrets.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::readiness) struct Nothing {}

/// An ExternalSecret.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct ExternalSecret(Object<Spec, Status>);

/// A SecretStore.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct SecretStore(Object<Nothing, Status>);

/// A ClusterSecretStore.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::readiness) struct ClusterSecretStore(Object<Nothing, Status>);

impl Observed for ExternalSecret {
    fn sighting(self) -> Sighting {
        let Object { metadata, spec, status } = self.0;
        let standing = standing(&metadata, &status);
        let mut seen = Sighting::new(metadata.id(), standing);
        let store = spec.secret_store_ref;
        if matches!(seen.standing, Standing::NotReady(_)) && !store.name.is_empty() {
            let (kind, namespace) = match store.kind.as_deref() {
                Some("ClusterSecretStore") => (ObjectKind::ClusterSecretStore, String::new()),
                _ => (ObjectKind::SecretStore, metadata.namespace.clone()),
            };
            seen.waits_for.push(Reference { kind, id: Id { namespace, name: store.name } });
        }
        seen.uid = metadata.uid;
        seen
    }
}

impl Observed for SecretStore {
    fn sighting(self) -> Sighting {
        Sighting::new(self.0.metadata.id(), standing(&self.0.metadata, &self.0.status))
    }
}

impl Observed for ClusterSecretStore {
    fn sighting(self) -> Sighting {
        Sighting::new(self.0.metadata.id(), standing(&self.0.metadata, &self.0.status))
    }
}

fn standing(metadata: &Metadata, status: &Status) -> Standing {
    if let Some(departure) = metadata.departure() {
        return departure;
    }
    match condition(&status.conditions, "Ready") {
        None => not_ready("its controller has not reported a status yet"),
        Some(ready) if ready.is_true() => Standing::Ready,
        Some(ready) => Standing::NotReady(ready.why()),
    }
}
