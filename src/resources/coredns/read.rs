//! Read and import.

use serde_json::Value as Json;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{ImportId, Reading, State};
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::errors::CorednsError;
use super::identity_names;
use super::model::Coredns as Model;
use super::objects::COREFILE;
use super::parts::{APP, Part};
use super::sight::{Sight, look};
use super::taken_in::take_in;
use crate::cluster::instance;
use crate::configured::Configured;

pub(super) async fn read(context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
    let provider = context.provider()?;
    let mut state = state;
    let sight = match look(&provider.cluster, context, &state.model).await {
        Ok(sight) => sight,
        // The way to the cluster is not known (yet, or any more): what is stored is all there is.
        Err(failure) if failure.is_gap() => return Ok(Reading::Unseen),
        Err(failure) => {
            let gone = provider.cluster.is_gone(failure, &state.private).await;
            let failed = |failure| CorednsError::Look { id: state.model.id(), failure }.diagnostics(&state.model);
            let failure = gone.map_err(failed)?;
            provider.cluster.tell_kept(context, &title(&state.model), &failure);
            return Ok(Reading::Unseen);
        }
    };
    if sight.parts.is_empty() {
        provider.cluster.warn_if_elsewhere(context, &title(&state.model), &state.private).await;
        return Ok(Reading::Gone);
    }
    observe(&mut state.model, &sight);
    provider.cluster.record_origin(context, &mut state.private).await.map_err(Diagnostic::from)?;
    Ok(Reading::Present(state))
}

/// What it is called, for people.
pub(super) fn title(model: &Model) -> String {
    format!("CoreDNS {}", model.id())
}

/// Takes over into `model` what the live objects say of themselves. What is missing keeps its stored value: the plan
/// makes it again.
fn observe(model: &mut Model, sight: &Sight) {
    model.ready_replicas = Value::Value(sight.ready_replicas());
    if let Some(live) = sight.deployment() {
        let text = |pointer: &str| live.object.value.pointer(pointer).and_then(Json::as_str).map(ToOwned::to_owned);
        model.uid = live.object.metadata.uid.clone().into();
        if let Some(replicas) = live.object.value.pointer("/spec/replicas").and_then(Json::as_i64) {
            model.replicas = Value::Value(replicas);
        }
        if let Some(image) = text("/spec/template/spec/containers/0/image") {
            model.image = Value::Value(image);
        }
        if let Some(class) = text("/spec/template/spec/priorityClassName") {
            model.priority_class = Value::Value(class);
        }
    }
    if let Some(corefile) = sight.file(COREFILE) {
        model.corefile = Value::Value(corefile.to_owned());
    }
}

pub(super) async fn import(context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
    let (namespace, name) = identity_names(&id)?;
    // What a configuration without any argument would have: every default.
    let attributes = Model::attributes();
    let nothing = all_null(&attributes);
    let mut model: Model = decode(settle(&attributes, &nothing, nothing.clone())).map_err(Diagnostic::from)?;
    model.namespace = Value::Value(namespace);
    model.name = Value::Value(name);
    let provider = context.provider()?;
    let mut sight = seen(context, provider, &model).await?;
    let Some(live) = sight.deployment() else {
        let detail =
            format!("{} does not exist in the cluster of this provider configuration.", Part::Deployment.title(&model));
        return Err(Diagnostic::error("There is nothing to import", detail).into());
    };
    let label = live.object.value.pointer("/spec/selector/matchLabels").and_then(|labels| labels.get(APP)?.as_str());
    let mut private = Private::default();
    instance::keep(&mut private, instance::on(&live.object.metadata)).map_err(Diagnostic::from)?;
    if let Some(label) = label
        && label != model.service()
    {
        model.service_name = Value::Value(label.to_owned());
        sight = seen(context, provider, &model).await?;
    }
    observe(&mut model, &sight);
    if let Some(live) = sight.deployment() {
        take_in(&mut model, &live.object.value);
    }
    model.cluster_ip = sight.address().map(ToOwned::to_owned).into();
    provider.cluster.record_origin(context, &mut private).await.map_err(Diagnostic::from)?;
    Ok(State { model, private })
}

async fn seen(context: &Context<Configured>, provider: &Configured, model: &Model) -> Result<Sight, Diagnostics> {
    let told = |failure| CorednsError::Look { id: model.id(), failure }.diagnostics(model);
    look(&provider.cluster, context, model).await.map_err(told)
}
