//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tazlab_clients::vault::UrlProblem;
use tazlab_jwk::{JwksError, PemError, SigningKeyError};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};
use thiserror::Error;

use crate::cluster;
use crate::vault::Failure;

/// A failed operation on an auth method.
#[derive(Debug, Error)]
pub(super) enum VaultJwtAuthError {
    /// Terraform called before it configured the provider.
    #[error("the provider is not configured")]
    Unconfigured(Diagnostic),
    /// Listing the auth methods.
    #[error("cannot list auth methods")]
    List { failure: Failure },
    /// Looking at it.
    #[error("cannot read {id}")]
    Look { id: String, failure: Failure },
    /// Something else is mounted there.
    #[error("the path {id} is in use")]
    Taken { id: String, kind: String },
    /// It trusts somebody else.
    #[error("auth method {id} trusts another issuer or has other keys")]
    Foreign { id: String, theirs: String, ours: String, roles: Vec<String> },
    /// It trusts the same issuer by other keys, and somebody logs in there.
    #[error("auth method {id} may belong to another cluster")]
    Unproven { id: String, theirs: String, ours: String, roles: Vec<String> },
    /// It also lets people log in, by what Vault does not give back.
    #[error("auth method {id} also serves interactive logins")]
    Interactive { id: String, client: String },
    /// Mounting it.
    #[error("cannot mount {id}")]
    Mount { id: String, failure: Failure },
    /// Tuning it.
    #[error("cannot tune {id}")]
    Tune { id: String, failure: Failure },
    /// Configuring it.
    #[error("cannot configure {id}")]
    Configure { id: String, failure: Failure },
    /// Vault cannot fetch the keys.
    #[error("Vault cannot use {attribute}")]
    Url { attribute: &'static str, url: String, failure: Failure, problem: Box<UrlProblem>, ghost: Option<String> },
    /// Reading the cluster's keys.
    #[error("cannot read the cluster's keys")]
    Keys(#[from] cluster::Failure),
    /// The cluster's keys are none.
    #[error("the cluster's keys cannot be used")]
    NotKeys(JwksError),
    /// A key of the configuration is none.
    #[error("number {} of validation_pubkeys is not a public key", index + 1)]
    Pem { index: usize, problem: PemError },
    /// The signing key is new, and is not there.
    #[error("the signing key is missing")]
    NoSigningKey,
    /// The signing key is none.
    #[error("the signing key cannot be used")]
    SigningKey(SigningKeyError),
    /// What the state has of the signing key is none.
    #[error("public_keys in the state cannot be read")]
    Stored(PemError),
    /// Other keys would come or go than the approved plan announced.
    #[error("{id} would get other keys than the plan announced")]
    Unannounced { id: String, keys: Vec<String> },
    /// Moving it is not allowed.
    #[error("moving {from} to {to} revokes every token that it issued")]
    Remount { from: String, to: String },
    /// Moving it.
    #[error("cannot move {from} to {to}")]
    Move { from: String, to: String, failure: Option<Failure> },
    /// Roles are left.
    #[error("{id} still has roles")]
    Roles { id: String, roles: Vec<String>, planned: bool },
    /// Unmounting it.
    #[error("cannot unmount {id}")]
    Unmount { id: String, failure: Failure },
    /// There is nothing to import.
    #[error("{what} does not exist")]
    Missing { what: String },
}

impl cluster::AsFailure for VaultJwtAuthError {
    fn as_failure(&self) -> Option<&cluster::Failure> {
        match self {
            Self::Keys(failure) => Some(failure),
            _ => None,
        }
    }
}

impl From<VaultJwtAuthError> for Diagnostic {
    fn from(error: VaultJwtAuthError) -> Self {
        use VaultJwtAuthError as E;
        let at = |name: &'static str| AttributePath::new(name);
        let summary = sentence(&error.to_string());
        match error {
            E::Unconfigured(diagnostic) => diagnostic,
            E::List { failure } => failure.diagnostic(summary, AttributePath::root()),
            E::Look { failure, .. } | E::Mount { failure, .. } | E::Unmount { failure, .. } => {
                failure.diagnostic(summary, at("mount"))
            }
            E::Tune { failure, .. } => failure.diagnostic(summary, at("tune")),
            E::Configure { failure, .. } => failure.diagnostic(summary, at("keys")),
            E::Taken { id, kind } => {
                let detail = format!(
                    "An auth method of type {kind:?} is mounted at {id}. It was not changed. Choose another path, or disable it with `vault auth disable`."
                );
                Self::error(summary, detail).at(at("mount"))
            }
            E::Foreign { theirs, ours, roles, .. } => {
                let roles = if roles.is_empty() {
                    "It has no roles".to_owned()
                } else {
                    format!("Its roles: {}", roles.join(", "))
                };
                let detail = format!(
                    "It has {theirs}; this block has {ours}. {roles}. Another cluster may use this mount. Choose another path, import it, or set force_conflicts = true to adopt it."
                );
                Self::error(summary, detail).at(at("bound_issuer"))
            }
            E::Unproven { theirs, ours, roles, .. } => {
                let detail = format!(
                    "It has {theirs}; this configuration has {ours}. They have no key in common, and an issuer alone does not distinguish a recreated cluster from another one. These keys would lock out every client that logs in with the current ones, and allow the ServiceAccounts of this cluster to log in at its roles: {}. If another cluster uses this mount, choose another path and a bound_issuer that no other cluster has. If this is the mount of this cluster, and the cluster was recreated, change triggers of the resource that made it, or set force_conflicts = true for one apply.",
                    roles.join(", ")
                );
                Self::error(summary, detail).at(at("keys"))
            }
            E::Interactive { client, .. } => {
                let detail = format!(
                    "It has oidc_client_id {client:?}, and a secret that Vault does not return: this configuration would remove both, and logins with a browser would fail. Choose another path for the ServiceAccounts, keep the mount with the provider that created it, or set force_conflicts = true to end these logins."
                );
                Self::error(summary, detail).at(at("mount"))
            }
            E::Url { attribute, url, failure, problem, ghost } => {
                let ghost = ghost.map(|ghost| format!(" {ghost}.")).unwrap_or_default();
                let detail = format!(
                    "{}. A request from this machine: {problem} ({url}).{ghost} With keys = \"cluster\" the keys are read through the API server instead, and Vault needs no connectivity to the cluster.",
                    sentence(&failure.to_string())
                );
                Self::error(summary, detail).at(at(attribute))
            }
            E::Keys(failure) => failure.diagnostic(summary, at("keys")),
            E::NotKeys(problem) => Self::error(summary, format!("/openid/v1/jwks: {problem}.")).at(at("keys")),
            E::Pem { index, problem } => {
                let index = i64::try_from(index).unwrap_or(i64::MAX);
                Self::error(summary, format!("{}.", sentence(&problem.to_string())))
                    .at(at("validation_pubkeys").index(index))
            }
            E::NoSigningKey => {
                let detail = "keys = \"signing_key\" reads it at create and whenever signing_key_wo_version changes. Set it to the key that the cluster signs with.";
                Self::error(summary, detail).at(at("signing_key_wo"))
            }
            E::SigningKey(problem) => {
                Self::error(summary, format!("{}.", sentence(&problem.to_string()))).at(at("signing_key_wo"))
            }
            E::Stored(problem) => {
                let detail = format!("{}. Increase signing_key_wo_version.", sentence(&problem.to_string()));
                Self::error(summary, detail).at(at("public_keys"))
            }
            E::Unannounced { keys, .. } => Self::error(summary, unannounced(&keys)).at(at("keys")),
            E::Remount { from, to } => {
                let detail = format!(
                    "Clients must then log in at {to}. If that is meant, set allow_remount = true; else leave mount as it was ({from})."
                );
                Self::error(summary, detail).at(at("mount"))
            }
            E::Move { failure: Some(failure), .. } => failure.diagnostic(summary, at("mount")),
            E::Move { failure: None, .. } => {
                Self::error(summary, "Vault reports that it failed. See Vault's server log for the cause.")
                    .at(at("mount"))
            }
            E::Roles { roles, planned, .. } => {
                let when = if planned {
                    "They are not in managed_roles"
                } else {
                    "Roles of this configuration that refer to `mount` are deleted by now, so these belong to somebody else"
                };
                let detail = format!(
                    "{}. {when}: unmounting would delete them and revoke the tokens that were issued through them. Delete them, name them in managed_roles, or set prevent_unmount_with_roles = false and apply that before the destroy.",
                    roles.join(", ")
                );
                Self::error(summary, detail).at(at("managed_roles"))
            }
            E::Missing { what } => Self::error(
                "There is nothing to import",
                format!(
                    "{what} does not exist in the Vault of this provider configuration, or is of another type than jwt or oidc. Import by \"jwt\", \"jwt/\" or \"auth/jwt\"."
                ),
            ),
        }
    }
}

fn unannounced(keys: &[String]) -> String {
    format!(
        "The keys {} are to be added or removed by now, and the plan that was approved did not announce that. Nothing was written. Plan again.",
        keys.join(", ")
    )
}
