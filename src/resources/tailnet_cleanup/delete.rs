//! Destroy: one last sweep, which never keeps the rest from being destroyed unless it is told to.

use tazlab_clients::tailscale::Patience;
use tf_plugin::framework::context::{Context, Interrupted};
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Deletion, State};

use super::limits;
use super::model::TailnetCleanup as Model;
use crate::configured::Configured;
use crate::promised;
use crate::tailnet::report::{Then, outcome, survived};
use crate::tailnet::sweep::{Occasion, Sweep, SweepError, Swept, Voice};
use crate::tailnet::{Failure, sweep};

pub(super) async fn delete(context: &Context<Configured>, state: &State<Model>) -> Deletion {
    let model = &state.model;
    if !model.own.runs_on("destroy") {
        return Deletion::Done;
    }
    let swept = match last_sweep(&context.within(limits(model).delete), state).await {
        Ok(swept) => swept,
        Err(diagnostics) => return Deletion::Kept(diagnostics),
    };
    let strict = model.own.fail_on_destroy_error.as_ref_option() == Some(&true);
    match &swept.problem {
        // Who stops Terraform has not refused anything: the next destroy goes on where this one ended.
        Some(error) if !strict && !matches!(error, SweepError::Interrupted(Interrupted::Stopped)) => {
            context.warn(survived(error, &swept, &model.shared));
            Deletion::Done
        }
        _ => match outcome(context, &swept, &model.shared, Then::Destroy) {
            Ok(()) => Deletion::Done,
            Err(problem) => Deletion::Kept(problem.into()),
        },
    }
}

async fn last_sweep(context: &Context<Configured>, state: &State<Model>) -> Result<Swept, Diagnostics> {
    let meant = state.model.own.meant_at_destroy(&state.private).map_err(Diagnostic::from)?;
    let mut orders: sweep::Orders = state.model.shared.orders(meant).map_err(|unknown| {
        Diagnostic::error("Unknown arguments", format!("{} is not known in the state.", unknown.join(", ")))
    })?;
    // There is no second plan of a destroy: the delete itself compares.
    orders.promised = promised::of_destroy(&state.private).map_err(Diagnostic::from)?;
    let occasion = Occasion { deletes: true, names: None };
    let unlisted = |failure: Failure| Swept { problem: Some(SweepError::List(failure)), ..Swept::default() };
    let client = match context.provider()?.tailscale.client().await {
        Ok(client) => client.with(Patience::BLIP),
        Err(failure) => return Ok(unlisted(failure)),
    };
    // Only before anything was seen is an absent API believed at once.
    let opening = Patience::GLANCE;
    Ok(Sweep { context, client: &client, orders: &orders, occasion, opening, voice: Voice::default() }.run().await)
}
