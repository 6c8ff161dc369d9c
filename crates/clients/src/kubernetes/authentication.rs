//! Credentials that cannot be had, cannot be sent, or are refused: a kind of failure of its own. It says nothing about
//! whether the API server is there.
//!
//! kube's own error prints all that a command printed: it is never displayed.

use std::error::Error as StdError;
use std::path::PathBuf;

use kube::client::AuthError;
use kube::config::{AuthInfo, KubeconfigError, LoadDataError};
use thiserror::Error;

use super::error::Cause;
use crate::reach::of_system;

/// Why the caller could not say who it is.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AuthenticationError {
    /// The credential plugin failed.
    #[error("the credential plugin `{command}` failed ({status}){}", if *ran { "; what it wrote is not shown, since it may hold credentials: run it by hand to see it" } else { "" })]
    Plugin {
        /// The program, without its arguments, which may be secret.
        command: String,
        /// Its exit status, or why it gave no usable answer.
        status: String,
        /// It was started.
        ran: bool,
    },
    /// A file with a credential cannot be read.
    #[error("the credential in {} cannot be read: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why, in the system's words.
        reason: String,
    },
    /// The kubeconfig's `auth-provider` gives no token.
    #[error("the kubeconfig's auth-provider \"{name}\" gives no token; use exec instead")]
    Provider {
        /// Its name.
        name: String,
    },
    /// A credential has a form that cannot be used. The parser's own words may quote it, so they are left out.
    #[error("{what} cannot be used: {problem}")]
    Unusable {
        /// Which credential.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The time ran out before the credentials were there.
    #[error("the credentials were not available in time{}", command.as_ref().map(|command| format!("; the credential plugin `{command}` did not finish")).unwrap_or_default())]
    TimedOut {
        /// The credential plugin, where there is one.
        command: Option<String>,
    },
    /// The server does not accept the credentials.
    #[error("the API server does not accept the credentials (401)")]
    Refused,
}

impl From<AuthenticationError> for Cause {
    fn from(error: AuthenticationError) -> Self {
        Self::Authentication(error)
    }
}

/// The authentication error in a chain of errors: tower hides it under its own.
pub(super) fn in_chain<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a AuthError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<AuthError>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What kube's error means.
pub(super) fn of_kube(error: &AuthError, who: &AuthInfo) -> AuthenticationError {
    match error {
        AuthError::ReadTokenFile(source, path) => {
            AuthenticationError::File { path: path.clone(), reason: of_system(source) }
        }
        AuthError::InvalidBearerToken(_) | AuthError::InvalidBasicAuth(_) => AuthenticationError::Unusable {
            what: "the token or password",
            problem: "it has characters that an HTTP header cannot have; is there a line break in it?",
        },
        _ => match &who.auth_provider {
            Some(provider) => AuthenticationError::Provider { name: provider.name.clone() },
            None => AuthenticationError::Unusable { what: "the credential", problem: "it cannot be sent" },
        },
    }
}

/// What is wrong with the files or texts of a client certificate.
pub(super) fn of_certificate(error: &KubeconfigError) -> AuthenticationError {
    let (what, error) = match error {
        KubeconfigError::LoadClientKey(error) => ("the client certificate's key", error),
        KubeconfigError::LoadClientCertificate(error) => ("the client certificate", error),
        _ => return AuthenticationError::Unusable { what: "the client certificate", problem: "it cannot be loaded" },
    };
    match error {
        LoadDataError::ReadFile(source, path) => {
            AuthenticationError::File { path: path.clone(), reason: of_system(source) }
        }
        LoadDataError::DecodeBase64(_) => AuthenticationError::Unusable { what, problem: "it is not base64" },
        LoadDataError::NoBase64DataOrFile => AuthenticationError::Unusable { what, problem: "it is missing" },
    }
}

/// The program that gives the credentials.
pub(super) fn command(who: &AuthInfo) -> Option<String> {
    let own = who.exec.as_ref().and_then(|exec| exec.command.clone());
    own.or_else(|| who.auth_provider.as_ref()?.config.get("cmd-path").cloned())
}
