//! Values of a schema: what a plan leaves unknown, and what apply puts there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

use super::schema::{Attribute, Block};

/// The proposed state with everything unknown that is computed and that nobody set.
pub(super) fn planned(block: &Block, proposed: Datum) -> Datum {
    let Datum::Object(mut entries) = proposed else { return proposed };
    attributes(&block.attributes, &mut entries);
    for (name, nested) in &block.block_types {
        if let Some(entry) = entries.get_mut(name) {
            *entry = each(std::mem::take(entry), &|value| planned(&nested.block, value));
        }
    }
    Datum::Object(entries)
}

fn attributes(schema: &BTreeMap<String, Attribute>, entries: &mut BTreeMap<String, Datum>) {
    for (name, attribute) in schema {
        let Some(entry) = entries.get_mut(name) else { continue };
        if entry.is_null() && attribute.computed {
            *entry = Datum::unknown();
        } else if let Some(nested) = &attribute.nested_type {
            *entry = each(std::mem::take(entry), &|value| match value {
                Datum::Object(mut entries) => {
                    attributes(&nested.attributes, &mut entries);
                    Datum::Object(entries)
                }
                other => other,
            });
        }
    }
}

/// Does `change` to every object of a nested value.
fn each(value: Datum, change: &impl Fn(Datum) -> Datum) -> Datum {
    match value {
        Datum::List(items) => Datum::List(items.into_iter().map(change).collect()),
        Datum::Set(items) => Datum::Set(items.into_iter().map(change).collect()),
        Datum::Map(entries) => Datum::Map(entries.into_iter().map(|(name, value)| (name, change(value))).collect()),
        other => change(other),
    }
}

/// The same with every unknown filled: from `answer` where that says something, else with a value that means nothing.
pub(super) fn filled(kind: &Type, planned: Datum, answer: &Datum) -> Datum {
    match (kind, planned) {
        (_, Datum::Unknown(_)) if !answer.is_null() => completed(kind, answer.clone()),
        (_, Datum::Unknown(_)) => meaningless(kind),
        (Type::Object(kinds), Datum::Object(entries)) => {
            let entries = entries.into_iter().map(|(name, value)| {
                let value = filled(kinds.get(&name).unwrap_or(&Type::Dynamic), value, answer.get(&name));
                (name, value)
            });
            Datum::Object(entries.collect())
        }
        (Type::List(element), Datum::List(items)) => Datum::List(all(element, items)),
        (Type::Set(element), Datum::Set(items)) => Datum::Set(all(element, items)),
        (Type::Map(element), Datum::Map(entries)) => {
            let entries = entries.into_iter().map(|(name, value)| (name, filled(element, value, &Datum::Null)));
            Datum::Map(entries.collect())
        }
        (_, known) => known,
    }
}

fn all(element: &Type, items: Vec<Datum>) -> Vec<Datum> {
    items.into_iter().map(|item| filled(element, item, &Datum::Null)).collect()
}

/// An answer may leave out attributes: computed ones that are null would be planned again.
fn completed(kind: &Type, answer: Datum) -> Datum {
    match (kind, answer) {
        (_, Datum::Null) => meaningless(kind),
        (Type::Object(kinds), Datum::Object(mut entries)) => Datum::object(
            kinds.iter().map(|(name, kind)| (name.clone(), completed(kind, entries.remove(name).unwrap_or_default()))),
        ),
        (_, other) => other,
    }
}

fn meaningless(kind: &Type) -> Datum {
    match kind {
        Type::String | Type::Dynamic => Datum::from("stand-in"),
        Type::Number => Datum::from(0),
        Type::Bool => Datum::from(false),
        Type::List(_) => Datum::List(Vec::new()),
        Type::Set(_) => Datum::Set(Vec::new()),
        Type::Map(_) => Datum::Map(BTreeMap::new()),
        Type::Object(kinds) => Datum::object(kinds.iter().map(|(name, kind)| (name.clone(), meaningless(kind)))),
        Type::Tuple(kinds) => Datum::Tuple(kinds.iter().map(meaningless).collect()),
    }
}

/// The value as JSON, for a program; what is unknown is null.
pub(super) fn json(datum: &Datum) -> Value {
    match datum {
        Datum::Null | Datum::Unknown(_) => Value::Null,
        Datum::Bool(value) => Value::from(*value),
        Datum::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or_default(),
        Datum::String(text) => Value::from(text.clone()),
        Datum::List(items) | Datum::Set(items) | Datum::Tuple(items) => items.iter().map(json).collect(),
        Datum::Map(entries) | Datum::Object(entries) => {
            entries.iter().map(|(name, value)| (name.clone(), json(value))).collect::<Map<_, _>>().into()
        }
        Datum::Dynamic(pair) => json(&pair.1),
    }
}
