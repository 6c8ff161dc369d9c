//! Where two values differ, and the manifest that shows it. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::value::same;

/// The manifest with the live values where these are not the expected ones, and as it was written everywhere else.
#[must_use]
pub fn overlay(written: &Json, expected: &Json, live: &Json) -> Json {
    if same(expected, live) {
        return written.clone();
    }
    match (written, expected, live) {
        (Json::Object(written), Json::Object(expected), Json::Object(live)) => {
            let written_names: BTreeSet<&String> = written.keys().collect();
            let mut all = Map::new();
            for (name, value) in written {
                match (expected.get(name), live.get(name)) {
                    (Some(expected), Some(live)) => {
                        all.insert(name.clone(), overlay(value, expected, live));
                    }
                    (None, Some(live)) => {
                        all.insert(name.clone(), live.clone());
                    }
                    (None, None) => {
                        all.insert(name.clone(), value.clone());
                    }
                    (Some(_), None) => {}
                }
            }
            // What somebody added to a value that is ours as a whole.
            let added = live.iter().filter(|(name, _)| !written_names.contains(name));
            for (name, value) in added {
                if !expected.get(name).is_some_and(|expected| same(expected, value)) {
                    all.insert(name.clone(), value.clone());
                }
            }
            Json::Object(all)
        }
        (Json::Array(written), Json::Array(expected), Json::Array(live))
            if written.len() == expected.len() && expected.len() == live.len() =>
        {
            let items = written.iter().zip(expected).zip(live);
            Json::Array(items.map(|((written, expected), live)| overlay(written, expected, live)).collect())
        }
        _ => live.clone(),
    }
}

/// The paths of the fields in which two values differ, `spec.ports[0].port`.
#[must_use]
pub fn differences(a: &Json, b: &Json) -> Vec<String> {
    let mut found = Vec::new();
    compare(a, b, String::new(), &mut found);
    found
}

fn compare(a: &Json, b: &Json, path: String, found: &mut Vec<String>) {
    if same(a, b) {
        return;
    }
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let dotted = name.contains(['.', '/']);
                let name_of = if dotted { format!("[{name:?}]") } else { name.clone() };
                let below = match (path.is_empty(), dotted) {
                    (true, _) => name_of,
                    (_, true) => format!("{path}{name_of}"),
                    _ => format!("{path}.{name_of}"),
                };
                let value = |side: &Map<String, Json>| side.get(name).cloned().unwrap_or(Json::Null);
                compare(&value(a), &value(b), below, found);
            }
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, format!("{path}[{index}]"), found);
            }
        }
        _ => found.push(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn live_values_take_the_place_of_what_was_expected() {
        let written = json!({"cpu": "1000m", "replicas": 1, "gone": true, "empty": {}, "list": [{"a": "0.5"}, 2]});
        let expected = json!({"cpu": "1", "replicas": 1, "gone": true, "list": [{"a": "500m"}, 2]});
        assert_eq!(overlay(&written, &expected, &expected), written);
        let live = json!({"cpu": "1", "replicas": 3, "list": [{"a": "500m"}, 4]});
        assert_eq!(
            overlay(&written, &expected, &live),
            json!({"cpu": "1000m", "replicas": 3, "empty": {}, "list": [{"a": "0.5"}, 4]})
        );
        let longer = json!({"cpu": "1", "replicas": 1, "gone": true, "list": [1]});
        assert_eq!(overlay(&written, &expected, &longer)["list"], json!([1]));
        let appeared = json!({"cpu": "1", "replicas": 1, "gone": true, "empty": {}, "list": [{"a": "500m"}, 2]});
        assert!(same(&overlay(&written, &expected, &appeared), &written), "a default that came later");
    }

    #[test]
    fn differences_are_named_by_their_paths() {
        let a = json!({"a": {"x": 1, "y": [1, 2]}, "metadata": {"labels": {"app.k8s.io/name": "b"}}, "n": null});
        let b = json!({"a": {"x": 1.0, "y": [1, 3]}, "metadata": {"labels": {}}, "z": 1});
        assert_eq!(differences(&a, &b), ["a.y[1]", "metadata.labels[\"app.k8s.io/name\"]", "z"]);
        assert!(differences(&a, &a).is_empty());
    }
}
