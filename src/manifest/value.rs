//! Between Terraform's values and JSON. Pure.
//!
//! Kubernetes knows no difference between a list, a set and a tuple, nor between an attribute that is null and one that is not
//! there, and it keeps numbers as 64 bits: so two values of Terraform may be one in JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Number as JsonNumber, Value as Json};
use tf_plugin::framework::number::Number;
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

/// A value as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partial {
    /// What is known of it, without nulls in objects.
    pub json: Json,
    /// Where it is not known: keys of objects and places in lists.
    pub unknown: Vec<Vec<String>>,
    /// Numbers that have no JSON form in 64 bits.
    pub unfit: Vec<Vec<String>>,
}

impl Partial {
    /// Is everything known?
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.unknown.is_empty()
    }

    /// May the value at `path`, or something in it, be other than what is known?
    #[must_use]
    pub fn is_unknown_at(&self, path: &[&str]) -> bool {
        self.unknown.iter().any(|unknown| {
            let shorter = unknown.len().min(path.len());
            unknown.iter().take(shorter).zip(path).all(|(one, other)| one == other)
        })
    }
}

/// Reads a value of Terraform.
#[must_use]
pub fn partial(datum: &Datum) -> Partial {
    let mut found = Partial::default();
    found.json = read(datum, &mut Vec::new(), &mut found.unknown, &mut found.unfit).unwrap_or(Json::Null);
    found
}

type Paths = Vec<Vec<String>>;

fn read(datum: &Datum, path: &mut Vec<String>, unknown: &mut Paths, unfit: &mut Paths) -> Option<Json> {
    match datum {
        Datum::Null => None,
        Datum::Unknown(_) => {
            unknown.push(path.clone());
            None
        }
        Datum::Bool(value) => Some(Json::Bool(*value)),
        Datum::String(text) => Some(Json::String(text.clone())),
        Datum::Number(number) => {
            let json = json_number(number);
            if json.is_none() {
                unfit.push(path.clone());
            }
            json.map(Json::Number)
        }
        Datum::List(items) | Datum::Set(items) | Datum::Tuple(items) => {
            let mut all = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                all.push(read(item, path, unknown, unfit).unwrap_or(Json::Null));
                path.pop();
            }
            Some(Json::Array(all))
        }
        Datum::Map(entries) | Datum::Object(entries) => {
            let mut all = Map::new();
            for (key, value) in entries {
                path.push(key.clone());
                if let Some(value) = read(value, path, unknown, unfit) {
                    all.insert(key.clone(), value);
                }
                path.pop();
            }
            Some(Json::Object(all))
        }
        Datum::Dynamic(pair) => read(&pair.1, path, unknown, unfit),
    }
}

/// The number in the form that Kubernetes keeps: the same number, and of a fraction, of which Terraform keeps more digits, the nearest.
fn json_number(number: &Number) -> Option<JsonNumber> {
    if let Some(whole) = number.as_i64() {
        return Some(whole.into());
    }
    if let Ok(whole) = number.to_string().parse::<u64>() {
        return Some(whole.into());
    }
    let float = number.to_f64_lossy();
    JsonNumber::from_f64(float).filter(|_| !number.is_whole() || Number::from_f64(float).as_ref() == Some(number))
}

/// The value with the type that Terraform would give it: objects and tuples.
#[must_use]
pub fn dynamic(json: &Json) -> Datum {
    let (kind, datum) = typed(json);
    Datum::Dynamic(Box::new((kind, datum)))
}

fn typed(json: &Json) -> (Type, Datum) {
    match json {
        Json::Null => (Type::Dynamic, Datum::Null),
        Json::Bool(value) => (Type::Bool, Datum::Bool(*value)),
        Json::String(text) => (Type::String, Datum::from(text.as_str())),
        Json::Number(number) => (Type::Number, number.to_string().parse().map_or(Datum::Null, Datum::Number)),
        Json::Array(items) => {
            let (kinds, items) = items.iter().map(typed).unzip();
            (Type::Tuple(kinds), Datum::Tuple(items))
        }
        Json::Object(entries) => {
            let mut kinds = BTreeMap::new();
            let mut values = BTreeMap::new();
            for (key, value) in entries {
                let (kind, datum) = typed(value);
                kinds.insert(key.clone(), kind);
                values.insert(key.clone(), datum);
            }
            (Type::Object(kinds), Datum::Object(values))
        }
    }
}

