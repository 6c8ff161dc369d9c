//! What tests that were killed have left in the cluster, for a test that asks for everything that there is.

use serde_json::Value;

use crate::kubectl::{self, PREFIX};
use crate::test_process::is_left;

/// Kinds of which a test may ask for all.
pub const KINDS: [&str; 4] = [
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "externalsecrets.external-secrets.io",
    "secretstores.external-secrets.io",
    "clustersecretstores.external-secrets.io",
];

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

fn namespace(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or_default()
}

fn items(arguments: &[&str]) -> Vec<Value> {
    kubectl::object(arguments).unwrap_or_default()["items"].as_array().cloned().unwrap_or_default()
}

/// Removes the namespaces of tests whose process has ended, and the objects of Flux and External Secrets that are of no test any
/// more. Gives what is there still, of whomsoever: `kind namespace/name`.
pub fn remove() -> Vec<String> {
    let namespaces = items(&["namespaces"]);
    let (left, alive): (Vec<&Value>, Vec<&Value>) =
        namespaces.iter().filter(|one| name(one).starts_with(PREFIX)).partition(|one| is_left(one));
    for dead in left.iter().filter(|dead| dead["metadata"]["deletionTimestamp"].is_null()) {
        crate::flux::remove_kustomizations(name(dead));
        drop(kubectl::kubectl(&["delete", "namespace", name(dead), "--ignore-not-found", "--wait=false"]));
    }
    // An object in no namespace has the name of its test's namespace before its own.
    let is_of = |object: &Value, test: &Value| {
        let (own, test) = (name(object), name(test));
        namespace(object) == test || own == test || own.strip_prefix(test).is_some_and(|rest| rest.starts_with('-'))
    };
    let objects = items(&[KINDS.join(",").as_str(), "--all-namespaces"]);
    let is_orphan = |object: &&Value| {
        [namespace(object), name(object)].iter().any(|place| place.starts_with(PREFIX))
            && !alive.iter().any(|test| is_of(object, test))
    };
    let (orphans, others): (Vec<&Value>, Vec<&Value>) = objects.iter().partition(is_orphan);
    // The others go with their namespace.
    let stays = |orphan: &&&Value| !left.iter().any(|dead| name(dead) == namespace(orphan));
    for orphan in orphans.iter().filter(stays) {
        let kind = orphan["kind"].as_str().unwrap_or_default();
        let mut delete = vec!["delete", kind, name(orphan), "--ignore-not-found", "--wait=false"];
        if !namespace(orphan).is_empty() {
            delete.extend(["--namespace", namespace(orphan)]);
        }
        drop(kubectl::kubectl(&delete));
    }
    let told = |object: &&Value| {
        format!("{} {}/{}", object["kind"].as_str().unwrap_or_default(), namespace(object), name(object))
    };
    orphans.iter().chain(&others).map(told).collect()
}
