//! What the server holds, and how requests read and change it.

use std::collections::BTreeMap;

use rand::Rng;
use serde_json::{Value, json};

use super::apply::{self, Owner};
use super::http::Request;

/// Objects by their paths.
pub(super) struct Store {
    objects: BTreeMap<String, Kept>,
    version: u64,
    /// Preconditions of an apply are not looked at, as no API server does it.
    pub(super) takes_any_version: bool,
}

struct Kept {
    object: Value,
    owners: Vec<Owner>,
}

impl Default for Store {
    fn default() -> Self {
        let mut store = Self { objects: BTreeMap::new(), version: 1, takes_any_version: false };
        store.make_namespace("kube-system");
        store
    }
}

/// An error as the API writes one.
pub(super) fn status(code: u16, message: &str) -> (u16, Value) {
    (code, json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}))
}

impl Store {
    pub(super) fn make_namespace(&mut self, name: &str) {
        self.apply_object(
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
            "kubectl",
            "Update",
        );
    }

    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.objects.get(path).map(|kept| kept.object.clone())
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.objects.remove(path);
    }

    pub(super) fn put(&mut self, path: &str, object: Value) {
        self.objects.insert(path.to_owned(), Kept { object, owners: Vec::new() });
    }

    /// Writes an object by force.
    pub(super) fn apply_object(&mut self, object: &Value, manager: &str, operation: &str) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let path = match object["metadata"]["namespace"].as_str() {
            Some(namespace) => format!("/api/v1/namespaces/{namespace}/secrets/{name}"),
            None => format!("/api/v1/namespaces/{name}"),
        };
        let (code, body) = self.apply(&path, object, manager, operation, true);
        assert!(code < 300, "{body}");
    }

    pub(super) fn answer(&mut self, request: &Request) -> (u16, Value) {
        let path = request.path.as_str();
        match (request.method.as_str(), path) {
            ("GET", "/readyz") => (200, json!("ok")),
            ("GET", "/apis") => (200, json!({"kind": "APIGroupDiscoveryList", "items": []})),
            ("GET", "/api") => (200, core()),
            ("GET", _) if path.ends_with("/secrets") || path.ends_with("/things") => self.list(path),
            ("GET", _) => match self.objects.get(path) {
                Some(kept) => (200, whole(kept)),
                None => status(404, "not found"),
            },
            ("PATCH", _) => self.patch(request),
            ("DELETE", _) => self.delete(path, &request.body),
            _ => status(405, "no such method"),
        }
    }

    pub(super) fn list(&self, path: &str) -> (u16, Value) {
        let below = format!("{path}/");
        let items: Vec<Value> =
            self.objects.iter().filter(|(path, _)| path.starts_with(&below)).map(|(_, kept)| whole(kept)).collect();
        (200, json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items}))
    }

    fn patch(&mut self, request: &Request) -> (u16, Value) {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return status(400, "not JSON") };
        if request.content_type.contains("merge-patch") {
            return self.merge(&request.path, &body);
        }
        let force = request.query.contains("force=true");
        let of = request.query.split('&').find_map(|pair| pair.strip_prefix("fieldManager=")).unwrap_or_default();
        self.apply(&request.path, &body, of, "Apply", force)
    }

    fn apply(&mut self, path: &str, wanted: &Value, manager: &str, operation: &str, force: bool) -> (u16, Value) {
        let metadata = &wanted["metadata"];
        if let Some(namespace) =
            path.strip_suffix(&format!("/secrets/{}", metadata["name"].as_str().unwrap_or_default()))
            && !self.objects.contains_key(namespace)
        {
            return status(404, "namespaces not found");
        }
        let exists = self.objects.contains_key(path);
        if !exists && !metadata["uid"].is_null() {
            return status(409, "Precondition failed: UID in precondition, no object found");
        }
        self.version += 1;
        let kept = self.objects.entry(path.to_owned()).or_insert_with(|| {
            let uid = format!("{:032x}", rand::rng().random::<u128>());
            let names = json!({"name": metadata["name"], "namespace": metadata["namespace"], "uid": uid});
            let object = json!({"apiVersion": wanted["apiVersion"], "kind": wanted["kind"], "metadata": names});
            Kept { object, owners: Vec::new() }
        });
        // A version that is asked of what does not exist yet is dropped.
        for precondition in ["uid", "resourceVersion"].into_iter().filter(|_| exists && !self.takes_any_version) {
            let asked = &metadata[precondition];
            if !asked.is_null() && *asked != kept.object["metadata"][precondition] {
                return status(409, "Operation cannot be fulfilled: the object has been modified");
            }
        }
        let had_type = kept.object["type"].clone();
        let (mut object, mut owners) = (kept.object.clone(), kept.owners.clone());
        if let Err(conflicts) = apply::merge(&mut object, &mut owners, wanted, manager, operation, force) {
            let causes: Vec<Value> = conflicts
                .iter()
                .map(|(path, manager)| {
                    json!({"reason": "FieldManagerConflict", "message": format!("conflict with \"{manager}\""),
                        "field": format!(".{}", path.join("."))})
                })
                .collect();
            let (code, mut body) = status(409, "Apply failed with conflicts");
            body["details"] = json!({"causes": causes});
            return (code, body);
        }
        if path.contains("/secrets/") {
            if object["type"].is_null() {
                object["type"] = json!("Opaque");
            }
            if !had_type.is_null() && object["type"] != had_type {
                return status(422, "Secret is invalid: type: field is immutable");
            }
        }
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        *kept = Kept { object, owners };
        (if exists { 200 } else { 201 }, whole(kept))
    }

    fn merge(&mut self, path: &str, changes: &Value) -> (u16, Value) {
        self.version += 1;
        let Some(kept) = self.objects.get_mut(path) else { return status(404, "not found") };
        let asked = &changes["metadata"]["resourceVersion"];
        if !asked.is_null() && *asked != kept.object["metadata"]["resourceVersion"] {
            return status(409, "the object has been modified");
        }
        for (name, value) in changes["metadata"]["annotations"].as_object().into_iter().flatten() {
            if let Some(annotations) = kept.object["metadata"]["annotations"].as_object_mut()
                && value.is_null()
            {
                annotations.remove(name);
            }
        }
        kept.object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        (200, whole(kept))
    }

    fn delete(&mut self, path: &str, body: &[u8]) -> (u16, Value) {
        let Some(kept) = self.objects.get(path) else { return status(404, "not found") };
        let options: Value = serde_json::from_slice(body).unwrap_or_default();
        for precondition in ["uid", "resourceVersion"] {
            let asked = &options["preconditions"][precondition];
            if !asked.is_null() && *asked != kept.object["metadata"][precondition] {
                return status(409, "Precondition failed");
            }
        }
        let below = format!("{path}/");
        self.objects.retain(|other, _| other != path && !other.starts_with(&below));
        (200, json!({"kind": "Status", "apiVersion": "v1", "status": "Success"}))
    }
}

fn whole(kept: &Kept) -> Value {
    let mut object = kept.object.clone();
    object["metadata"]["managedFields"] = apply::managed(&kept.owners);
    object
}

/// The kinds of the core, as aggregated discovery lists them.
fn core() -> Value {
    let secrets = json!({"resource": "secrets", "responseKind": {"group": "", "version": "v1", "kind": "Secret"},
        "scope": "Namespaced", "verbs": ["get", "list", "patch", "delete"]});
    json!({"kind": "APIGroupDiscoveryList", "items": [
        {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [secrets]}]}]})
}
