//! The fields of a live object that a manifest sets: reading them, and telling where they differ from what is expected. Pure.
//!
//! What nobody asked for is not looked at: the API server fills in defaults, and controllers have fields of their own. Which lists
//! are lists of named items, to which others may add theirs, stands in the paths of the field managers.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use tazlab_clients::kubernetes::Manager;

use super::value::same;

/// What a look at a live object needs beside it.
#[derive(Clone, Copy, Debug)]
pub struct Lens<'a> {
    /// Who owns which fields.
    pub managers: &'a [Manager],
    /// Paths that are not looked at.
    pub hidden: &'a [Vec<String>],
}

/// The live values of the fields that `wanted` sets, in its form. What the live object does not have is left out, and so are
/// nulls; what is hidden is as wanted.
#[must_use]
pub fn project(wanted: &Json, live: &Json, lens: Lens<'_>) -> Json {
    lens.project(wanted, live, &mut Vec::new(), &mut Vec::new())
}

impl Lens<'_> {
    /// `path` is the place in the manifest, `owned` the same place as managers write it.
    fn project(self, wanted: &Json, live: &Json, path: &mut Vec<String>, owned: &mut Vec<String>) -> Json {
        match (wanted, live) {
            (Json::Object(fields), Json::Object(there)) => {
                let mut found = Map::new();
                for (name, value) in fields {
                    path.push(name.clone());
                    owned.push(name.clone());
                    if self.hidden.contains(path) {
                        found.insert(name.clone(), value.clone());
                    } else if let Some(live) = there.get(name).filter(|live| !live.is_null() && !value.is_null()) {
                        found.insert(name.clone(), self.project(value, live, path, owned));
                    }
                    path.pop();
                    owned.pop();
                }
                Json::Object(found)
            }
            // Of another form, with something hidden below: none of the live value is told.
            _ if self.hidden.iter().any(|hidden| hidden.starts_with(path)) => wanted.clone(),
            (Json::Array(items), Json::Array(there)) => self.project_list(items, there, path, owned),
            _ => live.clone(),
        }
    }

    fn project_list(self, items: &[Json], there: &[Json], path: &mut Vec<String>, owned: &mut Vec<String>) -> Json {
        let names = self.names_at(owned);
        let found = match names.first() {
            Some(Name::Keys(_)) => {
                let of = |item: &Json| {
                    // Fields of the key that the manifest leaves out have the server's default.
                    let is_it = |name: &&Name| matches!(name, Name::Keys(keys) if agrees(keys, item));
                    let live = there.iter().find(|live| names.iter().filter(is_it).any(|name| name.is(live)));
                    live.map(|live| (live, names.iter().find(|name| name.is(live))))
                };
                let mut found = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let Some((live, name)) = of(item) else { continue };
                    path.push(index.to_string());
                    owned.push(name.map(Name::path).unwrap_or_default());
                    found.push(self.project(item, live, path, owned));
                    path.pop();
                    owned.pop();
                }
                found
            }
            Some(Name::Value(_)) => {
                items.iter().filter(|item| there.iter().any(|live| same(item, live))).cloned().collect()
            }
            None if items.len() == there.len() => {
                let mut found = Vec::new();
                for (index, (item, live)) in items.iter().zip(there).enumerate() {
                    path.push(index.to_string());
                    owned.push(index.to_string());
                    found.push(self.project(item, live, path, owned));
                    path.pop();
                    owned.pop();
                }
                found
            }
            None => there.to_vec(),
        };
        Json::Array(found)
    }

    /// The names of the items of the list at `owned`; none where it is a list as a whole.
    fn names_at(self, owned: &[String]) -> BTreeSet<Name> {
        let below = |field: &Vec<String>| {
            let is_below = field.len() > owned.len() && field.iter().zip(owned).all(|(one, other)| one == other);
            field.get(owned.len()).filter(|_| is_below).and_then(|name| Name::of(name))
        };
        self.managers.iter().flat_map(|manager| manager.fields.iter().filter_map(below)).collect()
    }
}

/// How managers name an item of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    /// `k:{"name":"a"}`
    Keys(String),
    /// `v:"a"`
    Value(String),
}

impl Name {
    fn of(part: &str) -> Option<Self> {
        let keys = part.strip_prefix("k:").map(|keys| Self::Keys(keys.to_owned()));
        keys.or_else(|| part.strip_prefix("v:").map(|value| Self::Value(value.to_owned())))
    }

