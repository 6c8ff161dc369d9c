//! Kinds of objects and the URL paths of their objects.

use tazlab_redacted::SecretText;

use super::error::{Cause, Error, Operation};

/// A kind of object, as the API names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The API group; empty for the core.
    pub group: String,
    /// Its version, `v1`.
    pub version: String,
    /// The kind, `Secret`.
    pub kind: String,
    /// Its name in URLs, `secrets`.
    pub plural: String,
}

impl Kind {
    /// The kind of a typed object.
    #[must_use]
    pub fn of<K: k8s_openapi::Resource>() -> Self {
        Self {
            group: K::GROUP.to_owned(),
            version: K::VERSION.to_owned(),
            kind: K::KIND.to_owned(),
            plural: K::URL_PATH_SEGMENT.to_owned(),
        }
    }

    /// As an object names it, `apps/v1`; `v1` for the core.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) operation: Operation,
    /// Secrets of the object, beside those that every request has.
    pub(super) hidden: Vec<SecretText>,
}

impl Target {
    pub(super) fn named(verb: &'static str, kind: Kind, namespace: Option<&str>, name: &str) -> Self {
        let operation = Operation {
            verb,
            kind: kind.kind.clone(),
            namespace: namespace.map(ToOwned::to_owned),
            name: name.to_owned(),
        };
        Self { kind, operation, hidden: Vec::new() }
    }

    /// The same about a group of the API.
    pub(super) fn of_group(mut self, group: &str) -> Self {
        group.clone_into(&mut self.kind.group);
        self
    }

    /// The same about an object that holds these secrets.
    pub(super) fn hiding(mut self, secrets: &[SecretText]) -> Self {
        self.hidden = secrets.to_vec();
        self
    }

    pub(super) fn all(kind: Kind, namespace: Option<&str>) -> Self {
        Self::named("list", kind, namespace, "")
    }

    /// A request that concerns the server and no object.
    pub(super) fn server(verb: &'static str) -> Self {
        let none = Kind { group: String::new(), version: String::new(), kind: String::new(), plural: String::new() };
        Self::named(verb, none, None, "")
    }

    pub(super) fn fail(&self, cause: Cause) -> Error {
        Error::new(&self.operation, cause)
    }

    /// `/api/v1/namespaces/ns/secrets/name`; names are escaped, so that none can lead elsewhere.
    pub(super) fn path(&self) -> String {
        let Kind { group, version, plural, .. } = &self.kind;
        let root = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let mut parts = vec![root];
        if let Some(namespace) = &self.operation.namespace {
            parts.extend(["namespaces".to_owned(), escaped(namespace)]);
        }
        parts.push(plural.clone());
        if !self.operation.name.is_empty() {
            parts.push(escaped(&self.operation.name));
        }
        parts.join("/")
    }
}

/// Percent-encodes all but the characters that RFC 3986 leaves unreserved.
pub(super) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::{Namespace, Secret};

    use super::*;

    #[test]
    fn paths_are_those_of_the_api() {
        let path = |kind, namespace, name| Target::named("get", kind, namespace, name).path();
        assert_eq!(path(Kind::of::<Secret>(), Some("ns"), "a"), "/api/v1/namespaces/ns/secrets/a");
        assert_eq!(path(Kind::of::<Namespace>(), None, "ns"), "/api/v1/namespaces/ns");
        assert_eq!(path(Kind::of::<Deployment>(), Some("ns"), ""), "/apis/apps/v1/namespaces/ns/deployments");
        assert_eq!(path(Kind::of::<Secret>(), Some("a/b"), "../c?d"), "/api/v1/namespaces/a%2Fb/secrets/..%2Fc%3Fd");
    }
}
