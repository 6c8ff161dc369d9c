//! Objects in the files of a repository, and what tells them apart.

use std::rc::Rc;

use tazlab_yaml::{self as yaml, Kind, Mark, Node};

use super::edit;
use super::problem::{Finding, Id};
use super::substitute::UNKNOWN;
use super::tree::File;

/// Kind, namespace and name, as kustomize remembers those that an object had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

/// How a generator's object meets one that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Behaviour {
    #[default]
    Create,
    Merge,
    Replace,
}

/// One object. Name and namespace stand here alone while it is built; [`Object::written`] puts them into the node.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) file: Rc<str>,
    pub(crate) at: Mark,
    pub(crate) node: Node,
    /// What it was before, the first of it first.
    pub(crate) earlier: Vec<Identity>,
    /// Its name ends in a hash of what it holds.
    pub(crate) is_hashed: bool,
    pub(crate) behaviour: Behaviour,
}

/// Kinds that kustomize knows to live in no namespace (`sigs.k8s.io/kustomize/kyaml` v0.21.1, `openapi/openapi.go`).
const CLUSTER_WIDE: &[(&str, &str)] = &[
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("networking.k8s.io", "IngressClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy", "PodSecurityPolicy"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
    ("", "ComponentStatus"),
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
];

/// More of Kubernetes' own that live in no namespace, though kustomize gives them one.
const MORE_CLUSTER_WIDE: &[&str] =
    &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ClusterTrustBundle"];

impl Object {
    pub(crate) fn is_cluster_wide(&self) -> bool {
        CLUSTER_WIDE.iter().any(|(group, kind)| *group == self.group && *kind == self.kind)
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity { kind: self.kind.clone(), namespace: self.effective_namespace().to_owned(), name: self.name.clone() }
    }

    /// What it was first.
    pub(crate) fn original(&self) -> Identity {
        self.earlier.first().cloned().unwrap_or_else(|| self.identity())
    }

    /// Remembers what it is now, before it changes.
    pub(crate) fn remember(&mut self) {
        let now = self.identity();
        self.earlier.push(now);
    }

    pub(crate) fn effective_namespace(&self) -> &str {
        if self.is_cluster_wide() { "" } else { namespace_or_default(&self.namespace) }
    }

    /// What tells it apart in one build.
    pub(crate) fn id(&self) -> [String; 5] {
        let [group, kind, namespace, name] = self.claim();
        [group, self.version.clone(), kind, namespace, name]
    }

    /// What tells it apart in the cluster: the version does not.
    pub(crate) fn claim(&self) -> [String; 4] {
        let wide = self.is_cluster_wide() || MORE_CLUSTER_WIDE.contains(&self.kind.as_str());
        let namespace = if wide { "" } else { namespace_or_default(&self.namespace) };
        [self.group.clone(), self.kind.clone(), namespace.to_owned(), self.name.clone()]
    }

    /// Is every part known of what tells it apart?
    pub(crate) fn is_known(&self) -> bool {
        ![&self.group, &self.kind, &self.namespace, &self.name]
            .iter()
            .any(|part| part.contains(UNKNOWN) || part.contains("${"))
    }

    /// As people write it.
    pub(crate) fn shown(&self) -> String {
        if self.namespace.is_empty() || self.is_cluster_wide() {
            format!("{} {}", self.kind, self.name)
        } else {
            format!("{} {}/{}", self.kind, self.namespace, self.name)
        }
    }

    /// Is this an object of Flux?
    pub(crate) fn is_flux(&self, group: &str, kind: &str) -> bool {
        self.kind == kind && self.group.strip_suffix(".toolkit.fluxcd.io") == Some(group)
    }

    /// A value below `spec`.
    pub(crate) fn spec(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self.node.get("spec")?, |node, key| node.get(key))
    }

    /// A text below `spec`.
    pub(crate) fn spec_text(&self, keys: &[&str]) -> Option<&str> {
        self.node.get("spec")?.text_at(keys)
    }

    /// A label or annotation.
    pub(crate) fn meta(&self, what: &str, key: &str) -> Option<&str> {
        self.node.text_at(&["metadata", what, key])
    }

    /// The node with the name and namespace that it has now.
    pub(crate) fn write(&mut self) {
        edit::set(&mut self.node, &["metadata", "name"], Node::text(self.name.clone()));
        if !self.namespace.is_empty() {
            edit::set(&mut self.node, &["metadata", "namespace"], Node::text(self.namespace.clone()));
        }
    }

    /// Name, namespace, kind and version as the node has them.
    pub(crate) fn read_back(&mut self) {
        let text = |keys: &[&str]| self.node.text_at(keys).unwrap_or_default().to_owned();
        let (group, version) = version_of(&self.node);
        (self.name, self.namespace) = (text(&["metadata", "name"]), text(&["metadata", "namespace"]));
        (self.group, self.version, self.kind) = (group, version, text(&["kind"]));
    }
}

