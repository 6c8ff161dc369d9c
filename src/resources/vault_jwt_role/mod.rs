//! `tazlab_vault_jwt_role`: a role of a JWT auth method in Vault.
//!
//! What all objects in Vault share is `vault`'s.

mod errors;
mod list;
mod model;
mod moved;
mod role;
#[cfg(test)]
mod tests;
mod warnings;

use std::time::Duration;

use async_trait::async_trait;
use errors::VaultJwtRoleError as Error;
use model::VaultJwtRole as Model;
use tazlab_clients::vault::{Call, Client, JwtRole};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::value::{Datum, Value};
use tokio::sync::OwnedMutexGuard;

use crate::configured::Configured;
use crate::vault::{Failure, NAMESPACE, bare};

pub use list::VaultJwtRoles;

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(1), update: Duration::from_mins(1), delete: Duration::from_mins(1) };

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct VaultJwtRole;

#[async_trait]
impl Resource for VaultJwtRole {
    type Data = Configured;
    type Model = Model;

    const NAME: &'static str = "tazlab_vault_jwt_role";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        let named = [("path", "Where the auth method is mounted."), ("name", "The role's name.")];
        Some(IdentitySchema::of_strings(&named).with_optional(NAMESPACE.0, NAMESPACE.1))
    }

    fn identity(&self, model: &Model) -> Option<Datum> {
        let (path, name) = (model.path.encode(), model.name.encode());
        Some(Datum::object([("path", path), ("name", name), (NAMESPACE.0, model.namespace.encode())]))
    }

    fn validate(&self, config: &Model, found: &mut Diagnostics) {
        warnings::validate(config, found);
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
        for warning in warnings::of(&plan.planned) {
            context.warn(warning);
        }
        if let Some(prior) = &plan.prior {
            role::keep_spelling(&mut plan.planned, prior);
        }
        Ok(())
    }

    async fn create(&self, context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
        let context = &context.within(TIMEOUTS.overridden_by(&change.planned.timeouts).create);
        match create(context, &change.planned).await {
            Ok(private) => Outcome::Done(State { model: change.planned, private }),
            // The state holds what may exist: the next apply makes it anew, and a destroy removes it.
            Err(Unwritten { diagnostic, leaves: true }) => {
                let state = State { model: change.planned, private: Private::default() };
                Outcome::Partial(state, diagnostic.into())
            }
            Err(unwritten) => Outcome::Unchanged(unwritten.diagnostic.into()),
        }
    }

    async fn read(&self, context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
        let provider = context.provider()?;
        let mut state = state;
        let seen = provider.vault.look(context, |client, call| look(client, call, &state.model)).await;
        match seen {
            Ok(Some(live)) => {
                role::observe(&mut state.model, &live);
                Ok(Reading::Present(state))
            }
            Ok(None) => Ok(Reading::Gone),
            // The way to Vault is not known (yet, or any more): what is stored is all there is.
            Err(failure) if failure.is_gap() => Ok(Reading::Unseen),
            Err(failure) => Err(Diagnostic::from(Error::Look { id: state.model.id(), failure }).into()),
        }
    }

    async fn update(&self, context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
        let context = &context.within(TIMEOUTS.overridden_by(&change.planned.timeouts).update);
        finish(&change.planned, update(context, &change).await)
    }

    async fn delete(&self, context: &Context<Configured>, state: State<Model>) -> Deletion {
        let context = &context.within(TIMEOUTS.overridden_by(&state.model.timeouts).delete);
        delete(context, &state).await.into()
    }

    async fn import(&self, context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
        import(context, &id).await.map_err(Diagnostics::from)
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostics> {
        Ok(moved::move_state(source)?)
    }
}

/// A role that was not written.
struct Unwritten {
    diagnostic: Diagnostic,
    /// Nobody said whether it was, and there was none before.
    leaves: bool,
}

impl From<Diagnostic> for Unwritten {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, leaves: false }
    }
}

impl From<Error> for Unwritten {
    fn from(error: Error) -> Self {
        Diagnostic::from(error).into()
    }
}

