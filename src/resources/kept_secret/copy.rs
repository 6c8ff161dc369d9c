//! The copy in Vault: the fields of one KV secret. Its `manifest` is what `kubectl apply -f -` takes, so that a copy can be
//! restored by hand where nothing else works.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use serde::{Deserialize, Serialize};
use tazlab_clients::vault::{KvField, KvNewest};
use tazlab_redacted::{SecretBytes, SecretText};
use thiserror::Error;

use super::content::Content;
use super::model::{Target, Which};
use super::selector;

/// The form of a copy. Whoever finds another one keeps away from it.
const FORMAT: &str = "tazlab.io/kept-secret/v1";

/// Secrets by name.
pub(super) type Contents = BTreeMap<String, Content>;

/// The newest copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Copy {
    pub(super) secrets: Contents,
    /// Whether there is one at all; else only the number is known.
    pub(super) exists: bool,
    /// The number of its version; 0 where there was never one.
    pub(super) version: i64,
    pub(super) written: Option<Timestamp>,
}

/// What is at the path is not a copy of what it should be. Its content is not repeated.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(super) enum CopyError {
    /// No copy at all, or one of a later version of the provider.
    #[error("what is stored there is not a copy of a Secret, or was written by a later version of the provider")]
    Foreign,
    /// A copy of something else.
    #[error("the copy there is of {0}")]
    OfAnother(String),
    /// It is damaged.
    #[error("the manifest of the copy there cannot be read (line {line}, column {column})")]
    Damaged {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
}

#[derive(Deserialize)]
struct List {
    items: Vec<Secret>,
}

/// What is written; also the order of the fields.
#[derive(Serialize)]
pub(super) struct Fields<'a> {
    format: &'static str,
    namespace: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_selector: Option<&'a str>,
    #[serde(serialize_with = "exposed")]
    manifest: SecretText,
}

fn exposed<S: serde::Serializer>(text: &SecretText, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text.expose())
}

impl Copy {
    /// Reads what is at the path.
    pub(super) fn read(newest: &KvNewest, target: &Target) -> Result<Self, CopyError> {
        let empty = Self { version: newest.version, ..Self::default() };
        let Some(fields) = &newest.fields else { return Ok(empty) };
        let text = |name: &str| match fields.get(name) {
            Some(KvField::Text(text)) => Some(text),
            _ => None,
        };
        let manifest = text("manifest").ok_or(CopyError::Foreign)?;
        if !text("format").is_some_and(|format| format.is(FORMAT.as_bytes())) {
            return Err(CopyError::Foreign);
        }
        let plain = |name: &str| text(name).map(|text| text.expose().clone());
        let which = match (plain("name"), plain("label_selector")) {
            (Some(name), None) => Which::Named(name),
            (None, Some(labels)) => Which::Labelled(labels),
            _ => return Err(CopyError::Foreign),
        };
        let found = Target { namespace: plain("namespace").ok_or(CopyError::Foreign)?, which, ..target.clone() };
        if found != *target {
            return Err(CopyError::OfAnother(found.title()));
        }
        let damaged = |error: serde_json::Error| CopyError::Damaged { line: error.line(), column: error.column() };
        let List { items } = serde_json::from_str(manifest.expose()).map_err(damaged)?;
        // Whoever may write the copy may not have other Secrets made with it.
        let is_of_it = |secret: &Secret| {
            let metadata = &secret.metadata;
            let is_wanted = match &target.which {
                Which::Named(wanted) => metadata.name.as_ref() == Some(wanted),
                Which::Labelled(labels) => selector::matches(labels, metadata.labels.as_ref()),
            };
            is_wanted && metadata.namespace.as_ref() == Some(&target.namespace)
        };
        if !items.iter().all(is_of_it) {
            return Err(CopyError::Foreign);
        }
        let named = items.into_iter().map(|secret| Some((secret.metadata.name.clone()?, Content::of(&secret))));
        let secrets: Contents = named.collect::<Option<_>>().ok_or(CopyError::Foreign)?;
        Ok(Self { secrets, exists: true, version: newest.version, written: newest.written })
    }
}

/// When the first of their certificates ends.
pub(super) fn expires(contents: &Contents) -> Option<Timestamp> {
    contents.values().filter_map(|content| Some(content.certificate()?.until)).min()
}

/// The fields of a copy of these Secrets.
pub(super) fn fields<'a>(secrets: &Contents, target: &'a Target) -> Fields<'a> {
    let (name, label_selector) = match &target.which {
        Which::Named(name) => (Some(name.as_str()), None),
        Which::Labelled(labels) => (None, Some(labels.as_str())),
    };
    let manifest = manifest(secrets, &target.namespace);
    Fields { format: FORMAT, namespace: &target.namespace, name, label_selector, manifest }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifests {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Secret>,
}

/// The Secrets as one list of manifests.
fn manifest(secrets: &Contents, namespace: &str) -> SecretText {
    let items = secrets.iter().map(|(name, content)| content.secret(namespace, name)).collect();
    let list = Manifests { api_version: "v1", kind: "List", items };
    // JSON is UTF-8.
    std::str::from_utf8(SecretBytes::json(&list).expose()).map(SecretText::from).unwrap_or_default()
}
