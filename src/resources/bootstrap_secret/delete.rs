//! Delete: removes the Secret if it is still this instance's, or our keys where it holds others' too; and the namespace if it is
//! ours and empty.

use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::{Cause, Client, Kind, Live, Preconditions};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Deletion, State};

use super::errors::BootstrapSecretError;
use super::model::BootstrapSecret as Model;
use super::{NAMESPACE_INSTANCE, TIMEOUTS, owner};
use crate::cluster::namespace::{Departure, Release};
use crate::cluster::object::{Claim, Place, forget, stays, withdraw};
use crate::cluster::provenance::{self, Provenance};
use crate::cluster::{Failure, instance};
use crate::configured::Configured;

/// How often a Secret that is going away is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often a delete is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    remove(context, &state).await.into()
}

async fn remove(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?;
    let (cluster, model) = (&provider.cluster, &state.model);
    let context = &context.within(TIMEOUTS.overridden_by(&model.timeouts).delete);
    let told = |error: BootstrapSecretError| error.diagnostics(model);
    let failed = |failure| told(BootstrapSecretError::Delete { id: model.id(), failure });
    let claim = Claim::of(&state.private, &model.uid).map_err(Diagnostic::from)?;
    let provenance = Provenance::kept(&state.private).map_err(Diagnostic::from)?;
    let departure = cluster.departs(model.namespace_name());
    for attempt in 1.. {
        let (live, listed) = match see(context, provider, model, attempt == 1).await {
            Ok(seen) => seen,
            Err(failure) => {
                return forget(cluster, context, &title(model), failure, &state.private).await.map_err(failed);
            }
        };
        let Some(live) = live else {
            cluster.warn_if_elsewhere(context, &title(model), &state.private).await;
            break;
        };
        let why = why_leave(&live, model, cluster.is_claimed(&claim, &live.object.metadata));
        let provenance = Provenance::of(provenance, &live.object.metadata);
        let others = provenance::owners_below(&live.managers, "data", provenance);
        let leaves = !others.is_empty() || provenance == Some(Provenance::Adopted);
        // Whether others are to have it is told by the Secret as it is now.
        if listed && (why.is_some() || leaves) {
            continue;
        }
        if let Some(why) = why {
            context.warn(why);
            return Ok(());
        }
        let done = if leaves {
            leave_to(context, provider, model, &live, &others).await
        } else {
            take_away(context, provider, model, &live).await
        };
        match done {
            Ok(()) if leaves => return Ok(()),
            Ok(()) => break,
            Err(failure) if matches!(failure.cause(), Some(Cause::Changed { .. })) && attempt < TRIES => {}
            Err(failure) => return Err(failed(failure)),
        }
    }
    release_namespace(context, provider, state, departure).await.map_err(told)
}

/// Kind and name, for people.
fn title(model: &Model) -> String {
    format!("Secret {}", model.id())
}

/// The Secret, and whether it is as a list shows it: the first look of a delete may be, since what is deleted is exactly what was
/// seen, or nothing.
async fn see(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
    first: bool,
) -> Result<(Option<Live<Secret>>, bool), Failure> {
    let (cluster, namespace, name) = (&provider.cluster, model.namespace_name(), model.secret_name());
    let kind = model.r#type.as_deref_option().unwrap_or("Opaque");
    if first && let Some(listed) = cluster.listed_secret(context, namespace, name, kind).await? {
        return Ok((Some(listed), true));
    }
    let get = |client: Client, call| async move { client.get_secret(&call, namespace, name).await };
    Ok((cluster.look(context, get).await?, false))
}

