//! `terraform query`: the roles of one JWT auth method, or of all of them.

use async_trait::async_trait;
use tazlab_clients::vault::Cause;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::list::{ListResource, Listed};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::resource::Resource;
use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::Value;
use tokio::sync::mpsc::Sender;

use super::errors::VaultJwtRoleError as Error;
use super::model::VaultJwtRole as Model;
use super::{VaultJwtRole, taken_in};
use crate::configured::Configured;
use crate::vault::{checks_jwts, is_mount};

tf_plugin::model! {
    /// Finds roles of Vault's JWT auth methods, to be imported as `tazlab_vault_jwt_role`.
    pub struct Filter {
        /// The path of the mount, without `auth/` before it. Defaults to every mount of type `jwt` or `oidc`.
        pub mount: Value<String> => optional().check(is_mount()),
        /// The former name of `mount`.
        pub path: Value<String> => optional().replaced_by("mount"),
        /// A namespace below the provider's own (Vault Enterprise, OpenBao).
        pub namespace: Value<String> => optional().check(not_empty()),
    }
}

/// The list resource.
#[derive(Clone, Copy, Debug)]
pub struct VaultJwtRoles;

#[async_trait]
impl ListResource for VaultJwtRoles {
    type Data = Configured;
    type Model = Filter;

    const NAME: &'static str = VaultJwtRole::NAME;

    async fn list(
        &self,
        context: &Context<Configured>,
        filter: Filter,
        with_objects: bool,
        limit: usize,
        found: Sender<Listed>,
    ) -> Result<(), Diagnostics> {
        let mut left = limit;
        for path in mounts(context, &filter).await? {
            if left == 0 {
                break;
            }
            for name in roles(context, &filter, &path).await?.into_iter().take(left) {
                let Some(listed) = listed(context, &filter, &path, name, with_objects).await? else { continue };
                left -= 1;
                if found.send(listed).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

async fn mounts(context: &Context<Configured>, filter: &Filter) -> Result<Vec<String>, Diagnostic> {
    if let Some(path) = filter.mount.as_ref_option() {
        return Ok(vec![path.clone()]);
    }
    let namespace = filter.namespace.as_deref_option();
    let vault = &context.provider()?.vault;
    let methods =
        vault.look(context, |client, call| async move { client.within(namespace).auth_methods(&call).await }).await;
    let methods = methods.map_err(|failure| Error::List { what: "auth methods".to_owned(), failure })?;
    Ok(methods.into_iter().filter(|(_, mount)| checks_jwts(&mount.kind)).map(|(path, _)| path).collect())
}

/// The names of a mount's roles. Where all mounts are asked, one whose roles may not be seen hides no other's.
async fn roles(context: &Context<Configured>, filter: &Filter, path: &str) -> Result<Vec<String>, Diagnostic> {
    let namespace = filter.namespace.as_deref_option();
    let vault = &context.provider()?.vault;
    let names =
        vault.look(context, |client, call| async move { client.within(namespace).jwt_roles(&call, path).await }).await;
    match names {
        Ok(names) => Ok(names),
        Err(failure) if filter.mount.is_null() && matches!(failure.cause(), Some(Cause::PermissionDenied { .. })) => {
            let error = Diagnostic::from(Error::List { what: format!("the roles of auth/{path}"), failure });
            context.warn(error.into_warning("Cannot list the roles of an auth method"));
            Ok(Vec::new())
        }
        Err(failure) => Err(Error::List { what: format!("the roles of auth/{path}"), failure }.into()),
    }
}

/// One role as it is told; `None` when it went away meanwhile.
async fn listed(
    context: &Context<Configured>,
    filter: &Filter,
    path: &str,
    name: String,
    with_object: bool,
) -> Result<Option<Listed>, Diagnostic> {
    let mut model: Model = unconfigured()?;
    model.mount = Value::Value(path.to_owned());
    model.name = Value::Value(name);
    model.namespace = filter.namespace.clone();
    if with_object {
        let Some(seen) = taken_in(context, model).await? else { return Ok(None) };
        model = seen;
    }
    Listed::of(&VaultJwtRole, &model, model.id(), with_object).map(Some)
}
