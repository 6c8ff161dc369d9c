//! Taking objects over from an owner that has let go of them: its marks go, so that it does not come back for them.

use serde_json::{Map, Value as Json, json};
use tazlab_clients::kubernetes::{Call, Cause, Client, Error};

use super::model::Coredns;
use super::owner::{self, Owner};
use super::parts::Part;

/// How often it is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

/// Removes the marks of these owners.
pub(super) async fn succeed(
    client: &Client,
    call: &Call,
    model: &Coredns,
    held: &[(Part, &'static Owner)],
) -> Result<(), Error> {
    for (part, owner) in held.iter().filter(|(_, owner)| owner::is_let_go(model, owner)) {
        for attempt in 1.. {
            match unmark(client, call, model, *part, owner).await {
                Err(error) if matches!(*error.cause, Cause::Changed { .. }) && attempt < TRIES => {}
                Err(error) => return Err(error),
                Ok(()) => break,
            }
        }
    }
    Ok(())
}

async fn unmark(client: &Client, call: &Call, model: &Coredns, part: Part, owner: &'static Owner) -> Result<(), Error> {
    let (kind, name, namespace) = (part.kind(), part.name(model), part.namespace(model));
    let Some(live) = client.get_untyped(call, &kind, namespace, &name).await? else { return Ok(()) };
    let metadata = &live.object.metadata;
    let nothing =
        |keys: Vec<&String>| -> Map<String, Json> { keys.into_iter().map(|key| (key.clone(), Json::Null)).collect() };
    let labels = nothing(owner::removed(owner, metadata.labels.iter().flatten().map(|(key, _)| key)));
    let annotations = nothing(owner::removed(owner, metadata.annotations.iter().flatten().map(|(key, _)| key)));
    if labels.is_empty() && annotations.is_empty() {
        return Ok(());
    }
    let patch = json!({"metadata": {
        "resourceVersion": metadata.resource_version, "labels": labels, "annotations": annotations,
    }});
    client.merge_untyped(call, &kind, namespace, &name, &patch).await.map(drop)
}
