//! Why something could not be done with a cluster.

use std::sync::Arc;
use std::time::Duration;

use tazlab_clients::kubernetes::{Cause, Error};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Interrupted;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};
use thiserror::Error;

use crate::credential::CredentialError;

/// A failure; cheap to copy, since one unreachable server fails many objects.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// The provider's configuration is not known yet.
    #[error("{0} is not known yet. The resource that provides this value does not exist yet, or was destroyed")]
    Unknown(String),
    /// An argument of the provider is empty.
    #[error("{0} is empty. The resource that provides this value does not exist yet, or was destroyed")]
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
    /// Nothing can be said about the cluster's objects, and nothing allows taking it for gone.
    #[error("{failure}")]
    NotGone {
        /// Why nothing can be said.
        failure: Box<Failure>,
        /// What speaks against it.
        reservation: Reservation,
    },
}

/// Why an object is not dropped from the state although its cluster cannot be asked and `on_unreachable` is `"forget"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// A server may well be there: what failed is trust, a credential, a file, or a setting.
    NotAbsent,
    /// The state does not say where the object was.
    NoRecord,
    /// The object was seen somewhere else.
    Elsewhere {
        /// Where it was seen last.
        recorded: String,
        /// Where the provider looks for it.
        configured: String,
    },
    /// A proxy stands in between, and may be what is away.
    Proxy,
}

impl Reservation {
    /// What it is, and how to go on.
    fn explained(&self) -> String {
        match self {
            Self::NotAbsent => format!(
                "on_unreachable = \"forget\" drops nothing here: the cluster may still exist. Correct what failed, or, if the cluster is gone for good, {REMOVED}."
            ),
            Self::NoRecord => format!(
                "on_unreachable = \"forget\" drops nothing here: the state does not record yet at which server the object was read. Run `terraform apply -refresh-only` while the cluster answers, or, if it is gone for good, {REMOVED}."
            ),
            Self::Elsewhere { recorded, configured } => format!(
                "The object was last read at {recorded}, and the provider's kubernetes block leads to {configured}: nothing is dropped from the state, whatever on_unreachable says. Set the block to {recorded} again, or, if that cluster is gone for good, {REMOVED}."
            ),
            Self::Proxy => format!(
                "on_unreachable = \"forget\" drops nothing here: the cluster is reached through a proxy (proxy_url), and only the proxy may be down. Make the proxy available, or, if the cluster is gone for good, {REMOVED}."
            ),
        }
    }
}

/// How an object leaves the state and nothing else.
const REMOVED: &str =
    "remove the object from the state with a `removed` block that has `lifecycle { destroy = false }`";

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
    /// The failure of a request because of `cause`, for tests.
    #[cfg(test)]
    pub(crate) fn of_cause(cause: Cause) -> Self {
        let operation = tazlab_clients::kubernetes::Operation {
            verb: "get",
            kind: "Secret".to_owned(),
            namespace: None,
            name: "a".to_owned(),
        };
        Error { operation, cause: Box::new(cause) }.into()
    }

    /// The same failure, with what speaks against taking the cluster for gone.
    pub(super) fn with(self, reservation: Reservation) -> Self {
        Self::NotGone { failure: Box::new(self), reservation }
    }

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

    /// Is it what a cluster that does not exist any more looks like? A network that is off looks alike.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::NoAnswer { .. } => true,
            Self::Api(error) => error.cause.is_absence(),
            Self::NotGone { failure, .. } => failure.is_absence(),
            _ => false,
        }
    }

    /// Can nothing be said about the cluster's objects?
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Empty(_) | Self::Credential(_) | Self::NoAnswer { .. } => true,
            Self::Api(error) => error.is_unreachable(),
            Self::Interrupted { .. } => false,
            Self::NotGone { failure, .. } => failure.is_unreachable(),
        }
    }

    /// May a request that changes something, and failed so, have been carried out all the same? One that was not sent, or that
    /// the server refused, was not.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.cause().is_some_and(Cause::may_have_happened)
    }

    /// The API's own error, where it is one.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Api(error) => Some(&error.cause),
            Self::NotGone { failure, .. } => failure.cause(),
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
            Self::Api(error) if error.cause.is_absence() => gone_for_good(&error.cause.to_string()),
            Self::NoAnswer { .. } => gone_for_good(&self.to_string()),
            // The failure may be another object's, found a moment ago, so only the cause is told.
            Self::Api(error) if error.is_unreachable() => format!("{}.", sentence(&error.cause.to_string())),
            Self::NotGone { failure, reservation } => {
                let cause = failure.cause().map_or_else(|| failure.to_string(), ToString::to_string);
                format!("{}. {}", sentence(&cause), reservation.explained())
            }
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
