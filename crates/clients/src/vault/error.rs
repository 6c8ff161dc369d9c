//! What can go wrong with Vault: one type, which says what was done, at which path, why it failed and what helps.
//!
//! No message holds a token, an accessor, or a value of a secret.

use std::time::Duration;

use thiserror::Error;

use super::distrust::Distrust;
use super::operation::Operation;
use super::presented::Presented;
use crate::failed::Failed;
use crate::limit::TooLarge;
use crate::reach::Unreachable;

/// A failed operation on Vault.
pub type Error = Failed<Operation, Cause>;

impl Error {
    /// Whether there is nothing at the path.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(*self.cause, Cause::NotFound { .. })
    }

    /// Whether an engine that is mounted there has nothing at the path; otherwise there may be no such mount, or no Vault that
    /// answers.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        matches!(*self.cause, Cause::NotFound { absent: true, .. })
    }

    /// Whether Vault refused the request itself (400), with what it said.
    #[must_use]
    pub fn refusal(&self) -> Option<&[String]> {
        match &*self.cause {
            Cause::Refused { messages } => Some(messages),
            _ => None,
        }
    }

    /// Whether no answer came from a Vault that is at work: nothing can be said about what is in it.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(
            *self.cause,
            Cause::Unreachable { .. }
                | Cause::UnknownAuthority { .. }
                | Cause::WrongName { .. }
                | Cause::TimedOut { .. }
                | Cause::Sealed { .. }
                | Cause::NotInitialized { .. }
                | Cause::Standby { .. }
                | Cause::Moved { .. }
                | Cause::Redirected { .. }
                | Cause::TooLarge { .. }
        )
    }
}

impl Cause {
    /// Whether a write that failed so may have been carried out all the same.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Unreachable { reason, .. } => reason.comes_after_sending(),
            Self::Api { code, .. } => (500..=599).contains(code),
            Self::TimedOut { .. } | Self::Stopped | Self::Answer { .. } => true,
            _ => false,
        }
    }
}

fn said(messages: &[String]) -> String {
    if messages.is_empty() { "it gives no reason".to_owned() } else { messages.join("; ") }
}

/// A policy that grants what is missing.
fn policy(path: &str, capabilities: &[&str]) -> String {
    let quoted: Vec<String> = capabilities.iter().map(|one| format!("\"{one}\"")).collect();
    format!("path \"{path}\" {{ capabilities = [{}] }}", quoted.join(", "))
}

