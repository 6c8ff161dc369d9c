//! Objects in the files of a repository.

use super::Finding;
use tazlab_yaml::{self as yaml, Mark, Node};

/// One object.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) file: String,
    pub(super) at: Mark,
    pub(super) node: Node,
}

/// Kinds of Kubernetes itself that live in no namespace.
const CLUSTER_WIDE: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "FlowSchema",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

impl Object {
    pub(super) fn is_cluster_wide(&self) -> bool {
        CLUSTER_WIDE.contains(&self.kind.as_str())
    }

    /// What tells it apart in one build.
    pub(super) fn id(&self) -> [String; 5] {
        let [group, kind, namespace, name] = self.claim();
        [group, self.version.clone(), kind, namespace, name]
    }

    /// What tells it apart in the cluster: the version does not.
    pub(super) fn claim(&self) -> [String; 4] {
        let namespace = if self.is_cluster_wide() { "" } else { namespace_or_default(&self.namespace) };
        [self.group.clone(), self.kind.clone(), namespace.to_owned(), self.name.clone()]
    }

    /// As people write it.
    pub(super) fn shown(&self) -> String {
        if self.namespace.is_empty() || self.is_cluster_wide() {
            format!("{} {}", self.kind, self.name)
        } else {
            format!("{} {}/{}", self.kind, self.namespace, self.name)
        }
    }

    /// Is this an object of Flux?
    pub(super) fn is_flux(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group == format!("{group}.toolkit.fluxcd.io")
    }
}

pub(super) fn namespace_or_default(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}

/// The documents of a file that say something.
pub(super) fn documents(file: &str, text: &str) -> Result<Vec<Node>, Finding> {
    let documents =
        yaml::parse(text).map_err(|error| Finding::new(file, error.at, format!("this is no YAML: {}", error.text)))?;
    Ok(documents.into_iter().filter(|document| !document.is_null() && !is_empty_mapping(document)).collect())
}

fn is_empty_mapping(node: &Node) -> bool {
    matches!(&node.kind, yaml::Kind::Mapping(entries) if entries.is_empty())
}

/// The objects of a file. The members of a List are objects of their own.
pub(super) fn objects(file: &str, text: &str) -> Result<Vec<Object>, Finding> {
    let mut found = Vec::new();
    for document in documents(file, text)? {
        of_node(file, &document, &mut found)?;
    }
    Ok(found)
}

fn of_node(file: &str, node: &Node, found: &mut Vec<Object>) -> Result<(), Finding> {
    let kind = node.text_at(&["kind"]).unwrap_or_default();
    if kind.is_empty() {
        return Err(Finding::new(file, node.at, "this is no Kubernetes object: it has no kind"));
    }
    if kind.ends_with("List") && node.get("items").is_some() {
        return node.get("items").map_or(&[][..], Node::items).iter().try_for_each(|item| of_node(file, item, found));
    }
    let name = node.text_at(&["metadata", "name"]).unwrap_or_default();
    if name.is_empty() {
        let generated = node.text_at(&["metadata", "generateName"]).is_some();
        let text = if generated {
            "kustomize takes no generateName: an object needs metadata.name"
        } else {
            "this is no Kubernetes object: it has no metadata.name"
        };
        return Err(Finding::new(file, node.at, text));
    }
    let version = node.text_at(&["apiVersion"]).unwrap_or_default();
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    found.push(Object {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        namespace: node.text_at(&["metadata", "namespace"]).unwrap_or_default().to_owned(),
        name: name.to_owned(),
        file: file.to_owned(),
        at: node.at,
        node: node.clone(),
    });
    Ok(())
}
