//! JSON patches (RFC 6902), in JSON or YAML, applied to a document by the rules of the library that Talos uses: `replace`
//! of a key that is missing adds it, and a negative index counts from the end.

mod normal;

use std::sync::Arc;

use tazlab_yaml::{Kind, Mark, Node, Scalar, resolve};

use self::normal::normal;
use super::problem::Problem;

/// Is this document a list of operations?
pub(super) fn is_patch(document: &Node) -> bool {
    match &document.target().kind {
        Kind::Sequence(items) => {
            items.iter().all(|item| item.is_null() || matches!(item.target().kind, Kind::Mapping(_)))
        }
        _ => document.is_null(),
    }
}

/// Applies all operations. In JSON a key may come twice, in YAML it may not.
pub(super) fn apply(document: &mut Node, patch: &Node, is_json: bool) -> Result<(), Problem> {
    // All is read before anything is done, as Talos does.
    for operation in patch.items() {
        if !is_json && let Some(key) = twice(operation) {
            return Err(Problem::talos(Some(key.at), "", "this key is set more than once"));
        }
    }
    let read = patch.items().iter().map(|operation| normal(operation, true)).collect::<Result<Vec<_>, _>>();
    for operation in read.map_err(|(at, text)| Problem::talos(Some(at), "", text))? {
        one(document, &operation, is_json).map_err(|(path, text)| Problem::talos(Some(operation.at), path, text))?;
    }
    Ok(())
}

/// A key that stands twice in a mapping, or in one below it.
fn twice(node: &Node) -> Option<&Node> {
    let mut seen = Vec::new();
    for (key, _) in node.entries() {
        if seen.contains(&key.as_str()) {
            return Some(key);
        }
        seen.push(key.as_str());
    }
    node.entries().iter().map(|(_, value)| value).chain(node.items()).find_map(twice)
}

/// The path of the operation, and what is wrong.
type Wrong = (String, String);

fn one(document: &mut Node, operation: &Node, is_json: bool) -> Result<(), Wrong> {
    // In JSON a key may come twice: the last one counts.
    let last = |key: &str| {
        operation.entries().iter().rev().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    };
    let text = |key: &str| {
        last(key)
            .filter(|node| matches!(resolve(node.target()), Some(Scalar::Text(_) | Scalar::Time(_))))
            .and_then(Node::as_str)
    };
    let missing = |key: &str| (String::new(), format!("the operation needs {key}, a text"));
    let value = || last("value").cloned().unwrap_or_else(null);
    let kind = text("op").unwrap_or_default();
    if !matches!(kind, "add" | "remove" | "replace" | "move" | "copy" | "test") {
        return Err((String::new(), "op is one of add, remove, replace, move, copy, test".to_owned()));
    }
    let from = || text("from").ok_or_else(|| missing("from"));
    let taken = match kind {
        "move" | "copy" => Some(get(document, from()?).map_err(|text| (dotted(from().unwrap_or_default()), text))?),
        _ => None,
    };
    if kind == "move" {
        remove(document, from()?).map_err(|text| (dotted(from().unwrap_or_default()), text))?;
    }
    let path = text("path").ok_or_else(|| missing("path"))?;
    let done = match kind {
        "add" => add(document, path, value()),
        "move" | "copy" => add(document, path, taken.unwrap_or_else(null)),
        "remove" => remove(document, path),
        "replace" => replace(document, path, value()),
        // A key that is missing equals a value that is not given, and in JSON null; in YAML null is a value.
        _ => test(document, path, last("value").filter(|value| !(is_json && value.is_null()))),
    };
    done.map_err(|text| (dotted(path), text))
}

fn null() -> Node {
    Node { at: Mark::default(), tag: None, kind: Kind::Scalar(String::new(), true) }
}

fn dotted(path: &str) -> String {
    path.trim_start_matches('/').split('/').map(unescaped).collect::<Vec<_>>().join(".")
}

fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

const NO_PARENT: &str = "the path does not exist in a control plane's configuration";

/// The container that a path leads to, and the last key.
fn container<'d>(document: &'d mut Node, path: &str) -> Result<(&'d mut Node, String), String> {
    let mut parts: Vec<String> = path.split('/').skip(1).map(unescaped).collect();
    let key = parts.pop().ok_or("the path must begin with /")?;
    let mut node = document;
    for part in parts {
        node = child(node, &part).ok_or(NO_PARENT)?;
    }
    match node.kind {
        Kind::Mapping(_) | Kind::Sequence(_) => Ok((node, key)),
        _ => Err(NO_PARENT.to_owned()),
    }
}