/// Why an operation failed.
#[derive(Debug, Error)]
pub enum Cause {
    /// A setting has a value that cannot be used.
    #[error("vault.{setting} cannot be used: {problem}")]
    InvalidSetting {
        /// The argument of the provider's `vault` block.
        setting: &'static str,
        /// What is wrong with it; never its value where that is secret.
        problem: String,
    },
    /// No token is to be had.
    #[error(
        "no token is configured: set vault.token_file, vault.token, vault.auth_jwt or vault.auth_approle in the provider block, or the environment variable VAULT_TOKEN"
    )]
    NoToken,
    /// The login that gives the provider its token failed.
    #[error("the login at auth/{mount} failed: {cause}")]
    Login {
        /// Where the auth method is mounted.
        mount: String,
        /// Why.
        cause: Box<Cause>,
    },
    /// No connection, or no answer on it.
    #[error("Vault at {address} is unreachable: {reason}")]
    Unreachable {
        /// Its address.
        address: String,
        /// Why.
        reason: Unreachable,
    },
    /// The certificate is not signed by an authority that is trusted.
    #[error(
        "the certificate of Vault at {address} is not signed by an authority that is trusted here: {}; set vault.ca_cert_file (or VAULT_CACERT) to the certificate of the authority that signed it",
        presented.as_ref().map_or_else(|| "it could not be read".to_owned(), ToString::to_string)
    )]
    UnknownAuthority {
        /// Its address.
        address: String,
        /// The certificate that it showed.
        presented: Option<Presented>,
    },
    /// The certificate is for other names.
    #[error(
        "the certificate of Vault at {address} is for other names: {}; use one of these names in vault.address, or set vault.tls_server_name to it",
        names.join(", ")
    )]
    WrongName {
        /// Its address.
        address: String,
        /// The names that it is for.
        names: Vec<String>,
    },
    /// The caller's deadline passed.
    #[error("timed out{}", last.as_ref().map(|last| format!("; last: {last}")).unwrap_or_default())]
    TimedOut {
        /// What was seen last, where there were several attempts.
        last: Option<String>,
    },
    /// The user stopped the work.
    #[error("stopped")]
    Stopped,
    /// Vault is sealed.
    #[error("Vault at {address} is sealed: unseal it (`vault operator unseal`) and try again")]
    Sealed {
        /// Its address.
        address: String,
    },
    /// Vault was never initialized.
    #[error("Vault at {address} is not initialized: initialize and unseal it (`vault operator init`) and try again")]
    NotInitialized {
        /// Its address.
        address: String,
    },
    /// This node does not take requests.
    #[error(
        "Vault at {address} is a standby node ({code}) that did not pass the request on: use the address of the active node or of the load balancer"
    )]
    Standby {
        /// Its address.
        address: String,
        /// What it answered.
        code: u16,
    },
    /// Something before Vault points elsewhere, and following it would make a read of a write.
    #[error(
        "{address} redirects to {} ({code}), which would turn a write into a read and is not followed: set vault.address to the address at which Vault itself answers",
        to.as_deref().unwrap_or("nowhere")
    )]
    Moved {
        /// Its address.
        address: String,
        /// 301, 302 or 303.
        code: u16,
        /// The server that it points to, `https://host:8200`.
        to: Option<String>,
    },
    /// A standby node, or whoever answers in its place, sends the request where the token must not go.
    #[error(
        "Vault at {address} redirects to {to}, and the request was not sent there: {why}; set vault.address to the address of the active node or of the load balancer"
    )]
    Redirected {
        /// Its address.
        address: String,
        /// The server that it points to.
        to: String,
        /// Why it is not followed.
        why: Distrust,
    },
    /// The answer is larger than any of Vault's.
    #[error("the answer of {address} was not read: {limit}")]
    TooLarge {
        /// Who sent it.
        address: String,
        /// How much is read.
        limit: TooLarge,
    },
    /// A namespace is set, and this Vault has none.
    #[error(
        "Vault at {address} has no namespaces (they are Vault Enterprise's and OpenBao's) and would act in its root: remove namespace = \"{namespace}\" (or VAULT_NAMESPACE)"
    )]
    NoNamespaces {
        /// Its address.
        address: String,
        /// The namespace that was asked for.
        namespace: String,
    },
    /// The token is not known, or not any more.
    #[error(
        "the token is not valid at this Vault: it has expired, was revoked, or belongs to another Vault or namespace"
    )]
    BadToken,
    /// The token is good and may not do this.
    #[error("permission denied: no policy of this token grants it. This one would: {}", policy(path, capabilities))]
    PermissionDenied {
        /// The path.
        path: String,
        /// The capabilities that the request needs.
        capabilities: &'static [&'static str],
    },
    /// A login, which needs no right, is denied all the same.
    #[error(
        "permission denied: Vault answers this where no auth method is mounted at {}, and where a role accepts no logins from this address (token_bound_cidrs)",
        path.trim_end_matches("/login")
    )]
    LoginDenied {
        /// The path, `auth/jwt/login`.
        path: String,
    },
    /// Nothing is there.
    #[error("nothing exists at this path{}", if messages.is_empty() { String::new() } else { format!(": {}", said(messages)) })]
    NotFound {
        /// Vault's words.
        messages: Vec<String>,
        /// Whether an engine that is mounted there said that it has nothing of this name.
        absent: bool,
    },
    /// Vault does not accept the request.
    #[error("Vault refuses it: {}", said(messages))]
    Refused {
        /// Vault's words.
        messages: Vec<String>,
    },
    /// Vault has too much to do, or is not in step with itself, and retries did not help.
    #[error("Vault is overloaded or not in step ({code}): {}", said(messages))]
    Overloaded {
        /// 412, 429 or 503.
        code: u16,
        /// Vault's words.
        messages: Vec<String>,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// Another answer that is no success.
    #[error("Vault answered {code}: {}", said(messages))]
    Api {
        /// The HTTP status.
        code: u16,
        /// Vault's words.
        messages: Vec<String>,
    },
    /// The answer is not what it should be. The parser's words may quote a secret, so only the place is kept.
    #[error("Vault's answer cannot be read (line {line}, column {column})")]
    Answer {
        /// Line of the body, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The answer repeats a credential where it would be stored.
    #[error(
        "the answer repeats a credential that the request held, so it is not used: what answers may not be Vault, or something in front of it is set up to repeat requests"
    )]
    Repeats,
    /// The request could not be built.
    #[error("the request cannot be made: {problem}")]
    Request {
        /// What is wrong.
        problem: String,
    },
}
