//! `tazlab_tailnet_cleanup`: frees the names of a cluster that is born again.
//!
//! This module wires. Who may go and how is `tailnet`'s, which the action of the same name shares.

mod apply;
mod delete;
mod model;
mod plan;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::resource::{Change, Deletion, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::timeouts::Defaults;

use crate::configured::Configured;

/// How long the deletions may take beside the wait, where the configuration says nothing.
const DELETIONS: Duration = Duration::from_mins(10);

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct TailnetCleanup;

#[async_trait]
impl Resource for TailnetCleanup {
    type Data = Configured;
    type Model = model::TailnetCleanup;

    const NAME: &'static str = "tazlab_tailnet_cleanup";

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        config.shared.validate(found);
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
        apply::create(context, change).await
    }

    /// Nothing remote is this resource's own: there is nothing to look at.
    async fn read(
        &self,
        _: &Context<Configured>,
        state: State<Self::Model>,
    ) -> Result<Reading<Self::Model>, Diagnostics> {
        Ok(Reading::Present(state))
    }

    async fn update(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        apply::update(context, change).await
    }

    async fn delete(&self, context: &Context<Configured>, state: State<Self::Model>) -> Deletion {
        delete::delete(context, &state).await
    }
}

/// How long operations take at most: the wait and the deletions, or what the configuration says.
fn limits(model: &model::TailnetCleanup) -> Defaults {
    let limit = DELETIONS + model.shared.waits();
    Defaults { create: limit, update: limit, delete: limit }.overridden_by(&model.own.timeouts)
}
