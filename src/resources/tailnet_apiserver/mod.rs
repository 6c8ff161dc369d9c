//! `tazlab_tailnet_apiserver`: the Service that puts the cluster's API server on the tailnet, under a name that must be its own.
//!
//! This module wires; each operation has a file of its own. What all Services of Tailscale's operator share is
//! `cluster::tailscale_operator`'s.

mod errors;
mod model;
mod name;
mod service;
#[cfg(test)]
mod tests;
mod write;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::value::{Datum, Value};

use crate::cluster::tailscale_operator::life;
use crate::configured::Configured;

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct TailnetApiserver;

#[async_trait]
impl Resource for TailnetApiserver {
    type Data = Configured;
    type Model = model::Model;

    const NAME: &'static str = "tazlab_tailnet_apiserver";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(life::identity_schema())
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(life::identity(model))
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        life::plan(&context.provider()?.cluster, context, plan).await
    }

    async fn create(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        write::write(context, change).await
    }

    async fn read(
        &self,
        context: &Context<Configured>,
        state: State<Self::Model>,
    ) -> Result<Reading<Self::Model>, Diagnostics> {
        life::read(&context.provider()?.cluster, context, state).await
    }

    async fn update(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        write::write(context, change).await
    }

    async fn delete(&self, context: &Context<Configured>, state: State<Self::Model>) -> Deletion {
        let deleted = async { life::delete(&context.provider()?.cluster, context, &state).await };
        deleted.await.into()
    }

    async fn import(&self, context: &Context<Configured>, id: ImportId) -> Result<State<Self::Model>, Diagnostics> {
        life::import(&context.provider()?.cluster, context, &id).await
    }

    /// One that asks for no name has the one that the operator gives it.
    fn generate(&self, state: &Self::Model, config: &mut Self::Model, _: &mut Diagnostics) {
        if let (Value::Null, Value::Value(namespace), Value::Value(name)) =
            (&config.own.hostname, &state.own.namespace, &state.own.name)
        {
            config.own.hostname = Value::Value(format!("{namespace}-{name}"));
        }
    }
}
