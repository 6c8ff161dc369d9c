//! The Kubernetes objects: the Secret that is applied, and what of a live one is stored in state.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::decision::Decision;
use super::model::BootstrapSecret;
use super::owner;
use crate::clients::kubernetes::Live;
use crate::cluster::instance;
use crate::framework::value::Value;

type Texts = BTreeMap<String, String>;

/// The Secret to apply. `resource_version` makes the write fail if somebody changed the Secret meanwhile: needed where
/// contents of the live one are written back.
pub(super) fn desired(
    model: &BootstrapSecret,
    decision: &Decision,
    instance: &str,
    resource_version: Option<String>,
) -> Secret {
    let texts = |value: &Value<Texts>| value.as_ref_option().cloned().unwrap_or_default();
    let labels = texts(&model.labels);
    let mut annotations = texts(&model.annotations);
    annotations.insert(instance::ANNOTATION.to_owned(), instance.to_owned());
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

/// Takes over into `model` what the live Secret says of itself. Contents stay where they are.
pub(super) fn observe(model: &mut BootstrapSecret, live: &Live<Secret>) {
    let metadata = &live.object.metadata;
    model.uid = metadata.uid.clone().into();
    model.labels = of_ours(&model.labels, metadata.labels.as_ref());
    model.annotations = of_ours(&model.annotations, metadata.annotations.as_ref());
    if let Some(kind) = &live.object.type_ {
        model.r#type = Value::Value(kind.clone());
    }
    model.immutable = Value::Value(live.object.immutable.unwrap_or_default());
    model.owner = owner::of(live, model.takers()).into();
}

/// The live values of the labels (or annotations) that the state has; those of others are theirs.
fn of_ours(stored: &Value<Texts>, live: Option<&Texts>) -> Value<Texts> {
    match stored {
        Value::Value(stored) => {
            Value::Value(stored.keys().filter_map(|key| Some((key.clone(), live?.get(key)?.clone()))).collect())
        }
        other => other.clone(),
    }
}

/// All labels (or annotations) of a Secret that is imported, but for those that tools write for themselves.
pub(super) fn imported(live: Option<&Texts>) -> Value<Texts> {
    let ours: Texts = live
        .into_iter()
        .flatten()
        .filter(|(key, _)| !key.starts_with("tazlab.io/") && !key.starts_with("kubectl.kubernetes.io/"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if ours.is_empty() { Value::Null } else { Value::Value(ours) }
}
