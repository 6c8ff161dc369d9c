//! Delete: unmounts what is ours, when nobody else's roles would go with it.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::resource::{Deletion, State};

use super::TIMEOUTS;
use super::errors::VaultJwtAuthError as Error;
use super::live::look;
use super::model::VaultJwtAuth as Model;
use super::ownership;
use crate::configured::Configured;
use crate::vault::Provenance;

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    let context = &context.within(TIMEOUTS.overridden_by(&state.model.timeouts).delete);
    remove(context, &state).await.into()
}

async fn remove(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostic> {
    let (provider, model) = (context.provider()?, &state.model);
    let (id, namespace, path) = (model.id(), model.namespace_name(), model.mount());
    let stays = |why: &str| {
        let detail = format!("{why}: {id} stays mounted.");
        context.warn(Diagnostic::warning("The auth method was not unmounted", detail).at(AttributePath::new("mount")));
    };
    let look_failed = |failure| Diagnostic::from(Error::Look { id: id.clone(), failure });
    let _alone = provider.vault.alone_at(context, namespace, &id).await.map_err(look_failed)?;
    if provider.vault.has_written(namespace, &id) {
        stays("Another block wrote it in this run (a block that was renamed without `moved` is a create and a delete)");
        return Ok(());
    }
    let live = provider.vault.look(context, |client, call| look(client, call, model)).await.map_err(look_failed)?;
    let Some(live) = live else { return Ok(()) };
    if !ownership::is_recorded(model, &live.mount) {
        let (kind, accessor) = (&live.mount.kind, &live.mount.accessor);
        stays(&match model.accessor.as_deref_option() {
            Some(ours) => format!(
                "An auth method of type {kind} with accessor {accessor} is mounted there, and this resource mounted the one with accessor {ours}"
            ),
            None => format!(
                "An auth method of type {kind} with accessor {accessor} is mounted there, and the state does not record which one this resource mounted"
            ),
        });
        return Ok(());
    }
    if Provenance::kept(&state.private)? == Some(Provenance::Adopted) && !model.takes_over() {
        stays(&Provenance::stays("It"));
        return Ok(());
    }
    if model.prevent_unmount_with_roles.as_ref_option() != Some(&false) {
        let roles = provider
            .vault
            .ask(context, |client, call| async move { client.within(namespace).jwt_roles(&call, path).await });
        let left = model.strangers(roles.await.map_err(look_failed)?);
        if !left.is_empty() {
            return Err(Error::Roles { id, roles: left, planned: false }.into());
        }
    }
    let unmounted = provider
        .vault
        .change(context, |client, call| async move { client.within(namespace).disable_auth(&call, path).await });
    unmounted.await.map_err(|failure| Error::Unmount { id: id.clone(), failure }.into())
}
