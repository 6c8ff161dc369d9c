//! Objects as controllers write them, and the reports that follow. No cluster is asked.

mod missing;
mod objects;
mod report;
mod rules;
mod targets;

use serde_json::{Value, json};

use super::kind::{Id, ObjectKind};
use super::look::with_type;
use super::objects::Observed;
use super::picture::{Picture, Told};
use super::sighting::Sighting;
use super::{objects as read, wanted::Wanted};

fn id(text: &str) -> Id {
    let (namespace, name) = text.split_once('/').unwrap_or(("", text));
    Id { namespace: namespace.to_owned(), name: name.to_owned() }
}

/// An object as it is listed, with more fields than are read.
fn sighting(kind: ObjectKind, object: &Value) -> Sighting {
    use read as objects;
    with_type!(kind, Read => serde_json::from_value::<Read>(object.clone()).unwrap().sighting())
}

/// An object with one condition.
fn object(name: &str, condition: &Value, spec: &Value) -> Value {
    let Id { namespace, name } = id(name);
    let conditions = if condition.is_null() { json!([]) } else { json!([condition]) };
    json!({
        "apiVersion": "x/v1", "kind": "X", "spec": spec,
        "metadata": {"namespace": namespace, "name": name, "generation": 1, "managedFields": [{"manager": "m"}]},
        "status": {"observedGeneration": 1, "conditions": conditions},
    })
}

fn ready() -> Value {
    json!({"type": "Ready", "status": "True", "reason": "Succeeded", "message": "m", "observedGeneration": 1})
}

fn failed(reason: &str, message: &str) -> Value {
    json!({"type": "Ready", "status": "False", "reason": reason, "message": message, "observedGeneration": 1})
}

fn picture(objects: &[(ObjectKind, Value)]) -> Picture {
    let mut picture = Picture::default();
    for (kind, _) in objects {
        let all = objects.iter().filter(|(other, _)| other == kind).map(|(kind, object)| sighting(*kind, object));
        picture.see(*kind, Told::All(all.collect()));
    }
    picture
}

fn wanted(arguments: &[(&str, &[&str])]) -> Wanted {
    let mut wanted = Wanted::default();
    for (argument, texts) in arguments {
        wanted.ask(argument, &texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    }
    wanted
}
