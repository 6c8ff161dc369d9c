//! Who else keeps a CoreDNS that exists in step, and how that owner is made to let go. Pure; Talos, which is asked for by
//! its field manager, has a module of its own.
//!
//! What marks each owner's objects, with sources, is in the fixtures of the tests (`tests/owners.rs`).

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_clients::kubernetes::{Live, Untyped};

use super::model::Coredns;

/// A mark on an object.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// A label of any value.
    Label(&'static str),
    /// A label of this value.
    LabelIs(&'static str, &'static str),
    /// Two labels of these values.
    Labels([(&'static str, &'static str); 2]),
    /// An annotation whose value begins with this.
    Annotation(&'static str, &'static str),
    /// A label or annotation, of the object or of its pods, whose key begins with this.
    Prefix(&'static str),
    /// A field manager whose name begins with this, beside this label.
    Manager(&'static str, &'static str),
}

/// One owner.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) name: &'static str,
    /// The value of `take_over_from` that says that it has let go; `None` where it cannot.
    pub(super) argument: Option<&'static str>,
    marks: &'static [Mark],
    /// Beginnings of the names of its field managers.
    managers: &'static [&'static str],
    /// Beginnings of the keys that are removed when its objects are taken over.
    removed: &'static [&'static str],
    /// What to do.
    pub(super) advice: &'static str,
}

/// Owners, the more particular first: Flux and Argo CD apply charts, and RKE2 is one.
pub(super) static OWNERS: &[Owner] = &[
    Owner {
        name: "k3s",
        argument: Some("k3s"),
        marks: &[
            Mark::Annotation("objectset.rio.cattle.io/owner-gvk", "k3s.cattle.io/"),
            Mark::Label("objectset.rio.cattle.io/hash"),
        ],
        managers: &["deploy@"],
        removed: &["objectset.rio.cattle.io/"],
        advice: "k3s applies them from its packaged manifest. Create an empty file coredns.yaml.skip in /var/lib/rancher/k3s/server/manifests of every server: k3s then leaves the objects as they are. Do not use --disable=coredns, which deletes them.",
    },
    Owner {
        name: "RKE2",
        argument: None,
        marks: &[
            Mark::Annotation("meta.helm.sh/release-name", "rke2-coredns"),
            Mark::LabelIs("app.kubernetes.io/instance", "rke2-coredns"),
        ],
        managers: &[],
        removed: &[],
        advice: "RKE2 installs them as the chart rke2-coredns. Set `disable: rke2-coredns` (not `coredns`) in /etc/rancher/rke2/config.yaml of every server and restart it: RKE2 uninstalls its CoreDNS, and with it the Service that holds the address. Then apply again; until then no name resolves in the cluster.",
    },
    Owner {
        name: "EKS",
        argument: Some("eks"),
        marks: &[Mark::Label("eks.amazonaws.com/component")],
        managers: &["eks"],
        removed: &[],
        advice: "EKS installs them, and writes them again while its add-on coredns exists. Set preserve = true on the aws_eks_addon. The Deployment of EKS has another selector: give this resource another name. Apply, then remove the aws_eks_addon, and delete Deployment kube-system/coredns. New clusters: bootstrap_self_managed_addons = false.",
    },
    Owner {
        name: "AKS",
        argument: None,
        marks: &[Mark::LabelIs("kubernetes.azure.com/managedby", "aks")],
        managers: &[],
        removed: &[],
        advice: "AKS writes them again, and its CoreDNS cannot be handed over. Put server blocks and options into ConfigMap kube-system/coredns-custom, as keys *.server and *.override.",
    },
    Owner {
        name: "GKE",
        argument: None,
        marks: &[
            Mark::Prefix("components.gke.io/"),
            // kubeadm called its Service so as well, and has no addon manager.
            Mark::Labels([("kubernetes.io/name", "KubeDNS"), ("addonmanager.kubernetes.io/mode", "Reconcile")]),
        ],
        managers: &[],
        removed: &[],
        advice: "GKE writes them again, and its DNS cannot be handed over. Set stubDomains and upstreamNameservers in ConfigMap kube-system/kube-dns; with Cloud DNS use that, and on Autopilot nothing can be set. A CoreDNS beside it needs another namespace and another cluster_ip.",
    },
    Owner {
        name: "kOps",
        argument: None,
        marks: &[
            Mark::Label("addon.kops.k8s.io/name"),
            Mark::LabelIs("k8s-addon", "coredns.addons.k8s.io"),
            Mark::LabelIs("app.kubernetes.io/managed-by", "kops"),
        ],
        managers: &["kops"],
        removed: &[],
        advice: "kOps applies them again at every update, and its CoreDNS cannot be switched off. Set spec.kubeDNS.externalCoreFile in the cluster spec: it is the whole Corefile.",
    },
    Owner {
        name: "Flux (Kustomization)",
        argument: Some("flux"),
        marks: &[Mark::Label("kustomize.toolkit.fluxcd.io/name")],
        managers: &["kustomize-controller"],
        removed: &["kustomize.toolkit.fluxcd.io/"],
        advice: "Flux applies them from Git. Annotate them there with kustomize.toolkit.fluxcd.io/prune: disabled, wait until Flux has applied that, then remove them from Git.",
    },
    Owner {
        name: "Flux (HelmRelease)",
        argument: Some("flux"),
        marks: &[Mark::Label("helm.toolkit.fluxcd.io/name")],
        managers: &["helm-controller"],
        removed: &["helm.toolkit.fluxcd.io/", "meta.helm.sh/"],
        advice: "Flux installs them by a HelmRelease. Add the annotation helm.sh/resource-policy: keep to them in the release (by its values or postRenderers; on the live objects it has no effect), wait for the upgrade, then remove the HelmRelease from Git.",
    },
    Owner {
        name: "Argo CD",
        argument: Some("argocd"),
        marks: &[
            Mark::Annotation("argocd.argoproj.io/tracking-id", ""),
            Mark::Manager("argocd-controller", "app.kubernetes.io/instance"),
        ],
        managers: &["argocd-controller", "argocd-application-controller"],
        removed: &["argocd.argoproj.io/", "app.kubernetes.io/instance"],
        advice: "Argo CD syncs them from Git. Annotate them there with argocd.argoproj.io/sync-options: Prune=false, sync, then remove them from Git.",
    },
    Owner {
        name: "Helm",
        argument: Some("helm"),
        marks: &[Mark::Annotation("meta.helm.sh/release-name", "")],
        managers: &["helm", "Helm"],
        removed: &["meta.helm.sh/"],
        advice: "A Helm release installed them, and its next upgrade writes them again. Add the annotation helm.sh/resource-policy: keep to them in the release (on the live objects it has no effect), upgrade, then uninstall the release.",
    },
    Owner {
        name: "addon manager",
        argument: None,
        marks: &[Mark::LabelIs("addonmanager.kubernetes.io/mode", "Reconcile")],
        managers: &[],
        removed: &[],
        advice: "The addon manager of the control plane writes them again. In a managed cluster use the provider's own settings; elsewhere remove CoreDNS from its folder (/etc/kubernetes/addons), then remove the label addonmanager.kubernetes.io/mode from the objects.",
    },
];

