//! Delete: removes the Secret if it is still this instance's, and the namespace if it is ours and empty.

use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;

use super::errors::BootstrapSecretError;
use super::model::BootstrapSecret as Model;
use super::{NAMESPACE_INSTANCE, TIMEOUTS, owner};
use crate::clients::kubernetes::{Cause, Kind, Live, Preconditions};
use crate::cluster::namespace::Departure;
use crate::cluster::{Failure, OnUnreachable, instance};
use crate::configured::Configured;
use crate::framework::AttributePath;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::resource::{Deletion, State};

/// How often a Secret that is going away is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often a delete is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    remove(context, &state).await.into()
}

async fn remove(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?;
    let model = &state.model;
    let context = &context.within(TIMEOUTS.overridden_by(&model.timeouts).delete);
    let told = |error: BootstrapSecretError| error.diagnostics(model);
    let kept = instance::kept(&state.private).map_err(Diagnostic::from)?;
    let departure = provider.cluster.departs(model.namespace_name());
    for attempt in 1.. {
        let live = match look(context, provider, model).await {
            Ok(live) => live,
            Err(failure) if failure.is_unreachable() && provider.cluster.on_unreachable == OnUnreachable::Forget => {
                let detail = format!(
                    "Secret {}: {failure}. It is dropped from the state (on_unreachable = \"forget\"); if the cluster comes back, the Secret may still be in it.",
                    model.id()
                );
                context.warn(Diagnostic::warning("The cluster cannot be reached", detail));
                return Ok(());
            }
            Err(failure) => return Err(told(BootstrapSecretError::Delete { id: model.id(), failure })),
        };
        let Some(live) = live else { break };
        if let Some(why) = why_leave(&live, model, kept.as_deref()) {
            context.warn(why);
            return Ok(());
        }
        match take_away(context, provider, model, &live).await {
            Ok(()) => break,
            Err(failure) if matches!(failure.cause(), Some(Cause::Changed { .. })) && attempt < TRIES => {}
            Err(failure) => return Err(told(BootstrapSecretError::Delete { id: model.id(), failure })),
        }
    }
    release_namespace(context, provider, state, departure).await.map_err(told)
}

async fn look(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
) -> Result<Option<Live<Secret>>, Failure> {
    let (namespace, name) = (model.namespace_name(), model.secret_name());
    provider.cluster.look(context, |client, call| async move { client.get_secret(&call, namespace, name).await }).await
}

/// The reason to leave the Secret where it is, if there is one.
fn why_leave(live: &Live<Secret>, model: &Model, kept: Option<&str>) -> Option<Diagnostic> {
    let at = AttributePath::new("name");
    if let Some(owner) = owner::of(live, model.takers()) {
        let detail = format!("Secret {} belongs to {owner} now (hand_over_to): it stays.", model.id());
        return Some(Diagnostic::warning("The Secret stays", detail).at(at));
    }
    let found = instance::on(&live.object.metadata);
    if kept.is_some() && found == kept {
        return None;
    }
    let whose = match found {
        Some(_) => "Another resource (or another state) has written it since",
        None => "It was made anew by somebody else, or imported and never applied",
    };
    let detail = format!("Secret {} does not carry this resource's mark any more. {whose}: it stays.", model.id());
    Some(Diagnostic::warning("The Secret stays", detail).at(at))
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
    let conditions = Preconditions { uid: metadata.uid.clone(), resource_version: metadata.resource_version.clone() };
    provider
        .cluster
        .change(context, |client, call| async move {
            client.delete::<Secret>(&call, Some(namespace), name, &conditions).await
        })
        .await?;
    // Only a finalizer keeps a deleted Secret: without one there is nothing to wait for.
    let mut finalizers = metadata.finalizers.clone().unwrap_or_default();
    while !finalizers.is_empty() {
        let ask = |client: crate::clients::kubernetes::Client, call| async move {
            client.get_secret(&call, namespace, name).await
        };
        let still = provider.cluster.ask(context, ask).await?.filter(|now| now.object.metadata.uid == metadata.uid);
        let Some(still) = still else { break };
        finalizers = still.object.metadata.finalizers.clone().unwrap_or_default();
        let what = format!("Secret {} is held by its finalizers {}", model.id(), finalizers.join(", "));
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
    let held =
        provider.cluster.release_namespace(context, departure, &Kind::of::<Secret>(), &id).await.map_err(failed)?;
    if let Some(other) = held.first() {
        let detail = format!("Namespace {namespace} still holds {} {}: it stays.", other.kind, other.name);
        context.warn(Diagnostic::warning("The namespace stays", detail).at(AttributePath::new("create_namespace")));
    }
    Ok(())
}
