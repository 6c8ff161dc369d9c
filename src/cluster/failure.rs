//! Why something could not be done with a cluster.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::clients::kubernetes::{Cause, Error};
use crate::credential::CredentialError;
use crate::framework::AttributePath;
use crate::framework::context::Interrupted;
use crate::framework::diagnostics::{Diagnostic, sentence};

/// A failure; cheap to copy, since one unreachable server fails many objects.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// The provider's configuration is not known yet.
    #[error("{0} is not known yet: its value comes from something that is not there (any more)")]
    Unknown(String),
    /// An argument of the provider is empty.
    #[error("{0} is empty: its value comes from something that is not there (any more)")]
    Empty(String),
    /// A credential of the provider cannot be read.
    #[error("{0}")]
    Credential(Arc<CredentialError>),
    /// The API said no, or nothing.
    #[error("{0}")]
    Api(Arc<Error>),
    /// The server was silent.
    #[error("no answer from the API server within {limit:?} (connect_timeout)")]
    NoAnswer {
        /// How long was waited.
        limit: Duration,
    },
    /// A wait ended before what it waited for.
    #[error("{what}: {why}")]
    Interrupted {
        /// What was being waited for, and what was seen last.
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
    /// The end of a wait for `what`: out of time and stopped are told as such, and say nothing about the server.
    #[must_use]
    pub fn of_wait(error: Error, what: String) -> Self {
        match *error.cause {
            Cause::Stopped => Self::Interrupted { what, why: Interrupted::Stopped },
            Cause::TimedOut { .. } => Self::Interrupted { what, why: Interrupted::TimedOut },
            _ => error.into(),
        }
    }

    /// Is the way to the cluster itself missing?
    #[must_use]
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Empty(_))
    }

    /// Can nothing be said about the cluster's objects?
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Empty(_) | Self::Credential(_) | Self::NoAnswer { .. } => true,
            Self::Api(error) => error.is_unreachable(),
            Self::Interrupted { .. } => false,
        }
    }

    /// The API's own error, where it is one.
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
        let detail = match self {
            Self::Unknown(_) | Self::Empty(_) => format!(
                "The cluster cannot be reached: {self}. With on_unreachable = \"forget\" in the provider block, a destroy drops objects of a cluster that is gone from the state."
            ),
            Self::Api(error) if error.is_unreachable() => gone_for_good(&error.cause.to_string()),
            Self::NoAnswer { .. } => gone_for_good(&self.to_string()),
            other => format!("{}.", sentence(&other.to_string())),
        };
        Diagnostic::error(summary, detail).at(at)
    }
}

/// The failure may be another object's, found a moment ago, so only the cause is told.
fn gone_for_good(cause: &str) -> String {
    format!(
        "{}. If the cluster is gone for good, set on_unreachable = \"forget\" in the provider block: a destroy then drops its objects from the state.",
        sentence(cause)
    )
}
