//! What is there of a CoreDNS: its objects, and the Services that hold its address. Whose they are is judged in `owner`, whether they
//! may be changed in `adoption`.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Service;
use tazlab_clients::kubernetes::{Call, Client, Error, Live, Selector, Untyped};
use tf_plugin::framework::context::Context;

use super::model::Coredns;
use super::owner::{self, Owner};
use super::parts::{APP, Part};
use crate::cluster::provenance::is_noted;
use crate::cluster::{Cluster, Failure, instance};

/// The objects that are there.
pub(super) type Parts = BTreeMap<Part, Live<Untyped>>;

/// What was seen of the cluster.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) parts: Parts,
    /// Other Services that hold the address.
    pub(super) holders: Vec<Holder>,
}

/// A Service that holds an address.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    /// `namespace/name`.
    pub(super) name: String,
    /// The mark on it, where it has one.
    pub(super) id: Option<String>,
    /// Whoever keeps it in step, as far as its labels and annotations say.
    pub(super) owner: Option<&'static Owner>,
}

impl Sight {
    pub(super) fn deployment(&self) -> Option<&Live<Untyped>> {
        self.parts.get(&Part::Deployment)
    }

    /// A key of the live ConfigMap.
    pub(super) fn file(&self, key: &str) -> Option<&str> {
        self.parts.get(&Part::ConfigMap)?.object.value.get("data")?.get(key)?.as_str()
    }

    /// All keys of the live ConfigMap, with their contents.
    pub(super) fn files(&self) -> impl Iterator<Item = (&String, &serde_json::Value)> {
        let data = self.parts.get(&Part::ConfigMap).and_then(|live| live.object.value.get("data")?.as_object());
        data.into_iter().flatten()
    }

    /// The address of the live Service.
    pub(super) fn address(&self) -> Option<&str> {
        self.parts.get(&Part::Service)?.object.value.pointer("/spec/clusterIP")?.as_str()
    }

    /// Does every object that is there carry this id?
    pub(super) fn is_all_marked(&self, id: &str) -> bool {
        self.parts.values().all(|live| instance::on(&live.object.metadata) == Some(id))
    }

    /// The objects that say that they were others' before.
    pub(super) fn noted(&self) -> impl Iterator<Item = Part> {
        let noted = |(part, live): (&Part, &Live<Untyped>)| is_noted(&live.object.metadata).then_some(*part);
        self.parts.iter().filter_map(noted)
    }

    /// Has somebody scaled it to nothing? Then no rollout proves anything.
    pub(super) fn is_scaled_to_zero(&self) -> bool {
        let wanted = self.deployment().and_then(|live| live.object.value.pointer("/spec/replicas"));
        wanted.and_then(serde_json::Value::as_i64) == Some(0)
    }

    /// The replicas that answer now.
    pub(super) fn ready_replicas(&self) -> i64 {
        let status = self.deployment().and_then(|live| live.object.value.pointer("/status/readyReplicas"));
        status.and_then(serde_json::Value::as_i64).unwrap_or_default()
    }
}

/// The pods behind the Service, whichever rollout they are of.
pub(super) fn pods(model: &Coredns) -> Selector {
    Selector::Labels(format!("{APP}={}", model.service()))
}

async fn all(client: &Client, call: &Call, model: &Coredns) -> Result<Sight, Error> {
    let looks = Part::ALL.map(|part| async move {
        let (kind, name) = (part.kind(), part.name(model));
        let live = client.get_untyped(call, &kind, part.namespace(model), &name).await?;
        Ok::<_, Error>(live.map(|live| (part, live)))
    });
    let parts: Parts = try_join_all(looks).await?.into_iter().flatten().collect();
    let mut sight = Sight { parts, holders: Vec::new() };
    let address = model.address();
    if !address.is_empty() && sight.address() != Some(address) {
        let selector = Selector::Fields(format!("spec.clusterIP={address}"));
        let found = client.find::<Service>(call, None, &selector).await?;
        let holders = found.into_iter().map(|live| {
            let metadata = &live.object.metadata;
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let name = format!("{}/{}", text(&metadata.namespace), text(&metadata.name));
            let id = instance::on(metadata).map(ToOwned::to_owned);
            Holder { name, id, owner: owner::of(metadata, None) }
        });
        let own = format!("{}/{}", model.namespace_name(), model.service());
        sight.holders = holders.filter(|holder| holder.name != own).collect();
    }
    Ok(sight)
}

/// Looks within `connect_timeout`, for plan and refresh.
pub(super) async fn look<D>(cluster: &Cluster, context: &Context<D>, model: &Coredns) -> Result<Sight, Failure> {
    cluster.look(context, |client, call| async move { all(&client, &call, model).await }).await
}

/// Looks in the course of work, until the context's own deadline.
pub(super) async fn look_closely<D>(
    cluster: &Cluster,
    context: &Context<D>,
    model: &Coredns,
) -> Result<Sight, Failure> {
    cluster.ask(context, |client, call| async move { all(&client, &call, model).await }).await
}

/// The objects that an owner keeps in step and that are not this instance's own.
pub(super) fn of_owners<'s>(
    sight: &'s Sight,
    id: Option<&str>,
) -> impl Iterator<Item = (Part, &'static Owner)> + use<'s> {
    let id = id.map(ToOwned::to_owned);
    sight.parts.iter().filter_map(move |(part, live)| {
        let mark = instance::on(&live.object.metadata);
        let is_own = mark.is_some() && mark == id.as_deref();
        owner::of(&live.object.metadata, Some(live)).filter(|_| !is_own).map(|owner| (*part, owner))
    })
}