impl Mark {
    fn is_on(self, metadata: &ObjectMeta, live: Option<&Live<Untyped>>) -> bool {
        let label = |key: &str| metadata.labels.as_ref().and_then(|labels| labels.get(key));
        match self {
            Self::Label(key) => label(key).is_some(),
            Self::LabelIs(key, value) => label(key).is_some_and(|found| found == value),
            Self::Labels(pairs) => pairs.iter().all(|(key, value)| label(key).is_some_and(|found| found == value)),
            Self::Annotation(key, begins) => {
                let annotations = metadata.annotations.as_ref();
                annotations.and_then(|all| all.get(key)).is_some_and(|found| found.starts_with(begins))
            }
            Self::Prefix(prefix) => {
                let keys = |all: Option<&BTreeMap<String, String>>| {
                    all.into_iter().flatten().any(|(key, _)| key.starts_with(prefix))
                };
                let pods = live.and_then(|live| live.object.value.pointer("/spec/template/metadata/annotations"));
                let of_pods = pods.and_then(serde_json::Value::as_object);
                keys(metadata.labels.as_ref())
                    || keys(metadata.annotations.as_ref())
                    || of_pods.into_iter().flatten().any(|(key, _)| key.starts_with(prefix))
            }
            Self::Manager(name, key) => {
                let named = |live: &Live<Untyped>| live.managers.iter().any(|one| one.name.starts_with(name));
                label(key).is_some() && live.is_some_and(named)
            }
        }
    }
}

#[cfg(test)]
impl Mark {
    fn shown(self) -> String {
        match self {
            Self::Label(key) => format!("label `{key}`"),
            Self::LabelIs(key, value) => format!("label `{key}: {value}`"),
            Self::Labels([(one, its), (other, others)]) => format!("labels `{one}: {its}` and `{other}: {others}`"),
            Self::Annotation(key, "") => format!("annotation `{key}`"),
            Self::Annotation(key, begins) => format!("annotation `{key}: {begins}…`"),
            Self::Prefix(prefix) => format!("labels or annotations `{prefix}…`"),
            Self::Manager(name, key) => format!("field manager `{name}` with label `{key}`"),
        }
    }
}

/// Whose an object is, by its labels, annotations and field managers.
pub(super) fn of(metadata: &ObjectMeta, live: Option<&Live<Untyped>>) -> Option<&'static Owner> {
    OWNERS.iter().find(|owner| owner.marks.iter().any(|mark| mark.is_on(metadata, live)))
}

/// Whose field manager this is.
pub(super) fn of_manager(name: &str) -> Option<&'static Owner> {
    OWNERS.iter().find(|owner| {
        owner.managers.iter().any(|manager| name == *manager || (manager.ends_with('@') && name.starts_with(manager)))
    })
}

/// Has the user said that this owner has let go?
pub(super) fn is_let_go(model: &Coredns, owner: &Owner) -> bool {
    let said = model.take_over_from.as_deref_option();
    said.is_some() && said == owner.argument
}

/// The keys of labels or annotations that go when an object is taken over.
pub(super) fn removed<'a>(owner: &'static Owner, keys: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    keys.filter(|key| owner.removed.iter().any(|beginning| key.starts_with(beginning))).collect()
}

/// The advice, with the argument that says that it was followed.
pub(super) fn advice(owner: &Owner) -> String {
    match owner.argument {
        Some(argument) => format!("{} Then set take_over_from = \"{argument}\".", owner.advice),
        None => owner.advice.to_owned(),
    }
}

/// The table of the reference, in Markdown. The template holds it, and a test compares.
#[cfg(test)]
pub(super) fn table() -> String {
    let mut text = String::from("| owner | is known by | how it lets go | `take_over_from` |\n|---|---|---|---|\n");
    for owner in OWNERS {
        let marks: Vec<String> = owner.marks.iter().map(|mark| mark.shown()).collect();
        let argument = owner.argument.map_or_else(|| "never".to_owned(), |argument| format!("`\"{argument}\"`"));
        text += &["| ", owner.name, " | ", &marks.join("; "), " | ", owner.advice, " | ", &argument, " |\n"].concat();
    }
    text
}
