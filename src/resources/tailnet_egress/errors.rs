//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use thiserror::Error;

use crate::cluster::object::{ObjectError, Stalled};
use crate::cluster::tailscale_operator::argument;
use crate::cluster::{AsFailure, Failure};

/// A failed operation on an egress Service.
#[derive(Debug, Error)]
pub(super) enum EgressError {
    /// Looking at it, or writing it.
    #[error("{0}")]
    Object(#[from] ObjectError),
    /// The operator will not make a proxy for it.
    #[error("the operator refuses the Service: {0}")]
    Refused(String),
    /// The operator did not take the Service up.
    #[error("waiting for the operator: {0}")]
    Operator(Failure),
    /// The proxy did not become ready.
    #[error("the proxy is not ready: {seen}")]
    Proxy { seen: String, failure: Failure },
}

impl From<Failure> for EgressError {
    fn from(failure: Failure) -> Self {
        Self::Object(failure.into())
    }
}

impl From<Stalled> for EgressError {
    fn from(stalled: Stalled) -> Self {
        match stalled {
            Stalled::Hopeless(why) => Self::Refused(why),
            Stalled::Ended(failure) => Self::Operator(failure),
        }
    }
}

impl AsFailure for EgressError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Object(error) => error.as_failure(),
            Self::Refused(_) => None,
            Self::Operator(failure) | Self::Proxy { failure, .. } => Some(failure),
        }
    }
}

impl EgressError {
    /// What Terraform shows.
    pub(super) fn diagnostics(&self, title: &str) -> Diagnostics {
        let timeouts = || AttributePath::new("timeouts");
        match self {
            Self::Object(error) => error.diagnostics(argument),
            Self::Refused(why) => {
                let detail = format!("{why}.");
                Diagnostic::error("The operator refuses the Service", detail).at(AttributePath::new("fqdn")).into()
            }
            Self::Operator(failure @ Failure::Interrupted { .. }) => {
                Diagnostic::error("The operator did not accept the Service", format!("{failure}."))
                    .at(timeouts())
                    .into()
            }
            Self::Proxy { seen, failure: Failure::Interrupted { why, .. } } => {
                let detail = format!("{title}: {seen}\n\nThe wait {why}.");
                Diagnostic::error("The proxy is not ready", detail).at(timeouts()).into()
            }
            Self::Operator(failure) | Self::Proxy { failure, .. } => {
                failure.diagnostic(format!("Cannot wait for {title}"), AttributePath::new("name")).into()
            }
        }
    }
}
