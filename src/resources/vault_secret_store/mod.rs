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
use tf_plugin::framework::model::{AttributeValue, Model as _};
use tf_plugin::framework::resource::{Change, Deletion, ImportId, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::schema::Schema;
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::upgrade;
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

    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes()).version(1)
    }

    fn upgrade(&self, version: i64, state: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        if version != 0 {
            return Err(upgrade::unknown_version("state", Self::NAME, version).into());
        }
        upgrade::rename(state, "path", "kv_mount");
        if let Some(seconds) = state.get("refresh_interval").and_then(serde_json::Value::as_u64) {
            state.insert("refresh_interval".to_owned(), format!("{seconds}s").into());
        }
        Ok(())
    }

    fn identity_schema(&self) -> Option<IdentitySchema> {
        let name = ("name", "The name of the store.");
        let namespace = "The namespace of a SecretStore. A ClusterSecretStore is in none.";
        Some(IdentitySchema::of_strings(&[name]).with_optional("namespace", namespace).version(1))
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(Datum::object([("name", model.name.encode()), ("namespace", model.namespace.encode())]))
    }

    fn upgrade_identity(&self, version: i64, identity: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        if version != 0 {
            return Err(upgrade::unknown_version("identity", Self::NAME, version).into());
        }
        let id = identity.remove("id").and_then(|id| id.as_str().map(ToOwned::to_owned)).unwrap_or_default();
        let (namespace, name) =
            id.split_once('/').map_or((None, id.as_str()), |(namespace, name)| (Some(namespace), name));
        identity.insert("name".to_owned(), name.into());
        identity.insert("namespace".to_owned(), namespace.into());
        Ok(())
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
        ImportId::Identity(identity) => {
            let part = |name: &str| identity.get(name).as_str().map(ToOwned::to_owned);
            return Ok((part("namespace"), part("name").unwrap_or_default()));
        }
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
