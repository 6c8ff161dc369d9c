//! Fields of KV version 2 as sources. Each secret is read once, however many of its fields are used.

use std::collections::BTreeMap;

use tazlab_clients::vault::{Kv, KvField};
use tazlab_redacted::SecretBytes;
use tf_plugin::framework::context::Context;
use thiserror::Error;

use super::model::VaultField;
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
    /// `None` where a part of it is not known yet.
    pub(super) fn of(field: &VaultField) -> Option<Self> {
        let bare = |text: &String| text.trim_matches('/').to_owned();
        let (mount, path) = (field.mount.as_ref_option().map(bare)?, field.path.as_ref_option().map(bare)?);
        if field.version.is_unknown() {
            return None;
        }
        let at = (mount, path, field.version.as_ref_option().copied());
        Some(Self { at, name: field.field.as_ref_option()?.clone() })
    }
}

/// Why a field gives no content.
#[derive(Debug, Error)]
pub(super) enum VaultProblem {
    #[error("{0}")]
    Failure(Failure),
    #[error("no secret exists at {path} of a KV version 2 engine mounted at {mount}, or its newest version is deleted")]
    NoSecret {
        mount: String,
        path: String,
        /// The engine itself said so: it is mounted, and has nothing there.
        absent: bool,
    },
    #[error("the secret {path} of {mount} has no version {version}, or it was deleted")]
    NoVersion { mount: String, path: String, version: i64, absent: bool },
    #[error("the secret {path} of {mount} has no field \"{field}\"; it has {}", known.join(", "))]
    NoField { mount: String, path: String, field: String, known: Vec<String> },
    #[error("the field \"{field}\" of the secret {path} of {mount} is empty")]
    Empty { mount: String, path: String, field: String },
}

impl VaultProblem {
    /// Is it known that the field is not there?
    pub(super) fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::NoSecret { absent: true, .. } | Self::NoVersion { absent: true, .. } | Self::NoField { .. }
        )
    }
}

/// Reads fields, and each secret once.
#[derive(Default)]
pub(super) struct Reader(BTreeMap<At, Result<Kv, Failure>>);

impl Reader {
    pub(super) async fn field(
        &mut self,
        call: &Context<Configured>,
        field: &Field,
    ) -> Result<SecretBytes, VaultProblem> {
        if !self.0.contains_key(&field.at) {
            let (mount, path, version) = &field.at;
            let vault = match call.provider() {
                Ok(provider) => &provider.vault,
                Err(_) => return Err(VaultProblem::Failure(Failure::Gap("the provider".to_owned()))),
            };
            let secret = vault.look(call, |client, call| async move { client.kv2(&call, mount, path, *version).await });
            self.0.insert(field.at.clone(), secret.await);
        }
        let unread = || VaultProblem::Failure(Failure::Gap("the provider".to_owned()));
        of_field(field, self.0.get(&field.at).ok_or_else(unread)?)
    }
}

fn of_field(field: &Field, secret: &Result<Kv, Failure>) -> Result<SecretBytes, VaultProblem> {
    let ((mount, path, version), name) = (field.at.clone(), field.name.clone());
    let secret = match secret.as_ref().map_err(|failure| VaultProblem::Failure(failure.clone()))? {
        Kv::Secret(secret) => secret,
        nothing => {
            let absent = matches!(nothing, Kv::Absent);
            return Err(match version {
                Some(version) => VaultProblem::NoVersion { mount, path, version, absent },
                None => VaultProblem::NoSecret { mount, path, absent },
            });
        }
    };
    match secret.fields.get(&name) {
        Some(KvField::Text(text)) if text.is_empty() => Err(VaultProblem::Empty { mount, path, field: name }),
        Some(KvField::Text(text) | KvField::Json(text)) => Ok(SecretBytes::new(text.expose().as_bytes().to_vec())),
        None => Err(VaultProblem::NoField { mount, path, field: name, known: secret.fields.keys().cloned().collect() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_engine_that_has_nothing_there_is_an_absence() {
        let field = |version| Field { at: ("secret".to_owned(), "a".to_owned(), version), name: "token".to_owned() };
        for version in [None, Some(3)] {
            let absence = |kv| of_field(&field(version), &Ok(kv)).unwrap_err().is_absence();
            assert!(absence(Kv::Absent) && !absence(Kv::NotFound));
        }
        assert!(!of_field(&field(None), &Err(Failure::NotConfigured)).unwrap_err().is_absence());
    }
}
