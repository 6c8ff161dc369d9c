//! Takes over the state of what other providers make of manifests, for a `moved` block. What they keep of the object stays behind,
//! but what names it: the manifest of the new block is recorded by the first apply, which also takes over their field managers.

use serde::Deserialize;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{MoveSource, State};
use tf_plugin::framework::value::Value;

use super::model::BootstrapManifest as Model;
use super::read::named_only;
use super::record::note_former;
use crate::manifest::object::{Named, split};

/// The beginnings of the field managers of these providers, and of `kubectl`, which some of them contain.
pub(super) const FORMER: &[&str] = &["HashiCorp", "Terraform", "kubectl"];

/// A `kubernetes_manifest` of `hashicorp/kubernetes`.
#[derive(Deserialize)]
struct KubernetesManifest {
    manifest: Dynamic,
}

/// A dynamic attribute, as a state file has it.
#[derive(Deserialize)]
struct Dynamic {
    value: Object,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    api_version: String,
    kind: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    namespace: Option<String>,
    uid: Option<String>,
}

/// A `kubectl_manifest` of `gavinbunney/kubectl` or `alekc/kubectl`.
#[derive(Deserialize)]
struct KubectlManifest {
    api_version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
    uid: Option<String>,
}

/// A typed object of `hashicorp/kubernetes`.
#[derive(Deserialize)]
struct Typed {
    /// One block, as a list.
    metadata: Vec<Metadata>,
}

pub(super) fn move_state(source: &MoveSource<'_>) -> Result<Option<State<Model>>, Diagnostic> {
    let of_kubernetes = |types: &[&str]| source.is_one_of("hashicorp/kubernetes", types);
    let (named, uid) = if of_kubernetes(&["kubernetes_manifest"]) {
        let Object { api_version, kind, metadata } = source.read::<KubernetesManifest>()?.manifest.value;
        (named(&api_version, kind, metadata.namespace, metadata.name), None)
    } else if ["gavinbunney/kubectl", "alekc/kubectl"].iter().any(|name| source.is_one_of(name, &["kubectl_manifest"]))
    {
        let KubectlManifest { api_version, kind, name, namespace, uid } = source.read()?;
        (named(&api_version, kind, namespace.filter(|namespace| !namespace.is_empty()), name), uid)
    } else if of_kubernetes(&["kubernetes_namespace", "kubernetes_namespace_v1"]) {
        let metadata = typed(source)?;
        (named("v1", "Namespace".to_owned(), None, metadata.name), metadata.uid)
    } else if of_kubernetes(&["kubernetes_config_map", "kubernetes_config_map_v1"]) {
        let metadata = typed(source)?;
        let namespace = metadata.namespace.unwrap_or_else(|| "default".to_owned());
        (named("v1", "ConfigMap".to_owned(), Some(namespace), metadata.name), metadata.uid)
    } else {
        return Ok(None);
    };
    let mut model = named_only(&named)?;
    model.uid = Value::from(uid.filter(|uid| !uid.is_empty()));
    let mut private = Private::default();
    note_former(&mut private)?;
    Ok(Some(State { model, private }))
}

fn named(api_version: &str, kind: String, namespace: Option<String>, name: String) -> Named {
    let (group, version) = split(api_version);
    Named { group: group.to_owned(), version: version.to_owned(), kind, namespace, name }
}

fn typed(source: &MoveSource<'_>) -> Result<Metadata, Diagnostic> {
    source.read::<Typed>()?.metadata.into_iter().next().ok_or_else(|| {
        let detail = format!("The stored state of {} names no object: it has no metadata.", source.type_name);
        Diagnostic::error("State cannot be moved", detail)
    })
}

#[cfg(test)]
mod tests {
    use tf_plugin::framework::model::AttributeValue;

    use super::*;

    const KUBERNETES: &str = "registry.terraform.io/hashicorp/kubernetes";

    fn moved(provider: &str, type_name: &str, state: &str) -> Option<State<Model>> {
        move_state(&MoveSource { provider, type_name, schema_version: 1, state: state.as_bytes() }).unwrap()
    }

    #[test]
    fn what_names_the_object_comes_over_and_nothing_else() {
        let manifest = r#"{"manifest": {"type": ["object", {}], "value": {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "a", "namespace": "n"}, "spec": {"token": "s3cret"}}}, "object": {"value": {"spec": {"token": "s3cret"}}}}"#;
        let kubectl = r#"{"api_version": "apps/v1", "kind": "Deployment", "name": "a", "namespace": "n", "uid": "u",
            "yaml_body": "s3cret", "yaml_incluster": "s3cret", "live_manifest_incluster": "s3cret"}"#;
        for (provider, type_name, state) in [
            (KUBERNETES, "kubernetes_manifest", manifest),
            ("registry.terraform.io/gavinbunney/kubectl", "kubectl_manifest", kubectl),
            ("registry.opentofu.org/alekc/kubectl", "kubectl_manifest", kubectl),
        ] {
            let state = moved(provider, type_name, state).unwrap();
            let named = state.model.named().unwrap();
            assert_eq!((named.title().as_str(), named.api_version().as_str()), ("Deployment n/a", "apps/v1"));
            let kept = format!("{:?} {:?}", state.model.body().unwrap(), state.private);
            assert!(!kept.contains("s3cret") && kept.contains("former"), "{kept}");
            assert!(state.model.encode().is_wholly_known());
        }
    }

    #[test]
    fn typed_objects_are_named_by_their_metadata() {
        let state = r#"{"metadata": [{"name": "a", "namespace": "n", "uid": "u", "labels": {}}], "data": {"k": "v"}}"#;
        let title =
            |type_name: &str| moved(KUBERNETES, type_name, state).map(|state| state.model.named().unwrap().title());
        assert_eq!(title("kubernetes_config_map").as_deref(), Some("ConfigMap n/a"));
        assert_eq!(title("kubernetes_namespace_v1").as_deref(), Some("Namespace a"));
        assert_eq!(title("kubernetes_secret"), None);
        assert!(moved("registry.terraform.io/somebody/kubernetes", "kubernetes_manifest", state).is_none());
    }

    #[test]
    fn a_state_of_another_form_is_refused_and_not_repeated() {
        let source =
            |state| MoveSource { provider: KUBERNETES, type_name: "kubernetes_manifest", schema_version: 1, state };
        for state in [&b"{\"manifest\": \"s3cret\"}"[..], b"s3cret"] {
            let refused = move_state(&source(state)).unwrap_err();
            assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
        }
    }
}
