//! `tazlab_coredns`: the whole of a self-managed CoreDNS, whose Corefile is proven before anything is applied.
//!
//! This module wires; each operation has a file of its own. The language of the Corefile is `corefile`'s, what all
//! objects in a cluster share is `cluster`'s.

mod adoption;
mod container;
mod corefile;
mod delete;
mod drift;
mod errors;
mod model;
mod objects;
mod owner;
mod parts;
mod plan;
mod read;
mod rollout;
mod scale;
mod sight;
mod succession;
mod taken_in;
mod talos;
#[cfg(test)]
mod tests;
mod validate;
mod verify;
mod wait;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::value::Datum;

use crate::configured::Configured;

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct Coredns;

#[async_trait]
impl Resource for Coredns {
    type Data = Configured;
    type Model = model::Coredns;

    const NAME: &'static str = "tazlab_coredns";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::of_strings(&[
            ("namespace", "The Deployment's namespace."),
            ("name", "The Deployment's name."),
        ]))
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(Datum::object([("namespace", model.namespace.encode()), ("name", model.name.encode())]))
    }

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        validate::validate(config, found);
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        plan::plan(context, plan).await
    }

    async fn create(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        Box::pin(write::create(context, change)).await
    }

    async fn read(
        &self,
        context: &Context<Configured>,
        state: State<Self::Model>,
    ) -> Result<Reading<Self::Model>, Diagnostics> {
        read::read(context, state).await
    }

    async fn update(&self, context: &Context<Configured>, change: Change<Self::Model>) -> Outcome<Self::Model> {
        Box::pin(write::update(context, change)).await
    }

    async fn delete(&self, context: &Context<Configured>, state: State<Self::Model>) -> Deletion {
        delete::delete(context, state).await
    }

    async fn import(&self, context: &Context<Configured>, id: ImportId) -> Result<State<Self::Model>, Diagnostics> {
        read::import(context, id).await
    }

    fn generate(&self, _: &Self::Model, config: &mut Self::Model, _: &mut Diagnostics) {
        taken_in::leave_out(config);
    }
}

/// Namespace and name of what is to be imported.
fn identity_names(id: &ImportId) -> Result<(String, String), Diagnostic> {
    let (namespace, name) = match id {
        ImportId::Id(text) => text.split_once('/').unwrap_or_default(),
        ImportId::Identity(identity) => {
            (identity.get("namespace").as_str().unwrap_or_default(), identity.get("name").as_str().unwrap_or_default())
        }
    };
    if namespace.is_empty() || name.is_empty() || name.contains('/') {
        return Err(Diagnostic::error(
            "Invalid import id",
            "Import CoreDNS by \"namespace/name\" of its Deployment, for example kube-system/coredns.",
        ));
    }
    Ok((namespace.to_owned(), name.to_owned()))
}
