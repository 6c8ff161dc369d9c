//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::resource::{Change, Outcome};

use super::errors::EgressError;
use super::model::Model;
use super::proxy;
use crate::cluster::object::{Step, Writer};
use crate::cluster::tailscale_operator::life::{self, Exposed};
use crate::cluster::tailscale_operator::standing;
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
    let title = change.planned.place().to_string();
    writer.outcome(&change, model, written.map_err(|error| error.diagnostics(&title))).await
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
