//! Fields of KV version 2 as sources. Each secret is read once, however many of its fields are used.

use std::collections::BTreeMap;

use tazlab_clients::vault::{KvField, KvSecret};
use tazlab_redacted::SecretBytes;
use tf_plugin::framework::context::Context;
use thiserror::Error;

use super::model::VaultField;
use super::sources::{Origin, Problem, Source};
use crate::configured::Configured;
use crate::vault::Failure;

/// A secret: mount, path, version.
type At = (String, String, Option<i64>);

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    at: At,
    name: String,
}

impl Field {
    pub(super) fn of(field: &VaultField) -> Self {
        let text =
            |value: &tf_plugin::framework::value::Value<String>| value.as_ref_option().cloned().unwrap_or_default();
        let bare = |text: String| text.trim_matches('/').to_owned();
        let version = field.version.as_ref_option().copied();
        Self { at: (bare(text(&field.mount)), bare(text(&field.path)), version), name: text(&field.field) }
    }
}

/// Why a field gives no content.
#[derive(Debug, Error)]
pub(super) enum VaultProblem {
    #[error("{0}")]
    Failure(Failure),
    #[error("no secret exists at {path} of a KV version 2 engine mounted at {mount}, or its newest version is deleted")]
    NoSecret { mount: String, path: String },
    #[error("the secret {path} of {mount} has no version {version}, or it was deleted")]
    NoVersion { mount: String, path: String, version: i64 },
    #[error("the secret {path} of {mount} has no field \"{field}\"; it has {}", known.join(", "))]
    NoField { mount: String, path: String, field: String, known: Vec<String> },
    #[error("the field \"{field}\" of the secret {path} of {mount} is empty")]
    Empty { mount: String, path: String, field: String },
}

/// Is the way to Vault itself not known yet?
pub(super) fn is_yet_unknown(source: &Source) -> bool {
    matches!(&source.content, Err(Problem::Vault(VaultProblem::Failure(failure))) if failure.is_gap())
}

/// Reads the fields, by key.
pub(super) async fn read(call: &Context<Configured>, fields: Vec<(String, Field)>) -> Vec<(String, Source)> {
    let Ok(provider) = call.provider() else { return Vec::new() };
    let mut secrets: BTreeMap<At, Result<Option<KvSecret>, Failure>> = BTreeMap::new();
    for (_, field) in &fields {
        if !secrets.contains_key(&field.at) {
            let (mount, path, version) = &field.at;
            let secret = provider
                .vault
                .look(call, |client, call| async move { client.kv2(&call, mount, path, *version).await })
                .await;
            secrets.insert(field.at.clone(), secret);
        }
    }
    let sources = fields.into_iter().filter_map(|(key, field)| {
        let content = of_field(&field, secrets.get(&field.at)?).map_err(Problem::from);
        Some((key, Source { origin: Origin::Vault(field), content }))
    });
    sources.collect()
}

fn of_field(field: &Field, secret: &Result<Option<KvSecret>, Failure>) -> Result<SecretBytes, VaultProblem> {
    let ((mount, path, version), name) = (field.at.clone(), field.name.clone());
    let secret = secret.as_ref().map_err(|failure| VaultProblem::Failure(failure.clone()))?;
    let Some(secret) = secret else {
        return Err(match version {
            Some(version) => VaultProblem::NoVersion { mount, path, version },
            None => VaultProblem::NoSecret { mount, path },
        });
    };
    match secret.fields.get(&name) {
        Some(KvField::Text(text)) if text.is_empty() => Err(VaultProblem::Empty { mount, path, field: name }),
        Some(KvField::Text(text) | KvField::Json(text)) => Ok(SecretBytes::new(text.expose().as_bytes().to_vec())),
        None => Err(VaultProblem::NoField { mount, path, field: name, known: secret.fields.keys().cloned().collect() }),
    }
}
