//! JSON merge patches (RFC 7386), for the part of an object that is never stored. Pure.

use serde_json::{Map, Value as Json};
use tazlab_redacted::SecretText;

/// `target` with `patch` merged over it.
pub fn merge(target: &mut Json, patch: &Json) {
    let Json::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    let Some(fields) = target.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Json::Null), change);
        }
    }
}

/// The paths that a patch sets: where it has anything but an object. A list is one value.
#[must_use]
pub fn paths(patch: &Json) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(patch, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Json, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match value {
        Json::Object(fields) if !fields.is_empty() || path.is_empty() => {
            for (name, value) in fields {
                path.push(name.clone());
                collect(value, path, found);
                path.pop();
            }
        }
        _ => found.push(path.clone()),
    }
}

/// Where a patch has an object and the target another value, which the patch would replace with all that it does not set.
#[must_use]
pub fn replaced(target: &Json, patch: &Json) -> Option<Vec<String>> {
    let (Some(there), Some(changes)) = (target.as_object(), patch.as_object()) else {
        return (!target.is_null() && !target.is_object() && patch.is_object()).then(Vec::new);
    };
    changes.iter().find_map(|(name, change)| {
        let mut below = replaced(there.get(name)?, change)?;
        below.insert(0, name.clone());
        Some(below)
    })
}

/// What of these paths a manifest names itself. Where it names less than a path, an empty name stands for the rest: that something is
/// there, and not how it is called.
#[must_use]
pub fn concealed(manifest: &Json, paths: &[Vec<String>]) -> Vec<Vec<String>> {
    let of = |path: &Vec<String>| {
        let (mut named, mut there) = (Vec::new(), manifest);
        for name in path {
            let Some(below) = there.get(name) else {
                named.push(String::new());
                break;
            };
            named.push(name.clone());
            there = below;
        }
        named
    };
    let mut found: Vec<Vec<String>> = paths.iter().map(of).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The value at a path.
#[must_use]
pub fn at<'a>(json: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(json, |json, name| json.get(name))
}

/// Sets what another object has at these paths.
pub fn copy(target: &mut Json, from: &Json, paths: &[Vec<String>]) {
    for path in paths {
        let Some(value) = at(from, path) else { continue };
        let patch = path.iter().rev().fold(value.clone(), |value, name| {
            let mut fields = Map::new();
            fields.insert(name.clone(), value);
            Json::Object(fields)
        });
        merge(target, &patch);
    }
}

/// Every text and number in a value: what no message may repeat.
#[must_use]
pub fn secrets(json: &Json) -> Vec<SecretText> {
    match json {
        Json::String(text) => vec![SecretText::new(text.clone())],
        Json::Number(number) => vec![SecretText::new(number.to_string())],
        Json::Array(items) => items.iter().flat_map(secrets).collect(),
        Json::Object(fields) => fields.values().flat_map(secrets).collect(),
        Json::Null | Json::Bool(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn an_object_over_another_value_is_found() {
        let target = json!({"spec": {"conf": "placeholder", "list": [1], "map": {"a": 1}, "none": null}});
        let at = |patch: Json| replaced(&target, &patch).map(|path| path.join("."));
        assert_eq!(at(json!({"spec": {"conf": {"password": "x"}}})).as_deref(), Some("spec.conf"));
        assert_eq!(at(json!({"spec": {"list": {"a": "x"}}})).as_deref(), Some("spec.list"));
        let fine = json!({"spec": {"conf": "x", "list": ["x"], "map": {"b": {"c": 1}}, "none": {"d": 1}, "new": {}}});
        assert_eq!(at(fine), None);
    }

    use super::*;

    #[test]
    fn patches_merge_as_the_rfc_says() {
        // The examples of its appendix A.
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, &patch);
            assert_eq!(merged, result, "{target} {patch}");
        }
    }

    #[test]
    fn only_names_that_the_manifest_has_are_kept_of_a_path() {
        let manifest = json!({"spec": {"auth": {"user": "x", "token": "placeholder"}, "keys": []}});
        let path = |text: &str| text.split('.').map(ToOwned::to_owned).collect::<Vec<_>>();
        let paths = ["spec.auth.token", "spec.auth.n4m3.a", "spec.auth.n4m3.b", "spec.keys", "data.s3cret"].map(path);
        let found = concealed(&manifest, &paths);
        assert_eq!(found, ["", "spec.auth.", "spec.auth.token", "spec.keys"].map(path));
    }

    #[test]
    fn the_paths_of_a_patch_are_its_values() {
        let patch = json!({"spec": {"auth": {"token": "s3cret"}, "keys": [{"a": "s"}], "gone": null, "none": {}}});
        let mut found = paths(&patch);
        found.sort();
        assert_eq!(
            found,
            [vec!["spec", "auth", "token"], vec!["spec", "gone"], vec!["spec", "keys"], vec!["spec", "none"]]
        );
        assert!(paths(&json!({})).is_empty());
        let mut target = json!({"spec": {"url": "u", "keys": [1]}});
        copy(&mut target, &json!({"spec": {"auth": {"token": "live"}, "keys": [2], "other": 1}}), &found);
        assert_eq!(target, json!({"spec": {"url": "u", "auth": {"token": "live"}, "keys": [2]}}));
        let told: Vec<String> = secrets(&patch).iter().map(|secret| secret.expose().clone()).collect();
        assert_eq!(told, ["s3cret", "s"]);
    }
}