/// Do both mean the same to Kubernetes? Nulls in objects, the order of keys and the spelling of numbers count for nothing.
#[must_use]
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            // Each pair is compared once: twice at every level would double the work with every level.
            let set = |all: &Map<String, Json>| all.values().filter(|value| !value.is_null()).count();
            let alike = |(key, value): (&String, &Json)| b.get(key).is_some_and(|beside| same(value, beside));
            set(a) == set(b) && a.iter().filter(|(_, value)| !value.is_null()).all(alike)
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Number(a), Json::Number(b)) => {
            let parsed = |number: &JsonNumber| number.to_string().parse::<Number>().ok();
            a == b || parsed(a) == parsed(b)
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(text: &str) -> Datum {
        Datum::Number(text.parse().unwrap())
    }

    #[test]
    fn every_form_of_terraform_has_one_in_json() {
        let datum = Datum::object([
            ("whole", number("1.0")),
            ("large", number("18446744073709551615")),
            ("small", number("-9223372036854775808")),
            ("half", number("0.5")),
            ("nothing", Datum::Null),
            ("list", Datum::List(vec!["a".into(), Datum::Null])),
            ("set", Datum::Set(vec![Datum::from(true)])),
            ("tuple", Datum::Tuple(Vec::new())),
            ("map", Datum::Map([("k".to_owned(), Datum::Null)].into())),
            ("any", Datum::Dynamic(Box::new((Type::String, "text".into())))),
        ]);
        let found = partial(&datum);
        let expected = json!({"whole": 1, "large": u64::MAX, "small": i64::MIN, "half": 0.5, "list": ["a", null],
            "set": [true], "tuple": [], "map": {}, "any": "text"});
        assert_eq!((found.json, found.unknown.len(), found.unfit.len()), (expected, 0, 0));
    }

    #[test]
    fn what_is_unknown_or_does_not_fit_is_told_with_its_place() {
        let datum = Datum::object([
            ("spec", Datum::object([("a", Datum::unknown()), ("b", Datum::Tuple(vec![1.into(), Datum::unknown()]))])),
            ("huge", number("1e40")),
            ("third", number("0.333333333333333333333333333333333333333333")),
            ("long", number("18446744073709551617")),
        ]);
        let found = partial(&datum);
        assert_eq!(found.json, json!({"huge": 1e40, "third": 1.0 / 3.0, "spec": {"b": [1, null]}}));
        assert_eq!(found.unknown, [vec!["spec", "a"], vec!["spec", "b", "1"]]);
        assert_eq!(found.unfit, [["long"]]);
        for (path, unknown) in [(&["spec"][..], true), (&["spec", "a", "x"], true), (&["spec", "c"], false)] {
            assert_eq!(found.is_unknown_at(path), unknown, "{path:?}");
        }
        assert!(partial(&Datum::unknown()).is_unknown_at(&["kind"]), "as a whole");
    }

    #[test]
    fn json_comes_back_as_it_was() {
        let json = json!({"a": [1, "x", null, {"b": []}], "c": 1.5, "d": {}, "e": u64::MAX});
        assert_eq!(partial(&dynamic(&json)).json, json);
    }

    #[test]
    fn a_level_more_does_not_double_the_work() {
        // As deep as the schemas of real definitions, and a little more.
        let deep = |end: i64| (0..100).fold(json!(end), |inner, _| json!({"properties": inner, "type": "object"}));
        assert!(same(&deep(1), &deep(1)) && !same(&deep(1), &deep(2)));
    }

    #[test]
    fn the_same_is_told_from_what_differs() {
        assert!(same(&json!({"a": 1, "b": null}), &json!({"a": 1.0})));
        assert!(same(&json!({"a": {"b": null}}), &json!({"a": {}})));
        for (a, b) in [
            (json!({"a": 1}), json!({"a": "1"})),
            (json!({"a": {}}), json!({})),
            (json!({"a": 1, "b": null}), json!({"b": 1, "a": null})),
            (json!({"a": []}), json!({"a": [null]})),
            (json!([1, 2]), json!([2, 1])),
        ] {
            assert!(!same(&a, &b) && !same(&b, &a), "{a} {b}");
        }
    }
}
