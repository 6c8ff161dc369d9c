//! The Kubernetes objects: the Secret that is applied, and what of a live one is stored in state.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_clients::kubernetes::Live;
use tf_plugin::framework::value::Value;

use super::decision::Decision;
use super::disclosure::Contents;
use super::model::BootstrapSecret;
use super::owner;
use crate::cluster::{instance, provenance};

type Texts = BTreeMap<String, String>;

/// The Secret to apply. `resource_version` makes the write fail if somebody changed the Secret meanwhile: needed where
/// contents of the live one are written back. `adopted` notes on it that others made it.
pub(super) fn desired(
    model: &BootstrapSecret,
    decision: &Decision,
    instance: &str,
    adopted: bool,
    resource_version: Option<String>,
) -> Secret {
    let texts = |value: &Value<Texts>| value.as_ref_option().cloned().unwrap_or_default();
    let labels = texts(&model.labels);
    let mut annotations = texts(&model.annotations);
    annotations.insert(instance::ANNOTATION.to_owned(), instance.to_owned());
    if adopted {
        annotations.insert(provenance::ADOPTED.to_owned(), "true".to_owned());
    }
    Secret {
        metadata: ObjectMeta {
            namespace: model.namespace.as_ref_option().cloned(),
            name: model.name.as_ref_option().cloned(),
            labels: (!labels.is_empty()).then_some(labels),
            annotations: Some(annotations),
            resource_version,
            ..ObjectMeta::default()
        },
        type_: model.r#type.as_ref_option().cloned(),
        // False is what the server has by itself; to say it would be a claim that others could contradict.
        immutable: model.immutable.as_ref_option().copied().filter(|immutable| *immutable),
        data: Some(decision.data()),
        ..Secret::default()
    }
}

/// Takes over into `model` what the live Secret says of itself. Contents stay where they are, also those that a label or an
/// annotation repeats. `recorded` says that the labels and annotations of the model were applied: such a value is the user's
/// own, and stays as it is.
pub(super) fn observe(model: &mut BootstrapSecret, live: &Live<Secret>, recorded: bool) {
    let metadata = &live.object.metadata;
    let contents = Contents::of(live.object.data.as_ref());
    model.uid = metadata.uid.clone().into();
    for (stored, live) in
        [(&mut model.labels, metadata.labels.as_ref()), (&mut model.annotations, metadata.annotations.as_ref())]
    {
        if let Value::Value(stored) = stored {
            stored.retain(|key, value| {
                let Some(live) = live.and_then(|live| live.get(key)) else { return false };
                let unchanged = recorded && live == value;
                value.clone_from(live);
                unchanged || !contents.are_disclosed_by(live)
            });
        }
    }
    if let Some(kind) = &live.object.type_ {
        model.r#type = Value::Value(kind.clone());
    }
    model.immutable = Value::Value(live.object.immutable.unwrap_or_default());
    model.owner = owner::of(live, model.takers()).into();
}

/// The labels of a Secret that is taken in, but for those that tools write for themselves and those that disclose what it
/// contains.
pub(super) fn labels_taken_in(live: Option<&Texts>, contents: &Contents) -> Value<Texts> {
    let ours: Texts = of_others(live)
        .filter(|label| !is_disclosure(label, contents))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if ours.is_empty() { Value::Null } else { Value::Value(ours) }
}

/// How many labels a Secret has that disclose what it contains.
pub(super) fn withheld_labels(live: Option<&Texts>, contents: &Contents) -> usize {
    of_others(live).filter(|label| is_disclosure(label, contents)).count()
}

fn of_others(labels: Option<&Texts>) -> impl Iterator<Item = (&String, &String)> {
    let is_tools = |key: &str| key.starts_with("tazlab.io/") || key.starts_with("kubectl.kubernetes.io/");
    labels.into_iter().flatten().filter(move |(key, _)| !is_tools(key))
}

fn is_disclosure((key, value): &(&String, &String), contents: &Contents) -> bool {
    contents.are_disclosed_by(key) || contents.are_disclosed_by(value)
}
