//! Every kind without a rule of its own, by the conventions that kstatus reads
//! (sigs.k8s.io/cli-utils v0.37.2 `pkg/kstatus/status/generic.go` and `status.go`): Reconciling, Stalled and the observed generation
//! first, then Ready, else Available.

use super::{Judgement, View};
use crate::readiness::sighting::Reason;

pub(in crate::readiness) fn judge(object: View<'_>) -> Judgement {
    if let Some(stalled) = object.condition("Stalled").filter(|stalled| stalled.has("True")) {
        return Err(Reason { is_final: true, ..stalled.why() }).into();
    }
    if let Some(reconciling) = object.condition("Reconciling").filter(|reconciling| reconciling.has("True")) {
        return Err(Reason { is_passing: true, ..reconciling.why() }).into();
    }
    if let Err(stale) = object.is_observed() {
        return Err(stale).into();
    }
    for kind in ["Ready", "Available"] {
        if object.condition(kind).is_some() {
            return object.expects(kind, "True").into();
        }
    }
    Judgement::exists()
}

/// As [`judge`]; what must have the condition Ready and does not have it yet is not ready.
pub(super) fn must_be_ready(object: View<'_>) -> Judgement {
    let judged = judge(object);
    if judged.only_exists { object.expects("Ready", "True").into() } else { judged }
}
