//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use thiserror::Error;

use crate::cluster::object::ObjectError;
use crate::cluster::tailscale_operator::argument;
use crate::cluster::{AsFailure, Failure};

/// Who holds a name on the tailnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// A device, in words.
    Device(String),
    /// Nobody any more.
    Nobody,
    /// The tailnet could not be asked, for this reason.
    Unseen(String),
}

/// A failed operation on the API server's Service.
#[derive(Debug, Error)]
pub(super) enum ApiserverError {
    /// Looking at it, or writing it.
    #[error("{0}")]
    Object(#[from] ObjectError),
    /// The tailnet gave the name with a number.
    #[error("the tailnet gave the name {given} instead of {wanted}")]
    Numbered { wanted: String, given: String, holder: Holder },
    /// The operator will not make a device for it.
    #[error("the operator refuses the Service: {0}")]
    Refused(String),
    /// The device did not join.
    #[error("waiting for the operator: {0}")]
    Operator(Failure),
}

impl From<Failure> for ApiserverError {
    fn from(failure: Failure) -> Self {
        Self::Object(failure.into())
    }
}

impl AsFailure for ApiserverError {
    fn as_failure(&self) -> Option<&Failure> {
        match self {
            Self::Object(error) => error.as_failure(),
            Self::Operator(failure) => Some(failure),
            Self::Numbered { .. } | Self::Refused(_) => None,
        }
    }
}

impl ApiserverError {
    /// What Terraform shows.
    pub(super) fn diagnostics(&self, title: &str) -> Diagnostics {
        let hostname = || AttributePath::new("hostname");
        match self {
            Self::Object(error) => error.diagnostics(argument),
            Self::Numbered { wanted, given, holder } => {
                let held = match holder {
                    Holder::Device(told) => format!("{wanted} is held by {told}."),
                    Holder::Nobody => format!("No device holds {wanted} any more."),
                    Holder::Unseen(why) => format!(
                        "The Machines page of the admin console shows which device holds {wanted}. The tailnet could not be queried: {why}"
                    ),
                };
                let detail = format!(
                    "{title}: the tailnet gave the device the name {given}, because another device held {wanted} when it joined. {held}\n\nFree the name, with tazlab_tailnet_cleanup (required_free) before this resource or by hand, and apply again. A Service that the failed apply created is replaced."
                );
                Diagnostic::error(format!("The device got the name {given} instead of {wanted}"), detail)
                    .at(hostname())
                    .into()
            }
            Self::Refused(why) => {
                Diagnostic::error("The operator refuses the Service", format!("{why}.")).at(hostname()).into()
            }
            Self::Operator(failure @ Failure::Interrupted { .. }) => {
                let at = AttributePath::new("timeouts");
                Diagnostic::error("The device did not join the tailnet", format!("{failure}.")).at(at).into()
            }
            Self::Operator(failure) => {
                failure.diagnostic(format!("Cannot wait for {title}"), AttributePath::new("name")).into()
            }
        }
    }
}
