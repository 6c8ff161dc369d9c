//! Keys of mappings: which are set twice, and what merge keys bring, as kustomize decides it (`sigs.k8s.io/kustomize/kyaml` v0.21.1,
//! `yaml/rnode.go`, and `go.yaml.in/yaml/v3` v3.0.4, `decode.go`, `uniqueKeys`).

use std::collections::HashSet;
use std::sync::Arc;

use super::{Kind, Mark, Node, Scalar, resolve};

/// Mappings with more keys are looked through with a table.
const FEW: usize = 16;

/// What Go's libraries refuse, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where.
    pub at: Mark,
    /// Why.
    pub text: String,
}

/// The first key that an object cannot have: one that is set twice, or that is no text. Keys are the same by their texts, whatever
/// quotes they have.
#[must_use]
pub fn refused(node: &Node) -> Option<Refused> {
    match &node.kind {
        // An anchor's value is looked at where it is written.
        Kind::Scalar(..) | Kind::Alias(_) => None,
        Kind::Sequence(items) => items.iter().find_map(refused),
        Kind::Mapping(entries) => not_text(entries)
            .or_else(|| in_one(entries))
            .or_else(|| entries.iter().find_map(|(_, value)| refused(value))),
    }
}

/// The first key that a mapping has twice, where keys that are no texts are for the caller to make texts of.
#[must_use]
pub fn repeated(node: &Node) -> Option<Refused> {
    match &node.kind {
        Kind::Scalar(..) | Kind::Alias(_) => None,
        Kind::Sequence(items) => items.iter().find_map(repeated),
        Kind::Mapping(entries) => in_one(entries).or_else(|| entries.iter().find_map(|(_, value)| repeated(value))),
    }
}

/// JSON, in which objects are applied, has no other keys.
fn not_text(entries: &[(Node, Node)]) -> Option<Refused> {
    let is_text = |key: &Node| matches!(resolve(key.target()), Some(Scalar::Text(_)));
    let (key, _) = entries.iter().find(|(key, _)| !is_text(key))?;
    let text = match key.as_str() {
        Some("") => "a key is missing".to_owned(),
        Some(key) => format!("the key {key} is not a text: put it in quotes"),
        None => "a key is a list or a mapping; a template needs quotes, as in \"{{ name }}\"".to_owned(),
    };
    Some(Refused { at: key.at, text })
}

fn in_one(entries: &[(Node, Node)]) -> Option<Refused> {
    // Merge keys are filled in before, and counted there.
    let keys = || entries.iter().filter(|(key, _)| !is_merge(key)).map(|(key, _)| (key.at, name(key)));
    let again = if entries.len() <= FEW {
        keys()
            .enumerate()
            .find(|(index, (_, key))| keys().take(*index).any(|(_, other)| other == *key))
            .map(|(_, key)| key)
    } else {
        let mut seen = HashSet::new();
        keys().find(|(_, key)| !seen.insert(*key))
    };
    let (at, key) = again?;
    let (first, _) = keys().find(|(_, other)| *other == key)?;
    let key = key.unwrap_or_default();
    Some(Refused { at, text: format!("the key {key} is set twice: line {} has it, too", first.line) })
}

/// A key as Go compares it; what is no text has no name.
fn name(key: &Node) -> Option<&str> {
    key.as_str()
}

/// Is this the key of a merge?
fn is_merge(key: &Node) -> bool {
    key.tag.is_none() && matches!(&key.kind, Kind::Scalar(text, true) if text == "<<")
}

fn holds_merge(node: &Node) -> bool {
    match &node.target().kind {
        Kind::Scalar(..) | Kind::Alias(_) => false,
        Kind::Sequence(items) => items.iter().any(holds_merge),
        Kind::Mapping(entries) => entries.iter().any(|(key, value)| is_merge(key) || holds_merge(value)),
    }
}

/// Fills merge keys in: the entries of other mappings, where there are none yet.
///
/// # Errors
/// [`Refused`] where a mapping has two merge keys, or where what it merges is not a mapping.
pub fn merged(node: &mut Node) -> Result<(), Refused> {
    if !holds_merge(node) {
        return Ok(());
    }
    while let Kind::Alias(target) = &node.kind {
        *node = (**target).clone();
    }
    match &mut node.kind {
        Kind::Sequence(items) => Arc::make_mut(items).iter_mut().try_for_each(merged),
        Kind::Mapping(entries) => {
            let entries = Arc::make_mut(entries);
            entries.iter_mut().try_for_each(|(_, value)| merged(value))?;
            filled(entries)
        }
        Kind::Scalar(..) | Kind::Alias(_) => Ok(()),
    }
}

fn filled(entries: &mut Vec<(Node, Node)>) -> Result<(), Refused> {
    if !entries.iter().any(|(key, _)| is_merge(key)) {
        return Ok(());
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = entries.drain(..).partition(|(key, _)| is_merge(key));
    if let Some((second, _)) = merges.get(1) {
        return Err(Refused { at: second.at, text: "a mapping has two merge keys; write <<: [*one, *two]".to_owned() });
    }
    let mut there: HashSet<String> = own.iter().filter_map(|(key, _)| name(key).map(str::to_owned)).collect();
    for (key, value) in &merges {
        let sources = match &value.target().kind {
            Kind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        for source in sources {
            let Kind::Mapping(given) = &source.target().kind else {
                return Err(Refused {
                    at: key.at,
                    text: "a merge key needs a mapping, or a list of mappings".to_owned(),
                });
            };
            for (key, value) in given.iter() {
                if name(key).is_none_or(|name| there.insert(name.to_owned())) {
                    own.push((key.clone(), value.clone()));
                }
            }
        }
    }
    *entries = own;
    Ok(())
}
