//! In which order problems are told, by who waits for whom: causes first. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Reference;

/// Where an object stands in the report.
pub(super) struct Place<'a> {
    pub(super) object: &'a Reference,
    is_cause: bool,
    /// How many wait for it, by way of others too.
    pub(super) followers: usize,
    /// It and what it waits for wait for each other.
    pub(super) circular: bool,
}

/// Causes first, those before the others for which most are waiting; then what waits for something else.
pub(super) fn order<'a>(waits: &BTreeMap<&'a Reference, Vec<&'a Reference>>) -> Vec<Place<'a>> {
    let mut awaited_by: BTreeMap<&Reference, Vec<&'a Reference>> = BTreeMap::new();
    for (object, others) in waits {
        for other in others {
            awaited_by.entry(other).or_default().push(object);
        }
    }
    let mut grounded: BTreeSet<&Reference> = BTreeSet::new();
    for (object, _) in waits.iter().filter(|(_, others)| others.is_empty()) {
        grounded.insert(object);
        grounded.extend(followers(&awaited_by, object));
    }
    let mut places: Vec<Place<'a>> = waits
        .iter()
        .map(|(object, others)| {
            let circular = !grounded.contains(object);
            let is_cause = others.is_empty() || circular;
            let mut behind = if is_cause { followers(&awaited_by, object) } else { BTreeSet::new() };
            behind.remove(object);
            Place { object, is_cause, circular, followers: behind.len() }
        })
        .collect();
    places.sort_by_key(|place| (!place.is_cause, std::cmp::Reverse(place.followers), place.object.clone()));
    places
}

/// Those that wait for an object, by way of others too.
fn followers<'a>(
    awaited_by: &BTreeMap<&'a Reference, Vec<&'a Reference>>,
    object: &'a Reference,
) -> BTreeSet<&'a Reference> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![object]);
    while let Some(object) = next.pop() {
        let more = awaited_by.get(object).into_iter().flatten();
        next.extend(more.filter(|follower| seen.insert(**follower)).copied());
    }
    seen
}
