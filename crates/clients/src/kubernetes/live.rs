//! An object as the server has it, with who owns which of its fields.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;

use serde::de::DeserializeOwned;

use super::Object;

/// An object that was read or written.
#[derive(Clone, PartialEq)]
pub struct Live<K> {
    /// The object, without its `managedFields`.
    pub object: K,
    /// Who owns what, from `managedFields`.
    pub managers: Vec<Manager>,
}

impl<K: Object> Live<K> {
    /// Takes `managedFields`, which are often larger than the rest, apart.
    pub(super) fn of(mut object: K) -> Self {
        let managers = managers(object.metadata_mut().managed_fields.take().unwrap_or_default());
        Self { object, managers }
    }
}

impl<K> std::fmt::Debug for Live<K> {
    /// The object may be a Secret, so it does not print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("managers", &self.managers).finish_non_exhaustive()
    }
}

/// What a list or watch gives one of: a typed object, or a part of one.
pub(super) trait Item: DeserializeOwned + Send + 'static {
    fn live(self) -> Live<Self>;
}

impl<K: Object + Send + 'static> Item for K {
    fn live(self) -> Live<Self> {
        Live::of(self)
    }
}

/// What a server-side apply did.
#[derive(Debug)]
pub struct Applied<K> {
    /// The object as it is now.
    pub live: Live<K>,
    /// Whether the call made it; otherwise it was there before.
    pub created: bool,
}

/// One field manager's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manager {
    /// The manager's name, `kubectl-client-side-apply`.
    pub name: String,
    /// Whether it owns by server-side apply (otherwise by update).
    pub applied: bool,
    /// `status` and the like; empty for the object itself.
    pub subresource: String,
    /// The paths that it owns: `data`, `data[token]`, `metadata.labels[app]`.
    pub fields: Vec<Vec<String>>,
}

impl Manager {
    /// Whether it owns the field at `path` or one below it.
    #[must_use]
    pub fn owns(&self, path: &[&str]) -> bool {
        self.fields
            .iter()
            .any(|field| field.len() >= path.len() && field.iter().zip(path).all(|(theirs, wanted)| theirs == wanted))
    }
}

/// Reads `managedFields`.
pub(super) fn managers(entries: Vec<ManagedFieldsEntry>) -> Vec<Manager> {
    entries
        .into_iter()
        .map(|entry| {
            let mut fields = Vec::new();
            if let Some(tree) = &entry.fields_v1 {
                walk(&tree.0, &mut Vec::new(), &mut fields);
            }
            Manager {
                name: entry.manager.unwrap_or_default(),
                applied: entry.operation.as_deref() == Some("Apply"),
                subresource: entry.subresource.unwrap_or_default(),
                fields,
            }
        })
        .collect()
}

/// Collects the leaves of a `FieldsV1` tree: `f:` before a field, `k:` and `v:` before list items, `.` for the
/// node itself.
fn walk(tree: &serde_json::Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some(children) = tree.as_object() else { return };
    if children.is_empty() && !path.is_empty() {
        found.push(path.clone());
    }
    for (key, below) in children {
        if key == "." {
            found.push(path.clone());
            continue;
        }
        path.push(key.strip_prefix("f:").unwrap_or(key).to_owned());
        walk(below, path, found);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::FieldsV1;
    use serde_json::json;

    use super::*;

    #[test]
    fn owners_of_fields_are_read() {
        let entry = ManagedFieldsEntry {
            manager: Some("eso".into()),
            operation: Some("Apply".into()),
            fields_v1: Some(FieldsV1(json!({"f:data": {".": {}, "f:a.b": {}}, "f:type": {}}))),
            ..ManagedFieldsEntry::default()
        };
        let managers = managers(vec![entry]);
        assert!(managers[0].applied);
        assert_eq!(managers[0].fields, [vec!["data"], vec!["data", "a.b"], vec!["type"]]);
        assert!(managers[0].owns(&["data"]) && managers[0].owns(&["data", "a.b"]));
        assert!(!managers[0].owns(&["data", "c"]) && !managers[0].owns(&["metadata"]));
    }
}
