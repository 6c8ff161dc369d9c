//! Server-side apply on maps of texts (data, labels, annotations) and single fields, as
//! `k8s.io/apimachinery/pkg/util/managedfields` merges them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The path of a field.
pub(super) type Path = Vec<String>;

/// One field manager's entry.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) manager: String,
    pub(super) operation: String,
    pub(super) fields: BTreeSet<Path>,
}

/// The paths of what an object says, but for what names it.
pub(super) fn fields(object: &Value) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    walk(object, &mut Vec::new(), &mut found);
    let names = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "managedFields"];
    found.retain(|path| {
        let identifies = || path.get(1).is_none_or(|field| names.contains(&field.as_str()));
        match path[0].as_str() {
            "apiVersion" | "kind" | "status" => false,
            "metadata" => !identifies(),
            _ => true,
        }
    });
    found
}

fn walk(value: &Value, path: &mut Path, found: &mut BTreeSet<Path>) {
    match value.as_object() {
        Some(fields) => {
            for (name, below) in fields {
                path.push(name.clone());
                walk(below, path, found);
                path.pop();
            }
        }
        None => {
            found.insert(path.clone());
        }
    }
}

pub(super) fn at<'a>(object: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(object, |at, name| at.get(name))
}

fn put(object: &mut Value, path: &[String], value: Value) {
    let mut at = object;
    for name in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = at.as_object_mut().unwrap().entry(name.clone()).or_insert(Value::Null);
    }
    *at = value;
}

fn remove(object: &mut Value, path: &[String]) {
    let Some((last, above)) = path.split_last() else { return };
    let at = above.iter().try_fold(object, |at, name| at.get_mut(name));
    if let Some(fields) = at.and_then(Value::as_object_mut) {
        fields.remove(last);
    }
}

/// Merges `wanted` into `live` for a manager; the fields that others own with another value, where it is not by force.
pub(super) fn merge(
    live: &mut Value,
    owners: &mut Vec<Owner>,
    wanted: &Value,
    manager: &str,
    operation: &str,
    force: bool,
) -> Result<(), Vec<(Path, String)>> {
    let new = fields(wanted);
    let is_own = |owner: &Owner| owner.manager == manager && owner.operation == operation;
    let differs = |path: &Path| at(live, path) != at(wanted, path);
    let conflicts: Vec<(Path, String)> = owners
        .iter()
        .filter(|owner| !is_own(owner))
        .flat_map(|owner| owner.fields.intersection(&new).map(|path| (path.clone(), owner.manager.clone())))
        .filter(|(path, _)| differs(path))
        .collect();
    if !conflicts.is_empty() && !force {
        return Err(conflicts);
    }
    for (path, _) in &conflicts {
        for owner in owners.iter_mut().filter(|owner| !is_own(owner)) {
            owner.fields.remove(path);
        }
    }
    let old = owners.iter().find(|owner| is_own(owner)).map(|owner| owner.fields.clone()).unwrap_or_default();
    owners.retain(|owner| !is_own(owner) && !owner.fields.is_empty());
    if operation == "Apply" {
        for path in old.difference(&new) {
            if !owners.iter().any(|owner| owner.fields.contains(path)) {
                remove(live, path);
            }
        }
    }
    for path in &new {
        put(live, path, at(wanted, path).cloned().unwrap_or_default());
    }
    if !new.is_empty() {
        owners.push(Owner { manager: manager.to_owned(), operation: operation.to_owned(), fields: new });
    }
    Ok(())
}

/// `managedFields` as the API writes them.
pub(super) fn managed(owners: &[Owner]) -> Value {
    let entry = |owner: &Owner| {
        let mut tree = json!({});
        for path in &owner.fields {
            let path: Vec<String> = path.iter().map(|name| format!("f:{name}")).collect();
            put(&mut tree, &path, json!({}));
        }
        json!({"manager": owner.manager, "operation": owner.operation, "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": tree})
    };
    owners.iter().map(entry).collect()
}
