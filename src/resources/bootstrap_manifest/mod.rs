//! `tazlab_bootstrap_manifest`: any small object, also before its kind exists.
//!
//! This module wires; each operation has a file of its own. What all objects in a cluster share is `cluster`'s, and what a manifest
//! is, is `manifest`'s. Why plans are as they are: `docs/design/manifest-plans.md`.

mod confidential;
mod delete;
mod dry_run;
mod errors;
mod model;
mod moved;
mod plan;
mod read;
mod record;
#[cfg(test)]
mod tests;
mod validate;
mod wait;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use tazlab_clients::kubernetes::{Live, Manager, Untyped};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::identity::IdentitySchema;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::resource::{Change, Deletion, ImportId, MoveSource, Outcome, Plan, Reading, Resource, State};
use tf_plugin::framework::timeouts::Defaults;
use tf_plugin::framework::value::Datum;

use crate::cluster::hand_over;
use crate::configured::Configured;
use crate::manifest::object::{Named, split};

/// How long operations take at most where the configuration says nothing.
const TIMEOUTS: Defaults =
    Defaults { create: Duration::from_mins(10), update: Duration::from_mins(10), delete: Duration::from_mins(2) };

/// The resource.
#[derive(Clone, Copy, Debug)]
pub struct BootstrapManifest;

#[async_trait]
impl Resource for BootstrapManifest {
    type Data = Configured;
    type Model = model::BootstrapManifest;

    const NAME: &'static str = "tazlab_bootstrap_manifest";

    fn identity_schema(&self) -> Option<IdentitySchema> {
        let required = [
            ("api_version", "The object's API version, such as `apps/v1`."),
            ("kind", "The object's kind."),
            ("name", "The object's name."),
        ];
        let schema = IdentitySchema::of_strings(&required);
        Some(schema.with_optional("namespace", "The object's namespace, where its kind has one."))
    }

    fn identity(&self, model: &Self::Model) -> Option<Datum> {
        Some(Datum::object([
            ("api_version", model.api_version.encode()),
            ("kind", model.kind.encode()),
            ("name", model.name.encode()),
            ("namespace", model.namespace.encode()),
        ]))
    }

    fn validate(&self, config: &Self::Model, found: &mut Diagnostics) {
        validate::validate(config, found);
    }

    async fn plan(&self, context: &Context<Configured>, plan: &mut Plan<Self::Model>) -> Result<(), Diagnostics> {
        Box::pin(plan::plan(context, plan)).await
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
        Box::pin(delete::delete(context, state)).await
    }

    async fn import(&self, context: &Context<Configured>, id: ImportId) -> Result<State<Self::Model>, Diagnostics> {
        read::import(context, id).await
    }

    fn generate(&self, state: &Self::Model, _: &mut Self::Model, found: &mut Diagnostics) {
        found.push(read::names_only(state));
    }

    fn move_state(&self, source: &MoveSource<'_>) -> Result<Option<State<Self::Model>>, Diagnostics> {
        Ok(moved::move_state(source)?)
    }
}

/// What an object is remembered by in this process.
fn key(named: &Named) -> String {
    format!("{}/{}", named.group, named.title())
}

/// Who has taken the object over: whoever is named and owns fields besides its metadata and its status.
fn owner_of(live: &Live<Untyped>, takers: &[String]) -> Option<String> {
    let is_content = |field: &Vec<String>| field.first().is_some_and(|first| first != "metadata" && first != "status");
    let owns = |manager: &Manager| manager.subresource.is_empty() && manager.fields.iter().any(is_content);
    hand_over::owner(&live.object.metadata, &live.managers, takers, owns)
}

/// The object that is to be imported.
fn identity_of(id: &ImportId) -> Result<Named, Diagnostic> {
    let given: BTreeMap<String, String> = match id {
        ImportId::Id(text) => text
            .split(',')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect(),
        ImportId::Identity(identity) => {
            let names = [("api_version", "apiVersion"), ("kind", "kind"), ("namespace", "namespace"), ("name", "name")];
            let text = |name: &str| identity.get(name).as_str().map(ToOwned::to_owned);
            names.iter().filter_map(|(of, name)| Some(((*name).to_owned(), text(of)?))).collect()
        }
    };
    let text = |name: &str| given.get(name).filter(|value| !value.is_empty()).cloned();
    let known = ["apiVersion", "kind", "namespace", "name"];
    let complete = given.keys().all(|name| known.contains(&name.as_str()));
    let (Some(api_version), Some(kind), Some(name), true) = (text("apiVersion"), text("kind"), text("name"), complete)
    else {
        return Err(Diagnostic::error(
            "Invalid import id",
            "Import an object by \"apiVersion=v1,kind=ConfigMap,namespace=default,name=example\"; leave namespace out where the kind has none.",
        ));
    };
    let (group, version) = split(&api_version);
    Ok(Named { group: group.to_owned(), version: version.to_owned(), kind, namespace: text("namespace"), name })
}
