//! `tazlab_kept_secret`: a Secret that outlives its cluster, by a copy in Vault.
//!
//! This module wires; each operation has a file of its own. What all objects in a cluster share is `cluster`'s, and what all
//! objects in Vault share is `vault`'s.

mod certificate;
mod content;
mod copy;
mod decision;
mod delete;
mod errors;
mod import_id;
mod keep;
mod look;
mod model;
mod plan;
mod read;
mod restore;
mod review;
mod selector;
mod tell;
#[cfg(test)]
mod tests;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::value::Datum;

use crate::configured::Configured;

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// The name in private state of the id on a namespace that we made.
const NAMESPACE_INSTANCE: &str = "namespace_instance";

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct KeptSecret;

#[async_trait]
impl Resource for KeptSecret {
    type Data = Configured;
    type Model = model::KeptSecret;

    const NAME: &'static str = "tazlab_kept_secret";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(import_id::schema())
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        import_id::identity(model)
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
