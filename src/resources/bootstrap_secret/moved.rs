//! Takes over the state of the Secrets of `hashicorp/kubernetes`, for a `moved` block. Its data, which that provider keeps in
//! state, is not even read: the sources of the new block say what the Secret holds.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::model::BootstrapSecret as Model;
use super::read::named;
use crate::framework::diagnostics::Diagnostic;
use crate::framework::model::Set;
use crate::framework::private::Private;
use crate::framework::resource::{MoveSource, State};
use crate::framework::value::Value;

/// What is taken of a `kubernetes_secret`, by the names of its schema.
#[derive(Deserialize)]
struct KubernetesSecret {
    /// One block, as a list.
    metadata: Vec<Metadata>,
    r#type: Option<String>,
    immutable: Option<bool>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    namespace: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
    uid: Option<String>,
}

/// As an import, it knows of no id of ours on the Secret: the first update writes one.
pub(super) fn move_state(source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostic> {
    if !source.is_one_of("hashicorp/kubernetes", &["kubernetes_secret", "kubernetes_secret_v1"]) {
        return Ok(None);
    }
    let secret: KubernetesSecret = source.read()?;
    let Some(metadata) = secret.metadata.into_iter().next() else {
        let detail = format!("The stored state of {} names no Secret: it has no metadata.", source.type_name);
        return Err(Diagnostic::error("State that cannot be taken over", detail));
    };
    let mut model = named(metadata.namespace.as_deref().unwrap_or("default"), &metadata.name)?;
    let texts = |texts: Option<BTreeMap<String, String>>| texts.filter(|texts| !texts.is_empty()).into();
    model.labels = texts(metadata.labels);
    model.annotations = texts(metadata.annotations);
    if let Some(kind) = secret.r#type {
        model.r#type = Value::Value(kind);
    }
    model.immutable = Value::Value(secret.immutable.unwrap_or_default());
    model.uid = metadata.uid.into();
    model.changed_keys = Value::Value(Set(Vec::new()));
    Ok(Some(State { model, private: Private::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::model::AttributeValue;

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
