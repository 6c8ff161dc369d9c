//! What is kept of a Secret: everything that the next cluster needs, and nothing that belongs to the last one.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_redacted::SecretBytes;

use super::certificate::Certificate;

type Texts = BTreeMap<String, String>;

/// What tools note for themselves about one object of one cluster.
const NOT_KEPT: &[&str] = &["kubectl.kubernetes.io/", "tazlab.io/"];

/// One Secret, without what its cluster gave it: uid, versions, owners, finalizers, field managers.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) kind: String,
    pub(super) immutable: bool,
    labels: Texts,
    annotations: Texts,
    data: BTreeMap<String, SecretBytes>,
}

impl fmt::Debug for Content {
    /// Labels and annotations may repeat what the Secret holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Content {
    /// What is kept of this Secret.
    pub(super) fn of(secret: &Secret) -> Self {
        let kept = |texts: &Option<Texts>| -> Texts {
            let is_kept = |key: &str| !NOT_KEPT.iter().any(|start| key.starts_with(start));
            let texts = texts.iter().flatten().filter(|(key, _)| is_kept(key));
            texts.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let data = secret.data.iter().flatten();
        Self {
            kind: secret.type_.clone().unwrap_or_else(|| "Opaque".to_owned()),
            immutable: secret.immutable.unwrap_or_default(),
            labels: kept(&secret.metadata.labels),
            annotations: kept(&secret.metadata.annotations),
            data: data.map(|(key, content)| (key.clone(), SecretBytes::new(content.0.clone()))).collect(),
        }
    }

    /// The Secret with this content.
    pub(super) fn secret(&self, namespace: &str, name: &str) -> Secret {
        let texts = |texts: &Texts| (!texts.is_empty()).then(|| texts.clone());
        let data = self.data.iter().map(|(key, content)| (key.clone(), ByteString(content.expose().clone())));
        Secret {
            metadata: ObjectMeta {
                namespace: Some(namespace.to_owned()),
                name: Some(name.to_owned()),
                labels: texts(&self.labels),
                annotations: texts(&self.annotations),
                ..ObjectMeta::default()
            },
            type_: Some(self.kind.clone()),
            immutable: self.immutable.then_some(true),
            data: Some(data.collect()),
            ..Secret::default()
        }
    }

    /// The certificate in it, if it is one: of a `kubernetes.io/tls` Secret, or of any with the same key.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        Certificate::read(self.data.get("tls.crt")?.expose())
    }

    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.data.values().all(SecretBytes::is_empty)
    }

    /// The keys of its data.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.data.keys().map(String::as_str)
    }
}
