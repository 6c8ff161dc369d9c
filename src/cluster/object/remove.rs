//! Taking the object away, if it is still this instance's, and waiting until it is gone.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::{Call, Cause, Client, Live, Preconditions, Propagation, Seen, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::value::Value;

use super::super::provenance::{self, Provenance};
use super::super::vigil::{Vigil, named};
use super::super::{Cluster, Failure, instance};
use super::{Claim, ObjectError, Place, stays, withdraw};

/// How often a delete is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

/// How much of the time is kept back for taking a finalizer off.
const RESERVE: Duration = Duration::from_secs(5);

/// A finalizer that may be taken off where whoever set it does not.
#[derive(Clone, Copy, Debug)]
pub struct Forced {
    /// The finalizer; all of them where none is named.
    pub finalizer: Option<&'static str>,
    /// What then is left behind, and what to do about it, in whole sentences.
    pub left: fn(&Place) -> String,
}

/// Deletes the object and waits until it is gone, until the context's deadline. One that is not the state's stays, with a
/// warning, and so does one of others, but for our fields on it.
///
/// # Errors
/// [`ObjectError::Delete`], with the finalizers that hold the object where that is why.
pub async fn remove<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    place: &Place,
    removal: &Removal<'_>,
) -> Result<(), ObjectError> {
    let failed = |failure| ObjectError::Delete { title: place.to_string(), failure };
    for attempt in 1.. {
        let live = match cluster.look_at(context, place).await {
            Ok(live) => live,
            Err(failure) => {
                let forgotten = forget(cluster, context, &place.to_string(), failure, removal.private).await;
                return forgotten.map_err(failed);
            }
        };
        let Some(live) = live else {
            cluster.warn_if_elsewhere(context, &place.to_string(), removal.private).await;
            return Ok(());
        };
        if !cluster.is_claimed(&removal.claim, &live.object.metadata) {
            context.warn(left(place, &live));
            return Ok(());
        }
        match removal.carry_out(cluster, context, place, &live).await {
            Err(failure) if matches!(failure.cause(), Some(Cause::Changed { .. })) && attempt < TRIES => {}
            other => return other.map_err(failed),
        }
    }
    Ok(())
}

/// What is known of an object that is to be removed.
#[derive(Debug)]
pub struct Removal<'a> {
    /// Whose it is.
    claim: Claim,
    /// The private state.
    private: &'a Private,
    /// How it came to be managed.
    provenance: Option<Provenance>,
    /// The finalizer that is taken off at the end.
    force: Option<Forced>,
    /// Fields of the object: who declares one of them keeps the object.
    fields: Vec<String>,
    /// When its dependents are deleted.
    propagation: Propagation,
}

impl<'a> Removal<'a> {
    /// By private state and the attribute `uid`.
    ///
    /// # Errors
    /// [`PrivateError`] when something else stands in the private state than what was put there.
    pub fn of(private: &'a Private, uid: &Value<String>, force: Option<Forced>) -> Result<Self, PrivateError> {
        let (claim, provenance) = (Claim::of(private, uid)?, Provenance::kept(private)?);
        let (fields, propagation) = (vec!["spec".to_owned()], Propagation::Background);
        Ok(Self { claim, private, provenance, force, fields, propagation })
    }

    /// The same for an object whose fields these are, and whose dependents are deleted before it.
    #[must_use]
    pub fn whole(mut self, fields: Vec<String>) -> Self {
        (self.fields, self.propagation) = (fields, Propagation::Foreground);
        self
    }

    /// Deletes what is ours alone; from what others made, or keep in step, only our fields are withdrawn.
    async fn carry_out<D: Send + Sync>(
        &self,
        cluster: &Cluster,
        context: &Context<D>,
        place: &Place,
        live: &Live<Untyped>,
    ) -> Result<(), Failure> {
        let provenance = Provenance::of(self.provenance, &live.object.metadata);
        let declare = |field: &String| provenance::declarers(&live.managers, field, provenance);
        let others: Vec<&str> = self.fields.iter().flat_map(declare).collect();
        if others.is_empty() && provenance != Some(Provenance::Adopted) {
            return take_away(cluster, context, place, live, self.force, self.propagation).await;
        }
        let left = withdraw(cluster, context, place, &live.object.metadata, &Json::Null).await?;
        context.warn(stays(&place.to_string(), &others, left));
        Ok(())
    }
}

/// Is the object dropped from the state because its cluster is gone? Then the user is told.
///
/// # Errors
/// The failure, with what speaks against it.
pub async fn forget<D>(
    cluster: &Cluster,
    context: &Context<D>,
    title: &str,
    failure: Failure,
    private: &Private,
) -> Result<(), Failure> {
    let failure = cluster.is_gone(failure, private).await?;
    cluster.tell_forgotten(context, title, &failure);
    Ok(())
}

