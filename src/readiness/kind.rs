//! The kinds of objects whose readiness can be told, and what each is called where.

use std::fmt;

use tazlab_clients::kubernetes::{Kind, ServedKind};

/// A kind of object. The order is that of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ObjectKind {
    /// Flux applies manifests by it.
    Kustomization,
    /// Flux installs charts by it.
    HelmRelease,
    /// External Secrets makes a Secret of it.
    ExternalSecret,
    /// External Secrets reads from it, for every namespace.
    ClusterSecretStore,
    /// External Secrets reads from it, for one namespace.
    SecretStore,
    /// A definition of another kind.
    Crd,
    /// Pods that are all alike.
    Deployment,
    /// Pods that have names.
    StatefulSet,
    /// A pod for each node.
    DaemonSet,
    /// An address.
    Service,
    /// The pods behind a Service.
    EndpointSlice,
    /// The StatefulSet that the Tailscale operator makes for a Service.
    Proxy,
    /// One that the user names: the place of its target among what is wanted.
    Target(usize),
}

use ObjectKind::{
    ClusterSecretStore, Crd, DaemonSet, Deployment, EndpointSlice, ExternalSecret, HelmRelease, Kustomization, Proxy,
    SecretStore, Service, StatefulSet, Target,
};

impl ObjectKind {
    /// The kinds that users ask for by an argument of their own.
    pub(super) const ALL: [Self; 10] = [
        Kustomization,
        HelmRelease,
        ExternalSecret,
        ClusterSecretStore,
        SecretStore,
        Crd,
        Deployment,
        StatefulSet,
        DaemonSet,
        Service,
    ];

    /// The argument that asks for it.
    pub(super) fn argument(self) -> &'static str {
        match self {
            Kustomization => "flux_kustomizations",
            HelmRelease => "helm_releases",
            ExternalSecret => "external_secrets",
            ClusterSecretStore | SecretStore => "secret_stores",
            Crd => "crds",
            Deployment => "deployments",
            StatefulSet => "stateful_sets",
            DaemonSet => "daemon_sets",
            Service | EndpointSlice | Proxy => "services",
            Target(_) => "objects",
        }
    }

    /// Many of them in the state that is waited for; the two kinds of secret stores are counted as one.
    pub(super) fn counted(self) -> &'static str {
        match self {
            Kustomization => "Kustomizations Ready",
            HelmRelease => "HelmReleases Ready",
            ExternalSecret => "ExternalSecrets Synced",
            ClusterSecretStore | SecretStore => "SecretStores Valid",
            Crd => "CRDs Established",
            Deployment => "Deployments available",
            StatefulSet => "StatefulSets available",
            DaemonSet => "DaemonSets available",
            Service | EndpointSlice | Proxy => "Services with addresses",
            Target(_) => "objects ready",
        }
    }

    /// As which kind it is counted: the two kinds of secret stores are one.
    pub(super) fn counted_as(self) -> Self {
        if self == ClusterSecretStore { SecretStore } else { self }
    }

    /// The kind that an API group has under this name, which is `Kind` or that of URLs.
    pub(super) fn called(kind: &str, group: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| {
            let (own, plural) = known.resource();
            own == group && (plural.eq_ignore_ascii_case(kind) || known.name().eq_ignore_ascii_case(kind))
        })
    }

    /// Its name in manifests.
    pub(super) fn name(self) -> String {
        if self == Crd { "CustomResourceDefinition".to_owned() } else { self.to_string() }
    }

    /// Does each object live in a namespace?
    pub(super) fn is_namespaced(self) -> bool {
        !matches!(self, ClusterSecretStore | Crd)
    }

    /// Is it something of Flux, which makes other objects?
    pub(super) fn makes_others(self) -> bool {
        matches!(self, Kustomization | HelmRelease)
    }

    /// The API group and the name in URLs.
    pub(super) fn resource(self) -> (&'static str, &'static str) {
        match self {
            Kustomization => ("kustomize.toolkit.fluxcd.io", "kustomizations"),
            HelmRelease => ("helm.toolkit.fluxcd.io", "helmreleases"),
            ExternalSecret => ("external-secrets.io", "externalsecrets"),
            ClusterSecretStore => ("external-secrets.io", "clustersecretstores"),
            SecretStore => ("external-secrets.io", "secretstores"),
            Crd => ("apiextensions.k8s.io", "customresourcedefinitions"),
            Deployment => ("apps", "deployments"),
            StatefulSet | Proxy => ("apps", "statefulsets"),
            DaemonSet => ("apps", "daemonsets"),
            Service => ("", "services"),
            EndpointSlice => ("discovery.k8s.io", "endpointslices"),
            // What it is called is what the user says.
            Target(_) => ("", ""),
        }
    }

    /// Its name in every cluster. Kinds of CRDs have the version that the cluster serves.
    pub(super) fn built_in(self) -> Option<Kind> {
        let (group, plural) = self.resource();
        match self {
            Crd => Some(Kind { kind: self.name(), ..self.at(group, plural) }),
            Deployment | StatefulSet | DaemonSet | Service | EndpointSlice | Proxy => Some(self.at(group, plural)),
            _ => None,
        }
    }

    fn at(self, group: &str, plural: &str) -> Kind {
        Kind { group: group.to_owned(), version: "v1".to_owned(), kind: self.to_string(), plural: plural.to_owned() }
    }

    /// The one among the kinds that a server has, in the version that it prefers.
    pub(super) fn among(self, served: &[ServedKind]) -> Option<Kind> {
        let (group, plural) = self.resource();
        let found = || served.iter().find(|one| one.kind.group == group && one.kind.plural == plural);
        self.built_in().or_else(|| found().map(|one| one.kind.clone()))
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Crd => out.write_str("CRD"),
            Proxy => out.write_str("StatefulSet"),
            other => fmt::Debug::fmt(other, out),
        }
    }
}

/// Where an object is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    /// Its namespace; empty for kinds that have none.
    pub(super) namespace: String,
    /// Its name.
    pub(super) name: String,
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => out.write_str(&self.name),
            namespace => write!(out, "{namespace}/{}", self.name),
        }
    }
}

/// One object of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Reference {
    /// Its kind.
    pub(super) kind: ObjectKind,
    /// Where it is.
    pub(super) id: Id,
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.id)
    }
}
