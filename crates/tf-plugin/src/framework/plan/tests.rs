use std::collections::BTreeMap;

use super::*;
use crate::framework::model::{AttributeValue, Model, Set};
use crate::framework::value::Value;

crate::model! {
    /// A part.
    struct Part {
        /// Its size.
        size: Value<i64> => optional().default(1),
        /// Its number, given by the provider.
        serial: Value<String> => computed().use_state_for_unknown(),
        /// Its seal.
        seal: Value<String> => optional().write_only(),
        /// Its make: another one is another machine.
        make: Value<String> => optional().requires_replace(),
    }
}

crate::model! {
    /// A machine.
    struct Machine {
        /// Name.
        name: Value<String> => required().requires_replace(),
        /// Colour.
        colour: Value<String> => optional().default("grey"),
        /// Id.
        id: Value<String> => computed().use_state_for_unknown(),
        /// Time of the last change.
        changed: Value<String> => computed(),
        /// Zone.
        zone: Value<String> => optional_computed(),
        /// Key.
        key: Value<String> => optional().write_only(),
        /// Parts by place.
        parts: Value<BTreeMap<String, Part>> => optional(),
        /// Spare parts.
        spares: Value<Set<Part>> => optional(),
    }
}

fn object(entries: &[(&str, Datum)]) -> Datum {
    let Datum::Object(mut all) = all_null(&Machine::attributes()) else { unreachable!() };
    all.extend(entries.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Datum::Object(all)
}

fn part(size: Datum, serial: Datum, make: Datum) -> Datum {
    Datum::object([("size", size), ("serial", serial), ("seal", Datum::Null), ("make", make)])
}

fn grey_machine() -> Datum {
    object(&[
        ("name", "m".into()),
        ("colour", "grey".into()),
        ("id", "1".into()),
        ("changed", "t".into()),
        ("zone", "z".into()),
    ])
}

fn plan(config: &Datum, prior: &Datum, proposed: Datum) -> Datum {
    let attributes = Machine::attributes();
    let settled = settle(&attributes, config, proposed);
    if settled == *prior { settled } else { expect_changes(&attributes, config, prior, settled) }
}

#[test]
fn a_create_has_defaults_and_unknowns_and_no_write_only_values() {
    let config = object(&[("name", "m".into()), ("key", "s3cret".into())]);
    let planned = plan(&config, &Datum::Null, config.clone());
    assert_eq!(*planned.get("colour"), Datum::from("grey"));
    assert!(planned.get("key").is_null());
    for name in ["id", "changed", "zone"] {
        assert!(planned.get(name).is_unknown(), "{name}");
    }
}

#[test]
fn nothing_changes_when_nothing_changes() {
    let prior = grey_machine();
    let config = object(&[("name", "m".into()), ("key", "s3cret".into())]);
    let Datum::Object(mut proposed) = prior.clone() else { unreachable!() };
    proposed.insert("key".into(), "s3cret".into());
    proposed.insert("colour".into(), Datum::from("grey"));
    assert_eq!(plan(&config, &prior, Datum::Object(proposed)), prior);
}

#[test]
fn an_update_keeps_what_keeps_and_asks_for_the_rest() {
    let prior = grey_machine();
    let config = object(&[("name", "m".into()), ("colour", "red".into())]);
    let Datum::Object(mut proposed) = prior.clone() else { unreachable!() };
    proposed.insert("colour".into(), "red".into());
    let planned = plan(&config, &prior, Datum::Object(proposed));
    assert_eq!(*planned.get("id"), Datum::from("1"));
    assert!(planned.get("changed").is_unknown());
    assert!(planned.get("zone").is_unknown());
    assert!(requires_replace(&Machine::attributes(), &prior, &planned).is_empty());
}

#[test]
fn nested_attributes_have_the_same_rules() {
    let config = object(&[
        ("name", "m".into()),
        ("parts", Datum::Map([("left".to_owned(), part(Datum::Null, Datum::Null, "x".into()))].into())),
    ]);
    let planned = plan(&config, &Datum::Null, config.clone());
    let left = planned.get("parts").get("left");
    assert_eq!(*left.get("size"), Datum::from(1));
    assert!(left.get("serial").is_unknown());

    let prior = object(&[
        ("name", "m".into()),
        ("parts", Datum::Map([("left".to_owned(), part(2.into(), "9".into(), "y".into()))].into())),
    ]);
    let planned = plan(&config, &prior, config.clone());
    assert_eq!(*planned.get("parts").get("left").get("serial"), Datum::from("9"));
    let paths: Vec<_> =
        requires_replace(&Machine::attributes(), &prior, &planned).iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["parts[\"left\"].make"]);
}

#[test]
fn members_of_sets_get_defaults_and_lose_write_only_values() {
    let member = Datum::object([
        ("size", Datum::Null),
        ("serial", Datum::Null),
        ("seal", "s3cret".into()),
        ("make", Datum::Null),
    ]);
    let config = object(&[("name", "m".into()), ("spares", Datum::Set(vec![member]))]);
    let planned = plan(&config, &Datum::Null, config.clone());
    let Datum::Set(members) = planned.get("spares") else { panic!("no set") };
    assert_eq!(*members[0].get("size"), Datum::from(1));
    assert!(members[0].get("seal").is_null());
}

#[test]
fn a_replaced_name_is_a_replacement() {
    let prior = object(&[("name", "a".into())]);
    let planned = object(&[("name", Datum::unknown())]);
    assert_eq!(requires_replace(&Machine::attributes(), &prior, &planned), [AttributePath::new("name")]);
}

#[test]
fn a_resource_changes_only_what_it_says() {
    let planned =
        object(&[("name", "m".into()), ("parts", Datum::Map([("left".to_owned(), Datum::unknown())].into()))]);
    let before: Machine = decode(planned.clone()).unwrap();
    let mut after = before.clone();
    after.zone = Value::Value("north".to_owned());
    let merged = merge(planned.clone(), &before.encode(), after.encode());
    assert_eq!(*merged.get("zone"), Datum::from("north"));
    // The typed model sees no more than "unknown" here; the plan keeps the known key.
    assert_eq!(merged.get("parts"), planned.get("parts"));
}

#[test]
fn stored_state_is_known() {
    assert!(forget_unknowns(object(&[("id", Datum::unknown())])).is_wholly_known());
}

#[test]
fn what_is_not_stored_gets_defaults_and_keeps_write_only_values() {
    let part = Datum::object([
        ("size", Datum::Null),
        ("serial", Datum::Null),
        ("seal", "s3cret".into()),
        ("make", Datum::Null),
    ]);
    let config = object(&[("key", "s3cret".into()), ("parts", Datum::Map([("left".to_owned(), part)].into()))]);
    let settled = with_defaults(&Machine::attributes(), config);
    assert_eq!(*settled.get("colour"), Datum::from("grey"));
    assert_eq!(*settled.get("key"), Datum::from("s3cret"));
    let left = settled.get("parts").get("left");
    assert_eq!((left.get("size"), left.get("seal")), (&Datum::from(1), &Datum::from("s3cret")));
}
