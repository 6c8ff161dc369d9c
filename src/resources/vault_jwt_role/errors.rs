//! What can go wrong, one variant an operation, and how Terraform is told: the only place where these become diagnostics.

use tazlab_clients::vault::Cause;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};
use thiserror::Error;

use crate::vault::Failure;

/// A failed operation on a role.
#[derive(Debug, Error)]
pub(super) enum VaultJwtRoleError {
    /// Listing roles, or the mounts that may have some.
    #[error("cannot list {what}")]
    List { what: String, failure: Failure },
    /// Looking at the role.
    #[error("cannot read role {id}")]
    Look { id: String, failure: Failure },
    /// It exists and lets others in.
    #[error("role {id} exists with other bounds")]
    Foreign { id: String, theirs: String, ours: String },
    /// Writing it.
    #[error("cannot write role {id}")]
    Write { id: String, mount: String, failure: Failure },
    /// Deleting it.
    #[error("cannot delete role {id}")]
    Delete { id: String, failure: Failure },
    /// There is nothing to import.
    #[error("role {id} does not exist")]
    Missing { id: String },
    /// It is for people at a browser.
    #[error("role {id} is for interactive logins")]
    Interactive { id: String },
    /// The import id is none.
    #[error("invalid import id")]
    ImportId,
}

impl From<VaultJwtRoleError> for Diagnostic {
    fn from(error: VaultJwtRoleError) -> Self {
        let name = || AttributePath::new("name");
        let summary = sentence(&error.to_string());
        match error {
            VaultJwtRoleError::Look { failure, .. } | VaultJwtRoleError::Delete { failure, .. } => {
                failure.diagnostic(summary, name())
            }
            VaultJwtRoleError::List { failure, .. } => failure.diagnostic(summary, AttributePath::root()),
            VaultJwtRoleError::Interactive { .. } => Self::error(
                summary,
                "Its role_type is \"oidc\". This resource manages roles for tokens (role_type \"jwt\"): keep this one with the provider that created it.",
            ),
            VaultJwtRoleError::Foreign { theirs, ours, .. } => {
                let detail = format!(
                    "It has {theirs}. This block has {ours}. Others may use it. Choose another name, import the role, or set force_conflicts = true to adopt it."
                );
                Self::error(summary, detail).at(name())
            }
            VaultJwtRoleError::Write { mount, failure, .. } => match failure.cause() {
                Some(Cause::NotFound { .. }) => {
                    let detail = format!(
                        "No auth method is mounted at auth/{mount}. Refer to the resource that mounts it: mount = tazlab_vault_jwt_auth.<name>.mount."
                    );
                    Self::error(summary, detail).at(AttributePath::new("mount"))
                }
                _ => failure.diagnostic(summary, name()),
            },
            VaultJwtRoleError::Missing { id } => Self::error(
                "There is nothing to import",
                format!("{id} does not exist in the Vault of this provider configuration."),
            ),
            VaultJwtRoleError::ImportId => Self::error(
                "Invalid import id",
                "Import a role by \"auth/<mount>/role/<name>\", for example auth/jwt/role/grafana-consumer.",
            ),
        }
    }
}
