//! JSON 6902 patches (`gopkg.in/evanphx/json-patch.v4`, as kustomize uses it).

use tazlab_yaml::Node;

use crate::edit;
use crate::limits::{Budget, DEEPEST_NODE};

/// How a value is put into a node.
type Put = fn(&mut Node, &[String], Node) -> Result<(), String>;

/// Applies the operations in their order.
pub(super) fn apply(operations: &[Node], node: &mut Node, budget: &Budget) -> Result<(), String> {
    let put = |node: &mut Node, path: &[String], value: Node, how: Put| {
        // What is put in too deep cannot even be dropped.
        let may = path.len() <= DEEPEST_NODE && budget.takes(&value);
        if may { how(node, path, value) } else { Err("the object becomes too large".to_owned()) }
    };
    for operation in operations {
        let text = |key: &str| operation.text_at(&[key]).unwrap_or_default();
        let path = pointer(text("path"))?;
        let value = || operation.get("value").cloned().unwrap_or_else(edit::null);
        match text("op") {
            "add" => put(node, &path, value(), add)?,
            "replace" => put(node, &path, value(), replace)?,
            "remove" => drop(remove(node, &path)?),
            "move" => {
                let taken = remove(node, &pointer(text("from"))?)?;
                put(node, &path, taken, add)?;
            }
            "copy" => {
                let copied = find(node, &pointer(text("from"))?)?.clone();
                put(node, &path, copied, add)?;
            }
            "test" => {
                let wanted = value();
                let found = find(node, &path).ok();
                let is_equal =
                    found.is_some_and(|found| is_same(found, &wanted)) || found.is_none() && wanted.is_null();
                if !is_equal {
                    return Err(format!("its test of {} fails", text("path")));
                }
            }
            other => return Err(format!("{other:?} is not an operation of a JSON 6902 patch")),
        }
    }
    Ok(())
}

fn pointer(path: &str) -> Result<Vec<String>, String> {
    let parts = path.strip_prefix('/').ok_or_else(|| format!("the path {path:?} must begin with /"))?;
    Ok(parts.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect())
}

fn shown(path: &[String]) -> String {
    format!("/{}", path.join("/"))
}

fn missing(path: &[String]) -> String {
    format!("{} does not exist", shown(path))
}

fn find<'n>(node: &'n Node, path: &[String]) -> Result<&'n Node, String> {
    path.iter().try_fold(node, |node, part| child(node, part)).ok_or_else(|| missing(path))
}

fn child<'n>(node: &'n Node, part: &str) -> Option<&'n Node> {
    if edit::is_mapping(node) { node.get(part) } else { node.items().get(index(part, node.items().len())?) }
}

/// A place in a list; negative ones count from the end.
fn index(part: &str, length: usize) -> Option<usize> {
    match part.strip_prefix('-') {
        Some(back) => length.checked_sub(back.parse().ok()?),
        None => part.parse().ok(),
    }
}

fn parent<'n, 'p>(node: &'n mut Node, path: &'p [String]) -> Result<(&'n mut Node, &'p str), String> {
    let (last, before) = path.split_last().ok_or_else(|| missing(path))?;
    let mut at = node;
    for part in before {
        let next = if edit::is_mapping(at) {
            edit::value(at, part)
        } else {
            let index = index(part, at.items().len());
            edit::items(at).and_then(|items| items.get_mut(index?))
        };
        at = next.ok_or_else(|| missing(before))?;
    }
    Ok((at, last))
}

fn add(node: &mut Node, path: &[String], value: Node) -> Result<(), String> {
    let (parent, last) = parent(node, path)?;
    if edit::is_mapping(parent) {
        edit::set(parent, &[last], value);
        return Ok(());
    }
    let items = edit::items(parent).ok_or_else(|| missing(path))?;
    let at = if last == "-" { Some(items.len()) } else { index(last, items.len() + 1) };
    match at.filter(|at| *at <= items.len()) {
        Some(at) => items.insert(at, value),
        None => return Err(missing(path)),
    }
    Ok(())
}

fn replace(node: &mut Node, path: &[String], value: Node) -> Result<(), String> {
    find(node, path)?;
    let (parent, last) = parent(node, path)?;
    if edit::is_mapping(parent) {
        edit::set(parent, &[last], value);
    } else if let Some(items) = edit::items(parent) {
        let length = items.len();
        if let Some(there) = index(last, length).and_then(|at| items.get_mut(at)) {
            *there = value;
        }
    }
    Ok(())
}

fn remove(node: &mut Node, path: &[String]) -> Result<Node, String> {
    let taken = find(node, path)?.clone();
    let (parent, last) = parent(node, path)?;
    if edit::is_mapping(parent) {
        edit::remove(parent, last);
    } else if let Some(items) = edit::items(parent)
        && let Some(at) = index(last, items.len()).filter(|at| *at < items.len())
    {
        items.remove(at);
    }
    Ok(taken)
}

/// Are the values the same, wherever they stand?
fn is_same(one: &Node, other: &Node) -> bool {
    if edit::is_mapping(one) != edit::is_mapping(other) || one.items().len() != other.items().len() {
        return false;
    }
    if edit::is_mapping(one) {
        let all = |(key, value): &(Node, Node)| {
            key.as_str().and_then(|key| other.get(key)).is_some_and(|there| is_same(value, there))
        };
        return one.entries().len() == other.entries().len() && one.entries().iter().all(all);
    }
    one.as_str() == other.as_str() && one.items().iter().zip(other.items()).all(|(one, other)| is_same(one, other))
}
