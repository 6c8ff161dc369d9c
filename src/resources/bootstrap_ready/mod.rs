//! `tazlab_bootstrap_ready`: waits until everything that is named is ready. Nothing in the cluster is its own.
//!
//! What is looked at and what it means is `readiness`'.

mod errors;
mod model;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::model::Model as _;
use tf_plugin::framework::resource::{Change, Deletion, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::schema::Schema;
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::upgrade;
use tf_plugin::framework::value::Value;

use crate::cluster::{OnUnreachable, rebirth};
use crate::configured::Configured;
use crate::readiness::{Report, WaitError, look_once, wait};

/// How long the wait takes at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(15), update: Duration::from_mins(15), delete: Duration::from_mins(2) };

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapReady;

#[async_trait]
impl Resource for BootstrapReady {
    type Data = Configured;
    type Model = model::BootstrapReady;

    const NAME: &'static str = "tazlab_bootstrap_ready";

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        config.shared.validate(found);
    }

    fn schema(&self) -> Schema {
        Schema::new(Self::Model::about(), Self::Model::attributes()).version(1)
    }

    fn upgrade(&self, version: i64, state: &mut upgrade::Stored) -> Result<(), Diagnostics> {
        if version != 0 {
            return Err(upgrade::unknown_version("state", Self::NAME, version).into());
        }
        if let Some(timeouts) = state.get_mut("timeouts").and_then(serde_json::Value::as_object_mut) {
            timeouts.remove("delete");
        }
        Ok(())
    }

    /// A cluster that is recreated is waited for again. A plan never waits, and reads nothing: the refresh has just done that.
    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        let provider = context.provider()?;
        let announced = |prior: &Self::Model| rebirth::is_announced(&prior.own.triggers, &plan.planned.own.triggers);
        plan.needs_update = provider.cluster.is_named().is_err() || plan.prior.as_ref().is_some_and(announced);
        Ok(())
    }

    async fn create(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        let limit = TIMEOUTS.overridden_by(&change.planned.own.limits()).create;
        applied(&context.within(limit), change).await
    }

    async fn read(
        &self,
        context: &Context<Configured>,
        state: State<Self::Model>,
    ) -> Result<Reading<Self::Model>, Diagnostics> {
        let provider = context.provider()?;
        let wanted = state.model.shared.wanted();
        let picture = match look_once(&provider.cluster, context, &wanted).await {
            Ok(picture) => picture,
            // The way to the cluster is not known (yet, or any more): what is stored is all there is.
            Err(failure) if failure.is_gap() => return Ok(Reading::Unseen),
            Err(failure) if failure.is_unreachable() && provider.cluster.on_unreachable == OnUnreachable::Forget => {
                let detail =
                    format!("{failure}. The state is kept (on_unreachable = \"forget\"). No action is needed.");
                context.warn(Diagnostic::warning("The cluster cannot be reached", detail));
                return Ok(Reading::Unseen);
            }
            Err(failure) => return Err(errors::told(&WaitError::Cluster(failure)).into()),
        };
        let report = Report::of(&picture, &wanted);
        errors::warn(context, &report);
        Ok(Reading::Present(State { model: observed(state.model, &report), ..state }))
    }

    async fn update(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        let limit = TIMEOUTS.overridden_by(&change.planned.own.limits()).update;
        applied(&context.within(limit), change).await
    }

    async fn delete(&self, _: &Context<Configured>, _: State<Self::Model>) -> Deletion {
        Deletion::Done
    }
}

/// Nothing is made here: a create that failed stores nothing, and the next one waits again.
async fn applied(
    context: &Context<Configured>,
    change: Change<model::BootstrapReady>,
) -> Outcome<model::BootstrapReady> {
    let provider = match context.provider() {
        Ok(provider) => provider,
        Err(diagnostic) => return Outcome::Unchanged(diagnostic.into()),
    };
    let wanted = change.planned.shared.wanted();
    match provider.cluster.work(context, || wait(&provider.cluster, context, &wanted)).await {
        Ok(report) => Outcome::Done(State { model: observed(change.planned, &report), private: change.private }),
        Err(error) => Outcome::Unchanged(errors::told(&error).into()),
    }
}

fn observed(mut model: model::BootstrapReady, report: &Report) -> model::BootstrapReady {
    model.own.summary = Value::Value(report.summary());
    model.own.suspended = Value::Value(report.suspended().to_vec());
    model
}
