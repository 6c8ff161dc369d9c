//! `terraform query`: the JWT auth methods of a Vault.

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::list::{ListResource, Listed};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::resource::Resource;
use tf_plugin::framework::validation::{not_empty, one_of};
use tf_plugin::framework::value::Value;
use tokio::sync::mpsc::Sender;

use super::VaultJwtAuth;
use super::errors::VaultJwtAuthError as Error;
use super::model::VaultJwtAuth as Model;
use super::read::taken_in;
use crate::configured::Configured;
use crate::vault::{JWT_TYPES, checks_jwts};

tf_plugin::model! {
    /// Finds auth methods of Vault that check JWTs, to be imported as `tazlab_vault_jwt_auth`.
    pub struct Filter {
        /// A namespace below the provider's own (Vault Enterprise, OpenBao).
        pub namespace: Value<String> => optional().check(not_empty()),
        /// `"jwt"` or `"oidc"`. Defaults to both.
        pub r#type: Value<String> => optional().check(one_of(JWT_TYPES)),
    }
}

/// The list resource.
#[derive(Clone, Copy, Debug)]
pub struct VaultJwtAuths;

#[async_trait]
impl ListResource for VaultJwtAuths {
    type Data = Configured;
    type Model = Filter;

    const NAME: &'static str = VaultJwtAuth::NAME;

    async fn list(
        &self,
        context: &Context<Configured>,
        filter: Filter,
        with_objects: bool,
        limit: usize,
        found: Sender<Listed>,
    ) -> Result<(), Diagnostics> {
        let namespace = filter.namespace.as_deref_option();
        let vault = &context.provider()?.vault;
        let methods =
            vault.look(context, |client, call| async move { client.within(namespace).auth_methods(&call).await });
        let methods = methods.await.map_err(|failure| Diagnostic::from(Error::List { failure }))?;
        let wanted = |kind: &str| match filter.r#type.as_deref_option() {
            Some(wanted) => kind == wanted,
            None => checks_jwts(kind),
        };
        for (path, mount) in methods.into_iter().filter(|(_, mount)| wanted(&mount.kind)).take(limit) {
            let mut model: Model = unconfigured().map_err(Diagnostic::from)?;
            model.mount = Value::Value(path);
            model.namespace = filter.namespace.clone();
            model.accessor = Value::Value(mount.accessor);
            if with_objects {
                match taken_in(context, model).await? {
                    Some(seen) => model = seen,
                    // It was unmounted meanwhile.
                    None => continue,
                }
            }
            let listed = Listed::of(&VaultJwtAuth, &model, model.id(), with_objects)?;
            if found.send(listed).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}
