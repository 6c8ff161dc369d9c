//! One look: a list of each kind, those that make others first, so that what they have made is in the lists that follow.

use std::collections::BTreeSet;

use futures::future::join_all;
use k8s_openapi::api::core::v1::{self, Pod};
use serde::de::DeserializeOwned;
use tazlab_clients::kubernetes::{Call, Cause, Client, Error, Kind, Selector};
use tf_plugin::framework::context::Context;

use super::kind::ObjectKind;
use super::objects::{self, Observed};
use super::picture::{Known, Picture, Told};
use super::pods::Troubled;
use super::sighting::Sighting;
use super::wanted::Wanted;
use super::warnings::{Event, FAILED_CREATE, UPDATE_FAILED, Warning};
use crate::cluster::tailscale_operator::PARENT;
use crate::cluster::{Cluster, Failure};

/// Does something with the type that is read of a kind's objects.
macro_rules! with_type {
    ($kind:expr, $read:ident => $body:expr) => {
        match $kind {
            ObjectKind::Kustomization => {
                type $read = objects::Kustomization;
                $body
            }
            ObjectKind::HelmRelease => {
                type $read = objects::HelmRelease;
                $body
            }
            ObjectKind::ExternalSecret => {
                type $read = objects::ExternalSecret;
                $body
            }
            ObjectKind::ClusterSecretStore => {
                type $read = objects::ClusterSecretStore;
                $body
            }
            ObjectKind::SecretStore => {
                type $read = objects::SecretStore;
                $body
            }
            ObjectKind::Crd => {
                type $read = objects::Crd;
                $body
            }
            ObjectKind::Deployment => {
                type $read = objects::Deployment;
                $body
            }
            ObjectKind::StatefulSet => {
                type $read = objects::StatefulSet;
                $body
            }
            ObjectKind::DaemonSet => {
                type $read = objects::DaemonSet;
                $body
            }
            ObjectKind::Service => {
                type $read = objects::Service;
                $body
            }
            ObjectKind::EndpointSlice => {
                type $read = objects::EndpointSlice;
                $body
            }
            ObjectKind::Proxy => {
                type $read = objects::Proxy;
                $body
            }
        }
    };
}
pub(super) use with_type;

/// How long a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// `connect_timeout`: it only looks.
    Glance,
    /// The context's own deadline.
    Work,
}

/// Which objects of a kind are listed and watched.
pub(super) fn scope(wanted: &Wanted, kind: ObjectKind) -> (Option<String>, Option<Selector>) {
    if kind == ObjectKind::Proxy {
        return (None, Some(Selector::Labels(PARENT.to_owned())));
    }
    let (namespace, name) = wanted.scope(kind);
    (namespace.map(ToOwned::to_owned), name.map(|name| Selector::Fields(format!("metadata.name={name}"))))
}

/// A picture, and where in the server's history each list stands.
pub(super) struct Look {
    pub(super) picture: Picture,
    pub(super) versions: Vec<(ObjectKind, Kind, Option<String>)>,
}

/// Looks once, each request within `connect_timeout`.
///
/// # Errors
/// [`Failure`] when the cluster cannot be reached. That one kind cannot be listed is part of the picture.
pub async fn look_once<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    wanted: &Wanted,
) -> Result<Picture, Failure> {
    let mut look = look(cluster, context, wanted, Bounds::Glance).await?;
    explain(cluster, context, &mut look.picture, Bounds::Glance).await;
    Ok(look.picture)
}

pub(super) async fn look<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    wanted: &Wanted,
    bounds: Bounds,
) -> Result<Look, Failure> {
    let kinds = wanted.looked_at();
    let mut look = Look { picture: Picture::default(), versions: Vec::new() };
    if kinds.iter().any(|kind| kind.built_in().is_none() || *kind == ObjectKind::Crd) {
        look.picture.served = served(cluster, context, bounds).await?;
    }
    let (makers, others): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| kind.makes_others());
    for kinds in [makers, others] {
        let lists = kinds.iter().map(|kind| one(cluster, context, wanted, *kind, &look.picture.served, bounds));
        for (kind, listed) in kinds.iter().zip(join_all(lists).await) {
            look.take(*kind, listed?);
        }
    }
    Ok(look)
}

impl Look {
    fn take(&mut self, kind: ObjectKind, listed: Listed) {
        match listed {
            Listed::Not(known) => self.picture.know(kind, known),
            Listed::All { api, sightings, version } => {
                self.picture.see(kind, Told::All(sightings));
                self.versions.push((kind, api, version));
            }
        }
    }
}

