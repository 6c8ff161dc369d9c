//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use serde_json::Value as Json;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Change, Outcome};

use super::TIMEOUTS;
use super::errors::StoreError;
use super::model::VaultSecretStore as Model;
use super::object::{desired, place};
use super::ready::{Young, standing};
use crate::cluster::object::{Standing, Writer};
use crate::configured::Configured;

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).create;
    Box::pin(write(&context.within(limit), change)).await
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).update;
    Box::pin(write(&context.within(limit), change)).await
}

async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let begun = || -> Result<_, Diagnostics> {
        let provider = context.provider()?;
        let force = change.planned.force_conflicts.as_ref_option().copied().unwrap_or_default();
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
    writer.settle_uid(&mut model.uid);
    writer.outcome(&change, model, written.map_err(|error| error.diagnostics(&change.planned))).await
}

/// Waits for the kind, writes the store, waits for its controller.
async fn attempt(
    provider: &Configured,
    context: &Context<Configured>,
    writer: &Writer<'_, Configured>,
    planned: &Model,
) -> Result<(), StoreError> {
    let served = provider.cluster.until_served(context, &planned.custom_kind()).await;
    let place = place(planned, served.map_err(StoreError::NotServed)?);
    let (before, after) = writer.write(&place, |_| desired(planned)).await?;
    let generation = |object: &Json| object.pointer("/metadata/generation").cloned();
    let was_ready = before.is_some_and(|before| {
        let (before, after) = (&before.object.value, &after.object.value);
        generation(before) != generation(after) && standing("", before, None) == Standing::Done
    });
    let uid = after.object.metadata.uid.unwrap_or_default();
    let cluster = &provider.cluster;
    let young = Young { cluster, context, writer, place: &place, model: planned, was_ready, uid: &uid };
    young.until_ready().await
}
