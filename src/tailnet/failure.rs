//! Why a tailnet cannot be asked.

use tazlab_clients::tailscale::Error as ApiError;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;
use thiserror::Error;

use crate::credential::CredentialError;

/// A failure on the way to the API, or its refusal.
#[derive(Debug, Error)]
pub enum Failure {
    /// The provider's configuration is not known yet, or empty.
    #[error(
        "the setting {0} is not known yet, or empty. The resource that provides this value does not exist yet, or was destroyed"
    )]
    Gap(String),
    /// The provider has no credential for the API.
    #[error("the provider has no credential for the Tailscale API")]
    NoCredential,
    /// There are several, and nothing says which is meant. Where each comes from.
    #[error("the provider has several credentials for the Tailscale API: {}", .0.join(", "))]
    SeveralCredentials(Vec<&'static str>),
    /// The environment names another server than the one that the block's credential is for.
    #[error("TAILSCALE_BASE_URL names {0}")]
    Diverted(String),
    /// A credential cannot be read.
    #[error("{0}")]
    Credential(#[from] CredentialError),
    /// The reading of a credential was ended by the runtime.
    #[error("the credential could not be read")]
    Reading,
    /// The API said no, or nothing.
    #[error("{0}")]
    Api(#[from] ApiError),
}

impl Failure {
    /// Is the way to the API itself missing, so that a plan must go on without it?
    #[must_use]
    pub fn is_gap(&self) -> bool {
        matches!(self, Self::Gap(_))
    }

    /// The message to the user: what was tried, why it failed, what helps.
    #[must_use]
    pub fn diagnostic(&self, summary: impl Into<String>) -> Diagnostic {
        Diagnostic::error(summary, self.explained()).at(AttributePath::root())
    }

    /// Why it failed, and what helps.
    #[must_use]
    pub fn explained(&self) -> String {
        match self {
            Self::NoCredential => "The provider has no credential for the Tailscale API. Set tailscale.api_key, or tailscale.oauth_client_id with oauth_client_secret or identity_token (each also as *_file and in the environment, for example TAILSCALE_OAUTH_CLIENT_ID and TAILSCALE_OAUTH_CLIENT_SECRET).".to_owned(),
            Self::SeveralCredentials(which) => format!(
                "The provider has several credentials for the Tailscale API: {}. Unset all but one of the variables, or name the one that is meant in the provider's tailscale block.",
                which.join(" and ")
            ),
            Self::Diverted(server) => format!(
                "The environment variable TAILSCALE_BASE_URL names {server}, and the credential is written in the provider's tailscale block, which names no address: the credential was not sent there. Set tailscale.base_url in the block, or unset the variable."
            ),
            other => format!("{}.", capital(&other.to_string())),
        }
    }
}

/// The text with a capital at its beginning and no full stop at its end.
pub(crate) fn capital(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
