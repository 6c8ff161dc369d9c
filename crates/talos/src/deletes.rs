//! `$patch: delete`: taken out of a patch's document, and applied to the configuration.

use std::sync::Arc;

use tazlab_yaml::{Kind, Mark, Node};

use super::decode::below;
use super::problem::Problem;
use super::schema::{LEGACY, Type, schema};
use super::value::{Data, Value};

/// What a patch deletes.
#[derive(Clone, Debug)]
pub(super) struct Delete {
    pub(super) at: Mark,
    /// The document's kind, API version and name.
    pub(super) kind: String,
    pub(super) name: String,
    path: Vec<String>,
    /// In a list: the first key of the member, and its value.
    member: Option<(String, String)>,
}

/// A walk through one document.
struct Walk<'d> {
    root: &'d Node,
    found: Vec<Delete>,
}

/// What is wrong with a deletion, and where.
type Wrong = (Mark, String);

/// Takes the deletions out of a document. Gives them, and what is left of the document, if anything is.
pub(super) fn take(document: &Node) -> Result<(Vec<Delete>, Option<Node>), Problem> {
    let mut rest = document.clone();
    let mut walk = Walk { root: document, found: Vec::new() };
    let gone = walk.visit(&mut rest, &mut Vec::new(), Parent::Document);
    match gone {
        Ok(gone) => {
            let empty = gone || is_empty(&rest);
            Ok((walk.found, Some(rest).filter(|_| !empty)))
        }
        Err((at, text)) => Err(Problem::talos(Some(at), "", text)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent {
    Document,
    Mapping,
    Sequence,
}

impl Walk<'_> {
    /// Whether the node is to be taken out of its parent.
    fn visit(&mut self, node: &mut Node, path: &mut Vec<String>, parent: Parent) -> Result<bool, Wrong> {
        let at = node.at;
        match &mut node.kind {
            Kind::Mapping(entries) => {
                let entries = Arc::make_mut(entries);
                let mut index = 0;
                while let Some((key, value)) = entries.get(index) {
                    if is_delete(key, value) {
                        let member = member(entries, parent, path, at)?;
                        self.found.push(self.delete(at, path, member)?);
                        return Ok(true);
                    }
                    let name = key.as_str().unwrap_or_default().to_owned();
                    path.push(name);
                    let gone = match entries.get_mut(index) {
                        Some((_, value)) => self.visit(value, path, Parent::Mapping)?,
                        None => false,
                    };
                    path.pop();
                    if gone {
                        entries.remove(index);
                        if entries.is_empty() {
                            return Ok(true);
                        }
                    } else {
                        index += 1;
                    }
                }
                Ok(false)
            }
            Kind::Sequence(items) => {
                let items = Arc::make_mut(items);
                let mut index = 0;
                while index < items.len() {
                    path.push(format!("[{index}]"));
                    let gone = match items.get_mut(index) {
                        Some(item) => self.visit(item, path, Parent::Sequence)?,
                        None => false,
                    };
                    path.pop();
                    if gone {
                        items.remove(index);
                        if items.is_empty() {
                            return Ok(true);
                        }
                    } else {
                        index += 1;
                    }
                }
                Ok(false)
            }
            Kind::Scalar(..) | Kind::Alias(_) => Ok(false),
        }
    }

    fn delete(&self, at: Mark, path: &[String], member: Option<(String, String)>) -> Result<Delete, Wrong> {
        let Kind::Mapping(_) = &self.root.kind else {
            return Err((self.root.at, "a document must be a mapping".to_owned()));
        };
        let value = |key: &str| self.root.get(key).and_then(plain_text).unwrap_or_default();
        let (version, kind) = (value("apiVersion"), value("kind"));
        let named = |key: &str| self.root.get(key).is_some();
        if path.is_empty() && (!named("apiVersion") || !named("kind")) {
            return Err((at, "to delete a document, its apiVersion and kind must be named".to_owned()));
        }
        if version.is_empty() != kind.is_empty() {
            return Err((at, "apiVersion and kind must both be set".to_owned()));
        }
        let kind = if kind.is_empty() { LEGACY.to_owned() } else { format!("{version}/{kind}") };
        Ok(Delete { at, kind, name: value("name"), path: path.to_vec(), member })
    }
}

/// In a list, the member is known by its first other key. Elsewhere no list may lie on the way.
fn member(
    entries: &[(Node, Node)],
    parent: Parent,
    path: &[String],
    at: Mark,
) -> Result<Option<(String, String)>, Wrong> {
    if parent != Parent::Sequence {
        let through_list = path.iter().any(|part| part.starts_with('['));
        if through_list {
            return Err((at, format!("Talos cannot delete an inner key of a list's member: {}", path.join("."))));
        }
        return Ok(None);
    }
    let other = entries.iter().find(|(key, value)| !is_delete(key, value));
    let Some((key, value)) = other else {
        return Err((at, "a member can be deleted only by a key that identifies it".to_owned()));
    };
    let text = |node: &Node| match &node.kind {
        Kind::Scalar(text, _) => text.clone(),
        _ => String::new(),
    };
    Ok(Some((text(key), text(value))))
}

fn plain_text(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Scalar(text, _) => Some(text.clone()),
        _ => None,
    }
}

fn is_delete(key: &Node, value: &Node) -> bool {
    matches!((&key.kind, &value.kind), (Kind::Scalar(key, _), Kind::Scalar(value, _)) if key == "$patch" && value == "delete")
}

/// A document of nothing but its names has nothing left to say.
fn is_empty(node: &Node) -> bool {
    let Kind::Mapping(entries) = &node.kind else { return false };
    entries.iter().all(|(key, value)| {
        matches!((&key.kind, &value.kind), (Kind::Scalar(key, _), Kind::Scalar(..))
            if matches!(key.as_str(), "version" | "kind" | "name"))
    })
}

impl Delete {
    /// Does this delete the whole document?
    pub(super) fn is_whole(&self) -> bool {
        self.path.is_empty()
    }

    /// The path, for people.
    pub(super) fn path(&self) -> String {
        self.path.iter().fold(String::new(), |path, key| below(&path, key))
    }

    /// Takes the path out of a value of a struct.
    pub(super) fn apply(&self, value: &mut Value, name: &str) -> Result<(), Problem> {
        let kind = Type::Struct(name.to_owned());
        let found = remove(value, &kind, &self.path, self.member.as_ref(), self.at);
        found.map_err(|text| Problem::talos(Some(self.at), self.path(), text))
    }
}

const MISSING: &str = "there is nothing to delete here: Talos fails where the path is not in the configuration";

fn remove(
    value: &mut Value,
    kind: &Type,
    path: &[String],
    member: Option<&(String, String)>,
    at: Mark,
) -> Result<(), String> {
    let Some((key, rest)) = path.split_first() else { return Err("the path is empty".to_owned()) };
    match kind {
        Type::Pointer(inner) | Type::Merging(_, inner) => remove(value, inner, path, member, at),
        Type::Struct(name) if schema().open(name).is_some() => {
            let element = schema().open(name).cloned().unwrap_or(Type::Any);
            remove(value, &Type::Map(Box::new(element)), path, member, at)
        }
        Type::Struct(name) => {
            let Some(field) = schema().field(name, key) else { return Err(MISSING.to_owned()) };
            let nil_on_the_way = matches!(field.kind, Type::Pointer(_)) && value.get(key).is_nil();
            let Data::Struct(fields) = &mut value.data else { return Err(MISSING.to_owned()) };
            if rest.is_empty() {
                fields.remove(key);
                return Ok(());
            }
            if nil_on_the_way {
                return Err(MISSING.to_owned());
            }
            let mut empty = Value { at: None, data: Data::Struct(std::collections::BTreeMap::new()) };
            remove(fields.get_mut(key).unwrap_or(&mut empty), &field.kind, rest, member, at)
        }
        Type::Map(element) => {
            let Data::Map(entries) = &mut value.data else { return Err(MISSING.to_owned()) };
            if rest.is_empty() {
                let gone = entries.remove(key).map(drop).ok_or_else(|| MISSING.to_owned());
                // What is left is as it is because of the patch.
                value.at = value.at.or(Some(at));
                return gone;
            }
            let Some(entry) = entries.get_mut(key) else { return Err(MISSING.to_owned()) };
            remove(entry, element, rest, member, at)
        }
        Type::Any => {
            let kind = match value.data {
                Data::Map(_) => Type::Map(Box::new(Type::Any)),
                Data::List(_) => Type::List(Box::new(Type::Any)),
                _ => return Err(MISSING.to_owned()),
            };
            remove(value, &kind, path, member, at)
        }
        Type::List(element) => remove_member(value, element, key, rest, member),
        _ => Err(MISSING.to_owned()),
    }
}

fn remove_member(
    value: &mut Value,
    element: &Type,
    key: &str,
    rest: &[String],
    member: Option<&(String, String)>,
) -> Result<(), String> {
    if !rest.is_empty() || !key.starts_with('[') {
        return Err("Talos deletes whole members of a list only".to_owned());
    }
    let Type::Struct(name) = element.bare() else { return Err(MISSING.to_owned()) };
    let (Data::List(items), Some((key, wanted))) = (&mut value.data, member) else { return Err(MISSING.to_owned()) };
    // A member is found by a text, or by what writes itself as one.
    let known = schema().field(name, key).is_some_and(|field| matches!(field.kind, Type::Text | Type::Word(_)));
    let found = items.iter().position(|item| known && item.get(key).text() == wanted);
    found.map(|index| drop(items.remove(index))).ok_or_else(|| MISSING.to_owned())
}