    fn path(&self) -> String {
        match self {
            Self::Keys(keys) => format!("k:{keys}"),
            Self::Value(value) => format!("v:{value}"),
        }
    }

    /// Is it the name of this live item?
    fn is(&self, live: &Json) -> bool {
        match self {
            Self::Keys(keys) => {
                parsed(keys).iter().all(|(key, value)| live.get(key).is_some_and(|has| same(has, value)))
            }
            Self::Value(value) => serde_json::from_str::<Json>(value).is_ok_and(|value| same(&value, live)),
        }
    }
}

fn parsed(keys: &str) -> Map<String, Json> {
    serde_json::from_str(keys).unwrap_or_default()
}

/// Does the item have nothing against this name?
fn agrees(keys: &str, item: &Json) -> bool {
    parsed(keys).iter().all(|(key, value)| item.get(key).is_none_or(|has| has.is_null() || same(has, value)))
}

/// The manifest with the live values where these are not the expected ones, and as it was written everywhere else.
#[must_use]
pub fn overlay(written: &Json, expected: &Json, live: &Json) -> Json {
    if same(expected, live) {
        return written.clone();
    }
    match (written, expected, live) {
        (Json::Object(written), Json::Object(expected), Json::Object(live)) => {
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

    fn manager(paths: &[&[&str]]) -> Manager {
        let fields = paths.iter().map(|path| path.iter().map(|part| (*part).to_owned()).collect()).collect();
        Manager { name: "a".to_owned(), applied: true, subresource: String::new(), fields }
    }

    fn seen(wanted: &Json, live: &Json, managers: &[Manager]) -> Json {
        project(wanted, live, Lens { managers, hidden: &[] })
    }

    #[test]
    fn only_what_the_manifest_sets_is_seen() {
        let wanted = json!({"spec": {"replicas": 1, "paused": null, "empty": {}, "ports": [{"port": 1}]}});
        let live = json!({"spec": {"replicas": 2, "paused": true, "ports": [{"port": 1, "nodePort": 3}], "more": 1}, "status": {}});
        assert_eq!(seen(&wanted, &live, &[]), json!({"spec": {"replicas": 2, "ports": [{"port": 1}]}}));
    }

    #[test]
    fn items_are_found_by_their_names_wherever_they_stand() {
        let managers = [
            manager(&[&["spec", "containers", "k:{\"name\":\"a\"}", "image"], &["spec", "tags", "v:\"x\""]]),
            manager(&[&["spec", "containers", "k:{\"name\":\"sidecar\"}", "image"]]),
            manager(&[&[
                "spec",
                "containers",
                "k:{\"name\":\"a\"}",
                "ports",
                "k:{\"containerPort\":80,\"protocol\":\"TCP\"}",
            ]]),
        ];
        let wanted = json!({"spec": {"tags": ["x", "y"], "containers": [
            {"name": "a", "image": "i", "ports": [{"containerPort": 80, "name": "web"}]}, {"name": "b"}]}});
        let live = json!({"spec": {"tags": ["z", "x"], "containers": [{"name": "sidecar", "image": "s"},
            {"name": "a", "image": "other", "ports": [{"containerPort": 80, "protocol": "TCP", "name": "web"}]}]}});
        let expected = json!({"spec": {"tags": ["x"], "containers": [
            {"name": "a", "image": "other", "ports": [{"containerPort": 80, "name": "web"}]}]}});
        assert_eq!(seen(&wanted, &live, &managers), expected);
        // Without managers that name its items a list is one value.
        let whole = seen(&json!({"l": [1]}), &json!({"l": [1, 2]}), &managers);
        assert_eq!(whole, json!({"l": [1, 2]}));
    }

    #[test]
    fn what_is_hidden_is_not_seen() {
        let hidden = [vec!["spec".to_owned(), "token".to_owned()]];
        let lens = Lens { managers: &[], hidden: &hidden };
        let wanted = json!({"spec": {"token": "placeholder", "url": "a"}});
        let live = json!({"spec": {"token": "s3cret", "url": "b"}});
        assert_eq!(project(&wanted, &live, lens), json!({"spec": {"token": "placeholder", "url": "b"}}));
    }

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
