//! Takes over the state of the Secrets of `hashicorp/kubernetes`, for a `moved` block. Its data, which that provider keeps in
//! state, is compared with the labels and goes nowhere: the sources of the new block say what the Secret holds.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use tazlab_redacted::{SecretBytes, SecretText};
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{MoveSource, State};
use tf_plugin::framework::value::Value;

use super::disclosure::Contents;
use super::model::BootstrapSecret as Model;
use super::object::labels_taken_in;
use super::read::named;

/// What is taken of a `kubernetes_secret`, by the names of its schema.
#[derive(Deserialize)]
struct KubernetesSecret {
    /// One block, as a list.
    metadata: Vec<Metadata>,
    r#type: Option<String>,
    immutable: Option<bool>,
    data: Option<BTreeMap<String, Option<Content>>>,
    binary_data: Option<BTreeMap<String, Option<Content>>>,
}

/// A content, which is wiped when it is dropped.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Content(SecretText);

impl From<String> for Content {
    fn from(content: String) -> Self {
        Self(SecretText::new(content))
    }
}

impl KubernetesSecret {
    fn contents(&self) -> Contents {
        let each = |map: &Option<BTreeMap<String, Option<Content>>>| -> Vec<SecretText> {
            map.iter().flatten().filter_map(|(_, content)| Some(content.as_ref()?.0.clone())).collect()
        };
        let binary = each(&self.binary_data).into_iter().filter_map(|content| {
            let decoded = BASE64_STANDARD.decode(content.expose()).ok()?;
            Some(SecretBytes::new(decoded))
        });
        let binary: Vec<SecretBytes> = binary.collect();
        let text = each(&self.data);
        let text = text.iter().map(|content| content.expose().as_bytes());
        Contents::from(text.chain(binary.iter().map(|content| content.expose().as_slice())))
    }
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    namespace: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    uid: Option<String>,
}

/// As an import, it knows of no id of ours on the Secret: the first update writes one.
pub(super) fn move_state(source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostic> {
    if !source.is_one_of("hashicorp/kubernetes", &["kubernetes_secret", "kubernetes_secret_v1"]) {
        return Ok(None);
    }
    let secret: KubernetesSecret = source.read()?;
    let contents = secret.contents();
    let Some(metadata) = secret.metadata.into_iter().next() else {
        let detail = format!("The stored state of {} names no Secret: it has no metadata.", source.type_name);
        return Err(Diagnostic::error("State cannot be moved", detail));
    };
    let mut model = named(metadata.namespace.as_deref().unwrap_or("default"), &metadata.name)?;
    // Annotations are others' as often as not, and may repeat the data: those of the configuration are recorded by the first
    // apply.
    model.labels = labels_taken_in(metadata.labels.as_ref(), &contents);
    if let Some(kind) = secret.r#type {
        model.r#type = Value::Value(kind);
    }
    model.immutable = Value::Value(secret.immutable.unwrap_or_default());
    model.uid = metadata.uid.into();
    model.changed_keys = Value::Value(String::new());
    Ok(Some(State { model, private: Private::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_plugin::framework::model::AttributeValue;

    fn moved(provider: &str, type_name: &str, state: &str) -> Result<Option<State<Model>>, Diagnostic> {
        move_state(&MoveSource { provider, type_name, schema_version: 0, state: state.as_bytes() })
    }

    #[test]
    fn what_names_the_secret_comes_over_and_its_data_does_not() {
        let state = r#"{"data": {"key": "s3cret"}, "binary_data": {"b": "czNjcmV0"}, "type": "kubernetes.io/tls", "immutable": null,
            "metadata": [{"name": "a", "namespace": "n", "labels": {"app": "x"}, "annotations": {}, "uid": "u"}]}"#;
        for provider in ["registry.terraform.io/hashicorp/kubernetes", "registry.opentofu.org/hashicorp/kubernetes"] {
            let moved = moved(provider, "kubernetes_secret_v1", state).unwrap().unwrap();
            assert_eq!((moved.model.id(), moved.model.uid.as_deref_option()), ("n/a".to_owned(), Some("u")));
            assert_eq!(moved.model.r#type.as_deref_option(), Some("kubernetes.io/tls"));
            assert!(moved.model.annotations.is_null() && moved.private.to_bytes().is_empty());
            let encoded = format!("{:?}", moved.model.encode());
            assert!(
                encoded.contains("app") && !encoded.contains("s3cret") && !encoded.contains("czNjcmV0"),
                "{encoded}"
            );
        }
    }

    #[test]
    fn labels_and_annotations_that_repeat_the_data_stay_behind() {
        let state = r#"{"data": {"key": "s3cret-text"}, "binary_data": {"b": "czNjcmV0LWJ5dGVz"}, "type": "Opaque", "immutable": null,
            "metadata": [{"name": "a", "namespace": "n", "uid": "u", "annotations": {"kapp.k14s.io/original": "s3cret-text"},
            "labels": {"app": "x", "text": "s3cret-text", "bytes": "s3cret-bytes", "encoded": "czNjcmV0LXRleHQ"}}]}"#;
        let moved = moved("registry.terraform.io/hashicorp/kubernetes", "kubernetes_secret", state).unwrap().unwrap();
        assert_eq!(moved.model.labels, Value::Value([("app".to_owned(), "x".to_owned())].into()));
        let encoded = format!("{:?}", moved.model.encode());
        assert!(!encoded.contains("s3cret") && !encoded.contains("czNjcmV0"), "{encoded}");
    }

    #[test]
    fn others_are_not_taken_and_a_state_of_another_form_is_not_repeated() {
        let kubernetes = "registry.terraform.io/hashicorp/kubernetes";
        assert!(moved(kubernetes, "kubernetes_config_map", "{}").unwrap().is_none());
        assert!(moved("registry.terraform.io/somebody/kubernetes", "kubernetes_secret", "{}").unwrap().is_none());
        for state in [r#"{"metadata": "s3cret"}"#, r#"{"metadata": []}"#, "s3cret"] {
            let refused = moved(kubernetes, "kubernetes_secret", state).unwrap_err();
            assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
        }
    }
}
