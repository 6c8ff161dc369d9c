//! `tazlab_vault_jwt_role`: a role of a JWT auth method in Vault.
//!
//! What all objects in Vault share is `vault`'s.

mod delete;
mod errors;
mod list;
mod model;
mod moved;
mod place;
mod role;
#[cfg(test)]
mod tests;
mod warnings;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use errors::VaultJwtRoleError as Error;
use model::VaultJwtRole as Model;
use place::look;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::{AttributeValue, Model as _};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::schema::Schema;
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::upgrade;
use tf_plugin::framework::value::{Datum, Value};

use crate::configured::Configured;
use crate::vault::{NAMESPACE, bare};

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
        let named = [("mount", "Where the auth method is mounted."), ("name", "The role's name.")];
        Some(IdentitySchema::of_strings(&named).with_optional(NAMESPACE.0, NAMESPACE.1).version(1))
    }

    fn schema(&self) -> Schema {
        Schema::new(Model::about(), Model::attributes()).version(1)
    }

    fn upgrade(&self, version: i64, state: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        match version {
            0 => upgrade::rename(state, "path", "mount"),
            _ => return Err(upgrade::unknown_version("state", Self::NAME, version).into()),
        }
        Ok(())
    }

    fn upgrade_identity(&self, version: i64, identity: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        match version {
            0 => upgrade::rename(identity, "path", "mount"),
            _ => return Err(upgrade::unknown_version("identity", Self::NAME, version).into()),
        }
        Ok(())
    }

    fn identity(&self, model: &Model) -> Option<Datum> {
        let (mount, name) = (model.mount.encode(), model.name.encode());
        Some(Datum::object([("mount", mount), ("name", name), (NAMESPACE.0, model.namespace.encode())]))
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
        write::create(context, change).await
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
        write::update(context, change).await
    }

    async fn delete(&self, context: &Context<Configured>, state: State<Model>) -> Deletion {
        let context = &context.within(TIMEOUTS.overridden_by(&state.model.timeouts).delete);
        delete::delete(context, &state).await.into()
    }

    async fn import(&self, context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
        import(context, &id).await.map_err(Diagnostics::from)
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostics> {
        Ok(moved::move_state(source)?)
    }
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
            (bare(&part("mount").unwrap_or_default()), part("name").unwrap_or_default().to_lowercase())
        }
    };
    if path.is_empty() || name.is_empty() {
        return Err(Error::ImportId.into());
    }
    (model.mount, model.name) = (Value::Value(path), Value::Value(name));
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
