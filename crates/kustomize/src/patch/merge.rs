//! Strategic merge patches. Lists of Kubernetes' own kinds keep what they had: their elements have no part in what a check reads.

use tazlab_yaml::Node;

use crate::edit;

/// Merges a patch; is there something left?
pub(super) fn apply(patch: &Node, node: &mut Node, group: &str) -> bool {
    match patch.text_at(&["$patch"]) {
        Some("delete") => return false,
        Some("replace") => {
            let mut whole = patch.clone();
            edit::remove(&mut whole, "$patch");
            *node = whole;
            return true;
        }
        _ => {}
    }
    let is_own = !group.contains('.') || group.ends_with(".k8s.io");
    for (key, value) in patch.entries() {
        let Some(key) = key.as_str() else { continue };
        if key.starts_with('$') {
            continue;
        }
        if value.is_null() || value.text_at(&["$patch"]) == Some("delete") {
            edit::remove(node, key);
            continue;
        }
        match edit::value(node, key) {
            Some(there) if edit::is_mapping(value) && edit::is_mapping(there) => {
                apply(value, there, group);
            }
            Some(there) if is_own && !value.items().is_empty() && !there.items().is_empty() => {}
            Some(there) => *there = plain(value),
            None => edit::set(node, &[key], plain(value)),
        }
    }
    true
}

/// The value without what directs a merge.
fn plain(value: &Node) -> Node {
    let mut value = value.clone();
    edit::remove(&mut value, "$patch");
    if let Some(items) = edit::items(&mut value) {
        items.retain(|item| item.text_at(&["$patch"]).is_none());
    }
    value
}