/// The reason to leave the Secret where it is, if there is one.
fn why_leave(live: &Live<Secret>, model: &Model, is_ours: bool) -> Option<Diagnostic> {
    let at = AttributePath::new("name");
    if let Some(owner) = owner::of(live, model.takers()) {
        let detail = format!("{owner} owns Secret {} now (hand_over_to), so it was not deleted.", model.id());
        return Some(Diagnostic::warning("The object was not deleted", detail).at(at));
    }
    if is_ours {
        return None;
    }
    let whose = match instance::on(&live.object.metadata) {
        Some(_) => "Another resource (or another state) has written it since",
        None => "It was recreated by somebody else, or imported and never applied",
    };
    let detail =
        format!("Secret {} does not have the mark of this resource any more. {whose}. It was not deleted.", model.id());
    Some(Diagnostic::warning("The object was not deleted", detail).at(at))
}

/// Takes our keys, labels and annotations off a Secret that holds others' too, or that others made.
async fn leave_to(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
    live: &Live<Secret>,
    others: &[&str],
) -> Result<(), Failure> {
    let place = Place {
        kind: Kind::of::<Secret>(),
        namespace: Some(model.namespace_name().to_owned()),
        name: model.secret_name().to_owned(),
    };
    // The type of a Secret cannot change, also not by being left out.
    let kept =
        live.object.type_.as_ref().filter(|kind| *kind != "Opaque").map_or(Json::Null, |kind| json!({"type": kind}));
    provider.cluster.note_secret_change(model.namespace_name(), model.secret_name());
    let left = withdraw(&provider.cluster, context, &place, &live.object.metadata, &kept).await?;
    context.warn(stays(&title(model), others, left));
    Ok(())
}

/// Asks for the deletion of exactly what was looked at, and waits until it is gone.
async fn take_away(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
    live: &Live<Secret>,
) -> Result<(), Failure> {
    let metadata = &live.object.metadata;
    let (namespace, name) = (model.namespace_name(), model.secret_name());
    let conditions = &Preconditions { uid: metadata.uid.clone(), resource_version: metadata.resource_version.clone() };
    provider.cluster.note_secret_change(namespace, name);
    provider
        .cluster
        .change(context, |client, call| async move {
            client.delete::<Secret>(&call, Some(namespace), name, conditions).await
        })
        .await?;
    // Only a finalizer keeps a deleted Secret: without one there is nothing to wait for.
    let mut finalizers = metadata.finalizers.clone().unwrap_or_default();
    while !finalizers.is_empty() {
        let ask = |client: Client, call| async move { client.get_secret(&call, namespace, name).await };
        let still = provider.cluster.ask(context, ask).await?.filter(|now| now.object.metadata.uid == metadata.uid);
        let Some(still) = still else { break };
        finalizers = still.object.metadata.finalizers.clone().unwrap_or_default();
        let what = format!("Secret {} has the finalizers {}", model.id(), finalizers.join(", "));
        context.progress(&format!("waiting: {what}"));
        context.pause(LOOK).await.map_err(|why| Failure::Interrupted { what, why })?;
    }
    Ok(())
}

async fn release_namespace(
    context: &Context<Configured>,
    provider: &Configured,
    state: &State<Model>,
    departure: Departure<'_>,
) -> Result<(), BootstrapSecretError> {
    let Some(id) = state.private.get::<String>(NAMESPACE_INSTANCE).ok().flatten() else { return Ok(()) };
    if !state.model.creates_namespace() {
        return Ok(());
    }
    let namespace = state.model.namespace_name();
    let failed = |failure| BootstrapSecretError::Release { namespace: namespace.to_owned(), failure };
    let released =
        provider.cluster.release_namespace(context, departure, &Kind::of::<Secret>(), &id).await.map_err(failed)?;
    let detail = match released {
        Release::Done => return Ok(()),
        Release::Holds(held) => format!("Namespace {namespace} was not deleted: {held}."),
        Release::Changing => {
            format!(
                "Somebody keeps writing namespace {namespace}, so it was not deleted. Delete it by hand if nobody needs it."
            )
        }
        Release::Declared(manager) => {
            format!("\"{manager}\" manages namespace {namespace} now, so it was not deleted.")
        }
    };
    context
        .warn(Diagnostic::warning("The namespace was not deleted", detail).at(AttributePath::new("create_namespace")));
    Ok(())
}
