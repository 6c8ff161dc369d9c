//! What a manifest says of its object, and what no manifest may say. Pure.

use serde_json::{Map, Value as Json};
use tf_plugin::framework::value::Value;
use thiserror::Error;

use super::names::{is_kind, is_label, is_segment, is_subdomain};
use super::normal::is_aggregated;
use super::value::Partial;

/// An object that is wanted, as far as it is known.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// `apps/v1`.
    pub api_version: Value<String>,
    /// `Deployment`.
    pub kind: Value<String>,
    /// Its namespace, where it names one.
    pub namespace: Value<String>,
    /// Its name.
    pub name: Value<String>,
    /// All of it.
    pub body: Partial,
}

/// Why something is no manifest that can be applied.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// It is not an object.
    #[error("A manifest is an object with apiVersion, kind and metadata. Found: {0}.")]
    NotAnObject(&'static str),
    /// A field is missing.
    #[error("The manifest has no {0}.")]
    Missing(&'static str),
    /// A field is not text.
    #[error("{0} must be a text that is not empty.")]
    NotText(&'static str),
    /// Not a group and a version.
    #[error("apiVersion {0:?} is not of the form \"v1\" or \"group/version\".")]
    ApiVersion(String),
    /// No kind can have this name.
    #[error("kind {0:?} cannot be the name of a kind, which has letters, digits and '-'.")]
    Kind(String),
    /// No object can have this name.
    #[error("metadata.name {0:?} cannot be the name of an object, which has neither '/' nor '%'.")]
    Name(String),
    /// No namespace can have this name.
    #[error(
        "metadata.namespace {0:?} cannot be the name of a namespace, which has lower case letters, digits and '-', and at most 63 of them."
    )]
    Namespace(String),
    /// Rules that a controller writes.
    #[error(
        "The rules of a ClusterRole with aggregationRule are written by a controller of the control plane, from the roles that the rule selects. Remove rules, or aggregationRule."
    )]
    AggregatedRules,
    /// A list of objects.
    #[error(
        "A {0} is not an object of its own. Write one resource for each of its items, with for_each over the function manifests if they are YAML."
    )]
    List(String),
    /// A field that the server sets.
    #[error("{0} is set by the API server and its controllers. Remove it from the manifest.")]
    Servers(&'static str),
    /// A field without an object that can be found again.
    #[error("metadata.generateName makes a new object each time. Set metadata.name.")]
    GenerateName,
    /// A Secret with its contents.
    #[error(
        "The manifest is a Secret with data, which Terraform would keep in its state. Use tazlab_bootstrap_secret, which keeps none of it."
    )]
    Secret,
    /// An annotation or label of ours.
    #[error("Annotations and labels of tazlab.io are reserved for the provider: remove {0}.")]
    Reserved(String),
    /// A number that Kubernetes cannot keep.
    #[error(
        "The number at {0} does not fit into 64 bits, in which Kubernetes keeps numbers. Write it as a text if its kind allows that."
    )]
    Number(String),
}

/// Fields of the metadata that are the server's.
const SERVERS: &[(&str, &str)] = &[
    ("managedFields", "metadata.managedFields"),
    ("uid", "metadata.uid"),
    ("resourceVersion", "metadata.resourceVersion"),
    ("generation", "metadata.generation"),
    ("deletionTimestamp", "metadata.deletionTimestamp"),
];

