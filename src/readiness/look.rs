//! One look: a list of each kind, those that make others first, so that what they have made is in the lists that follow.

use futures::future::join_all;
use tazlab_clients::kubernetes::{Call, Cause, Client, Error, Kind, Selector, ServedKind};
use tf_plugin::framework::context::Context;

use super::causes::explain;
use super::kind::ObjectKind;
use super::objects::{self, Observed};
use super::picture::{Known, Picture, Told};
use super::sighting::Sighting;
use super::target::Target;
use super::wanted::Wanted;
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
            ObjectKind::Target(_) => {
                type $read = objects::Whole;
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
    explain(cluster, context, &mut look.picture, wanted, Bounds::Glance).await;
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
    if wanted.api_server {
        look.picture.api_server = api_server(cluster, context, bounds).await?;
    }
    if kinds.iter().any(|kind| wanted.needs_discovery(*kind)) {
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
    served: &[ServedKind],
    bounds: Bounds,
) -> Result<Listed, Failure> {
    let Some(api) = wanted.api(kind, served) else { return Ok(Listed::Not(Known::Absent)) };
    let (namespace, selector) = scope(wanted, kind);
    let (place, meant) = (namespace.as_deref(), selector.as_ref());
    let target = wanted.target(kind).map(AsRef::as_ref);
    let listed = with_type!(kind, Read => list::<Read, D>(cluster, context, &api, place, meant, target, bounds).await);
    match listed {
        Ok((sightings, version)) => Ok(Listed::All { api, sightings, version }),
        Err(failure) if matches!(failure.cause(), Some(Cause::NotFound)) => Ok(Listed::Not(Known::Absent)),
        // A server that fails may come to itself, as one does whose conversion webhook is not there yet.
        Err(failure) if refused(&failure) => {
            let is_final = matches!(failure.cause(), Some(Cause::Forbidden { .. } | Cause::ConversionFailed { .. }));
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
    target: Option<&Target>,
    bounds: Bounds,
) -> Result<(Vec<Sighting>, Option<String>), Failure> {
    let read = |client: Client, call: Call| async move {
        let (parts, version) = client.list_parts::<T>(&call, api, namespace, selector).await?;
        Ok((parts.into_iter().map(|part| part.judged(target)).collect(), version))
    };
    ask(cluster, context, bounds, read).await
}

/// The kinds that the server has.
pub(super) async fn served<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
) -> Result<Vec<ServedKind>, Failure> {
    ask(cluster, context, bounds, |client, call| async move { client.served_kinds(&call).await }).await
}

/// Why the API server is not ready, by its own word.
pub(super) async fn api_server<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
) -> Result<Option<String>, Failure> {
    ask(cluster, context, bounds, |client, call| async move { client.probe_ready(&call).await }).await
}

pub(super) async fn ask<D, T, F>(
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
