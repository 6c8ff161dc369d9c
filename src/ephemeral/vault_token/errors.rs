//! What can go wrong, and how Terraform is told.

use std::time::Duration;

use tazlab_clients::vault::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};
use tf_plugin::framework::duration::NotADuration;
use thiserror::Error;

use crate::cluster;
use crate::credential::CredentialError;
use crate::vault::Failure;

/// A failed operation on an ephemeral Vault token.
#[derive(Debug, Error)]
pub(super) enum VaultTokenError {
    /// Asking the cluster for the ServiceAccount's token.
    #[error("cannot get a token of ServiceAccount {account} from the cluster: {failure}")]
    ServiceAccount { account: String, failure: cluster::Failure },
    /// Logging in with it.
    #[error("{failure}")]
    Jwt { account: String, role: String, mount: String, failure: Failure },
    /// Logging in by `AppRole`.
    #[error("{0}")]
    AppRole(Failure),
    /// Reading the secret id.
    #[error("{0}")]
    SecretId(#[from] CredentialError),
    /// Reading the secret id was ended by the runtime.
    #[error("the secret id could not be read")]
    Reading,
    /// A duration that is none.
    #[error("{0}")]
    Duration(#[from] NotADuration),
    /// Making a child of the provider's token.
    #[error("{0}")]
    Child(Failure),
    /// Renewing.
    #[error("{0}")]
    Renew(Failure),
    /// Renewing until the token's time was over.
    #[error("its time is over, and it could not be renewed before: {0}")]
    Over(Failure),
    /// Revoking.
    #[error("{failure}")]
    Revoke { failure: Failure, lasts: Duration },
}

impl VaultTokenError {
    /// May it be otherwise when apply opens the token again?
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::ServiceAccount { failure, .. } => failure.is_unreachable(),
            Self::Jwt { failure, .. } | Self::AppRole(failure) | Self::Child(failure) => {
                let settled = matches!(failure, Failure::NotConfigured)
                    || matches!(failure.cause(), Some(Cause::UnknownAuthority { .. } | Cause::WrongName { .. }));
                failure.is_unreachable() && !settled
            }
            _ => false,
        }
    }

    /// Is the token surely gone, or past renewing? Everything else, from a Vault that restarts to a network that is away, may
    /// pass while the token is still good; Terraform never renews again after an error.
    pub(super) fn ends_renewal(&self) -> bool {
        let Self::Renew(failure) = self else { return true };
        matches!(failure.cause(), Some(Cause::BadToken | Cause::Refused { .. }))
    }

    /// Did the user stop the run?
    pub(super) fn is_stop(&self) -> bool {
        matches!(self, Self::Renew(failure) if matches!(failure.cause(), Some(Cause::Stopped)))
    }

    /// The same where the token is over.
    pub(super) fn at_the_end(self) -> Self {
        match self {
            Self::Renew(failure) => Self::Over(failure),
            other => other,
        }
    }

    /// What is said where the token is good for so long, and its renewal is tried again.
    pub(super) fn put_off(&self, left: Option<Duration>) -> Diagnostic {
        let until = left.map_or_else(String::new, |left| format!(" for {} s", left.as_secs()));
        let detail = format!(
            "{}. The token is still valid{until}, and the renewal is tried again before it expires. Nothing has to be done unless this repeats.",
            sentence(&self.to_string())
        );
        Diagnostic::warning("The Vault token was not renewed yet", detail)
    }

    /// What is said where the token is left unknown.
    pub(super) fn not_yet(&self) -> Diagnostic {
        let detail = format!(
            "{}. This is harmless during plan: apply tries again. During apply, Terraform also reports unknown values: add depends_on, so that the token is requested when everything answers.",
            sentence(&self.to_string())
        );
        Diagnostic::warning("The Vault token is not available yet", detail)
    }

    /// What Terraform shows.
    pub(super) fn diagnostic(&self) -> Diagnostic {
        let at = AttributePath::new;
        let because = |summary: &str| Diagnostic::error(summary, format!("{}.", sentence(&self.to_string())));
        match self {
            Self::ServiceAccount { .. } => {
                because("Cannot get a token of the ServiceAccount").at(at("jwt").attribute("service_account"))
            }
            Self::Jwt { account, role, mount, failure } => {
                let detail = format!(
                    "{}. The data source tazlab_vault_jwt_login with the same arguments reports which claim of the token mount or role refuse.",
                    sentence(&failure.to_string())
                );
                let summary = format!("{account} cannot log in as {role} at auth/{mount}");
                Diagnostic::error(summary, detail).at(at("jwt"))
            }
            Self::AppRole(_) => because("The login by AppRole failed").at(at("approle")),
            Self::SecretId(_) | Self::Reading => {
                because("Cannot read the secret id").at(at("approle").attribute("secret_id_file"))
            }
            Self::Duration(_) => because("Invalid duration").at(at("child")),
            Self::Child(_) => because("Cannot create this child of the provider's token").at(at("child")),
            Self::Renew(_) => because("The Vault token cannot be renewed"),
            Self::Over(_) => because("The Vault token has expired"),
            Self::Revoke { failure, lasts } => {
                let end = if lasts.is_zero() {
                    "It does not expire: revoke it by hand".to_owned()
                } else {
                    format!("It expires within {} s", lasts.as_secs())
                };
                Diagnostic::error(
                    "The Vault token could not be revoked",
                    format!("{}. {end}.", sentence(&failure.to_string())),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tazlab_clients::vault::{Error, Operation, Unreachable};
    use tf_plugin::framework::diagnostics::Severity;

    fn renewal(cause: Cause) -> VaultTokenError {
        let operation =
            Operation { verb: "write", path: "auth/token/renew-self".to_owned(), capabilities: &["update"] };
        VaultTokenError::Renew(Error { operation, cause: Box::new(cause) }.into())
    }

    #[test]
    fn only_what_vault_says_of_the_token_ends_its_renewal() {
        let (address, messages) = (|| "https://v".to_owned(), Vec::new);
        for cause in [
            Cause::Unreachable { address: address(), reason: Unreachable::Refused },
            Cause::Unreachable { address: address(), reason: Unreachable::Reset },
            Cause::UnknownAuthority { address: address(), presented: None },
            Cause::TimedOut { last: None },
            Cause::Stopped,
            Cause::Sealed { address: address() },
            Cause::NotInitialized { address: address() },
            Cause::Standby { address: address(), code: 473 },
            Cause::Overloaded { code: 429, messages: messages(), retry_after: None },
            Cause::Api { code: 500, messages: messages() },
            // A proxy that stands in for Vault, and a policy that somebody takes away for a moment.
            Cause::NotFound { messages: messages(), absent: false },
            Cause::Answer { line: 1, column: 1 },
            Cause::PermissionDenied { path: "auth/token/renew-self".to_owned(), capabilities: &["update"] },
        ] {
            let error = renewal(cause);
            assert!(!error.ends_renewal(), "{error}");
            let told = error.put_off(Some(Duration::from_secs(40)));
            assert!(told.severity == Severity::Warning && told.detail.contains("still valid for 40 s"), "{told:?}");
            let over = error.at_the_end().diagnostic();
            assert!(over.severity == Severity::Error && over.detail.contains("Its time is over"), "{over:?}");
        }
        for cause in [Cause::BadToken, Cause::Refused { messages: vec!["lease is not renewable".to_owned()] }] {
            assert!(renewal(cause).ends_renewal());
        }
    }
}