impl Wanted {
    /// Reads a manifest. What is unknown is looked at when it is known.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn of(body: Partial) -> Result<Self, Refusal> {
        if body.is_unknown_at(&[]) && body.json.is_null() {
            let unknown = || Value::Unknown;
            return Ok(Self { api_version: unknown(), kind: unknown(), namespace: unknown(), name: unknown(), body });
        }
        let Json::Object(fields) = &body.json else { return Err(Refusal::NotAnObject(sort(&body.json))) };
        if let Some(path) = body.unfit.first() {
            return Err(Refusal::Number(path.join(".")));
        }
        let none = Map::new();
        let metadata = match fields.get("metadata") {
            Some(Json::Object(metadata)) => metadata,
            Some(_) => return Err(Refusal::NotText("metadata")),
            None => &none,
        };
        let api_version = text(&body, fields, &["apiVersion"], "apiVersion")?;
        let kind = text(&body, fields, &["kind"], "kind")?;
        if let Some(kind) = kind.as_ref_option()
            && kind.ends_with("List")
            && fields.contains_key("items")
        {
            return Err(Refusal::List(kind.clone()));
        }
        if let Some(version) = api_version.as_ref_option()
            && !is_api_version(version)
        {
            return Err(Refusal::ApiVersion(version.clone()));
        }
        if let Some(kind) = kind.as_ref_option().filter(|kind| !is_kind(kind)) {
            return Err(Refusal::Kind(kind.clone()));
        }
        if metadata.contains_key("generateName") {
            return Err(Refusal::GenerateName);
        }
        let name = text(&body, metadata, &["metadata", "name"], "metadata.name")?;
        if let Some(name) = name.as_ref_option().filter(|name| !is_segment(name)) {
            return Err(Refusal::Name(name.clone()));
        }
        let namespace = match metadata.get("namespace") {
            None if !body.is_unknown_at(&["metadata", "namespace"]) => Value::Null,
            _ => text(&body, metadata, &["metadata", "namespace"], "metadata.namespace")?,
        };
        if let Some(namespace) = namespace.as_ref_option().filter(|namespace| !is_label(namespace)) {
            return Err(Refusal::Namespace(namespace.clone()));
        }
        if is_aggregated(&body.json) && fields.contains_key("rules") {
            return Err(Refusal::AggregatedRules);
        }
        if fields.contains_key("status") {
            return Err(Refusal::Servers("status"));
        }
        if let Some((_, path)) = SERVERS.iter().find(|(field, _)| metadata.contains_key(*field)) {
            return Err(Refusal::Servers(path));
        }
        if let Some(key) = reserved(metadata) {
            return Err(Refusal::Reserved(key));
        }
        let is_secret = kind.as_deref_option() == Some("Secret") && api_version.as_deref_option() == Some("v1");
        let has_content = |field: &str| {
            fields.get(field).is_some_and(|data| *data != Json::Object(Map::new())) || body.is_unknown_at(&[field])
        };
        if is_secret && (has_content("data") || has_content("stringData")) {
            return Err(Refusal::Secret);
        }
        Ok(Self { api_version, kind, namespace, name, body })
    }

    /// The object, once everything of it is known.
    #[must_use]
    pub fn known(&self) -> Option<Named> {
        let kind = self.kind.as_ref_option()?.clone();
        let name = self.name.as_ref_option()?.clone();
        let (group, version) = split(self.api_version.as_ref_option()?);
        let namespace = match &self.namespace {
            Value::Unknown => return None,
            other => other.as_ref_option().cloned(),
        };
        Some(Named { group: group.to_owned(), version: version.to_owned(), kind, namespace, name })
    }
}

/// What names an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The API group; empty for the core.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The namespace, where there is one.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl Named {
    /// `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Is it the same object, at whatever version?
    #[must_use]
    pub fn is_same_object(&self, other: &Self) -> bool {
        let parts = |one: &Self| (one.group.clone(), one.kind.clone(), one.namespace.clone(), one.name.clone());
        parts(self) == parts(other)
    }

    /// Kind and name, for people: `IPAddressPool metallb-system/lan`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }

    /// The least that names it in a manifest.
    #[must_use]
    pub fn manifest(&self) -> Json {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), self.name.clone().into());
        if let Some(namespace) = &self.namespace {
            metadata.insert("namespace".to_owned(), namespace.clone().into());
        }
        serde_json::json!({"apiVersion": self.api_version(), "kind": self.kind, "metadata": metadata})
    }
}

