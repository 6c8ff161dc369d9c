//! What controllers say in events only. Why a StatefulSet or DaemonSet has no pods: a Deployment has a condition for it. Why an
//! ExternalSecret is not synced: its condition says only that it is not.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use tazlab_clients::kubernetes::Admission;

/// A pod could not be made (k8s.io/kubernetes `pkg/controller/controller_utils.go`, `FailedCreatePodReason`).
pub(super) const FAILED_CREATE: &str = "FailedCreate";

/// A secret could not be synced (external-secrets 0.18 `apis/externalsecrets/v1/externalsecret_types.go`, `ReasonUpdateFailed`).
pub(super) const UPDATE_FAILED: &str = "UpdateFailed";

/// What is read of an event.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Event {
    involved_object: Involved,
    reason: String,
    message: String,
    last_timestamp: Option<String>,
    #[serde(rename = "eventTime")]
    time: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Involved {
    uid: String,
}

/// A controller's warning about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Warning {
    reason: String,
    message: String,
}

impl Warning {
    /// The latest that events tell of each object, by its uid.
    pub(super) fn latest(mut events: Vec<Event>) -> BTreeMap<String, Self> {
        // RFC 3339 in UTC: the order of the texts is that of the times.
        events.sort_by(|one, other| one.at().cmp(&other.at()));
        let warning = |Event { involved_object, reason, message, .. }| (involved_object.uid, Self { reason, message });
        events.into_iter().map(warning).filter(|(uid, _)| !uid.is_empty()).collect()
    }

    /// Does a rule forbid what was tried? That is refused until somebody changes one of both.
    pub(super) fn is_by_admission(&self) -> bool {
        self.reason == FAILED_CREATE && is_by_admission(&self.message)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.reason, self.message)
    }
}

impl Event {
    fn at(&self) -> Option<&String> {
        self.last_timestamp.as_ref().max(self.time.as_ref())
    }
}

/// Is this the refusal of Pod Security, of a webhook or of a policy? A quota, which others make room in, is none of them.
pub(super) fn is_by_admission(message: &str) -> bool {
    Admission::of_controller(message).is_some_and(Admission::is_final)
}