impl From<Unwritten> for Diagnostic {
    fn from(unwritten: Unwritten) -> Self {
        unwritten.diagnostic
    }
}

/// An update is one request: where it was refused nothing of it is there.
fn finish(model: &Model, written: Result<Private, Diagnostic>) -> Outcome<Model> {
    match written {
        Ok(private) => Outcome::Done(State { model: model.clone(), private }),
        Err(diagnostic) => Outcome::Unchanged(diagnostic.into()),
    }
}

async fn look(client: Client, call: Call, model: &Model) -> Result<Option<JwtRole>, tazlab_clients::vault::Error> {
    client.within(model.namespace_name()).jwt_role(&call, model.mount(), model.role_name()).await
}

/// Another block may be writing or deleting the same role.
async fn alone(context: &Context<Configured>, model: &Model) -> Result<OwnedMutexGuard<()>, Diagnostic> {
    let alone = context.provider()?.vault.alone_at(context, model.namespace_name(), &model.id()).await;
    alone.map_err(|failure| Error::Look { id: model.id(), failure }.into())
}

/// The accessor of the mount that a role is in, in private state: a path is given away again, an accessor never.
const MOUNT: &str = "mount";

/// The mount at the path now, as far as Vault tells.
async fn mount_now(context: &Context<Configured>, model: &Model) -> Result<Option<String>, Diagnostic> {
    let (namespace, mount) = (model.namespace_name(), model.mount());
    let ask =
        |client: Client, call: Call| async move { Ok(client.within(namespace).auth_accessor(&call, mount).await) };
    // Whether Vault answers at all is found out by what is done there.
    Ok(context.provider()?.vault.look(context, ask).await.ok().flatten())
}

/// Is the mount at the path surely another one than that in which the role was written?
fn is_another(private: &Private, now: Option<&String>) -> bool {
    let written = private.get::<String>(MOUNT).ok().flatten();
    written.is_some_and(|written| now.is_some_and(|now| *now != written))
}

fn noted(now: Option<String>) -> Private {
    let mut private = Private::default();
    // A text has a JSON form.
    let _ = private.set_or_remove(MOUNT, now);
    private
}

async fn create(context: &Context<Configured>, planned: &Model) -> Result<Private, Unwritten> {
    let _alone = alone(context, planned).await?;
    adopt_or_write(context, planned).await
}

async fn adopt_or_write(context: &Context<Configured>, planned: &Model) -> Result<Private, Unwritten> {
    let provider = context.provider()?;
    let seen = provider.vault.ask(context, |client, call| look(client, call, planned)).await;
    let live = seen.map_err(|failure| Error::Look { id: planned.id(), failure })?;
    let desired = role::desired(planned);
    let force = planned.force_conflicts.as_ref_option() == Some(&true);
    let existed = live.is_some();
    if let Some(live) = live.filter(|live| !force && role::bounds(live) != role::bounds(&desired)) {
        let (theirs, ours) = (role::described(&live), role::described(&desired));
        return Err(Error::Foreign { id: planned.id(), theirs, ours }.into());
    }
    let written = write(context, planned, &desired).await;
    written.map_err(|unwritten| Unwritten { leaves: unwritten.leaves && !existed, ..unwritten })?;
    Ok(noted(mount_now(context, planned).await?))
}

async fn update(context: &Context<Configured>, change: &Change<Model>) -> Result<Private, Diagnostic> {
    let (provider, planned) = (context.provider()?, &change.planned);
    let _alone = alone(context, planned).await?;
    let now = mount_now(context, planned).await?;
    if is_another(&change.private, now.as_ref()) {
        return Ok(adopt_or_write(context, planned).await?);
    }
    let desired = role::desired(planned);
    let seen = provider.vault.ask(context, |client, call| look(client, call, planned)).await;
    let live = seen.map_err(|failure| Error::Look { id: planned.id(), failure })?;
    // After an import there may be nothing to write but the state.
    if live.is_some_and(|live| role::canonical(&live) == desired) {
        provider.vault.wrote(planned.namespace_name(), &planned.id());
        return Ok(noted(now));
    }
    write(context, planned, &desired).await?;
    Ok(noted(now))
}

