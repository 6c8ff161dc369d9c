//! `provider::tazlab::manifests(text)`: the objects of a text of YAML, by what names them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

use crate::manifest::object::split;
use crate::manifest::value::dynamic;
use crate::manifest::yaml::{Document, documents};

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct Manifests;

impl Function for Manifests {
    fn name(&self) -> &'static str {
        "manifests"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new(
                "text",
                Type::String,
                "YAML documents, or JSON, as `kubectl apply` reads them.",
            )],
            variadic: None,
            returns: Type::Dynamic,
            summary: "Returns the objects of a YAML text, for for_each.",
            description: "Splits and parses YAML documents into one object, whose attributes are the manifests, keyed by `group/kind/namespace/name`: `apps/Deployment/default/web`. The group of the core and the namespace of what has none are empty: `/Namespace//web`. It is an object and not a map, since manifests have different types; `for_each` accepts it. Empty documents are left out, and a `List` becomes its items. Two documents of one object are an error. Fields that are null are kept as null, which `tazlab_bootstrap_manifest` reads as absent.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let Some(text) = arguments.first().and_then(Datum::as_str) else {
            return Err(FunctionError::argument(0, "The manifests must be text."));
        };
        let all = documents(text).map_err(|error| FunctionError::argument(0, format!("{error}.")))?;
        let mut found = BTreeMap::new();
        for Document { at, json } in all {
            for object in items(json) {
                let wrong =
                    |text: String| FunctionError::argument(0, format!("The document at line {}: {text}.", at.line));
                let key = key(&object).map_err(wrong)?;
                if found.contains_key(&key) {
                    return Err(wrong(format!("the object {key} is there twice")));
                }
                found.insert(key, object);
            }
        }
        let objects: Map<String, Json> = found.into_iter().collect();
        Ok(dynamic(&Json::Object(objects)))
    }
}

/// The items of a list, or the object itself.
fn items(json: Json) -> Vec<Json> {
    let is_list = json.get("kind").and_then(Json::as_str).is_some_and(|kind| kind.ends_with("List"));
    match json.get("items") {
        Some(Json::Array(items)) if is_list => items.clone(),
        _ => vec![json],
    }
}

fn key(object: &Json) -> Result<String, String> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Json::as_str).filter(|text| !text.is_empty());
    let needed = |pointer: &str, name: &str| text(pointer).ok_or_else(|| format!("it has no {name}"));
    let (group, _) = split(needed("/apiVersion", "apiVersion")?);
    let (kind, name) = (needed("/kind", "kind")?, needed("/metadata/name", "metadata.name")?);
    Ok(format!("{group}/{kind}/{}/{name}", text("/metadata/namespace").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Result<BTreeMap<String, Datum>, FunctionError> {
        match Manifests.call(vec![text.into()])? {
            Datum::Dynamic(pair) => match pair.1 {
                Datum::Object(all) => Ok(all),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_object_is_found_by_its_name() {
        let text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n---\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: default\nspec: {replicas: 2, paused: null}\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: n}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: n}}\n";
        let found = call(text).unwrap();
        let keys: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(keys, ["/ConfigMap/n/a", "/ConfigMap/n/b", "/Namespace//web", "apps/Deployment/default/web"]);
        assert_eq!(found["apps/Deployment/default/web"].get("spec").get("replicas"), &Datum::from(2));
        assert!(call("").unwrap().is_empty());
    }

    #[test]
    fn what_names_no_object_or_one_twice_is_refused() {
        let refused = |text: &str| call(text).unwrap_err().text;
        assert_eq!(refused("a: 1"), "The document at line 1: it has no apiVersion.");
        assert!(refused("a: [").contains("line 1"));
        let one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        assert!(refused(&format!("{one}---\n{one}")).contains("/ConfigMap//a is there twice"));
    }
}
