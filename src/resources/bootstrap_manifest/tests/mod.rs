//! Tests of several files together, without a cluster.

use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::resource::{ImportId, Resource};
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::{Datum, Value};

use super::model::BootstrapManifest as Model;
use super::{BootstrapManifest, identity_of};
use crate::manifest::value::dynamic;

fn model() -> Model {
    let mut model: Model = unconfigured().unwrap();
    let manifest =
        serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}});
    model.manifest = Value::Value(dynamic(&manifest));
    model
}

fn refused(change: impl FnOnce(&mut Model)) -> Vec<String> {
    let mut model = model();
    change(&mut model);
    let mut found = Diagnostics::new();
    BootstrapManifest.validate(&model, &mut found);
    found.iter().map(|one| format!("{}: {}", one.attribute, one.summary)).collect()
}

fn expects(fields: &[(&str, &str)]) -> Value<super::model::Expectation> {
    let fields = fields.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Value::Value(super::model::Expectation { conditions: Value::Null, fields: Value::Value(fields) })
}

fn secret(json: &serde_json::Value) -> Value<Datum> {
    Value::Value(dynamic(json))
}

#[test]
fn a_configuration_is_checked_without_a_cluster() {
    assert_eq!(refused(|_| ()), [""; 0]);
    assert_eq!(refused(|model| model.manifest = Value::Unknown), [""; 0]);
    let empty = super::model::Expectation { conditions: Value::Null, fields: Value::Null };
    assert_eq!(refused(|model| model.wait_for = Value::Value(empty)), ["wait_for: wait_for expects nothing"]);
    let open = refused(|model| model.wait_for = expects(&[("status.a[0", "x")]));
    assert_eq!(open, ["wait_for.fields[\"status.a[0\"]: The path cannot be read"]);
    let yaml = refused(|model| (model.yaml, model.manifest) = (Value::Value("a: [".to_owned()), Value::Null));
    assert_eq!(yaml, ["yaml: The text is not valid YAML"]);
}

#[test]
fn what_is_never_stored_is_an_object_and_nothing_waits_for_it() {
    let fine = secret(&serde_json::json!({"spec": {"token": "x"}}));
    assert_eq!(refused(|model| model.manifest_wo = fine.clone()), [""; 0]);
    assert_eq!(refused(|model| model.manifest_wo = secret(&"x".into())), ["manifest_wo: manifest_wo is not an object"]);
    let named = secret(&serde_json::json!({"metadata": {"name": "b"}}));
    assert_eq!(refused(|model| model.manifest_wo = named), ["manifest_wo: manifest_wo has a field that it cannot set"]);
    for path in ["spec.token", "spec"] {
        let found = refused(|model| {
            model.manifest_wo = fine.clone();
            model.wait_for = expects(&[(path, "x")]);
        });
        assert_eq!(found, [format!("wait_for.fields[\"{path}\"]: The field is write-only")]);
    }
}

#[test]
fn an_object_is_named_by_id_and_by_identity() {
    let title = |id: ImportId| identity_of(&id).map(|named| format!("{} {}", named.api_version(), named.title())).ok();
    let id = |text: &str| title(ImportId::Id(text.to_owned()));
    assert_eq!(id("apiVersion=apps/v1,kind=Deployment,namespace=n,name=a").as_deref(), Some("apps/v1 Deployment n/a"));
    assert_eq!(id("apiVersion=v1, kind=Namespace, name=a").as_deref(), Some("v1 Namespace a"));
    for text in [
        "",
        "a",
        "apiVersion=v1,kind=Namespace",
        "apiVersion=v1,kind=Namespace,name=",
        "apiVersion=v1,kind=N,name=a,x=y",
    ] {
        assert_eq!(id(text), None, "{text}");
    }
    let identity = [
        ("api_version", Datum::from("v1")),
        ("kind", "Namespace".into()),
        ("name", "a".into()),
        ("namespace", Datum::Null),
    ];
    assert_eq!(title(ImportId::Identity(Datum::object(identity))).as_deref(), Some("v1 Namespace a"));
}

#[test]
fn every_attribute_can_be_null() {
    let nothing: Model = decode(all_null(&Model::attributes())).unwrap();
    assert!(nothing.named().is_none());
}
