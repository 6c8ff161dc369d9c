//! Create and update: one sweep, recorded. A create that failed stores nothing, since the next one lists what is left.

use tazlab_clients::tailscale::Patience;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::resource::{Change, Outcome, State};

use super::limits;
use super::model::{Own, TailnetCleanup as Model};
use crate::configured::Configured;
use crate::promised;
use crate::tailnet::identity::{Meant, Record};
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
    let (mut model, mut private) = (change.planned, change.private);
    let prior = change.prior.as_ref().map(|prior| &prior.own);
    let occasion = model.own.occasion(prior);
    let meant = meant(&model.own, prior, occasion, &private).map_err(Diagnostic::from)?;
    promised::forget(&mut private);
    let swept = sweep(context, &model, occasion, meant).await?;
    outcome(context, &swept, &model.shared, Then::Apply)?;
    if let Some((tailnet, now)) = &swept.tailnet {
        Record::write(&mut private, tailnet, *now).map_err(Diagnostic::from)?;
        if model.own.tailnet.is_unknown() {
            model.own.tailnet = tailnet.suffix.clone().into();
        }
    }
    // What the plan left open is known now; what it promised holds. What deletes nothing leaves what the last cleanup did.
    let (stale, removed) = match prior.filter(|_| !occasion.deletes) {
        Some(prior) => (prior.stale_devices.clone(), prior.removed_devices.clone()),
        None => (records(&swept.stale), records(&swept.removed)),
    };
    if model.own.stale_devices.is_unknown() {
        model.own.stale_devices = stale;
    }
    if model.own.removed_devices.is_unknown() {
        model.own.removed_devices = removed;
    }
    Ok(State { model, private })
}

/// The tailnet that is meant. What deletes nothing may record the one that is there; deletions need one that was recorded.
fn meant(own: &Own, prior: Option<&Own>, occasion: Occasion, private: &Private) -> Result<Meant, PrivateError> {
    if prior.is_none() {
        return Ok(own.meant_at_create());
    }
    Ok(match own.meant_at_update(private)? {
        Meant::Unrecorded if !occasion.deletes => Meant::Credentials,
        meant => meant,
    })
}

async fn sweep(
    context: &Context<Configured>,
    model: &Model,
    occasion: Occasion,
    meant: Meant,
) -> Result<Swept, Diagnostics> {
    let recorded = matches!(meant, Meant::Recorded(..)) && !model.own.tailnet.is_unknown();
    let orders = model.shared.orders(meant).map_err(|unknown| {
        Diagnostic::error("Unknown arguments", format!("{} is not known at apply.", unknown.join(", ")))
    })?;
    if !occasion.deletes && orders.required_free.is_empty() && recorded {
        return Ok(Swept::default());
    }
    let client = context.provider()?.tailscale.client().await;
    let client = client.map_err(|failure| failure.diagnostic("The tailnet cannot be reached"))?;
    let sweep = Sweep { context, client, orders: &orders, occasion, opening: Patience::WORK, voice: Voice::default() };
    Ok(sweep.run().await)
}
