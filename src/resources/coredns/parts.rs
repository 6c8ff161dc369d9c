//! The objects that a CoreDNS is made of: their kinds, names and places. What is in them is said in `objects`, what is there of them
//! in `sight`.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Service, ServiceAccount};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use serde::{Deserialize, Serialize};
use tazlab_clients::kubernetes::Kind;

use super::model::Coredns;
use crate::cluster::object::Place;

/// The label by which the Service finds its pods.
pub(super) const APP: &str = "k8s-app";

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
