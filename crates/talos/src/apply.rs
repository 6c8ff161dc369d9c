//! A patch on a configuration: that of a control plane, as Talos generates it.

use std::sync::{Arc, LazyLock};

use tazlab_yaml::{self as yaml, Kind, Mark, Node};

use super::json_patch;
use super::load::{Loaded, load, together};
use super::merge::merge;
use super::problem::Problem;
use super::schema::{LEGACY, Type, schema};
use super::validate::{Document, validate};
use super::value::Value;

/// The configuration of Talos 1.13, in several documents. Written by `acceptance-tests/oracles/talos`, without secrets.
static MANY: LazyLock<Vec<Loaded>> =
    LazyLock::new(|| load(&base(include_str!("base_many.yaml")), false).unwrap_or_default());

/// The configuration of a single document, which is what JSON patches apply to.
static ONE: LazyLock<Node> =
    LazyLock::new(|| base(include_str!("base_one.yaml")).into_iter().next().unwrap_or_else(|| Node::text("")));

fn base(text: &str) -> Vec<Node> {
    // A test reads both files.
    let mut documents = yaml::parse(text).unwrap_or_default();
    documents.iter_mut().for_each(unplace);
    documents
}

/// Nothing of the configuration stands in the patch.
fn unplace(node: &mut Node) {
    node.at = Mark::default();
    match &mut node.kind {
        Kind::Sequence(items) => Arc::make_mut(items).iter_mut().for_each(unplace),
        Kind::Mapping(entries) => {
            for (key, value) in Arc::make_mut(entries) {
                unplace(key);
                unplace(value);
            }
        }
        Kind::Scalar(..) | Kind::Alias(_) => {}
    }
}

/// What Talos says of a patch, and the configuration with it, as far as one came about.
pub(super) fn judged(patch: &[Node], is_json: bool) -> (Vec<Problem>, Vec<Document>) {
    match load(patch, true) {
        Ok(loaded) => with_strategic(loaded),
        Err(problems) => match patch.first() {
            None => with_json(None, is_json),
            Some(first) if json_patch::is_patch(first) => with_json(Some(first), is_json),
            Some(_) => (problems, Vec::new()),
        },
    }
}

fn with_json(patch: Option<&Node>, is_json: bool) -> (Vec<Problem>, Vec<Document>) {
    let mut document = ONE.clone();
    if let Some(patch) = patch
        && let Err(problem) = json_patch::apply(&mut document, patch, is_json)
    {
        return (vec![problem], Vec::new());
    }
    match load(&[document], false) {
        Ok(loaded) => validated(loaded),
        Err(problems) => (problems, Vec::new()),
    }
}

fn with_strategic(mut patch: Vec<Loaded>) -> (Vec<Problem>, Vec<Document>) {
    // Whatever their order in the patch, Talos deletes from machine and cluster first, and merges into them next.
    patch.sort_by_key(|change| match (change, change.id().0 == LEGACY) {
        (Loaded::Delete(_), true) => 0,
        (Loaded::Document { .. }, true) => 1,
        _ => 2,
    });
    let mut documents = MANY.clone();
    let mut gone = Vec::new();
    let mut problems = Vec::new();
    let there: Vec<_> = documents.iter().map(Loaded::id).collect();
    for change in patch {
        let id = change.id();
        let Some(index) = there.iter().position(|other| *other == id && !gone.contains(&id)) else {
            documents.push(change);
            continue;
        };
        let Some(Loaded::Document { kind, value, .. }) = documents.get_mut(index) else { continue };
        let name = schema().documents.get(*kind).map(|about| about.name.clone()).unwrap_or_default();
        match change {
            Loaded::Document { value: change, .. } => {
                let at = change.at;
                merge(value, change, &Type::Struct(name), "", &mut problems);
                // What is wrong with the whole is wrong because of the patch.
                value.at = value.at.or(at);
            }
            Loaded::Delete(delete) if delete.is_whole() => gone.push(id),
            Loaded::Delete(delete) => problems.extend(delete.apply(value, &name).err()),
        }
    }
    let documents: Vec<Loaded> = documents
        .into_iter()
        .enumerate()
        .filter(|(index, document)| *index >= there.len() || !gone.contains(&document.id()))
        .map(|(_, document)| document)
        .collect();
    problems.extend(together(&documents));
    let (found, patched) = validated(documents);
    if problems.is_empty() { (found, patched) } else { (problems, patched) }
}

fn validated(loaded: Vec<Loaded>) -> (Vec<Problem>, Vec<Document>) {
    let documents: Vec<(String, Value)> = loaded
        .into_iter()
        .filter_map(|document| match document {
            Loaded::Document { kind, value, .. } => Some((kind.to_owned(), value)),
            Loaded::Delete(_) => None,
        })
        .collect();
    (validate(&documents), documents)
}
