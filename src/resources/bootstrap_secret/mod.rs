//! `tazlab_bootstrap_secret`: a Kubernetes Secret from sources that exist before the cluster does.
//!
//! This module wires; each operation has a file of its own. What all objects in a cluster share is `cluster`'s.

mod compare;
mod decision;
mod delete;
mod disclosure;
mod ending;
mod errors;
mod expiry;
mod list;
mod model;
mod moved;
mod object;
mod origin;
mod owner;
mod plan;
mod problem;
mod proposed;
mod provided;
mod read;
mod reading;
mod registries;
mod sources;
#[cfg(test)]
mod tests;
mod tokens;
mod validate;
mod vault;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::{AttributeValue, Model as _};
use tf_plugin::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::schema::Schema;
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::upgrade;
use tf_plugin::framework::value::{Datum, Value};

use crate::configured::Configured;

pub use list::BootstrapSecrets;

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// The name in private state of the id on a namespace that we made.
const NAMESPACE_INSTANCE: &str = "namespace_instance";

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapSecret;

#[async_trait]
impl Resource for BootstrapSecret {
    type Data = Configured;
    type Model = model::BootstrapSecret;

    const NAME: &'static str = "tazlab_bootstrap_secret";

    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes()).version(1)
    }

    fn upgrade(&self, version: i64, state: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        if version != 0 {
            return Err(upgrade::unknown_version("state", Self::NAME, version).into());
        }
        // A list of keys became one text.
        let keys = state
            .get("changed_keys")
            .and_then(serde_json::Value::as_array)
            .map(|keys| keys.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", "));
        state.insert("changed_keys".to_owned(), keys.into());
        Ok(())
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::of_strings(&[("namespace", "The Secret's namespace."), ("name", "The Secret's name.")]))
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(Datum::object([("namespace", model.namespace.encode()), ("name", model.name.encode())]))
    }

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        validate::validate(config, found);
    }

    /// Logins to registries are of a type of their own.
    fn settle(&self, config: &Self::Model, proposed: &mut Datum) {
        if config.r#type.is_null()
            && validate::registries(config).is_some()
            && let Datum::Object(arguments) = proposed
        {
            arguments.insert("type".to_owned(), registries::TYPE.into());
        }
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

    /// A version of what is never stored says nothing without it.
    fn generate(&self, _: &Self::Model, config: &mut Self::Model, _: &mut Diagnostics) {
        config.values_wo_version = Value::Null;
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<State<Self::Model>>, Diagnostics> {
        Ok(moved::move_state(source)?)
    }
}

/// Namespace and name of what is to be imported.
fn identity_names(id: &ImportId) -> Result<(String, String), Diagnostic> {
    let (namespace, name) = match id {
        ImportId::Id(text) => text.split_once('/').unwrap_or_default(),
        ImportId::Identity(identity) => {
            (identity.get("namespace").as_str().unwrap_or_default(), identity.get("name").as_str().unwrap_or_default())
        }
    };
    if namespace.is_empty() || name.is_empty() || name.contains('/') {
        return Err(Diagnostic::error(
            "Invalid import id",
            "Import a Secret by \"namespace/name\", for example tailscale/operator-oauth.",
        ));
    }
    Ok((namespace.to_owned(), name.to_owned()))
}