/// Group and version.
#[must_use]
pub fn split(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

fn is_api_version(text: &str) -> bool {
    match text.split_once('/') {
        Some((group, version)) => is_subdomain(group) && is_label(version),
        None => is_label(text),
    }
}

fn text(
    body: &Partial,
    fields: &Map<String, Json>,
    path: &[&str],
    name: &'static str,
) -> Result<Value<String>, Refusal> {
    match path.last().and_then(|last| fields.get(*last)) {
        Some(Json::String(text)) if !text.is_empty() => Ok(Value::Value(text.clone())),
        Some(_) => Err(Refusal::NotText(name)),
        None if body.is_unknown_at(path) => Ok(Value::Unknown),
        None => Err(Refusal::Missing(name)),
    }
}

fn reserved(metadata: &Map<String, Json>) -> Option<String> {
    let keys = ["annotations", "labels"].iter().filter_map(|field| metadata.get(*field)?.as_object());
    keys.flat_map(Map::keys).find(|key| key.starts_with("tazlab.io/")).cloned()
}

fn sort(json: &Json) -> &'static str {
    match json {
        Json::Null => "nothing",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tf_plugin::framework::value::Datum;

    use super::super::value::{dynamic, partial};
    use super::*;

    fn of(json: &Json) -> Result<Wanted, Refusal> {
        Wanted::of(partial(&dynamic(json)))
    }

    fn with(path: &[&str], value: Json) -> Json {
        let mut json = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}});
        crate::cluster::object::put(&mut json, path, value);
        json
    }

    #[test]
    fn an_object_is_named() {
        let wanted = of(&with(&["apiVersion"], json!("apps/v1"))).unwrap().known().unwrap();
        assert_eq!((wanted.group.as_str(), wanted.version.as_str()), ("apps", "v1"));
        assert_eq!((wanted.title().as_str(), wanted.api_version().as_str()), ("ConfigMap n/a", "apps/v1"));
        let other = Named { version: "v2".to_owned(), ..wanted.clone() };
        assert!(wanted.is_same_object(&other));
        assert!(!wanted.is_same_object(&Named { namespace: None, ..wanted.clone() }));
        assert_eq!(of(&wanted.manifest()).unwrap().known(), Some(wanted));
    }

    #[test]
    fn what_cannot_be_applied_is_refused() {
        let refused = |json: &Json| of(json).unwrap_err();
        assert_eq!(refused(&json!([])), Refusal::NotAnObject("a list"));
        assert_eq!(refused(&with(&["metadata"], json!({}))), Refusal::Missing("metadata.name"));
        assert_eq!(refused(&json!({"kind": "A", "metadata": {"name": "a"}})), Refusal::Missing("apiVersion"));
        assert_eq!(refused(&with(&["kind"], json!(1))), Refusal::NotText("kind"));
        assert_eq!(refused(&with(&["metadata", "name"], json!(""))), Refusal::NotText("metadata.name"));
        for version in ["a/b/c", "/v1", "a/", "V1", "a b/v1"] {
            assert!(matches!(refused(&with(&["apiVersion"], json!(version))), Refusal::ApiVersion(_)), "{version}");
        }
        assert!(matches!(refused(&with(&["kind"], json!("Thing/v1"))), Refusal::Kind(_)));
        assert!(matches!(refused(&with(&["metadata", "name"], json!("a/b"))), Refusal::Name(_)));
        assert!(matches!(refused(&with(&["metadata", "namespace"], json!("A_b"))), Refusal::Namespace(_)));
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"},
            "aggregationRule": {}, "rules": [{"verbs": ["get"]}]});
        assert_eq!(refused(&role), Refusal::AggregatedRules);
        assert_eq!(refused(&with(&["metadata", "generateName"], json!("a-"))), Refusal::GenerateName);
        assert_eq!(refused(&with(&["status"], json!({}))), Refusal::Servers("status"));
        for (field, path) in SERVERS {
            assert_eq!(refused(&with(&["metadata", field], json!("x"))), Refusal::Servers(path));
        }
        let list = json!({"apiVersion": "v1", "kind": "List", "items": []});
        assert!(matches!(refused(&list), Refusal::List(_)));
        let ours = with(&["metadata", "annotations"], json!({"tazlab.io/instance": "x"}));
        assert!(matches!(refused(&ours), Refusal::Reserved(_)));
    }

    #[test]
    fn a_secret_with_data_is_refused_and_one_without_is_not() {
        let secret = |field: &str, value: Json| {
            let mut json = with(&["kind"], json!("Secret"));
            crate::cluster::object::put(&mut json, &[field], value);
            of(&json)
        };
        assert_eq!(secret("data", json!({"a": "YQ=="})).unwrap_err(), Refusal::Secret);
        assert_eq!(secret("stringData", json!({"a": "b"})).unwrap_err(), Refusal::Secret);
        assert!(secret("type", json!("kubernetes.io/service-account-token")).is_ok());
        assert!(secret("data", json!({})).is_ok());
        let unknown = Datum::object([
            ("apiVersion", Datum::from("v1")),
            ("kind", "Secret".into()),
            ("metadata", Datum::object([("name", Datum::from("a"))])),
            ("data", Datum::unknown()),
        ]);
        assert_eq!(Wanted::of(partial(&unknown)).unwrap_err(), Refusal::Secret);
    }

    #[test]
    fn what_is_unknown_is_no_mistake_yet() {
        let whole = Wanted::of(partial(&Datum::unknown())).unwrap();
        assert!(whole.name.is_unknown() && whole.known().is_none());
        let name = Datum::object([
            ("apiVersion", Datum::from("v1")),
            ("kind", "ConfigMap".into()),
            ("metadata", Datum::object([("name", Datum::unknown()), ("namespace", Datum::Null)])),
        ]);
        let wanted = Wanted::of(partial(&name)).unwrap();
        assert!(wanted.name.is_unknown() && wanted.namespace.is_null() && wanted.known().is_none());
    }
}
