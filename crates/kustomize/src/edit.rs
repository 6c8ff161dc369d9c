//! Changes of trees of YAML: fields that are set or removed. A node shares its members until it is changed.

use std::sync::Arc;

use tazlab_yaml::{Kind, Mark, Node};

/// The node itself, in place of an alias of it.
pub(crate) fn own(node: &mut Node) -> &mut Node {
    while let Kind::Alias(target) = &node.kind {
        *node = (**target).clone();
    }
    node
}

/// The entries of a mapping, where it is one.
pub(crate) fn entries(node: &mut Node) -> Option<&mut Vec<(Node, Node)>> {
    match &mut own(node).kind {
        Kind::Mapping(entries) => Some(Arc::make_mut(entries)),
        _ => None,
    }
}

/// The items of a sequence, where it is one.
pub(crate) fn items(node: &mut Node) -> Option<&mut Vec<Node>> {
    match &mut own(node).kind {
        Kind::Sequence(items) => Some(Arc::make_mut(items)),
        _ => None,
    }
}

/// The value of a key, where there is one.
pub(crate) fn value<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    node.get(key)?;
    entries(node)?.iter_mut().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
}

/// Sets a field below keys; what is on the way and is not a mapping becomes one.
pub(crate) fn set(node: &mut Node, keys: &[&str], to: Node) {
    let Some((key, rest)) = keys.split_first() else {
        *node = to;
        return;
    };
    if !is_mapping(node) {
        node.kind = Kind::Mapping(Arc::default());
    }
    let Some(entries) = entries(node) else { return };
    let found = entries.iter().position(|(name, _)| name.as_str() == Some(key));
    let index = found.unwrap_or_else(|| {
        entries.push((Node::text(*key), null()));
        entries.len() - 1
    });
    if let Some((_, value)) = entries.get_mut(index) {
        set(value, rest, to);
    }
}

/// Removes a key.
pub(crate) fn remove(node: &mut Node, key: &str) {
    if node.get(key).is_some()
        && let Some(entries) = entries(node)
    {
        entries.retain(|(name, _)| name.as_str() != Some(key));
    }
}

pub(crate) fn null() -> Node {
    Node { at: Mark::default(), tag: None, kind: Kind::Scalar(String::new(), true) }
}

pub(crate) fn is_mapping(node: &Node) -> bool {
    matches!(node.target().kind, Kind::Mapping(_))
}

/// Changes every text of a tree; what does not change stays shared.
pub(crate) fn texts(node: &mut Node, change: &mut impl FnMut(&str) -> Option<String>) {
    match &mut node.kind {
        Kind::Scalar(text, _) => {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        Kind::Alias(target) => {
            let target = Arc::clone(target);
            if any(&target, &mut |text| text.contains('$')) {
                texts(own(node), change);
            }
        }
        Kind::Sequence(items) => {
            if items.iter().any(|item| any(item, &mut |text| text.contains('$'))) {
                for item in Arc::make_mut(items) {
                    texts(item, change);
                }
            }
        }
        Kind::Mapping(entries) => {
            let with = |(key, value): &(Node, Node)| {
                any(key, &mut |text| text.contains('$')) || any(value, &mut |text| text.contains('$'))
            };
            if entries.iter().any(with) {
                for (key, value) in Arc::make_mut(entries) {
                    texts(key, change);
                    texts(value, change);
                }
            }
        }
    }
}

/// Is there a text of which something holds?
pub(crate) fn any(node: &Node, holds: &mut impl FnMut(&str) -> bool) -> bool {
    match &node.target().kind {
        Kind::Scalar(text, _) => holds(text),
        Kind::Sequence(items) => items.iter().any(|item| any(item, holds)),
        Kind::Mapping(entries) => entries.iter().any(|(key, value)| any(key, holds) || any(value, holds)),
        Kind::Alias(_) => false,
    }
}
