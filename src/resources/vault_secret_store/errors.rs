//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use thiserror::Error;

use super::model::VaultSecretStore;
use super::object::argument;
use crate::cluster::object::ObjectError;
use crate::cluster::{AsFailure, Failure};

/// A failed operation on a store.
#[derive(Debug, Error)]
pub(super) enum StoreError {
    /// Looking at it, or writing it.
    #[error("{0}")]
    Object(#[from] ObjectError),
    /// Its kind is not served.
    #[error("the kind is not served: {0}")]
    NotServed(Failure),
    /// It did not become ready.
    #[error("the store is not ready: {seen}")]
    NotReady { seen: String, failure: Failure },
    /// It will not become ready.
    #[error("the store is refused: {0}")]
    Refused(String),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::Object(failure.into())
    }
}

impl AsFailure for StoreError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Object(error) => error.as_failure(),
            Self::NotServed(failure) | Self::NotReady { failure, .. } => Some(failure),
            Self::Refused(_) => None,
        }
    }
}

impl StoreError {
    /// What Terraform shows.
    pub(super) fn diagnostics(&self, model: &VaultSecretStore) -> Diagnostics {
        let title = model.title();
        match self {
            Self::Object(error) => error.diagnostics(argument),
            Self::NotServed(failure @ Failure::Interrupted { .. }) => {
                let detail = format!(
                    "{title}: {failure}. What installs External Secrets must be part of the same apply, or have run before. Name it in depends_on. Otherwise the wait cannot succeed."
                );
                Diagnostic::error("The cluster does not have this kind", detail).at(AttributePath::new("kind")).into()
            }
            Self::NotServed(failure) => {
                failure.diagnostic(format!("Cannot wait for the kind of {title}"), AttributePath::new("kind")).into()
            }
            Self::NotReady { seen, failure: Failure::Interrupted { why, .. } } => {
                let detail = format!("{title}: {seen}\n\nThe wait {why}.");
                Diagnostic::error("The store is not ready", detail).at(AttributePath::new("timeouts")).into()
            }
            Self::Refused(seen) => Diagnostic::error("The controller refuses the store", format!("{seen}."))
                .at(AttributePath::new("name"))
                .into(),
            Self::NotReady { failure, .. } => {
                failure.diagnostic(format!("Cannot wait for {title}"), AttributePath::new("name")).into()
            }
        }
    }
}
