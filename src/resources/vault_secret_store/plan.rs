//! Plan: looks at the live store, where there can be one, and says what differs.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::Plan;

use super::model::VaultSecretStore as Model;
use super::object::{argument, desired};
use super::read::look;
use super::ready::standing;
use crate::cluster::object::{Review, Standing};
use crate::cluster::rebirth;
use crate::configured::Configured;

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    // A create asks the cluster for nothing before apply: neither it nor the definition may exist yet.
    let Some(prior) = plan.prior.clone() else { return Ok(()) };
    let cluster = &context.provider()?.cluster;
    let title = prior.title();
    let announced = rebirth::is_announced(&prior.triggers, &plan.planned.triggers);
    let (seen, planned) = (look(cluster, context, &prior).await, plan.planned.clone());
    let review = Review { title: &title, announced, argument };
    let live = review.of(cluster, context, plan, seen, |_| desired(&planned)).await?;
    // What was never seen to work, or works no more, is waited for by the next apply.
    if let Some(live) = live
        && let Standing::Waiting(why) | Standing::Hopeless(why) = standing(&title, &live.object.value, None)
    {
        plan.needs_update = true;
        let at = AttributePath::new("name");
        context.warn(Diagnostic::warning("The store is not ready", format!("{why}.")).at(at));
    }
    Ok(())
}
