//! Why something could not be done with Vault.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tazlab_clients::file::FileError;
use tazlab_clients::vault::{Cause, Error};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Interrupted;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};
use thiserror::Error;

use crate::credential::CredentialError;

/// A failure; cheap to copy, since one sealed Vault fails many objects.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// An argument of the provider is not known yet, or empty.
    #[error(
        "{0} is not known yet, or empty. The resource that provides this value does not exist yet, or was destroyed"
    )]
    Gap(String),
    /// Nothing says where Vault is.
    #[error(
        "no Vault is configured: set vault.address in the provider block, or the environment variable VAULT_ADDR or BAO_ADDR"
    )]
    NotConfigured,
    /// A credential of the provider cannot be read.
    #[error("{0}")]
    Credential(Arc<CredentialError>),
    /// The file with Vault's authority cannot be read.
    #[error("vault.{setting}: {} cannot be read: {source}", path.display())]
    Authority {
        /// The argument.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<FileError>,
    },
    /// A folder with authorities has none, or a file in it is none.
    #[error("vault.ca_cert_dir: {} has no PEM certificate", path.display())]
    NoAuthority {
        /// The folder or file.
        path: PathBuf,
    },
    /// The environment says two things.
    #[error(
        "{} are both set and differ: unset one of the two, or set the argument in the provider's vault block",
        .0.iter().map(|name| format!("VAULT_{name} and BAO_{name}")).collect::<Vec<_>>().join(", ")
    )]
    Contradiction(Vec<&'static str>),
    /// Vault said no, or nothing.
    #[error("{0}")]
    Api(Arc<Error>),
    /// Vault was silent.
    #[error("no answer from Vault at {address} within {limit:?} (connect_timeout)")]
    NoAnswer {
        /// Its address.
        address: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The work was ended before it was done.
    #[error("{what}: {why}")]
    Interrupted {
        /// What was not done.
        what: String,
        /// Stopped, or out of time.
        why: Interrupted,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Api(Arc::new(error))
    }
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Self {
        Self::Credential(Arc::new(error))
    }
}

impl Failure {
    /// Is the way to Vault itself missing, and may yet come?
    #[must_use]
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Gap(_))
    }

    /// Can nothing be said about what is in Vault?
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Api(error) => error.is_unreachable(),
            Self::Interrupted { .. } => false,
            _ => true,
        }
    }

    /// May a request that changes something, and failed so, have been carried out all the same?
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.cause().is_some_and(Cause::may_have_happened)
    }

    /// Vault's own error, where it is one.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Api(error) => Some(&error.cause),
            _ => None,
        }
    }

    /// The message to the user: what was tried, why it failed, what helps.
    #[must_use]
    pub fn diagnostic(&self, summary: impl Into<String>, at: AttributePath) -> Diagnostic {
        Diagnostic::error(summary, format!("{}.", sentence(&self.to_string()))).at(at)
    }
}
