//! `tazlab_vault_secret_store`: a store of External Secrets that reads from Vault, proven by its own controller.
//!
//! This module wires; each operation has a file of its own. What all objects in a cluster share is `cluster`'s.

mod auth;
mod delete;
mod errors;
mod model;
mod object;
mod plan;
mod read;
mod ready;
#[cfg(test)]
mod tests;
mod validate;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::value::Datum;

use crate::configured::Configured;

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// The kind that every namespace may use.
const CLUSTER_WIDE: &str = "ClusterSecretStore";

/// The kind that one namespace may use.
const NAMESPACED: &str = "SecretStore";

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct VaultSecretStore;

#[async_trait]
impl Resource for VaultSecretStore {
    type Data = Configured;
    type Model = model::VaultSecretStore;

    const NAME: &'static str = "tazlab_vault_secret_store";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::of_strings(&[(
            "id",
            "The store's name; of a SecretStore, its namespace, a slash and its name.",
        )]))
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        if model.name.is_unknown() || model.namespace.is_unknown() {
            return Some(Datum::object([("id", Datum::unknown())]));
        }
        let id = tf_plugin::framework::value::Value::Value(model.id());
        Some(Datum::object([("id", id.encode())]))
    }

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        validate::validate(config, found);
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        plan::plan(context, plan).await
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
}

/// Namespace (of a `SecretStore`) and name of what is to be imported.
fn identity_names(id: &ImportId) -> Result<(Option<String>, String), Diagnostic> {
    let text = match id {
        ImportId::Id(text) => text.as_str(),
        ImportId::Identity(identity) => identity.get("id").as_str().unwrap_or_default(),
    };
    let (namespace, name) = text.split_once('/').map_or((None, text), |(namespace, name)| (Some(namespace), name));
    if name.is_empty() || name.contains('/') || namespace.is_some_and(str::is_empty) {
        return Err(Diagnostic::error(
            "Invalid import id",
            "Import a ClusterSecretStore by its name, a SecretStore by \"namespace/name\".",
        ));
    }
    Ok((namespace.map(ToOwned::to_owned), name.to_owned()))
}