fn child<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    match &mut node.kind {
        Kind::Mapping(entries) => {
            let entries = Arc::make_mut(entries);
            entries.iter_mut().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
        }
        Kind::Sequence(items) => {
            let index = index(key, items.len())?;
            Arc::make_mut(items).get_mut(index)
        }
        _ => None,
    }
}

/// An index that counts from either end.
fn index(key: &str, length: usize) -> Option<usize> {
    let index: i64 = key.parse().ok()?;
    let length = i64::try_from(length).ok()?;
    let index = if index < 0 { index + length } else { index };
    usize::try_from(index).ok()
}

fn get(document: &mut Node, path: &str) -> Result<Node, String> {
    let (node, key) = container(document, path)?;
    let is_mapping = matches!(node.kind, Kind::Mapping(_));
    match child(node, &key) {
        Some(found) => Ok(found.clone()),
        // A key that a mapping lacks reads as null.
        None if is_mapping => Ok(null()),
        None => Err("the list has no such member".to_owned()),
    }
}

fn set(entries: &mut Vec<(Node, Node)>, key: &str, value: Node) {
    match entries.iter_mut().find(|(name, _)| name.as_str() == Some(key)) {
        Some((_, old)) => *old = value,
        None => entries.push((Node { at: value.at, ..Node::text(key) }, value)),
    }
}

fn add(document: &mut Node, path: &str, value: Node) -> Result<(), String> {
    let (node, key) = container(document, path)?;
    match &mut node.kind {
        Kind::Mapping(entries) => set(Arc::make_mut(entries), &key, value),
        Kind::Sequence(items) if key == "-" => Arc::make_mut(items).push(value),
        Kind::Sequence(items) => match index(&key, items.len() + 1).filter(|index| *index <= items.len()) {
            Some(index) => Arc::make_mut(items).insert(index, value),
            None => return Err("the list has no such place".to_owned()),
        },
        _ => {}
    }
    Ok(())
}

fn remove(document: &mut Node, path: &str) -> Result<(), String> {
    let (node, key) = container(document, path)?;
    match &mut node.kind {
        Kind::Mapping(entries) => {
            let before = entries.len();
            Arc::make_mut(entries).retain(|(name, _)| name.as_str() != Some(&key));
            if entries.len() == before {
                return Err("there is nothing to remove here in a control plane's configuration".to_owned());
            }
        }
        Kind::Sequence(items) => match index(&key, items.len()).filter(|index| *index < items.len()) {
            Some(index) => drop(Arc::make_mut(items).remove(index)),
            None => return Err("the list has no such member".to_owned()),
        },
        _ => {}
    }
    Ok(())
}

fn replace(document: &mut Node, path: &str, value: Node) -> Result<(), String> {
    if path.is_empty() {
        if !matches!(value.kind, Kind::Mapping(_) | Kind::Sequence(_)) {
            return Err("the whole document can be replaced by a mapping or a list only".to_owned());
        }
        *document = value;
        return Ok(());
    }
    let (node, key) = container(document, path)?;
    match &mut node.kind {
        Kind::Mapping(entries) => set(Arc::make_mut(entries), &key, value),
        _ => *child(node, &key).ok_or("the list has no such member")? = value,
    }
    Ok(())
}

fn test(document: &mut Node, path: &str, value: Option<&Node>) -> Result<(), String> {
    let found = if path.is_empty() { document.clone() } else { get(document, path)? };
    let missing = found == null();
    let equal = value.map_or(missing, |value| {
        // The library reads null as the empty list and as the empty mapping.
        let empty = matches!(found.kind, Kind::Sequence(_) | Kind::Mapping(_))
            && found.items().is_empty()
            && found.entries().is_empty();
        !missing && (value.is_null() && empty || same(&found, value))
    });
    if equal { Ok(()) } else { Err("the configuration has another value here".to_owned()) }
}

fn same(a: &Node, b: &Node) -> bool {
    match (&a.target().kind, &b.target().kind) {
        (Kind::Mapping(_), Kind::Mapping(_)) => {
            let names = |node: &Node| node.entries().len();
            let pair = |(key, value): &(Node, Node)| {
                key.as_str().and_then(|key| b.get(key)).is_some_and(|other| same(value, other))
            };
            names(a) == names(b) && a.entries().iter().all(pair)
        }
        (Kind::Sequence(x), Kind::Sequence(y)) => x.len() == y.len() && x.iter().zip(y.iter()).all(|(x, y)| same(x, y)),
        (Kind::Scalar(..), Kind::Scalar(..)) => resolve(a.target()) == resolve(b.target()),
        _ => false,
    }
}