/// What a list came to.
pub(super) enum Listed {
    Not(Known),
    All { api: Kind, sightings: Vec<Sighting>, version: Option<String> },
}

/// Lists one kind, if the server has it.
pub(super) async fn one<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    wanted: &Wanted,
    kind: ObjectKind,
    served: &[Kind],
    bounds: Bounds,
) -> Result<Listed, Failure> {
    let Some(api) = kind.among(served) else { return Ok(Listed::Not(Known::Absent)) };
    let (namespace, selector) = scope(wanted, kind);
    let (place, meant) = (namespace.as_deref(), selector.as_ref());
    let listed = with_type!(kind, Read => list::<Read, D>(cluster, context, &api, place, meant, bounds).await);
    match listed {
        Ok((sightings, version)) => Ok(Listed::All { api, sightings, version }),
        Err(failure) if matches!(failure.cause(), Some(Cause::NotFound)) => Ok(Listed::Not(Known::Absent)),
        // A server that fails may come to itself, as one does whose conversion webhook is not there yet.
        Err(failure) if refused(&failure) => {
            let is_final = matches!(failure.cause(), Some(Cause::Forbidden { .. }));
            Ok(Listed::Not(Known::Hidden { why: failure.to_string(), is_final }))
        }
        Err(failure) => Err(failure),
    }
}

/// Did the server answer, and not give this one list? What ends the whole look is no answer, and an end of time.
fn refused(failure: &Failure) -> bool {
    let ended =
        matches!(failure.cause(), None | Some(Cause::Stopped | Cause::TimedOut { .. } | Cause::Authentication(_)));
    !ended && !failure.is_unreachable()
}

async fn list<T: Observed, D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    api: &Kind,
    namespace: Option<&str>,
    selector: Option<&Selector>,
    bounds: Bounds,
) -> Result<(Vec<Sighting>, Option<String>), Failure> {
    let read = |client: Client, call: Call| async move {
        let (parts, version) = client.list_parts::<T>(&call, api, namespace, selector).await?;
        Ok((parts.into_iter().map(Observed::sighting).collect(), version))
    };
    ask(cluster, context, bounds, read).await
}

/// The kinds that the server has.
pub(super) async fn served<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
) -> Result<Vec<Kind>, Failure> {
    ask(cluster, context, bounds, |client, call| async move { client.served_kinds(&call).await }).await
}

/// Looks at the pods and the events that tell why objects are not ready. It is an explanation: what cannot be seen is left out.
pub(super) async fn explain<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    picture: &mut Picture,
    bounds: Bounds,
) {
    let workloads = picture.troubled_namespaces(ObjectKind::runs_pods);
    let secrets = picture.troubled_namespaces(|kind| kind == ObjectKind::ExternalSecret);
    let events = |reason| Selector::Fields(format!("reason={reason},type=Warning"));
    let (failed_create, update_failed) = (events(FAILED_CREATE), events(UPDATE_FAILED));
    // They are large, and part of every wait.
    let (pods, refused, failed) = tokio::join!(
        Box::pin(telling::<Pod, _>(cluster, context, bounds, &workloads, Kind::of::<Pod>(), None)),
        Box::pin(telling(cluster, context, bounds, &workloads, Kind::of::<v1::Event>(), Some(&failed_create))),
        Box::pin(telling(cluster, context, bounds, &secrets, Kind::of::<v1::Event>(), Some(&update_failed))),
    );
    if let Some(pods) = pods {
        picture.troubled = pods.into_iter().filter_map(Troubled::of).collect();
    }
    if let (Some(refused), Some(failed)) = (refused, failed) {
        let events: Vec<Event> = [refused, failed].concat();
        picture.warnings = Warning::latest(events);
    }
}

/// The objects of a kind in these namespaces, and perhaps others; `None` where they cannot be seen.
async fn telling<T: DeserializeOwned, D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
    namespaces: &BTreeSet<String>,
    kind: Kind,
    selector: Option<&Selector>,
) -> Option<Vec<T>> {
    if namespaces.is_empty() {
        return Some(Vec::new());
    }
    let only = Some(namespaces).filter(|all| all.len() == 1).and_then(|all| all.first());
    let place = only.map(String::as_str);
    let list = |client: Client, call: Call| async move { client.list_parts::<T>(&call, &kind, place, selector).await };
    ask(cluster, context, bounds, list).await.ok().map(|(all, _)| all)
}

async fn ask<D, T, F>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
    request: impl FnOnce(Client, Call) -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Error>>,
{
    match bounds {
        Bounds::Glance => cluster.look(context, request).await,
        Bounds::Work => cluster.ask(context, request).await,
    }
}
