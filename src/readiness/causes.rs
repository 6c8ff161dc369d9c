//! Causes that the objects do not know themselves: their pods, events, Secrets that pods wait for. All of it explains only: what
//! cannot be seen is left out, and nothing here decides whether something is ready.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use k8s_openapi::api::core::v1::{self, ConfigMap, Pod, Secret};
use serde::de::DeserializeOwned;
use tazlab_clients::kubernetes::{Call, Client, Kind, Selector, ServedKind};
use tf_plugin::framework::context::Context;

use super::kind::ObjectKind;
use super::look::{Bounds, ask, served};
use super::missing::{Content, Holder, Lack, MAKERS, Maker};
use super::objects::Whole;
use super::picture::Picture;
use super::pods::Troubled;
use super::rules::View;
use super::wanted::Wanted;
use super::warnings::{Event, FAILED_CREATE, UPDATE_FAILED, Warning};
use crate::cluster::Cluster;

/// How many Secrets and `ConfigMaps` are looked up: those of the first pods.
const LOOKED_UP: usize = 20;

/// Looks at the pods and the events that tell why objects are not ready. It is an explanation: what cannot be seen is left out.
pub(super) async fn explain<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    picture: &mut Picture,
    wanted: &Wanted,
    bounds: Bounds,
) {
    let workloads = picture.troubled_namespaces(|_, one| !one.pods.is_empty());
    let secrets = picture.troubled_namespaces(|kind, _| kind == ObjectKind::ExternalSecret);
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
        Box::pin(name_missing(cluster, context, picture, wanted, bounds)).await;
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

/// Where a Secret or ConfigMap is: its namespace, what it is, its name.
type Held = (String, Holder, String);

/// Names the Secrets, `ConfigMaps` and keys that pods wait for, and who would make them.
async fn name_missing<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    picture: &mut Picture,
    wanted: &Wanted,
    bounds: Bounds,
) {
    let needed = picture
        .troubled
        .iter()
        .flat_map(|pod| pod.needs.iter().map(|need| (pod.namespace().to_owned(), need.holder, need.name.clone())));
    let needed: BTreeSet<Held> = needed.collect::<BTreeSet<_>>().into_iter().take(LOOKED_UP).collect();
    let looks = needed.iter().map(|held| content(cluster, context, bounds, held));
    let found: BTreeMap<Held, Vec<Content>> =
        needed.iter().cloned().zip(join_all(looks).await).filter_map(|(held, found)| Some((held, found?))).collect();
    let lacks = |pod: &Troubled| -> Vec<Lack> {
        let known = pod.needs.iter().filter_map(|need| {
            let live = found.get(&(pod.namespace().to_owned(), need.holder, need.name.clone()))?;
            Some(need.lacks(pod.namespace(), live.first()))
        });
        known.flatten().collect()
    };
    let all: Vec<Vec<Lack>> = picture.troubled.iter().map(lacks).collect();
    let places = all.iter().flatten().filter(|lack| lack.holder == Holder::Secret).map(|lack| lack.namespace.clone());
    let places: BTreeSet<String> = places.collect();
    let makers =
        if places.is_empty() { None } else { makers(cluster, context, bounds, &places, &picture.served).await };
    for (pod, lacks) in picture.troubled.iter_mut().zip(all) {
        for lack in lacks {
            let (told, maker) = lack.told(makers.as_deref());
            pod.lacks.push(told);
            pod.makers.extend(maker.and_then(|maker| maker.reference(wanted)));
        }
    }
}

/// What a Secret or ConfigMap holds, without its values: nothing where there is none, `None` where that cannot be seen.
async fn content<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
    (namespace, holder, name): &Held,
) -> Option<Vec<Content>> {
    let kind = match holder {
        Holder::Secret => Kind::of::<Secret>(),
        Holder::ConfigMap => Kind::of::<ConfigMap>(),
    };
    let selector = Selector::Fields(format!("metadata.name={name}"));
    let list = |client: Client, call: Call| async move {
        client.list_parts::<Content>(&call, &kind, Some(namespace), Some(&selector)).await
    };
    ask(cluster, context, bounds, list).await.ok().map(|(found, _)| found)
}

/// What would make Secrets in these namespaces; `None` where not all of it can be seen.
async fn makers<D: Send + Sync>(
    cluster: &Cluster,
    context: &Context<D>,
    bounds: Bounds,
    namespaces: &BTreeSet<String>,
    known: &[ServedKind],
) -> Option<Vec<Maker>> {
    let all = if known.is_empty() { served(cluster, context, bounds).await.ok()? } else { known.to_vec() };
    let mut makers = Vec::new();
    for (group, name) in MAKERS {
        let Some(one) = all.iter().find(|one| one.kind.group == group && one.kind.kind == name) else { continue };
        let found = telling::<Whole, _>(cluster, context, bounds, namespaces, one.kind.clone(), None).await?;
        makers.extend(found.iter().map(|object| Maker::of(group, name, View(&object.0))));
    }
    Some(makers)
}
