//! The plan rules that follow from a schema: defaults, write-only values, what becomes unknown, what keeps its value,
//! what forces replacement. Pure functions over values; the order is that of `docs/design/facts/protocol.md`, section 3.

use std::collections::BTreeMap;

use super::AttributePath;
use super::model::{DecodeError, Model, decode};
use super::schema::{Attribute, Kind, Nesting, all_null};
use super::value::Datum;

/// The proposed state with defaults where the configuration says nothing, and without write-only values.
#[must_use]
pub fn settle(attributes: &[Attribute], config: &Datum, proposed: Datum) -> Datum {
    rewrite(attributes, config, proposed, &|attribute, config, value| {
        if attribute.rules.write_only {
            Datum::Null
        } else if let Some(default) = attribute.rules.default.as_ref().filter(|_| config.is_null()) {
            default.clone()
        } else {
            value
        }
    })
}

/// What a configuration without any argument would have: every default. The beginning of what is imported or listed.
///
/// # Errors
/// [`DecodeError`] when the model cannot be without a value for each of its attributes.
pub fn unconfigured<M: Model>() -> Result<M, DecodeError> {
    let attributes = M::attributes();
    let nothing = all_null(&attributes);
    decode(settle(&attributes, &nothing, nothing.clone()))
}

/// A configuration with its defaults, write-only values included: what a call that stores nothing works from.
#[must_use]
pub fn with_defaults(attributes: &[Attribute], config: Datum) -> Datum {
    rewrite(attributes, &Datum::Null, config, &|attribute, _, value| match &attribute.rules.default {
        Some(default) if value.is_null() => default.clone(),
        _ => value,
    })
}

/// A state without its write-only values.
#[must_use]
pub fn without_write_only(attributes: &[Attribute], state: Datum) -> Datum {
    rewrite(attributes, &Datum::Null, state, &|attribute, _, value| {
        if attribute.rules.write_only { Datum::Null } else { value }
    })
}

/// The planned state with every computed attribute unknown that neither the configuration nor a default sets.
/// Attributes that keep their state get it back from `prior`.
#[must_use]
pub fn expect_changes(attributes: &[Attribute], config: &Datum, prior: &Datum, planned: Datum) -> Datum {
    let marked = rewrite(attributes, config, planned, &|attribute, config, value| {
        let settable = attribute.is_computed() && config.is_null() && attribute.rules.default.is_none();
        if settable { Datum::unknown() } else { value }
    });
    keep_state(attributes, prior, marked)
}

fn keep_state(attributes: &[Attribute], prior: &Datum, planned: Datum) -> Datum {
    rewrite(attributes, prior, planned, &|attribute, prior, value| {
        let keeps = attribute.rules.keeps_state && value.is_unknown() && !prior.is_null();
        if keeps { prior.clone() } else { value }
    })
}

/// Applies `rule` to each attribute of `value`, beside the same attribute of `other`, and then to what is nested in it.
/// Members of sets have no partner in `other`: they are given themselves.
fn rewrite(
    attributes: &[Attribute],
    other: &Datum,
    value: Datum,
    rule: &dyn Fn(&Attribute, &Datum, Datum) -> Datum,
) -> Datum {
    let Datum::Object(mut entries) = value else { return value };
    for attribute in attributes {
        // In its place: a plan goes over each attribute several times, and a name need not be made again for it.
        let Some(place) = entries.get_mut(attribute.name) else { continue };
        let beside = other.get(attribute.name);
        let mut settled = rule(attribute, beside, std::mem::replace(place, Datum::Null));
        if let Kind::Nested(nesting, nested) = &attribute.kind {
            settled = rewrite_nested(*nesting, nested, beside, settled, rule);
        }
        *place = settled;
    }
    Datum::Object(entries)
}

