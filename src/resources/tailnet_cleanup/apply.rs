//! Create and update: one sweep, recorded. A create that failed stores nothing, since the next one lists what is left.

use super::limits;
use super::model::TailnetCleanup as Model;
use crate::clients::tailscale::Patience;
use crate::configured::Configured;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::resource::{Change, Outcome, State};
use crate::tailnet::record::records;
use crate::tailnet::report::{Then, outcome};
use crate::tailnet::sweep::{Occasion, Sweep, Swept, Voice};

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = limits(&change.planned).create;
    finish(apply(&context.within(limit), change).await)
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = limits(&change.planned).update;
    finish(apply(&context.within(limit), change).await)
}

fn finish(applied: Result<State<Model>, Diagnostics>) -> Outcome<Model> {
    applied.map_or_else(Outcome::Unchanged, Outcome::Done)
}

async fn apply(context: &Context<Configured>, change: Change<Model>) -> Result<State<Model>, Diagnostics> {
    let mut model = change.planned;
    let occasion = model.own.occasion(change.prior.as_ref().map(|prior| &prior.own));
    let swept = sweep(context, &model, occasion).await?;
    outcome(context, &swept, &model.shared, Then::Apply)?;
    // What the plan left open is told now; what it promised holds.
    if model.own.stale_devices.is_unknown() {
        model.own.stale_devices = records(&swept.stale);
    }
    if model.own.removed_devices.is_unknown() {
        model.own.removed_devices = records(&swept.removed);
    }
    Ok(State { model, private: change.private })
}

async fn sweep(context: &Context<Configured>, model: &Model, occasion: Occasion) -> Result<Swept, Diagnostics> {
    let orders = model.shared.orders().map_err(|unknown| {
        Diagnostic::error("Unknown arguments", format!("{} is not known at apply.", unknown.join(", ")))
    })?;
    if !occasion.deletes && orders.required_free.is_empty() {
        return Ok(Swept::default());
    }
    let client = context.provider()?.tailscale.client().await;
    let client = client.map_err(|failure| failure.diagnostic("The tailnet cannot be reached"))?;
    let sweep = Sweep { context, client, orders: &orders, occasion, opening: Patience::WORK, voice: Voice::default() };
    Ok(sweep.run().await)
}
