//! Why a workload has no pods: what its controller was told when it tried to make one. A Deployment has a condition for it, the
//! others have events only.

use std::fmt;

use serde::Deserialize;

/// The reason of such events (k8s.io/kubernetes `pkg/controller/controller_utils.go`, `FailedCreatePodReason`).
pub(super) const FAILED_CREATE: &str = "FailedCreate";

/// What is read of an event.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Event {
    involved_object: Involved,
    message: String,
    last_timestamp: Option<String>,
    event_time: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Involved {
    uid: String,
}

/// That a pod could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    workload: String,
    message: String,
}

impl Refusal {
    /// All that events tell, the latest last.
    pub(super) fn all(mut events: Vec<Event>) -> Vec<Self> {
        // RFC 3339 in UTC: the order of the texts is that of the times.
        events.sort_by(|one, other| one.at().cmp(&other.at()));
        let refusal = |event: Event| Self { workload: event.involved_object.uid, message: event.message };
        events.into_iter().map(refusal).collect()
    }

    /// Is it about the workload with this uid?
    pub(super) fn is_of(&self, uid: &str) -> bool {
        !uid.is_empty() && self.workload == uid
    }

    /// Does a rule forbid such pods? More of them are refused until somebody changes it or them.
    pub(super) fn is_by_admission(&self) -> bool {
        is_by_admission(&self.message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{FAILED_CREATE}: {}", self.message)
    }
}

impl Event {
    fn at(&self) -> Option<&String> {
        self.last_timestamp.as_ref().max(self.event_time.as_ref())
    }
}

/// Is this the refusal of Pod Security, of a webhook or of a `ValidatingAdmissionPolicy`? A quota, which others make room in, is
/// none of them. The API server's answer reaches conditions and events as text only.
pub(super) fn is_by_admission(message: &str) -> bool {
    ["violates PodSecurity", "denied the request", "denied request"].iter().any(|words| message.contains(words))
}
