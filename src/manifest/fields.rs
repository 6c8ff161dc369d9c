//! The fields of a live object that a manifest sets. Pure; where they differ from what is expected is told by `differences`.
//!
//! What nobody asked for is not looked at: the API server fills in defaults, and controllers have fields of their own. Which lists
//! are lists of named items, to which others may add theirs, and which values are owned as a whole, stands in the paths of the field
//! managers.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use tazlab_clients::kubernetes::{FIELD_MANAGER, Manager};

use super::value::same;

/// What a look at a live object needs beside it.
#[derive(Clone, Copy, Debug)]
pub struct Lens<'a> {
    /// Who owns which fields.
    pub managers: &'a [Manager],
    /// Paths that are not looked at.
    pub hidden: &'a [Vec<String>],
}

/// The live values of the fields that `wanted` sets, in its form. A value that has one owner as a whole is seen with all that it has.
/// What the live object does not have is left out, and so are nulls; what is hidden is as wanted.
#[must_use]
pub fn project(wanted: &Json, live: &Json, lens: Lens<'_>) -> Json {
    lens.project(wanted, live, None, &mut Place::default())
}

/// The same beside what was `left` by the last apply. What is still ours as a whole is as it was left: whoever changes it takes it over,
/// and what the API server adds to it later, such as a new default, is no change.
#[must_use]
pub fn project_beside(wanted: &Json, live: &Json, left: &Json, lens: Lens<'_>) -> Json {
    lens.project(wanted, live, Some(left), &mut Place::default())
}

/// A place in the manifest, and the same place as managers write it.
#[derive(Debug, Default)]
struct Place {
    path: Vec<String>,
    owned: Vec<String>,
}

impl Place {
    fn below<T>(&mut self, path: String, owned: String, then: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(path);
        self.owned.push(owned);
        let found = then(self);
        self.path.pop();
        self.owned.pop();
        found
    }
}

/// Whose a value is that has one owner as a whole: by server-side apply such a value changes hands when it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    Ours,
    Others,
}

