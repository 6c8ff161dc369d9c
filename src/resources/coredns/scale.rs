//! The number of replicas of a Deployment that others scale. What a field manager leaves out of its next apply is reset, unless another
//! one owns it too: a manager of ours that owns nothing else keeps the number, until an autoscaler or `kubectl scale` takes it over.
//! See "Transferring ownership" of the documentation of server-side apply.

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Apply, Call, Cause, Client, Error, FIELD_MANAGER, Kind, Live, Untyped};

/// The manager that keeps the number.
pub(super) const MANAGER: &str = "terraform-provider-tazlab-scale";

/// The live number, where our own manager owns it.
pub(super) fn of_ours(live: &Live<Untyped>) -> Option<i64> {
    let mut ours = live.managers.iter().filter(|manager| manager.name == FIELD_MANAGER);
    ours.find(|manager| manager.owns(&["spec", "replicas"]))?;
    live.object.value.pointer("/spec/replicas").and_then(Json::as_i64)
}

/// Owns the number beside whoever owns it. Somebody who has changed it meanwhile owns it alone, which is as good.
pub(super) async fn keep(client: &Client, call: &Call, kind: &Kind, object: &Json) -> Result<(), Error> {
    match client.apply_untyped_as(call, kind, object, MANAGER, Apply::default()).await {
        Err(error) if matches!(*error.cause, Cause::FieldConflict { .. }) => Ok(()),
        outcome => outcome.map(drop),
    }
}
