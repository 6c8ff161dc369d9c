//! What is kept of a Secret: everything that the next cluster needs, and nothing that belongs to the last one.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_redacted::{SecretBytes, SecretText};

use super::certificate::Certificate;

type Texts = BTreeMap<String, String>;

/// What tools note for themselves about one object of one cluster.
const NOT_KEPT: &[&str] = &["kubectl.kubernetes.io/", "tazlab.io/"];

/// Types of Secrets that give access to one cluster, which fills them itself: made out of a copy, they would have it mint
/// tokens.
const OF_CLUSTER: &[&str] = &["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"];

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
        let is_kept = |key: &str| !NOT_KEPT.iter().any(|start| key.starts_with(start));
        let annotations = secret.metadata.annotations.iter().flatten().filter(|(key, _)| is_kept(key));
        let data = secret.data.iter().flatten();
        Self {
            kind: secret.type_.clone().unwrap_or_else(|| "Opaque".to_owned()),
            immutable: secret.immutable.unwrap_or_default(),
            // All of them: a selector may ask for any.
            labels: secret.metadata.labels.clone().unwrap_or_default(),
            annotations: annotations.map(|(key, value)| (key.clone(), value.clone())).collect(),
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

    /// Does its private key belong to this certificate, as far as both can be compared?
    pub(super) fn may_have_the_key_of(&self, certificate: &Certificate) -> bool {
        let private = self.data.get("tls.key").and_then(|key| std::str::from_utf8(key.expose()).ok());
        private.is_none_or(|private| certificate.may_be_of(&SecretText::new(private.to_owned())))
    }

    /// Is it of a type that gives access to the one cluster it is in?
    pub(super) fn is_of_its_cluster(&self) -> bool {
        OF_CLUSTER.contains(&self.kind.as_str())
    }

    /// Is the live one immutable, so that it cannot become this one?
    pub(super) fn cannot_replace(&self, live: &Self) -> bool {
        live.immutable && (!self.immutable || live.data != self.data)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.data.values().all(SecretBytes::is_empty)
    }

    /// The keys of its data.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.data.keys().map(String::as_str)
    }
}
