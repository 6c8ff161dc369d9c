//! Who waits for whom: dependencies that nobody fulfils, those that lead back, and namespaces that come after what needs them.

use std::collections::{BTreeMap, BTreeSet};

use super::applied::Applied;
use super::follow::Cluster;
use crate::object::Object;
use crate::problem::{Finding, Id};
use crate::substitute::UNKNOWN;

/// Kustomizations by name.
pub(crate) type Known<'a> = BTreeMap<&'a str, &'a Applied>;

pub(crate) fn known(applied: &[Applied]) -> Known<'_> {
    applied.iter().map(|one| (one.name.as_str(), one)).collect()
}

/// Does one depend on another, directly or by way of others?
pub(crate) fn depends(known: &Known<'_>, one: &Applied, on: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = one.depends_on.iter().map(|(name, _)| name.as_str()).collect();
    while let Some(name) = open.pop() {
        if name == on {
            return true;
        }
        if seen.insert(name)
            && let Some(next) = known.get(name)
        {
            open.extend(next.depends_on.iter().map(|(name, _)| name.as_str()));
        }
    }
    false
}

/// Dependencies that nobody fulfils, and circles.
pub(super) fn check(cluster: &Cluster, notes: &mut Vec<Finding>) -> Vec<Finding> {
    let known = known(&cluster.applied);
    let mut found = Vec::new();
    for one in cluster.applied.iter().filter(|one| !one.is_suspended) {
        for (name, at) in one.depends_on.iter().filter(|(name, _)| !name.contains(UNKNOWN)) {
            if known.contains_key(name.as_str()) {
                continue;
            }
            let near = known.keys().map(|other| (strsim::osa_distance(other, name), *other)).min();
            let near = near.filter(|(distance, _)| *distance <= 2).map(|(_, other)| other);
            let hint = near.map(|other| format!("; did you mean {other}?")).unwrap_or_default();
            let text = format!("dependsOn: no Kustomization {name} is applied, and {} waits for it{hint}", one.name);
            let finding = Finding::new(Id::MissingDependency, &one.file, *at, text);
            if cluster.is_open && near.is_none() { notes.push(finding) } else { found.push(finding) }
        }
        if depends(&known, one, &one.name) {
            let text =
                format!("dependsOn: {} depends on itself, by way of others or not: it is never applied", one.name);
            found.push(Finding::new(Id::DependencyCycle, &one.file, one.at, text));
        }
    }
    found
}

/// Namespaces that Kubernetes or Flux has before anything is applied.
const THERE: &[&str] = &["", "default", "flux-system", "kube-node-lease", "kube-public", "kube-system"];

/// A Kustomization that needs a namespace which only those make that wait for it is never applied.
pub(super) fn namespaces(cluster: &Cluster) -> Vec<Finding> {
    let known = known(&cluster.applied);
    let mut makers: BTreeMap<&str, Vec<&Applied>> = BTreeMap::new();
    for one in cluster.applied.iter().filter(|one| !one.elsewhere) {
        for object in one.objects.iter().filter(|object| is_namespace(object)) {
            makers.entry(&object.name).or_default().push(one);
        }
    }
    let mut found = Vec::new();
    if cluster.is_open {
        return found;
    }
    for one in cluster.applied.iter().filter(|one| !one.elsewhere && !one.is_suspended) {
        let mut seen = BTreeSet::new();
        for object in &one.objects {
            let namespace = object.effective_namespace();
            if THERE.contains(&namespace) || !object.is_known() || !seen.insert(namespace) {
                continue;
            }
            let Some(makers) = makers.get(namespace) else { continue };
            let waits = |maker: &&&Applied| maker.name != one.name && depends(&known, maker, &one.name);
            let Some(first) = makers.first().filter(|_| makers.iter().filter(waits).count() == makers.len()) else {
                continue;
            };
            let text = format!(
                "{} needs namespace {namespace}, which {} makes, and that waits for {}: neither is ever applied",
                object.shown(),
                first.name,
                one.name
            );
            found.push(Finding::new(Id::NamespaceOrder, &object.file, object.at, text));
        }
    }
    found
}

fn is_namespace(object: &Object) -> bool {
    object.kind == "Namespace" && object.group.is_empty()
}
