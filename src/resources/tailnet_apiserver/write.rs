//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use serde_json::Value as Json;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::resource::{Change, Outcome};
use tf_plugin::framework::value::Value;

use super::errors::ApiserverError;
use super::model::Model;
use super::name::{Given, given, judged, refusal};
use crate::cluster::object::{Stalled, Step, Writer};
use crate::cluster::tailscale_operator::life::{self, Exposed};
use crate::configured::Configured;

pub(super) async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let context = &context.within(life::limit(&change));
    let begun = || -> Result<_, Diagnostics> {
        let provider = context.provider()?;
        Ok((provider, life::writer(&provider.cluster, context, &change)?))
    };
    let (provider, writer) = match begun() {
        Ok(begun) => begun,
        Err(diagnostics) => return Outcome::Unchanged(diagnostics),
    };
    let attempt = || attempt(provider, context, &writer, &change.planned);
    let written = provider.cluster.work(context, attempt).await;
    let mut model = change.planned.clone();
    writer.settle_uid(&mut model.shared.uid);
    let ended = written.map(|given| {
        // What the plan left open is told now; what it promised holds.
        if model.own.fqdn.is_unknown() {
            model.own.fqdn = Value::Value(given.fqdn);
        }
        if model.own.addresses.is_unknown() {
            model.own.addresses = Value::Value(given.addresses);
        }
    });
    writer.outcome(&change, model, ended.map_err(|error| error.diagnostics(&change.planned.place().to_string()))).await
}

/// Writes the Service and waits until its device has the name that was asked for.
async fn attempt(
    provider: &Configured,
    context: &Context<Configured>,
    writer: &Writer<'_, Configured>,
    planned: &Model,
) -> Result<Given, ApiserverError> {
    let place = planned.place();
    writer.write(&place, |live| planned.desired(live)).await?;
    let mut vigil = provider.cluster.wait_at(context, &place).await?;
    let mut last = None;
    loop {
        let judge = |service: &Json| {
            last = given(service);
            judged(planned, service)
        };
        match vigil.until(judge, None).await {
            Ok(Step::Done(service)) => {
                if let Some(given) = given(&service) {
                    return Ok(given);
                }
            }
            Ok(Step::NotYet) => {}
            Err(Stalled::Hopeless(why)) => return Err(refusal(context, planned, last, why).await),
            Err(Stalled::Ended(failure)) => return Err(ApiserverError::Operator(failure)),
        }
    }
}