/// Why the object stays where it is.
fn left(place: &Place, live: &Live<Untyped>) -> Diagnostic {
    let whose = match instance::on(&live.object.metadata) {
        Some(_) => "another resource (or another state) has written it since",
        None => "it was recreated by somebody else, or imported and never applied",
    };
    let detail = format!("{place} does not have the mark of this resource: {whose}. It was not deleted.");
    let at = AttributePath::new("name");
    Diagnostic::warning("The object was not deleted", detail).at(at)
}

async fn take_away<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    place: &Place,
    live: &Live<Untyped>,
    force: Option<Forced>,
    propagation: Propagation,
) -> Result<(), Failure> {
    let metadata = &live.object.metadata;
    let (kind, namespace, name) = (&place.kind, place.namespace.as_deref(), place.name.as_str());
    if metadata.deletion_timestamp.is_none() {
        let conditions =
            &Preconditions { uid: metadata.uid.clone(), resource_version: metadata.resource_version.clone() };
        let delete = |client: Client, call: Call| async move {
            client.delete_untyped(&call, kind, namespace, name, conditions, propagation).await
        };
        cluster.change(context, delete).await?;
    }
    // Only a finalizer keeps a deleted object: without one there is nothing to wait for. The API server sets one for dependents
    // that go first, and a namespace has one of its own kind.
    let may_be_held = propagation == Propagation::Foreground || place.kind.kind == "Namespace";
    if metadata.finalizers.as_ref().is_none_or(Vec::is_empty) && !may_be_held {
        return Ok(());
    }
    let (client, call) = cluster.ask(context, |client, call| async move { Ok((client, call)) }).await?;
    let mut patience = force.and(context.deadline()).map(|deadline| deadline.checked_sub(RESERVE).unwrap_or(deadline));
    let changes = client.watch_parts::<Json>(&call, kind, namespace, Some(&named(name)), None);
    let mut vigil = Vigil::new(context, changes);
    loop {
        let next = match vigil.next(patience).await {
            // Its kind has gone meanwhile, and every object of it.
            Err(failure) if matches!(failure.cause(), Some(Cause::NotFound)) => {
                return match cluster.look_at(context, place).await? {
                    None => Ok(()),
                    Some(_) => Err(failure),
                };
            }
            next => next?,
        };
        let still = match next {
            Some(Seen::All(all)) => all.into_iter().next().map(|live| live.object.0),
            Some(Seen::Changed(live)) => Some(live.object.0),
            Some(Seen::Gone(_)) => None,
            Some(Seen::Lost(_)) => continue,
            None => {
                patience = None;
                if let Some(force) = force {
                    take_off(cluster, context, place, force).await?;
                }
                continue;
            }
        };
        let uid = |still: &Json| still.pointer("/metadata/uid").and_then(Json::as_str).map(ToOwned::to_owned);
        let Some(still) = still.filter(|still| uid(still) == metadata.uid) else { return Ok(()) };
        let held = still.pointer("/metadata/finalizers").and_then(Json::as_array);
        let held: Vec<&str> = held.into_iter().flatten().filter_map(Json::as_str).collect();
        let why =
            still.pointer("/status/conditions").and_then(Json::as_array).map(|all| remaining(all)).unwrap_or_default();
        vigil.tell(match held.as_slice() {
            [] => format!("{place} is being deleted{why}"),
            held => format!("{place} has the finalizers {}{why}", held.join(", ")),
        });
    }
}

/// What a namespace or a definition says of what it still holds.
fn remaining(conditions: &[Json]) -> String {
    let text = |condition: &Json, name: &str| condition.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let holds = conditions.iter().filter(|one| text(one, "status") == "True" && !text(one, "message").is_empty());
    let told: Vec<String> = holds
        .filter(|one| {
            ["NamespaceContentRemaining", "NamespaceFinalizersRemaining", "Terminating"]
                .contains(&text(one, "type").as_str())
        })
        .map(|one| text(one, "message"))
        .collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) }
}

/// Takes one finalizer off, or all, and says what that may leave behind.
async fn take_off<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    place: &Place,
    force: Forced,
) -> Result<(), Failure> {
    let Some(live) = cluster.ask(context, |client, call| async move { place.get(&client, &call).await }).await? else {
        return Ok(());
    };
    let metadata = live.object.metadata;
    let mut finalizers = metadata.finalizers.unwrap_or_default();
    let is_meant = |finalizer: &String| force.finalizer.is_none_or(|meant| finalizer == meant);
    let (taken, left): (Vec<String>, Vec<String>) = finalizers.into_iter().partition(is_meant);
    if taken.is_empty() {
        return Ok(());
    }
    finalizers = left;
    let changes = &json!({"metadata": {"finalizers": finalizers, "resourceVersion": metadata.resource_version}});
    let patch = |client: Client, call: Call| async move {
        client.merge_untyped(&call, &place.kind, place.namespace.as_deref(), &place.name, changes).await
    };
    cluster.change(context, patch).await?;
    let detail =
        format!("{} was still on {place}, so the provider removed it. {}", taken.join(", "), (force.left)(place));
    context.warn(Diagnostic::warning("A finalizer was removed", detail).at(AttributePath::new("name")));
    Ok(())
}