fn rewrite_nested(
    nesting: Nesting,
    nested: &[Attribute],
    other: &Datum,
    value: Datum,
    rule: &dyn Fn(&Attribute, &Datum, Datum) -> Datum,
) -> Datum {
    match (nesting, value) {
        (Nesting::Single, value) => rewrite(nested, other, value, rule),
        (_, Datum::List(items)) => {
            let beside: &[Datum] = if let Datum::List(items) = other { items } else { &[] };
            Datum::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| rewrite(nested, beside.get(index).unwrap_or(&Datum::Null), item, rule))
                    .collect(),
            )
        }
        (_, Datum::Set(items)) => Datum::Set(
            items
                .into_iter()
                .map(|item| {
                    let itself = item.clone();
                    rewrite(nested, &itself, item, rule)
                })
                .collect(),
        ),
        (_, Datum::Map(entries)) => Datum::Map(
            entries
                .into_iter()
                .map(|(key, item)| {
                    let rewritten = rewrite(nested, other.get(&key), item, rule);
                    (key, rewritten)
                })
                .collect(),
        ),
        (_, other) => other,
    }
}

/// The attributes whose planned change forces replacement.
#[must_use]
pub fn requires_replace(attributes: &[Attribute], prior: &Datum, planned: &Datum) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    if matches!(prior, Datum::Object(_)) {
        collect_replacements(attributes, prior, planned, &AttributePath::root(), &mut paths);
    }
    paths
}

fn collect_replacements(
    attributes: &[Attribute],
    prior: &Datum,
    planned: &Datum,
    path: &AttributePath,
    paths: &mut Vec<AttributePath>,
) {
    for attribute in attributes {
        let (before, after) = (prior.get(attribute.name), planned.get(attribute.name));
        if before == after {
            continue;
        }
        let path = path.clone().attribute(attribute.name);
        if attribute.rules.requires_replace {
            paths.push(path);
            continue;
        }
        let Kind::Nested(nesting, nested) = &attribute.kind else { continue };
        match (nesting, before, after) {
            (Nesting::Single, Datum::Object(_), Datum::Object(_)) => {
                collect_replacements(nested, before, after, &path, paths);
            }
            (Nesting::List, Datum::List(old), Datum::List(new)) => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    let path = path.clone().index(i64::try_from(index).unwrap_or(i64::MAX));
                    collect_replacements(nested, old, new, &path, paths);
                }
            }
            (Nesting::Map, Datum::Map(old), Datum::Map(new)) => {
                for (key, old) in old {
                    if let Some(new) = new.get(key) {
                        collect_replacements(nested, old, new, &path.clone().key(key.clone()), paths);
                    }
                }
            }
            // Terraform ignores paths into sets.
            _ => {}
        }
    }
}

/// `planned` with the attributes that differ between `before` and `after`, as `after` has them: what a resource said
/// about the plan, without what its typed model could not express.
#[must_use]
pub fn merge(planned: Datum, before: &Datum, after: Datum) -> Datum {
    let (Datum::Object(mut entries), Datum::Object(after)) = (planned, after) else { return before.clone() };
    for (name, value) in after {
        if value != *before.get(&name) {
            entries.insert(name, value);
        }
    }
    Datum::Object(entries)
}

/// The same value with null for whatever is unknown: stored state must be known.
#[must_use]
pub fn forget_unknowns(value: Datum) -> Datum {
    let all = |items: Vec<Datum>| items.into_iter().map(forget_unknowns).collect();
    let each = |entries: BTreeMap<String, Datum>| {
        entries.into_iter().map(|(key, value)| (key, forget_unknowns(value))).collect()
    };
    match value {
        Datum::Unknown(_) => Datum::Null,
        Datum::List(items) => Datum::List(all(items)),
        Datum::Set(items) => Datum::Set(all(items)),
        Datum::Tuple(items) => Datum::Tuple(all(items)),
        Datum::Map(entries) => Datum::Map(each(entries)),
        Datum::Object(entries) => Datum::Object(each(entries)),
        Datum::Dynamic(pair) => Datum::Dynamic(Box::new((pair.0, forget_unknowns(pair.1)))),
        known => known,
    }
}

#[cfg(test)]
mod tests;
