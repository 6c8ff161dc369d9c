//! Takes over the state of the roles of `hashicorp/vault`, for a `moved` block. What names the role is taken; the rest is read
//! from Vault.

use serde::Deserialize;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{MoveSource, State};
use tf_plugin::framework::value::Value;

use super::errors::VaultJwtRoleError as Error;
use super::model::VaultJwtRole as Model;
use crate::vault::bare;

/// What is taken of a `vault_jwt_auth_backend_role`, by the names of its schema.
#[derive(Deserialize)]
struct BackendRole {
    backend: String,
    role_name: String,
    role_type: Option<String>,
    namespace: Option<String>,
}

pub(super) fn move_state(source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostic> {
    if !source.is_one_of("hashicorp/vault", &["vault_jwt_auth_backend_role"]) {
        return Ok(None);
    }
    let role: BackendRole = source.read()?;
    let mut model: Model = unconfigured()?;
    model.mount = Value::Value(bare(&role.backend));
    model.name = Value::Value(role.role_name);
    model.namespace = role.namespace.filter(|namespace| !namespace.is_empty()).into();
    // A role of interactive logins would become one that nobody can log in at.
    if role.role_type.as_deref() == Some("oidc") {
        return Err(Error::Interactive { id: model.id() }.into());
    }
    Ok(Some(State { model, private: Private::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_comes_over_by_what_names_it_unless_it_is_for_people() {
        let moved = |kind: &str| {
            let state =
                format!(r#"{{"backend": "jwt", "role_name": "a", "role_type": "{kind}", "namespace": "team"}}"#);
            move_state(&MoveSource {
                provider: "registry.terraform.io/hashicorp/vault",
                type_name: "vault_jwt_auth_backend_role",
                schema_version: 1,
                state: state.as_bytes(),
            })
        };
        let model = moved("jwt").unwrap().unwrap().model;
        assert_eq!((model.id(), model.namespace_name()), ("auth/jwt/role/a".to_owned(), Some("team")));
        assert!(moved("oidc").is_err());
    }
}
