//! The configuration of an object that is stored, as a client writes it for an import. Pure, and by the schema alone; what only a
//! resource knows it adds itself ([`Resource::generate`](super::resource::Resource::generate)).

use std::collections::BTreeMap;

use super::schema::{Attribute, Kind, Nesting};
use super::validation::{Relation, is_said};
use super::value::Datum;

type Entries = BTreeMap<String, Datum>;

/// `state` without what no configuration says: what the provider sets, what is never stored, former names, and what a default says by
/// itself. Of arguments that exclude each other one stays, rather one that the provider would not fill in by itself.
#[must_use]
pub fn configuration(attributes: &[Attribute], state: Datum) -> Datum {
    let Datum::Object(mut entries) = state else { return state };
    for attribute in attributes {
        if let Some(place) = entries.get_mut(attribute.name) {
            *place = said(attribute, std::mem::take(place));
        }
    }
    leave_out_losers(attributes, &mut entries);
    Datum::Object(entries)
}

fn said(attribute: &Attribute, value: Datum) -> Datum {
    let rules = &attribute.rules;
    let is_users = attribute.is_configurable() && !rules.write_only && !rules.sensitive && rules.replaced_by.is_none();
    if !is_users || rules.default.as_ref() == Some(&value) {
        return Datum::Null;
    }
    match &attribute.kind {
        Kind::Nested(nesting, nested) => said_inside(*nesting, nested, value),
        Kind::Plain(_) => value,
    }
}

fn said_inside(nesting: Nesting, nested: &[Attribute], value: Datum) -> Datum {
    let each = |items: Vec<Datum>| items.into_iter().map(|item| configuration(nested, item)).collect();
    match (nesting, value) {
        (Nesting::Single, value) => configuration(nested, value),
        (_, Datum::List(items)) => Datum::List(each(items)),
        (_, Datum::Set(items)) => Datum::Set(each(items)),
        (_, Datum::Map(entries)) => {
            Datum::Map(entries.into_iter().map(|(key, item)| (key, configuration(nested, item))).collect())
        }
        (_, other) => other,
    }
}

/// Leaves out what the checks of a configuration would refuse beside its siblings.
fn leave_out_losers(attributes: &[Attribute], entries: &mut Entries) {
    for attribute in attributes {
        for relation in &attribute.rules.relations {
            if let Relation::ConflictsWith(siblings) | Relation::ExactlyOneWith(siblings) = relation {
                for sibling in *siblings {
                    if is_said(attributes, entries, attribute.name) && is_said(attributes, entries, sibling) {
                        let loser = if is_filled_in(attributes, sibling) { sibling } else { attribute.name };
                        entries.insert(loser.to_owned(), Datum::Null);
                    }
                }
            }
        }
    }
    // What is left out may be needed by another, so again, as long as something goes.
    loop {
        let lacks = |attribute: &&Attribute| {
            let needs = |relation: &Relation| match relation {
                Relation::Requires(siblings) => {
                    siblings.iter().any(|sibling| entries.get(*sibling).is_none_or(Datum::is_null))
                }
                _ => false,
            };
            is_said(attributes, entries, attribute.name) && attribute.rules.relations.iter().any(needs)
        };
        let Some(lacking) = attributes.iter().find(lacks) else { return };
        entries.insert(lacking.name.to_owned(), Datum::Null);
    }
}

/// Does the provider fill it in where the configuration says nothing?
fn is_filled_in(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|one| one.name == name && one.is_computed() && one.rules.default.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::model::{AttributeValue, Model, decode};
    use crate::framework::validation::validate;
    use crate::framework::value::Value;

    crate::model! {
        /// Where a lock is.
        struct Place {
            /// The door.
            door: Value<String> => required(),
            /// The side.
            side: Value<String> => optional().default("left"),
        }
    }

    crate::model! {
        /// A lock.
        struct Lock {
            /// Its name.
            name: Value<String> => required(),
            /// What it was called before.
            title: Value<String> => optional().replaced_by("name"),
            /// How many bolts.
            bolts: Value<i64> => optional().default(2).conflicts_with(&["plan"]),
            /// How many springs.
            springs: Value<i64> => optional().conflicts_with(&["plan"]),
            /// All of it, made from the others where it is not given.
            plan: Value<String> => optional_computed(),
            /// Where they are.
            places: Value<Vec<Place>> => optional(),
            /// By number.
            code: Value<String> => optional().sensitive().write_only(),
            /// Which number this is.
            code_version: Value<i64> => optional().requires(&["code"]),
            /// Needs a version.
            dated: Value<bool> => optional().requires(&["code_version"]),
            /// When it was made.
            made: Value<String> => computed(),
        }
    }

    /// A lock that is stored, with more or other attributes.
    fn stored(other: &[(&str, Datum)]) -> Datum {
        let nothing = ["title", "springs", "plan", "places", "code", "code_version", "dated"];
        let mut all: Entries = nothing.map(|name| (name.to_owned(), Datum::Null)).into();
        all.extend(
            [("name", Datum::from("a")), ("bolts", Datum::from(2)), ("made", Datum::from("today"))]
                .map(|(n, v)| (n.to_owned(), v)),
        );
        all.extend(other.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Datum::Object(all)
    }

    fn generated(other: &[(&str, Datum)]) -> Datum {
        let config = configuration(&Lock::attributes(), stored(other));
        assert!(validate(&Lock::attributes(), &config).is_empty(), "it validates");
        assert!(decode::<Lock>(config.clone()).is_ok());
        config
    }

    #[test]
    fn what_the_provider_sets_and_what_a_default_says_are_left_out() {
        let config = generated(&[("title", Datum::from("a")), ("springs", Datum::from(1))]);
        assert_eq!(*config.get("name"), Datum::from("a"));
        assert_eq!(*config.get("springs"), Datum::from(1));
        for name in ["bolts", "made", "title"] {
            assert!(config.get(name).is_null(), "{name}");
        }
        assert_eq!(*generated(&[("bolts", Datum::from(3))]).get("bolts"), Datum::from(3));
    }

    #[test]
    fn of_arguments_that_exclude_each_other_the_one_that_is_filled_in_loses() {
        let config = generated(&[("plan", Datum::from("all"))]);
        assert_eq!(*config.get("plan"), Datum::from("all"), "the bolts stand at their default");
        let config = generated(&[("plan", Datum::from("all")), ("springs", Datum::from(1))]);
        assert_eq!((config.get("plan"), config.get("springs")), (&Datum::Null, &Datum::from(1)));
    }

    #[test]
    fn what_needs_a_sibling_that_is_never_stored_is_left_out_with_what_needs_it() {
        let config = generated(&[("code_version", Datum::from(1)), ("dated", Datum::from(true))]);
        assert_eq!((config.get("code_version"), config.get("dated")), (&Datum::Null, &Datum::Null));
    }

    #[test]
    fn defaults_inside_are_left_out_too() {
        let place = |door: &str, side: &str| Place { door: Value::Value(door.into()), side: Value::Value(side.into()) };
        let places = Datum::List(vec![place("front", "left").encode(), place("back", "right").encode()]);
        let config = generated(&[("places", places)]);
        let Datum::List(places) = config.get("places") else { panic!("a list") };
        assert!(places[0].get("side").is_null());
        assert_eq!(*places[1].get("side"), Datum::from("right"));
    }
}
