//! What a transformer changes in one object: its namespace, the fields that a `fieldSpec` names, its name. Which transformers there
//! are and what they cost is not said here.

use tazlab_yaml::Node;

use crate::edit;
use crate::object::Object;

/// A field that a transformer changes, of some objects.
#[derive(Clone, Debug)]
pub(super) struct FieldSpec {
    path: String,
    kind: String,
    group: String,
    version: String,
    creates: bool,
}

impl FieldSpec {
    pub(super) fn read(node: &Node) -> Self {
        let text = |key: &str| node.text_at(&[key]).unwrap_or_default().to_owned();
        let creates = text("create") == "true";
        Self { path: text("path"), kind: text("kind"), group: text("group"), version: text("version"), creates }
    }

    /// What `namespace` of a kustomization changes besides the namespace itself.
    pub(super) fn name_of_namespaces() -> Self {
        let text = str::to_owned;
        Self {
            path: text("metadata/name"),
            kind: text("Namespace"),
            group: String::new(),
            version: text("v1"),
            creates: true,
        }
    }

    fn fits(&self, object: &Object) -> bool {
        let is = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
        is(&self.kind, &object.kind) && is(&self.group, &object.group) && is(&self.version, &object.version)
    }
}

/// Puts an object into a namespace; says why that is refused.
pub(super) fn put_into(object: &mut Object, namespace: &str, unset_only: bool, specs: &[FieldSpec]) -> Option<String> {
    object.remember();
    let may_change = |text: &str| !unset_only || text.is_empty();
    if !object.is_cluster_wide() && may_change(&object.namespace) {
        namespace.clone_into(&mut object.namespace);
    }
    for spec in specs.iter().filter(|spec| spec.path != "metadata/namespace") {
        if !spec.fits(object) {
            continue;
        }
        if spec.path == "metadata/name" {
            if may_change(&object.name) {
                namespace.clone_into(&mut object.name);
            }
            continue;
        }
        let keys: Vec<&str> = spec.path.split('/').collect();
        let found = keys.iter().try_fold(&object.node, |node, key| node.get(key));
        if found.is_some_and(|node| node.as_str().is_none()) {
            return Some(format!("NamespaceTransformer: {} of {} is not a text", spec.path, object.shown()));
        }
        let there = object.node.text_at(&keys).is_some_and(|text| !text.is_empty());
        if (there && !unset_only) || (!there && spec.creates) {
            edit::set(&mut object.node, &keys, Node::text(namespace));
        }
    }
    None
}

/// Puts a prefix and a suffix around its name.
pub(super) fn rename(object: &mut Object, prefix: &str, suffix: &str) {
    // The names of these are given by what they describe.
    if matches!(object.original().kind.as_str(), "CustomResourceDefinition" | "APIService" | "Namespace") {
        return;
    }
    object.remember();
    object.name = format!("{prefix}{}{suffix}", object.name);
}
