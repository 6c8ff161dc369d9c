//! Delete: removes what still carries this instance's mark, what answers first, and what it lives on when it is gone.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Call, Cause, Client, Kind, Live, Preconditions, Propagation, Seen, Untyped};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::{Context, Interrupted};
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Deletion, State};

use super::errors::CorednsError;
use super::model::Coredns as Model;
use super::objects::CHECKSUM;
use super::parts::Part;
use super::read::title;
use super::sight::{Sight, look, pods};
use super::{TIMEOUTS, adoption};
use crate::cluster::object::{Place, forget, let_go, withdraw};
use crate::cluster::{AsFailure, Failure, instance};
use crate::configured::Configured;

/// How often a delete is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

/// How long pods may take to end.
const ENDING: Duration = Duration::from_mins(2);

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    remove(context, &state).await.into()
}

async fn remove(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?;
    let model = &state.model;
    let context = &context.within(TIMEOUTS.overridden_by(&model.timeouts).delete);
    let kept = instance::kept(&state.private).map_err(Diagnostic::from)?;
    let adopted = adoption::kept(&state.private).map_err(Diagnostic::from)?;
    let error = match remove_all(context, provider, state, kept.as_deref(), &adopted).await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    // The cluster may go at any step.
    let Some(failure) = error.as_failure().cloned() else { return Err(error.diagnostics(model)) };
    let forgotten = forget(&provider.cluster, context, &title(model), failure, &state.private).await;
    forgotten.map_err(|failure| error.because(failure).diagnostics(model))
}

async fn remove_all(
    context: &Context<Configured>,
    provider: &Configured,
    state: &State<Model>,
    kept: Option<&str>,
    adopted: &BTreeSet<Part>,
) -> Result<(), CorednsError> {
    let model = &state.model;
    let sight = look(&provider.cluster, context, model).await;
    let sight = sight.map_err(|failure| CorednsError::Look { id: model.id(), failure })?;
    if sight.parts.is_empty() {
        provider.cluster.warn_if_elsewhere(context, &title(model), &state.private).await;
    }
    warn_of_strangers(context, model, &sight, kept);
    let adopted = &adopted.iter().copied().chain(sight.noted()).collect();
    let staying = staying(&sight, kept, adopted);
    leave(context, provider, model, kept, &staying).await?;
    for part in Part::ALL.into_iter().rev().filter(|part| sight.parts.contains_key(part) && !staying.contains(part)) {
        let pods = match part {
            Part::Deployment => pods_of(context, provider, model).await.map_err(CorednsError::Ending)?,
            _ => BTreeSet::new(),
        };
        let removed = take_away(context, provider, model, part, kept).await;
        if !removed.map_err(|failure| CorednsError::Delete { title: part.title(model), failure })? {
            continue;
        }
        // They still read the API with the rights that go next.
        let limit = context.time_left().map_or(ENDING, |left| (left / 2).min(ENDING));
        match until_ended(&context.within(limit), provider, model, pods).await {
            Ok(()) => {}
            // On a node that is dead they never do; that must not keep the rest here.
            Err(Failure::Interrupted { what, why: Interrupted::TimedOut }) => {
                let detail =
                    format!("{what}, and did not terminate within {limit:?}. The other objects are deleted anyway.");
                context.warn(Diagnostic::warning("The pods did not terminate", detail).at(AttributePath::new("name")));
            }
            Err(failure) => return Err(CorednsError::Ending(failure)),
        }
    }
    Ok(())
}

/// The objects of ours that stay: those that others made, and what a Deployment of theirs runs on.
fn staying(sight: &Sight, kept: Option<&str>, adopted: &BTreeSet<Part>) -> BTreeSet<Part> {
    let is_ours = |part: &&Part| {
        let mark = sight.parts.get(part).and_then(|live| instance::on(&live.object.metadata));
        mark.is_some() && mark == kept
    };
    let serves_on = adopted.contains(&Part::Deployment) && sight.parts.contains_key(&Part::Deployment);
    let stays = |part: &&Part| adopted.contains(part) || (serves_on && **part != Part::DisruptionBudget);
    Part::ALL.iter().filter(is_ours).filter(stays).copied().collect()
}

/// Takes our fields off what others made. A Deployment of theirs goes on with what was applied last: its objects only lose
/// the mark.
async fn leave(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
    kept: Option<&str>,
    staying: &BTreeSet<Part>,
) -> Result<(), CorednsError> {
    let serves_on = staying.contains(&Part::Deployment);
    for part in staying {
        let left = leave_one(context, provider, &part.place(model), kept, serves_on).await;
        left.map_err(|failure| CorednsError::Delete { title: part.title(model), failure })?;
    }
    if !staying.is_empty() {
        let titles: Vec<String> = staying.iter().map(|part| part.title(model)).collect();
        let rest = if serves_on {
            "CoreDNS keeps running with the last applied configuration. Delete it by hand if it is not needed"
        } else {
            "Only the fields that this resource set were removed"
        };
        let detail = format!("{} were not deleted, since others created them. {rest}.", titles.join(", "));
        context.warn(Diagnostic::warning("Some objects were not deleted", detail).at(AttributePath::new("name")));
    }
    Ok(())
}

