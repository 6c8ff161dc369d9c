//! `tazlab_vault_jwt_auth`: an auth method in Vault that trusts a cluster's ServiceAccount tokens.
//!
//! This module wires; each operation has a file of its own. What all objects in Vault share is `vault`'s, what a key is
//! `jwk`'s.

mod adoption;
mod config;
mod delete;
mod errors;
mod issuer;
mod keys;
mod list;
mod live;
mod model;
mod moved;
mod ownership;
mod plan;
mod read;
mod refusal;
mod signing_key;
#[cfg(test)]
mod tests;
mod validate;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::{AttributeValue, Model as _};
use tf_plugin::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::schema::Schema;
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::upgrade;
use tf_plugin::framework::value::Datum;

use crate::configured::Configured;
use crate::vault::NAMESPACE;

pub use list::VaultJwtAuths;

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct VaultJwtAuth;

#[async_trait]
impl Resource for VaultJwtAuth {
    type Data = Configured;
    type Model = model::VaultJwtAuth;

    const NAME: &'static str = "tazlab_vault_jwt_auth";

    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes()).version(1)
    }

    fn upgrade(&self, version: i64, state: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        match version {
            0 => upgrade::rename(state, "path", "mount"),
            _ => return Err(upgrade::unknown_version("state", Self::NAME, version).into()),
        }
        Ok(())
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        let accessor = ("accessor", "The mount's accessor, which stays when it is moved.");
        Some(IdentitySchema::of_strings(&[accessor]).with_optional(NAMESPACE.0, NAMESPACE.1))
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(Datum::object([("accessor", model.accessor.encode()), (NAMESPACE.0, model.namespace.encode())]))
    }

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        validate::validate(config, found);
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        plan::plan(context, plan).await
    }

    async fn plan_destroy(
        &self,
        context: &Context<Configured>,
        prior: &mut State<Self::Model>,
    ) -> Result<(), Diagnostics> {
        plan::plan_destroy(context, prior).await
    }

    async fn create(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        Box::pin(write::create(context, change)).await
    }

    async fn read(
        &self,
        context: &Context<Configured>,
        state: State<Self::Model>,
    ) -> Result<Reading<Self::Model>, Diagnostics> {
        read::read(context, state).await
    }

    async fn update(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        Box::pin(write::update(context, change)).await
    }

    async fn delete(&self, context: &Context<Configured>, state: State<Self::Model>) -> Deletion {
        delete::delete(context, state).await
    }

    async fn import(&self, context: &Context<Configured>, id: ImportId) -> Result<State<Self::Model>, Diagnostics> {
        read::import(context, id).await
    }

    fn generate(&self, state: &Self::Model, _: &mut Self::Model, found: &mut Diagnostics) {
        if state.keys.is_null() {
            let detail =
                format!("{} is mounted and was never configured. Set keys, and what belongs to it.", state.id());
            let warning = Diagnostic::warning("The generated configuration has no source of keys", detail);
            found.push(warning.at(AttributePath::new("keys")));
        }
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<State<Self::Model>>, Diagnostics> {
        Ok(moved::move_state(source)?)
    }
}
