//! Plan: tells what would go, as a warning. What apply finds may differ, so the attributes that record it stay unknown.

use tazlab_clients::tailscale::{Call, Device, Listing, Patience};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Plan, State};

use super::model::TailnetCleanup as Model;
use crate::configured::Configured;
use crate::promised;
use crate::tailnet::identity::{Meant, Record as TailnetRecord};
use crate::tailnet::report::{unannounced, warn_of_forecast, warn_of_mismatch};
use crate::tailnet::sweep::{Forecast, Occasion, Orders};
use crate::tailnet::{Failure, LOOK};

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    promised::begin(plan);
    let prior = plan.prior.as_ref().map(|prior| &prior.own);
    let occasion = plan.planned.own.occasion(prior);
    let meant = match prior {
        None => plan.planned.own.meant_at_create(),
        Some(_) => plan.planned.own.meant_at_update(&plan.private).map_err(Diagnostic::from)?,
    };
    if let Some(prior) = prior {
        if let (Some(before), Some(now)) = (prior.tailnet.as_deref_option(), plan.planned.own.tailnet.as_deref_option())
            && before != now
        {
            plan.requires_replace.push(AttributePath::new("tailnet"));
            return Ok(());
        }
        // A state of an earlier version: an update records the tailnet.
        plan.needs_update = TailnetRecord::read(&plan.private).map_err(Diagnostic::from)?.is_none();
        if !occasion.deletes {
            // Nothing will be deleted: what the last cleanup did stays reported.
            plan.planned.own.stale_devices = prior.stale_devices.clone();
            plan.planned.own.removed_devices = prior.removed_devices.clone();
            if !plan.changed {
                return Ok(());
            }
        }
    }
    let Some(forecast) = tell(context, &plan.planned, occasion, meant).await.filter(|_| occasion.deletes) else {
        return Ok(());
    };
    let (may, due) = (forecast.promised(), forecast.due());
    let beyond = promised::settle(plan, &may, &due);
    let beyond = beyond.map_err(Diagnostic::from)?;
    if beyond.is_empty() {
        return Ok(());
    }
    // Only the plan at apply comes here: no destroy begins with it.
    let is_beyond = |device: &Device| device.key().is_some_and(|key| beyond.iter().any(|one| one == key));
    Err(unannounced(forecast.stale.into_iter().chain(forecast.awaited).filter(is_beyond).collect()).into())
}

/// A plan is never refused for what is found here: a destroy begins with one, too. Gives what was foreseen, if anything could be.
async fn tell(context: &Context<Configured>, planned: &Model, occasion: Occasion, meant: Meant) -> Option<Forecast> {
    let unforeseen = |unknown: &str| {
        let detail = format!("{unknown} is not known yet: apply reads the tailnet.");
        context.warn(Diagnostic::warning("Cannot preview the cleanup", detail));
    };
    let orders = match planned.shared.orders(meant) {
        Ok(orders) => orders,
        Err(unknown) => {
            unforeseen(&unknown.join(", "));
            return None;
        }
    };
    if occasion.deletes && planned.own.run_on.is_unknown() {
        unforeseen("run_on");
        return None;
    }
    if !occasion.deletes && orders.required_free.is_empty() {
        return None;
    }
    forecast(context, &orders, occasion).await
}

/// A destroy is never refused for what is found here; what it may delete is announced.
pub(super) async fn plan_destroy(context: &Context<Configured>, prior: &mut State<Model>) -> Result<(), Diagnostics> {
    promised::forget(&mut prior.private);
    let meant = prior.model.own.meant_at_destroy(&prior.private).map_err(Diagnostic::from)?;
    let Ok(orders) = prior.model.shared.orders(meant) else { return Ok(()) };
    if prior.model.own.runs_on("destroy")
        && let Some(forecast) = forecast(context, &orders, Occasion { deletes: true, names: None }).await
    {
        promised::settle_destroy(&mut prior.private, &forecast.promised()).map_err(Diagnostic::from)?;
    }
    Ok(())
}

async fn forecast(context: &Context<Configured>, orders: &Orders, occasion: Occasion) -> Option<Forecast> {
    match look(&context.within(LOOK)).await {
        Ok((server, listing)) => match orders.forecast(&server, &listing, occasion) {
            Ok(forecast) => {
                warn_of_forecast(context, &forecast, orders);
                return Some(forecast);
            }
            Err(mismatch) => warn_of_mismatch(context, mismatch),
        },
        Err(failure) => context.warn(unseen(&failure)),
    }
    None
}

fn unseen(failure: &Failure) -> Diagnostic {
    if matches!(failure, Failure::NoCredential) {
        return Diagnostic::warning("No tailnet is configured", failure.explained());
    }
    let detail = format!("{} The tailnet is read during apply.", failure.explained());
    Diagnostic::warning("Cannot read the tailnet during plan", detail)
}

async fn look(context: &Context<Configured>) -> Result<(String, Listing), Failure> {
    let client = context.provider().map_err(|_| Failure::NoCredential)?.tailscale.client().await?;
    let call = Call::new(context.stop().clone(), context.deadline());
    Ok((client.server(), client.with(Patience::GLANCE).devices(&call).await?))
}
