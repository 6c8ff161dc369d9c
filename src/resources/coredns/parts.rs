//! The objects that a CoreDNS is made of: their kinds and names, and how all of them are looked at.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use serde::{Deserialize, Serialize};
use tazlab_clients::kubernetes::{Call, Client, Error, Kind, Live, Selector, Untyped};
use tf_plugin::framework::context::Context;

use super::model::Coredns;
use super::objects::APP;
use super::owner::{self, Owner};
use crate::cluster::object::Place;
use crate::cluster::provenance::is_noted;
use crate::cluster::{Cluster, Failure, instance};

/// One of the objects, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) enum Part {
    ServiceAccount,
    ClusterRole,
    ClusterRoleBinding,
    ConfigMap,
    Service,
    Deployment,
    DisruptionBudget,
}

/// The objects that are there.
pub(super) type Parts = BTreeMap<Part, Live<Untyped>>;

impl Part {
    pub(super) const ALL: [Self; 7] = [
        Self::ServiceAccount,
        Self::ClusterRole,
        Self::ClusterRoleBinding,
        Self::ConfigMap,
        Self::Service,
        Self::Deployment,
        Self::DisruptionBudget,
    ];

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::ServiceAccount => Kind::of::<ServiceAccount>(),
            Self::ClusterRole => Kind::of::<ClusterRole>(),
            Self::ClusterRoleBinding => Kind::of::<ClusterRoleBinding>(),
            Self::ConfigMap => Kind::of::<ConfigMap>(),
            Self::Service => Kind::of::<Service>(),
            Self::Deployment => Kind::of::<Deployment>(),
            Self::DisruptionBudget => Kind::of::<PodDisruptionBudget>(),
        }
    }

    /// Its namespace, where its kind has one.
    pub(super) fn namespace(self, model: &Coredns) -> Option<&str> {
        match self {
            Self::ClusterRole | Self::ClusterRoleBinding => None,
            _ => Some(model.namespace_name()),
        }
    }

    pub(super) fn name(self, model: &Coredns) -> String {
        let (namespace, name) = (model.namespace_name(), model.deployment_name());
        match self {
            Self::ClusterRole | Self::ClusterRoleBinding => match (namespace, name) {
                // What kubeadm and Talos call it.
                ("kube-system", "coredns") => "system:coredns".to_owned(),
                _ => format!("tazlab:{namespace}:{name}"),
            },
            Self::Service => model.service().to_owned(),
            _ => name.to_owned(),
        }
    }

    /// Where it is.
    pub(super) fn place(self, model: &Coredns) -> Place {
        let namespace = self.namespace(model).map(ToOwned::to_owned);
        Place { kind: self.kind(), namespace, name: self.name(model) }
    }

    /// Kind and name, for people.
    pub(super) fn title(self, model: &Coredns) -> String {
        let (kind, name) = (self.kind().kind, self.name(model));
        match self.namespace(model) {
            Some(namespace) => format!("{kind} {namespace}/{name}"),
            None => format!("{kind} {name}"),
        }
    }

    /// Is it wanted with so many replicas? `None` where others scale: the budget lets one pod go, however many there are.
    pub(super) fn is_wanted(self, replicas: Option<i64>) -> bool {
        self != Self::DisruptionBudget || replicas.is_none_or(|replicas| replicas > 1)
    }
}

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