impl Lens<'_> {
    fn project(self, wanted: &Json, live: &Json, left: Option<&Json>, place: &mut Place) -> Json {
        // Of another form, or seen as a whole, with something hidden below: none of the live value is told.
        let hides = |path: &[String]| self.hidden.iter().any(|hidden| hidden.starts_with(path));
        let (empty, is_collection) = match (wanted, live) {
            (Json::Object(wanted), Json::Object(_)) => (wanted.is_empty(), true),
            (Json::Array(wanted), Json::Array(_)) => (wanted.is_empty(), true),
            _ => (false, false),
        };
        if is_collection {
            match (self.whole_at(&place.owned), left) {
                // One that is empty looks alike whether it has one owner or several.
                (Some(Whole::Ours), None) if !empty && !hides(&place.path) => return live.clone(),
                (Some(Whole::Ours), Some(left)) => return left.clone(),
                (Some(Whole::Others), _) if !empty || left.is_some() => {
                    return if hides(&place.path) { wanted.clone() } else { live.clone() };
                }
                _ => {}
            }
        }
        match (wanted, live) {
            (Json::Object(fields), Json::Object(there)) => {
                let mut found = Map::new();
                for (name, value) in fields {
                    let left = left.and_then(|left| left.get(name));
                    let seen = place.below(name.clone(), name.clone(), |place| {
                        if self.hidden.contains(&place.path) {
                            return Some(value.clone());
                        }
                        let live = there.get(name).filter(|live| !live.is_null() && !value.is_null())?;
                        Some(self.project(value, live, left, place))
                    });
                    found.extend(seen.map(|seen| (name.clone(), seen)));
                }
                Json::Object(found)
            }
            _ if hides(&place.path) => wanted.clone(),
            (Json::Array(items), Json::Array(there)) => self.project_list(items, there, left, place),
            _ => live.clone(),
        }
    }

    fn project_list(self, items: &[Json], there: &[Json], left: Option<&Json>, place: &mut Place) -> Json {
        let names = self.names_at(&place.owned);
        // Only where none was missing is it certain which is which.
        let left = left.and_then(Json::as_array).filter(|left| left.len() == items.len());
        let left = |index: usize| left.and_then(|left| left.get(index));
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
                    let owned = name.map(Name::path).unwrap_or_default();
                    found.push(
                        place.below(index.to_string(), owned, |place| self.project(item, live, left(index), place)),
                    );
                }
                found
            }
            Some(Name::Value(_)) => {
                items.iter().filter(|item| there.iter().any(|live| same(item, live))).cloned().collect()
            }
            None if items.len() == there.len() => {
                let mut found = Vec::new();
                for (index, (item, live)) in items.iter().zip(there).enumerate() {
                    found.push(place.below(index.to_string(), index.to_string(), |place| {
                        self.project(item, live, left(index), place)
                    }));
                }
                found
            }
            None => there.to_vec(),
        };
        Json::Array(found)
    }

    /// Whose the value at `owned` is, where it has one owner as a whole: somebody owns it, and nobody anything in it.
    fn whole_at(self, owned: &[String]) -> Option<Whole> {
        // That an item of a list is somebody's says nothing of what is in it.
        if owned.last().is_none_or(|last| Name::of(last).is_some()) {
            return None;
        }
        let mut whole = None;
        for manager in self.managers {
            let ours = manager.applied && manager.name == FIELD_MANAGER && manager.subresource.is_empty();
            for field in manager.fields.iter().filter(|field| field.starts_with(owned)) {
                if field.len() > owned.len() {
                    return None;
                }
                whole = if ours { Some(Whole::Ours) } else { whole.or(Some(Whole::Others)) };
            }
        }
        whole
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::differences::{differences, overlay};
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

    fn ours(paths: &[&[&str]]) -> Manager {
        Manager { name: FIELD_MANAGER.to_owned(), ..manager(paths) }
    }

    #[test]
    fn a_value_with_one_owner_is_seen_as_a_whole_once_it_is_owned_by_others() {
        let wanted = json!({"selector": {"app": "a"}, "rules": [{"port": 1}], "none": {}});
        let made = json!({"selector": {"app": "a"}, "rules": [{"port": 1, "protocol": "TCP"}], "none": {}});
        let all: &[&[&str]] = &[&["selector"], &["rules"], &["none"]];
        let left = seen(&wanted, &made, &[ours(all)]);
        assert_eq!(left, made, "with the server's defaults");
        let now =
            |live: &Json, managers: &[Manager]| project_beside(&wanted, live, &left, Lens { managers, hidden: &[] });
        // A default that came later is nobody's change.
        let later = json!({"selector": {"app": "a"}, "rules": [{"port": 1, "protocol": "TCP", "new": 1}], "none": {}});
        assert_eq!(now(&later, &[ours(all)]), left);
        let changed =
            json!({"selector": {"app": "a", "b": "c"}, "rules": [{"port": 1, "protocol": "UDP"}], "none": {"x": "y"}});
        let found = now(&changed, &[manager(all)]);
        assert_eq!(found, changed);
        assert_eq!(differences(&left, &found), ["none.x", "rules[0].protocol", "selector.b"]);
        let shown = overlay(&wanted, &left, &found);
        assert_eq!(
            shown,
            json!({"selector": {"app": "a", "b": "c"}, "rules": [{"port": 1, "protocol": "UDP"}], "none": {"x": "y"}})
        );
        // It was changed, and changed back.
        assert_eq!(now(&made, &[manager(all)]), left);
    }

    #[test]
    fn fields_of_several_owners_are_seen_one_by_one() {
        let wanted = json!({"labels": {"a": "1"}, "strategy": {}});
        let live = json!({"labels": {"a": "1", "b": "2"}, "strategy": {"type": "Recreate"}});
        let managers = [ours(&[&["labels", "a"], &["strategy"]]), manager(&[&["labels", "b"], &["strategy", "type"]])];
        let left = json!({"labels": {"a": "1"}, "strategy": {}});
        let lens = Lens { managers: &managers, hidden: &[] };
        assert_eq!(project_beside(&wanted, &live, &left, lens), left);
        assert_eq!(project(&wanted, &live, lens), left);
        // An empty value that the server has filled, before anybody owns a part of it.
        let managers = [ours(&[&["labels", "a"], &["strategy"]])];
        assert_eq!(project(&wanted, &live, Lens { managers: &managers, hidden: &[] }), left);
    }

    #[test]
    fn a_whole_value_with_something_hidden_is_not_seen() {
        let hidden = [vec!["auth".to_owned(), String::new()]];
        let managers = [manager(&[&["auth"]])];
        let lens = Lens { managers: &managers, hidden: &hidden };
        let (wanted, live) = (json!({"auth": {"user": "a"}}), json!({"auth": {"user": "b", "token": "s3cret"}}));
        assert_eq!(project(&wanted, &live, lens), wanted);
        assert_eq!(project_beside(&wanted, &live, &wanted, lens), wanted);
    }

    #[test]
    fn what_is_hidden_is_not_seen() {
        let hidden = [vec!["spec".to_owned(), "token".to_owned()]];
        let lens = Lens { managers: &[], hidden: &hidden };
        let wanted = json!({"spec": {"token": "placeholder", "url": "a"}});
        let live = json!({"spec": {"token": "s3cret", "url": "b"}});
        assert_eq!(project(&wanted, &live, lens), json!({"spec": {"token": "placeholder", "url": "b"}}));
    }
}
