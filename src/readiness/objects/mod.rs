//! What is read of an object of each kind, and what it says about the object's readiness. Pure.

mod external;
mod flux;
mod part;
mod service;
mod workload;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::kind::Id;
use super::sighting::{Reason, Sighting, Standing};
use super::target::Target;

pub(super) use external::{ClusterSecretStore, ExternalSecret, SecretStore};
pub(super) use flux::{HelmRelease, Kustomization};
pub(super) use part::{CONTENT, Whole};
pub(super) use service::{Crd, EndpointSlice, Service};
pub(super) use workload::{DaemonSet, Deployment, Proxy, StatefulSet};

/// A part of an object that tells whether the object is ready.
pub(super) trait Observed: DeserializeOwned + Send + 'static {
    fn sighting(self) -> Sighting;

    /// The same, where the user's own words about the kind count, too.
    fn judged(self, _: Option<&Target>) -> Sighting {
        self.sighting()
    }
}

/// An object with what is read of it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Object<Spec: Default, Status: Default> {
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    namespace: String,
    name: String,
    uid: String,
    generation: i64,
    deletion_timestamp: Option<String>,
    labels: Option<std::collections::BTreeMap<String, String>>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

impl Metadata {
    fn id(&self) -> Id {
        Id { namespace: self.namespace.clone(), name: self.name.clone() }
    }

    /// An object that is going is not ready, whatever it says.
    fn departure(&self) -> Option<Standing> {
        self.deletion_timestamp.as_ref().map(|since| not_ready(format!("it is being deleted since {since}")))
    }
}

/// A condition.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    reason: Option<String>,
    message: Option<String>,
    observed_generation: Option<i64>,
}

type Conditions = Option<Vec<Condition>>;

fn condition<'a>(all: &'a Conditions, kind: &str) -> Option<&'a Condition> {
    all.iter().flatten().find(|condition| condition.kind == kind)
}

impl Condition {
    fn is_true(&self) -> bool {
        self.status == "True"
    }

    pub(super) fn has(&self, status: &str) -> bool {
        self.status == status
    }

    pub(super) fn observed_generation(&self) -> Option<i64> {
        self.observed_generation
    }

    /// Why it has another status than this one. One that is not called Ready is named.
    pub(super) fn named(&self, kind: &str, status: &str) -> Reason {
        let why = self.why();
        if (kind, status) == ("Ready", "True") && !(why.word.is_empty() && why.message.is_empty()) {
            return why;
        }
        let must = if status == "True" { String::new() } else { format!(", and must be {status}") };
        let words = if why.message.is_empty() { String::new() } else { format!(": {}", why.message) };
        Reason { message: format!("condition {kind} is {}{must}{words}", self.status), ..why }
    }

    pub(super) fn why(&self) -> Reason {
        Reason {
            word: self.reason.clone().unwrap_or_default(),
            message: self.message.clone().unwrap_or_default(),
            is_passing: self.status == "Unknown",
            is_final: false,
        }
    }
}

fn not_ready(message: impl Into<String>) -> Standing {
    Standing::NotReady(Reason::seen(message))
}
