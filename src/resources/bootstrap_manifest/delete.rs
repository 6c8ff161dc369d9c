//! Delete: removes the object if it is this instance's and was made by it; what holds other objects, only when these are ours.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Call, Cause, Client, Held, Kind, Live, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Deletion, State};
use tokio::time::Instant;

use super::model::BootstrapManifest as Model;
use super::{TIMEOUTS, owner_of};
use crate::cluster::object::{Claim, Forced, ObjectError, Place, Removal, forget, let_go, remove};
use crate::cluster::provenance::Provenance;
use crate::cluster::{Cluster, Failure, instance};
use crate::configured::Configured;
use crate::manifest::normal::is_aggregated;

/// Any finalizer: whoever set it does not take it off in time.
const FINALIZERS: Forced =
    Forced { finalizer: None, left: |_| "What its controller would have cleaned up may be left behind.".to_owned() };

/// How long the objects in a namespace may take to go: a destroy deletes them at the same time.
const DEPARTING: Duration = Duration::from_secs(10);

/// How often is looked at what a namespace or a definition holds.
const LOOK: Duration = Duration::from_secs(1);

/// How many objects are named.
const NAMED: usize = 3;

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    taken_away(context, &state).await.into()
}

async fn taken_away(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostics> {
    let cluster = &context.provider()?.cluster;
    let model = &state.model;
    let Some(named) = model.named() else { return Ok(()) };
    let title = named.title();
    let context = &context.within(TIMEOUTS.overridden_by(&model.timeouts).delete);
    let failed = |failure| {
        let error = ObjectError::Delete { title: title.clone(), failure };
        error.diagnostics(|_| AttributePath::new("name"))
    };
    let served = match cluster.kind_named(context, &named.group, &named.version, &named.kind).await {
        Ok(None) => cluster.kind_at_any_version(context, &named.group, &named.kind).await,
        other => other,
    };
    let kind = match served {
        Ok(Some(served)) => served.kind,
        // The definition went, and took every object along.
        Ok(None) => return Ok(()),
        Err(failure) => return forget(cluster, context, &title, failure, &state.private).await.map_err(failed),
    };
    let place = Place { kind, namespace: named.namespace.clone(), name: named.name.clone() };
    let claim = Claim::of(&state.private, &model.uid).map_err(Diagnostic::from)?;
    let live = match cluster.look_at(context, &place).await {
        Ok(Some(live)) => live,
        Ok(None) => {
            cluster.warn_if_elsewhere(context, &title, &state.private).await;
            return Ok(());
        }
        Err(failure) => return forget(cluster, context, &title, failure, &state.private).await.map_err(failed),
    };
    let ours = cluster.is_claimed(&claim, &live.object.metadata);
    if let Some(owner) = owner_of(&live, model.takers()) {
        let detail = format!("{owner} owns {title} now (hand_over_to), so it was not deleted.");
        let warning = Diagnostic::warning("The object was not deleted", detail);
        context.warn(warning.at(AttributePath::new("name")));
        return Ok(());
    }
    if model.keeps() {
        return if ours {
            let_go(cluster, context, &place, &live.object.metadata).await.map_err(failed)
        } else {
            Ok(())
        };
    }
    let kept = Provenance::kept(&state.private).map_err(Diagnostic::from)?;
    let made = Provenance::of(kept, &live.object.metadata) != Some(Provenance::Adopted);
    if ours && made && !model.forces_destroy() && live.object.metadata.deletion_timestamp.is_none() {
        refuse_what_is_held(cluster, context, &place, &live).await?;
    }
    let force = model.forces_finalizer().then_some(FINALIZERS);
    let removal = Removal::of(&state.private, &model.uid, force).map_err(Diagnostic::from)?;
    let removal = removal.whole(content(&live.object.value));
    let removed = remove(cluster, context, &place, &removal).await;
    removed.map_err(|error| error.diagnostics(|_| AttributePath::new("name")))
}

/// The fields of an object besides its metadata and its status, and what the control plane itself writes in it: whoever owns one of
/// them wants it to be there.
fn content(object: &Json) -> Vec<String> {
    let controllers = if is_aggregated(object) { "rules" } else { "" };
    let fields = object.as_object().into_iter().flatten().map(|(name, _)| name.clone());
    fields.filter(|name| !["apiVersion", "kind", "metadata", "status", controllers].contains(&name.as_str())).collect()
}

/// A Namespace or a definition takes everything in it along: an error while that is not ours alone.
async fn refuse_what_is_held(
    cluster: &Cluster,
    context: &Context<Configured>,
    place: &Place,
    live: &Live<Untyped>,
) -> Result<(), Diagnostics> {
    let until = Instant::now() + DEPARTING;
    loop {
        let held = match place.kind.kind.as_str() {
            "Namespace" if place.kind.group.is_empty() => in_namespace(cluster, context, &place.name).await,
            "CustomResourceDefinition" => of_definition(cluster, context, &live.object.value).await,
            _ => return Ok(()),
        };
        let at = AttributePath::new("force_destroy");
        let held = held.map_err(|failure| failure.diagnostic(format!("Cannot read what {place} holds"), at.clone()))?;
        let Some(Contents { told, leaving }) = held else { return Ok(()) };
        // What is being deleted already is waited for: with finalizers that may take longer.
        let over = !leaving && Instant::now() >= until || context.time_left().is_some_and(|left| left <= LOOK);
        if over || context.pause(LOOK).await.is_err() {
            let detail = format!(
                "{place} was not deleted: {told}. Everything in it would be deleted with it. Remove it, set force_destroy = true and apply before the destroy, or set on_destroy = \"keep\"."
            );
            return Err(Diagnostic::error("The object still holds others", detail).at(at).into());
        }
    }
}

/// What a Namespace or a definition holds.
struct Contents {
    /// In words, one of it.
    told: String,
    /// All of it is being deleted.
    leaving: bool,
}

async fn in_namespace(
    cluster: &Cluster,
    context: &Context<Configured>,
    name: &str,
) -> Result<Option<Contents>, Failure> {
    let held = |client: Client, call: Call| async move { client.namespace_holds(&call, name).await };
    let held = cluster.ask(context, held).await?;
    let is_leaving = |held: &Held| matches!(held, Held::Object { leaving: true, .. });
    let leaving = held.iter().all(is_leaving);
    // What stays says more than what goes.
    let told = held.iter().find(|held| !is_leaving(held)).or(held.first());
    Ok(told.map(|told| Contents { told: told.to_string(), leaving }))
}

async fn of_definition(
    cluster: &Cluster,
    context: &Context<Configured>,
    definition: &Json,
) -> Result<Option<Contents>, Failure> {
    let text = |pointer: &str| definition.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
    let versions = definition.pointer("/spec/versions").and_then(Json::as_array);
    let is_served = |version: &&Json| version.get("served").and_then(Json::as_bool) == Some(true);
    let version = versions.into_iter().flatten().find(is_served).and_then(|one| one.get("name")?.as_str());
    let Some(version) = version else { return Ok(None) };
    let kind = &Kind {
        group: text("/spec/group"),
        version: version.to_owned(),
        kind: text("/spec/names/kind"),
        plural: text("/spec/names/plural"),
    };
    let list = |client: Client, call: Call| async move { client.list_metadata(&call, kind, None).await };
    let all = match cluster.ask(context, list).await {
        Err(failure) if matches!(failure.cause(), Some(Cause::NotFound)) => return Ok(None),
        other => other?,
    };
    let others: Vec<&ObjectMeta> = all.iter().filter(|one| instance::on(one).is_none()).collect();
    let names: Vec<String> = others.iter().take(NAMED).map(|one| named(one)).collect();
    let told = format!(
        "{} objects of kind {} exist that this provider did not create: {}",
        others.len(),
        kind.kind,
        names.join(", ")
    );
    let leaving = others.iter().all(|one| one.deletion_timestamp.is_some());
    Ok((!others.is_empty()).then_some(Contents { told, leaving }))
}

fn named(object: &ObjectMeta) -> String {
    let name = object.name.as_deref().unwrap_or_default();
    object.namespace.as_ref().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}