async fn write(context: &Context<Configured>, planned: &Model, desired: &JwtRole) -> Result<(), Unwritten> {
    let provider = context.provider()?;
    let (mount, name, namespace) = (planned.mount(), planned.role_name(), planned.namespace_name());
    let written = provider.vault.change(context, |client, call| async move {
        client.within(namespace).write_jwt_role(&call, mount, name, desired).await
    });
    let warnings = written.await.map_err(|failure| {
        let leaves = failure.may_have_happened();
        if leaves {
            let detail = format!(
                "The response to the request that writes role {} was lost: the role may have been written. Apply again.",
                planned.id()
            );
            context.warn(Diagnostic::warning("The role may have been written", detail).at(AttributePath::new("name")));
        }
        let error = Error::Write { id: planned.id(), mount: mount.to_owned(), failure };
        Unwritten { diagnostic: error.into(), leaves }
    })?;
    provider.vault.wrote(namespace, &planned.id());
    for warning in warnings {
        context.warn(Diagnostic::warning("Vault returned a warning", format!("Role {}: {warning}", planned.id())));
    }
    Ok(())
}

async fn delete(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostic> {
    let (provider, model) = (context.provider()?, &state.model);
    let (mount, name, namespace) = (model.mount(), model.role_name(), model.namespace_name());
    let _alone = alone(context, model).await?;
    if provider.vault.has_written(namespace, &model.id()) {
        let detail = format!(
            "Another block wrote role {} in this run, so it was not deleted. (A block that was renamed without `moved` is a create and a delete of the same role.)",
            model.id()
        );
        context.warn(Diagnostic::warning("The role was not deleted", detail).at(AttributePath::new("name")));
        return Ok(());
    }
    // Within connect_timeout: a Vault that is gone ends no destroy late, however many roles it had.
    let seen = provider.vault.look(context, |client, call| look(client, call, model)).await;
    if seen.map_err(|failure| Error::Look { id: model.id(), failure })?.is_none() {
        return Ok(());
    }
    if is_another(&state.private, mount_now(context, model).await?.as_ref()) {
        let detail = format!(
            "Another auth method is mounted at auth/{mount} than the one in which this resource wrote role {}: that role belongs to its owner and was not deleted.",
            model.id()
        );
        context.warn(Diagnostic::warning("The role was not deleted", detail).at(AttributePath::new("name")));
        return Ok(());
    }
    let deleted = provider.vault.change(context, |client, call| async move {
        client.within(namespace).delete_jwt_role(&call, mount, name).await
    });
    deleted.await.map_err(|failure: Failure| Error::Delete { id: model.id(), failure }.into())
}

async fn import(context: &Context<Configured>, id: &ImportId) -> Result<State<Model>, Diagnostic> {
    let mut model: Model = unconfigured()?;
    let (path, name) = match id {
        ImportId::Id(text) => {
            let (path, name) = text.rsplit_once("/role/").ok_or(Error::ImportId)?;
            (bare(path), name.to_lowercase())
        }
        ImportId::Identity(identity) => {
            let part = |name: &str| identity.get(name).as_str().map(ToOwned::to_owned);
            model.namespace = part(NAMESPACE.0).into();
            (bare(&part("path").unwrap_or_default()), part("name").unwrap_or_default().to_lowercase())
        }
    };
    if path.is_empty() || name.is_empty() {
        return Err(Error::ImportId.into());
    }
    (model.path, model.name) = (Value::Value(path), Value::Value(name));
    let id = model.id();
    let model = taken_in(context, model).await?.ok_or(Error::Missing { id })?;
    Ok(State { model, private: Private::default() })
}

/// The role that `model` names, as an import stores it; `None` when there is none.
async fn taken_in(context: &Context<Configured>, mut model: Model) -> Result<Option<Model>, Diagnostic> {
    let provider = context.provider()?;
    let seen = provider.vault.look(context, |client, call| look(client, call, &model)).await;
    let live = seen.map_err(|failure| Error::Look { id: model.id(), failure })?;
    Ok(live.map(|live| {
        role::observe(&mut model, &live);
        model
    }))
}
