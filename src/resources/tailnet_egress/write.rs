//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use super::errors::EgressError;
use super::model::Model;
use super::proxy;
use crate::cluster::object::{Step, Writer};
use crate::cluster::tailscale_operator::life::{Exposed, TIMEOUTS};
use crate::cluster::tailscale_operator::standing;
use crate::configured::Configured;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::resource::{Change, Outcome};

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.shared.timeouts).create;
    write(&context.within(limit), change).await
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.shared.timeouts).update;
    write(&context.within(limit), change).await
}

async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let begun = || -> Result<_, Diagnostics> {
        let provider = context.provider()?;
        let force = change.planned.shared.forces_conflicts();
        let writer = Writer::new(&provider.cluster, context, &change, force).map_err(Diagnostic::from)?;
        Ok((provider, writer))
    };
    let (provider, writer) = match begun() {
        Ok(begun) => begun,
        Err(diagnostics) => return Outcome::Unchanged(diagnostics),
    };
    let attempt = || attempt(provider, context, &writer, &change.planned);
    let written = provider.cluster.work(context, attempt).await;
    let mut model = change.planned.clone();
    writer.settle_uid(&mut model.shared.uid);
    let title = change.planned.place().to_string();
    writer.outcome(&change, model, written.map_err(|error| error.diagnostics(&title)))
}

/// Writes the Service, waits for the operator and then for the proxy.
async fn attempt(
    provider: &Configured,
    context: &Context<Configured>,
    writer: &Writer<'_, Configured>,
    planned: &Model,
) -> Result<(), EgressError> {
    let place = planned.place();
    let title = place.to_string();
    writer.write(&place, |live| planned.desired(live)).await?;
    let mut vigil = provider.cluster.wait_at(context, &place).await?;
    while let Step::NotYet = vigil.until(|service| standing(&title, service), None).await? {}
    proxy::until_ready(&provider.cluster, context, &place).await
}
