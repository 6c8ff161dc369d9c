//! Plan: tells what would go, as a warning. What apply finds may differ, so the attributes that record it stay unknown.

use super::model::TailnetCleanup as Model;
use crate::clients::tailscale::{Call, Patience};
use crate::configured::Configured;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::resource::Plan;
use crate::tailnet::report::warn_of_forecast;
use crate::tailnet::sweep::{Forecast, Occasion, Orders};
use crate::tailnet::{Failure, LOOK};

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    let occasion = plan.planned.own.occasion(plan.prior.as_ref().map(|prior| &prior.own));
    if let Some(prior) = &plan.prior
        && !occasion.deletes
    {
        // Nothing will be deleted: what the last cleanup did stays told.
        plan.planned.own.stale_devices = prior.own.stale_devices.clone();
        plan.planned.own.removed_devices = prior.own.removed_devices.clone();
        if !plan.changed {
            return Ok(());
        }
    }
    tell(context, &plan.planned, occasion).await;
    Ok(())
}

/// A plan is never refused for what is found here: a destroy begins with one, too.
async fn tell(context: &Context<Configured>, planned: &Model, occasion: Occasion) {
    let unforeseen = |unknown: &str| {
        let detail = format!("{unknown} is not known yet: apply looks at the tailnet.");
        context.warn(Diagnostic::warning("The cleanup cannot be foreseen", detail));
    };
    let orders = match planned.shared.orders() {
        Ok(orders) => orders,
        Err(unknown) => return unforeseen(&unknown.join(", ")),
    };
    if occasion.deletes && planned.own.run_on.is_unknown() {
        return unforeseen("run_on");
    }
    if !occasion.deletes && orders.required_free.is_empty() {
        return;
    }
    match look(&context.within(LOOK), &orders, occasion).await {
        Ok(forecast) => warn_of_forecast(context, &forecast, &orders),
        Err(failure) => context.warn(unseen(&failure)),
    }
}

/// A destroy is never refused for what is found here.
pub(super) async fn plan_destroy(context: &Context<Configured>, prior: &Model) {
    let Ok(orders) = prior.shared.orders() else { return };
    if !prior.own.runs_on("destroy") {
        return;
    }
    match look(&context.within(LOOK), &orders, Occasion { deletes: true, names: None }).await {
        Ok(forecast) => warn_of_forecast(context, &forecast, &orders),
        Err(failure) => context.warn(unseen(&failure)),
    }
}

fn unseen(failure: &Failure) -> Diagnostic {
    if matches!(failure, Failure::NoCredential) {
        return failure.diagnostic("No tailnet is configured").into_warning();
    }
    let detail = format!("{} What the tailnet holds is looked at during apply.", failure.explained());
    Diagnostic::warning("The tailnet cannot be seen while planning", detail)
}

async fn look(context: &Context<Configured>, orders: &Orders, occasion: Occasion) -> Result<Forecast, Failure> {
    let client = context.provider().map_err(|_| Failure::NoCredential)?.tailscale.client().await?;
    let call = Call::new(context.stop().clone(), context.deadline());
    let listing = client.with(Patience::GLANCE).devices(&call).await?;
    Ok(orders.forecast(&listing, occasion))
}
