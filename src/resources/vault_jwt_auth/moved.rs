//! Takes over the state of the JWT auth methods of `hashicorp/vault`, for a `moved` block. What names the mount is taken; how
//! it is configured is read from Vault, and the client secret of interactive logins, which that provider keeps in state,
//! stays behind.

use serde::Deserialize;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{MoveSource, State};
use tf_plugin::framework::value::Value;

use super::model::VaultJwtAuth as Model;
use crate::vault::bare;

/// What is taken of a `vault_jwt_auth_backend`, by the names of its schema.
#[derive(Deserialize)]
struct Backend {
    path: String,
    r#type: Option<String>,
    description: Option<String>,
    namespace: Option<String>,
    accessor: Option<String>,
}

pub(super) fn move_state(source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostic> {
    if !source.is_one_of("hashicorp/vault", &["vault_jwt_auth_backend"]) {
        return Ok(None);
    }
    let backend: Backend = source.read()?;
    let mut model: Model = unconfigured()?;
    model.mount = Value::Value(bare(&backend.path));
    if let Some(kind) = backend.r#type {
        model.r#type = Value::Value(kind);
    }
    model.description = Value::Value(backend.description.unwrap_or_default());
    model.namespace = backend.namespace.filter(|namespace| !namespace.is_empty()).into();
    model.accessor = backend.accessor.into();
    Ok(Some(State { model, private: Private::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_comes_over_by_what_names_it() {
        let state =
            br#"{"path": "team/jwt", "type": "oidc", "description": null, "namespace": "", "accessor": "auth_oidc_1",
            "oidc_client_secret": "s3cret"}"#;
        let source = |type_name| MoveSource {
            provider: "registry.terraform.io/hashicorp/vault",
            type_name,
            schema_version: 0,
            state,
        };
        let moved = move_state(&source("vault_jwt_auth_backend")).unwrap().unwrap().model;
        assert_eq!((moved.mount(), moved.namespace_name()), ("team/jwt", None));
        assert_eq!(
            (moved.r#type.as_deref_option(), moved.accessor.as_deref_option()),
            (Some("oidc"), Some("auth_oidc_1"))
        );
        assert!(move_state(&source("vault_auth_backend")).unwrap().is_none());
    }
}
