//! Delete: removes the role that this resource made. One that was there before, or that somebody else made since, stays.

use tazlab_clients::vault::JwtRole;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::resource::State;

use super::errors::VaultJwtRoleError as Error;
use super::model::VaultJwtRole as Model;
use super::place::{alone, is_another, look, mount_now};
use super::role;
use crate::configured::Configured;
use crate::vault::{Failure, Provenance};

pub(super) async fn delete(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostic> {
    let (provider, model) = (context.provider()?, &state.model);
    let (mount, name, namespace) = (model.mount(), model.role_name(), model.namespace_name());
    let _alone = alone(context, model).await?;
    let stays = |detail: String| {
        context.warn(Diagnostic::warning("The role was not deleted", detail).at(AttributePath::new("name")));
        Ok(())
    };
    if provider.vault.has_written(namespace, &model.id()) {
        return stays(format!(
            "Another block wrote role {} in this run, so it was not deleted. (A block that was renamed without `moved` is a create and a delete of the same role.)",
            model.id()
        ));
    }
    // Within connect_timeout: a Vault that is gone ends no destroy late, however many roles it had.
    let seen = provider.vault.look(context, |client, call| look(client, call, model)).await;
    let Some(live) = seen.map_err(|failure| Error::Look { id: model.id(), failure })? else { return Ok(()) };
    if is_another(&state.private, mount_now(context, model).await?.as_ref()) {
        return stays(format!(
            "Another auth method is mounted at auth/{mount} than the one in which this resource wrote role {}: that role belongs to its owner and was not deleted.",
            model.id()
        ));
    }
    let provenance = Provenance::kept(&state.private)?;
    if let Some(why) = not_ours(model, provenance, &live) {
        return stays(why);
    }
    let deleted = provider.vault.change(context, |client, call| async move {
        client.within(namespace).delete_jwt_role(&call, mount, name).await
    });
    deleted.await.map_err(|failure: Failure| Error::Delete { id: model.id(), failure }.into())
}

/// Why the live role is not this resource's to delete: it was found by a create, or nothing records who made it and it lets others
/// in than the state says.
pub(super) fn not_ours(model: &Model, provenance: Option<Provenance>, live: &JwtRole) -> Option<String> {
    let forced = model.force_conflicts.as_ref_option() == Some(&true);
    match provenance {
        _ if forced => None,
        Some(Provenance::Made) => None,
        Some(Provenance::Adopted) => Some(format!("{}.", Provenance::stays(&format!("Role {}", model.id())))),
        None if role::bounds(live) == role::bounds(&role::desired(model)) => None,
        None => Some(format!(
            "Role {} has {}, which is not what this resource wrote: somebody else may have created it since, so it was not deleted.",
            model.id(),
            role::described(live)
        )),
    }
}
