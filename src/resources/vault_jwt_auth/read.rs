//! Read and import.

use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{ImportId, Reading, State};
use tf_plugin::framework::value::Value;

use super::config;
use super::errors::VaultJwtAuthError as Error;
use super::live::look;
use super::model::VaultJwtAuth as Model;
use crate::configured::Configured;
use crate::vault::{NAMESPACE, bare};

pub(super) async fn read(context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
    let provider = context.provider()?;
    let mut state = state;
    let seen = match provider.vault.look(context, |client, call| look(client, call, &state.model)).await {
        Ok(seen) => seen,
        // The way to Vault is not known (yet, or any more): what is stored is all there is.
        Err(failure) if failure.is_gap() => return Ok(Reading::Unseen),
        Err(failure) => return Err(Diagnostic::from(Error::Look { id: state.model.id(), failure }).into()),
    };
    // Another mount at the same path is another object, and where no accessor is stored nobody knows which one this is: the
    // create that follows says whose it is.
    let accessor = state.model.accessor.as_deref_option();
    let same = |mount: &tazlab_clients::vault::Mount| accessor == Some(&mount.accessor);
    let Some(live) = seen.filter(|live| live.is_jwt() && same(&live.mount)) else { return Ok(Reading::Gone) };
    config::observe(&mut state.model, &live.mount, live.config.as_ref());
    Ok(Reading::Present(state))
}

pub(super) async fn import(context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
    let provider = context.provider()?;
    let mut model: Model = unconfigured().map_err(Diagnostic::from)?;
    let path = match id {
        ImportId::Id(text) => bare(&text),
        ImportId::Identity(identity) => {
            let accessor = identity.get("accessor").as_str().unwrap_or_default().to_owned();
            model.namespace = identity.get(NAMESPACE.0).as_str().map(ToOwned::to_owned).into();
            let namespace = model.namespace_name();
            let methods = provider
                .vault
                .look(context, |client, call| async move { client.within(namespace).auth_methods(&call).await });
            let methods = methods.await.map_err(|failure| {
                Diagnostic::from(Error::Look { id: format!("the auth method with accessor {accessor}"), failure })
            })?;
            let found = methods.into_iter().find(|(_, mount)| mount.accessor == accessor);
            let missing = || Error::Missing { what: format!("An auth method with accessor {accessor}") };
            found.ok_or_else(|| Diagnostic::from(missing()))?.0
        }
    };
    model.mount = Value::Value(path);
    let model = taken_in(context, model.clone()).await?.ok_or_else(|| Error::Missing { what: model.id() });
    Ok(State { model: model.map_err(Diagnostic::from)?, private: Private::default() })
}

/// The mount at the path of `model`, as an import stores it; `None` when there is none of this type.
pub(super) async fn taken_in(context: &Context<Configured>, mut model: Model) -> Result<Option<Model>, Diagnostic> {
    let provider = context.provider()?;
    let seen = provider.vault.look(context, |client, call| look(client, call, &model)).await;
    let live = seen.map_err(|failure| Error::Look { id: model.id(), failure })?;
    Ok(live.filter(super::live::Live::is_jwt).map(|live| {
        config::observe(&mut model, &live.mount, live.config.as_ref());
        model
    }))
}
