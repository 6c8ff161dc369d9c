use std::collections::BTreeMap;

use super::*;
use crate::framework::schema::{AttributeConstraint, Nesting};
use crate::framework::types::Type;
use crate::framework::value::Value;

crate::model! {
    /// A source of a key.
    struct Source {
        /// Where it stands.
        path: Value<String> => required(),
    }
}

crate::model! {
    /// A thing.
    ///
    /// With a second paragraph.
    struct Thing {
        /// The name.
        name: Value<String> => required().requires_replace(),
        /// How many.
        count: Value<i64> => optional().default(2),
        /// Tags.
        tags: Value<Set<String>> => optional(),
        /// Sources by key.
        sources: Value<BTreeMap<String, Source>> => optional(),
        /// Anything.
        anything: Value<Datum> => optional(),
        /// A keyword.
        r#type: Value<String> => computed(),
    }
}

fn thing() -> Datum {
    Datum::object([
        ("name", Datum::from("a")),
        ("count", Datum::from(3)),
        ("tags", Datum::Set(vec!["x".into()])),
        ("sources", Datum::Map([("k".to_owned(), Datum::object([("path", Datum::from("p"))]))].into())),
        ("anything", Datum::Dynamic(Box::new((Type::String, Datum::from("s"))))),
        ("type", Datum::unknown()),
    ])
}

#[test]
fn one_declaration_gives_the_schema() {
    let attributes = Thing::attributes();
    let names: Vec<_> = attributes.iter().map(|attribute| attribute.name).collect();
    assert_eq!(names, ["name", "count", "tags", "sources", "anything", "type"]);
    assert_eq!(attributes[1].rules.constraint, AttributeConstraint::OptionalComputed);
    assert!(
        matches!(&attributes[3].kind, Kind::Nested(Nesting::Map, nested) if nested[0].description == "Where it stands.")
    );
    assert_eq!(attributes[2].kind.value_type(), Type::set(Type::String));
    assert_eq!(Thing::about(), "A thing.\n\nWith a second paragraph.");
}

#[test]
fn values_round_trip() {
    let model: Thing = decode(thing()).unwrap();
    assert_eq!(model.count.as_ref_option(), Some(&3));
    assert!(model.r#type.is_unknown());
    assert_eq!(model.encode(), thing());
}

#[test]
fn an_unknown_inside_makes_the_whole_unknown() {
    let Datum::Object(mut entries) = thing() else { unreachable!() };
    entries.insert("tags".into(), Datum::Set(vec!["x".into(), Datum::unknown()]));
    let model: Thing = decode(Datum::Object(entries)).unwrap();
    assert!(model.tags.is_unknown());
}

#[test]
fn errors_say_where() {
    let Datum::Object(mut entries) = thing() else { unreachable!() };
    entries
        .insert("sources".into(), Datum::Map([("k".to_owned(), Datum::object([("path", Datum::from(true))]))].into()));
    let error = decode::<Thing>(Datum::Object(entries)).unwrap_err();
    assert_eq!(error.to_string(), "sources[\"k\"].path: expected string, found bool");
    let error = decode::<Thing>(Datum::Null).unwrap_err();
    assert_eq!(error.mismatch, Mismatch::Null);
}

#[test]
fn fractions_are_no_integers() {
    let Datum::Object(mut entries) = thing() else { unreachable!() };
    entries.insert("count".into(), Datum::Number("0.5".parse().unwrap()));
    let error = decode::<Thing>(Datum::Object(entries)).unwrap_err();
    assert_eq!(error.to_string(), "count: 0.5 is not a whole number in range");
}
