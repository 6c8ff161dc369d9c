//! `tazlab_tailnet_egress`: a Service that leads to a machine on the tailnet, through a proxy of Tailscale's operator.
//!
//! This module wires; each operation has a file of its own. What all Services of Tailscale's operator share is
//! `cluster::tailscale_operator`'s.

mod errors;
mod model;
mod proxy;
mod service;
#[cfg(test)]
mod tests;
mod write;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::value::Datum;

use crate::cluster::tailscale_operator::life;
use crate::configured::Configured;

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct TailnetEgress;

#[async_trait]
impl Resource for TailnetEgress {
    type Data = Configured;
    type Model = model::Model;

    const NAME: &'static str = "tazlab_tailnet_egress";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(life::identity_schema())
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(life::identity(model))
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        service::settle_hostname(plan)?;
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

    fn generate(&self, _: &Self::Model, config: &mut Self::Model, _: &mut Diagnostics) {
        service::leave_out(config);
    }
}