pub(crate) fn namespace_or_default(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}

fn version_of(node: &Node) -> (String, String) {
    let version = node.text_at(&["apiVersion"]).unwrap_or_default();
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    (group.to_owned(), version.to_owned())
}

/// The documents of a file that say something, merge keys filled in.
pub(crate) fn documents(file: &File) -> Result<Vec<Node>, Finding> {
    if let Err(why) = file.text() {
        return Err(Finding::of_file(Id::MissingFile, &file.place, why.text()));
    }
    let parsed = file.parsed().as_ref().map_err(|error| {
        Finding::new(Id::InvalidYaml, &file.place, error.at, format!("this is not YAML: {}", error.text))
    })?;
    let mut found: Vec<Node> = parsed.iter().filter(|one| !one.is_null() && !is_empty(one)).cloned().collect();
    if file.text().is_ok_and(|text| text.contains("<<")) {
        found.iter_mut().try_for_each(yaml::merged).map_err(|why| refused(&file.place, &why))?;
    }
    Ok(found)
}

fn refused(file: &str, why: &yaml::Refused) -> Finding {
    Finding::new(Id::InvalidYaml, file, why.at, format!("kustomize refuses this YAML: {}", why.text))
}

fn is_empty(node: &Node) -> bool {
    match &node.target().kind {
        Kind::Mapping(entries) => entries.is_empty(),
        Kind::Sequence(items) => items.is_empty(),
        Kind::Scalar(..) | Kind::Alias(_) => false,
    }
}

/// The objects of a file. The members of a List are objects of their own.
pub(crate) fn objects(file: &File) -> Result<Vec<Object>, Finding> {
    let mut found = Vec::new();
    let place: Rc<str> = file.place.as_str().into();
    if let Some(why) = file.refused() {
        return Err(refused(&place, why));
    }
    for document in documents(file)? {
        of_node(&place, &document, &mut found)?;
    }
    Ok(found)
}

fn of_node(file: &Rc<str>, node: &Node, found: &mut Vec<Object>) -> Result<(), Finding> {
    let refuse = |text: &str| Err(Finding::new(Id::NotAnObject, file, node.at, text));
    let kind = node.text_at(&["kind"]).unwrap_or_default();
    if !edit::is_mapping(node) || kind.is_empty() {
        return refuse("this is not a Kubernetes object: it has no kind");
    }
    if kind.ends_with("List") && node.get("items").is_some() {
        return node.get("items").map_or(&[][..], Node::items).iter().try_for_each(|item| of_node(file, item, found));
    }
    let name = node.text_at(&["metadata", "name"]).unwrap_or_default();
    if name.is_empty() && !kind.ends_with("List") {
        let generated = node.text_at(&["metadata", "generateName"]).is_some();
        return refuse(if generated {
            "kustomize does not accept generateName: an object needs metadata.name"
        } else {
            "this is not a Kubernetes object: it has no metadata.name"
        });
    }
    let (group, version) = version_of(node);
    found.push(Object {
        group,
        version,
        kind: kind.to_owned(),
        namespace: node.text_at(&["metadata", "namespace"]).unwrap_or_default().to_owned(),
        name: name.to_owned(),
        file: Rc::clone(file),
        at: node.at,
        node: node.clone(),
        earlier: Vec::new(),
        is_hashed: false,
        behaviour: Behaviour::Create,
    });
    Ok(())
}
