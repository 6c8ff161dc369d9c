//! Objects that two Kustomizations apply: they undo each other's work.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::applied::Applied;
use crate::object::Object;
use crate::problem::{Finding, Id};

/// One object, and who applies it.
struct Claim<'a> {
    by: Vec<&'a str>,
    first: &'a Object,
    second: Option<&'a Object>,
}

pub(super) fn twice(applied: &[Applied]) -> Vec<Finding> {
    let mut claims: BTreeMap<[String; 4], Claim<'_>> = BTreeMap::new();
    for one in applied.iter().filter(|one| !one.elsewhere && !one.is_suspended) {
        for object in one.objects.iter().filter(|object| object.is_known() && is_forced(object)) {
            let claim = claims.entry(object.claim()).or_insert(Claim { by: Vec::new(), first: object, second: None });
            if !claim.by.contains(&one.name.as_str()) {
                if !claim.by.is_empty() {
                    claim.second.get_or_insert(object);
                }
                claim.by.push(&one.name);
            }
        }
    }
    // What the same ones claim is one mistake.
    let mut grouped: BTreeMap<&[&str], Vec<&Claim<'_>>> = BTreeMap::new();
    for claim in claims.values().filter(|claim| claim.second.is_some()) {
        grouped.entry(&claim.by).or_default().push(claim);
    }
    grouped.values().filter_map(|claims| told(claims)).collect()
}

fn told(claims: &[&Claim<'_>]) -> Option<Finding> {
    let place = |claim: &&&Claim<'_>| claim.second.map(|object| (Rc::clone(&object.file), object.at));
    let claim = claims.iter().min_by_key(place)?;
    let object = claim.second?;
    let more = match claims.len() {
        1 => " is".to_owned(),
        2 => " and one more object are".to_owned(),
        many => format!(" and {} more objects are", many - 1),
    };
    let by: Vec<&str> = claim.by.iter().rev().copied().collect();
    let (first, others) = by.split_last()?;
    let text = format!(
        "{}{more} applied by {}, and by {first} ({}:{}): each takes it from the other again and again, and removing it from one may \
         delete it",
        object.shown(),
        others.join(", "),
        claim.first.file,
        claim.first.at.line
    );
    Some(Finding::new(Id::ClaimedTwice, &object.file, object.at, text))
}

/// Does Flux write all of it again and again?
fn is_forced(object: &Object) -> bool {
    let flux = |what: &str, key: &str| object.meta(what, &format!("kustomize.toolkit.fluxcd.io/{key}"));
    let ssa = ["Merge", "IfNotPresent", "Ignore"];
    let is = |key: &str, values: &[&str]| {
        ["labels", "annotations"].into_iter().filter_map(|what| flux(what, key)).any(|value| values.contains(&value))
    };
    !is("ssa", &ssa) && !is("reconcile", &["disabled"])
}