/// Again where somebody wrote meanwhile.
async fn leave_one(
    context: &Context<Configured>,
    provider: &Configured,
    place: &Place,
    kept: Option<&str>,
    serves_on: bool,
) -> Result<(), Failure> {
    let cluster = &provider.cluster;
    for attempt in 1.. {
        let live = cluster.look_at(context, place).await?.map(|live| live.object.metadata);
        let Some(live) = live.filter(|live| kept.is_some() && instance::on(live) == kept) else { return Ok(()) };
        let left = if serves_on {
            let_go(cluster, context, place, &live).await
        } else {
            withdraw(cluster, context, place, &live, &Json::Null).await.map(drop)
        };
        match left {
            Err(failure) if matches!(failure.cause(), Some(Cause::Changed { .. })) && attempt < TRIES => {}
            other => return other,
        }
    }
    Ok(())
}

fn warn_of_strangers(context: &Context<Configured>, model: &Model, sight: &Sight, kept: Option<&str>) {
    let is_ours = |live: &Live<Untyped>| kept.is_some() && instance::on(&live.object.metadata) == kept;
    // Terraform forgets the private state of a tainted object that it replaces: then nothing can be told apart, and the
    // create that follows takes over what is there.
    let strangers: Vec<String> =
        sight.parts.iter().filter(|(_, live)| !is_ours(live)).map(|(part, _)| part.title(model)).collect();
    if !strangers.is_empty() {
        let detail = format!(
            "{} do not have the mark of this resource: they were created by somebody else, adopted by another resource or state, imported and never applied, or left by a failed create (which the next create adopts). They were not deleted.",
            strangers.join(", ")
        );
        context.warn(Diagnostic::warning("Some objects were not deleted", detail).at(AttributePath::new("name")));
    }
}

/// Deletes exactly what was looked at, if it is ours; again where somebody wrote meanwhile.
async fn take_away(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
    part: Part,
    kept: Option<&str>,
) -> Result<bool, Failure> {
    let (kind, namespace, name): (&Kind, _, &str) = (&part.kind(), part.namespace(model), &part.name(model));
    for attempt in 1.. {
        let get = |client: Client, call: Call| async move { client.get_untyped(&call, kind, namespace, name).await };
        let live = provider.cluster.ask(context, get).await?;
        let Some(live) = live.filter(|live| kept.is_some() && instance::on(&live.object.metadata) == kept) else {
            return Ok(false);
        };
        let metadata = live.object.metadata;
        let conditions = &Preconditions { uid: metadata.uid, resource_version: metadata.resource_version };
        let delete = |client: Client, call: Call| async move {
            client.delete_untyped(&call, kind, namespace, name, conditions, Propagation::Background).await
        };
        match provider.cluster.change(context, delete).await {
            Err(failure) if matches!(failure.cause(), Some(Cause::Changed { .. })) && attempt < TRIES => {}
            other => return other,
        }
    }
    Ok(false)
}

/// The uids of the pods, to be known before they end.
async fn pods_of(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
) -> Result<BTreeSet<String>, Failure> {
    let find = |client: Client, call: Call| async move {
        client.find::<Pod>(&call, Some(model.namespace_name()), &pods(model)).await
    };
    let found = provider.cluster.ask(context, find).await?;
    let ours = found
        .into_iter()
        .map(|live| live.object.metadata)
        .filter(|metadata| metadata.annotations.as_ref().is_some_and(|annotations| annotations.contains_key(CHECKSUM)));
    Ok(ours.filter_map(|metadata| metadata.uid).collect())
}

/// Watches until these pods are gone. Others with the same label may be another resource's already.
async fn until_ended(
    context: &Context<Configured>,
    provider: &Configured,
    model: &Model,
    mut left: BTreeSet<String>,
) -> Result<(), Failure> {
    let (client, call) = provider.cluster.ask(context, |client, call| async move { Ok((client, call)) }).await?;
    let mut seen = client.watch::<Pod>(&call, model.namespace_name(), &pods(model));
    let uid = |live: &Live<Pod>| live.object.metadata.uid.clone().unwrap_or_default();
    while !left.is_empty() {
        let what = format!("{} pods are terminating", left.len());
        context.progress(&format!("waiting: {what}"));
        let next = context.run(seen.next()).await.map_err(|why| Failure::Interrupted { what: what.clone(), why })?;
        match next {
            None => return Err(Failure::Interrupted { what, why: Interrupted::TimedOut }),
            Some(Err(error)) => return Err(Failure::of_wait(error, what)),
            Some(Ok(Seen::All(all))) => {
                let there: BTreeSet<String> = all.iter().map(uid).collect();
                left.retain(|pod| there.contains(pod));
            }
            Some(Ok(Seen::Gone(live))) => drop(left.remove(&uid(&live))),
            Some(Ok(Seen::Changed(_) | Seen::Lost(_))) => {}
        }
    }
    Ok(())
}
