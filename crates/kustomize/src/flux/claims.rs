//! Objects that two Kustomizations apply: they undo each other's work.

use std::collections::BTreeMap;

use super::applied::Applied;
use crate::object::Object;
use crate::problem::{Finding, Id};

pub(super) fn twice(applied: &[Applied]) -> Vec<Finding> {
    let mut claims: BTreeMap<[String; 4], (&Applied, &Object)> = BTreeMap::new();
    let mut found = Vec::new();
    for one in applied.iter().filter(|one| !one.elsewhere && !one.is_suspended) {
        for object in one.objects.iter().filter(|object| object.is_known() && is_forced(object)) {
            match claims.get(&object.claim()) {
                Some((other, first)) if other.name != one.name => {
                    let text = format!(
                        "{} is applied by {} and by {} ({}): one undoes what the other does",
                        object.shown(),
                        one.name,
                        other.name,
                        first.file
                    );
                    found.push(Finding::new(Id::ClaimedTwice, &object.file, object.at, text));
                }
                Some(_) => {}
                None => drop(claims.insert(object.claim(), (one, object))),
            }
        }
    }
    found
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
