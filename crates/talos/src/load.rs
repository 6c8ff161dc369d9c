//! Documents of YAML become documents of a configuration: which kind each is, and which may stand side by side.

use tazlab_yaml::{Kind, Node};

use super::decode::Decoder;
use super::deletes::{self, Delete};
use super::problem::Problem;
use super::schema::{LEGACY, Type, schema};
use super::value::Value;

/// One document.
#[derive(Clone, Debug)]
pub(super) enum Loaded {
    /// What is to be merged: its kind, its name where the kind has names, and its value.
    Document { kind: &'static str, name: Option<String>, value: Value },
    /// What is to be deleted.
    Delete(Delete),
}

impl Loaded {
    /// What tells it apart from its siblings.
    pub(super) fn id(&self) -> (String, Option<String>) {
        match self {
            Self::Document { kind, name, .. } => ((*kind).to_owned(), name.clone()),
            Self::Delete(delete) => {
                let kind = delete.kind.strip_prefix("v1alpha1/").unwrap_or(&delete.kind);
                (kind.to_owned(), Some(delete.name.clone()).filter(|name| !name.is_empty()))
            }
        }
    }
}

/// Loads documents; in a patch they may delete.
pub(super) fn load(documents: &[Node], patch: bool) -> Result<Vec<Loaded>, Vec<Problem>> {
    let mut loaded = Vec::new();
    let mut seen = Vec::new();
    let mut problems = Vec::new();
    for document in documents {
        let mut rest = Some(document.clone());
        if patch {
            match deletes::take(document) {
                Ok((deletes, left)) => {
                    loaded.extend(deletes.into_iter().map(Loaded::Delete));
                    rest = left;
                }
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            }
        }
        // An empty document is passed over.
        let Some(rest) = rest.filter(|rest| !rest.is_null()) else { continue };
        match one(&rest, &mut seen) {
            Ok(document) => loaded.push(document),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() && loaded.is_empty() {
        problems.push(Problem::talos(None, "", "the patch has no configuration"));
    }
    problems.extend(together(&loaded));
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

fn one(document: &Node, seen: &mut Vec<[String; 3]>) -> Result<Loaded, Vec<Problem>> {
    let refused = |text: String| vec![Problem::talos(Some(document.at), "", text)];
    let Kind::Mapping(entries) = &document.kind else {
        return Err(refused("a document must be a mapping".to_owned()));
    };
    let direct = |key: &str| {
        let value = document.get(key).map(|value| &value.kind);
        value.map_or_else(String::new, |kind| match kind {
            Kind::Scalar(text, _) => text.clone(),
            _ => String::new(),
        })
    };
    let named_kind = Some(direct("kind")).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "v1alpha1".to_owned());
    let id = [direct("apiVersion"), named_kind, direct("name")];
    if seen.contains(&id) {
        return Err(refused(format!("a second document {} {}", id[1], id[2]).trim_end().to_owned()));
    }
    seen.push(id);
    let (version, kind) = version_and_kind(entries);
    let known = if kind.is_empty() {
        if version != "v1alpha1" {
            return Err(refused("a document needs machine, cluster, or its apiVersion and kind".to_owned()));
        }
        schema().documents.get_key_value(LEGACY)
    } else {
        schema().documents.get_key_value(&kind).filter(|_| version == "v1alpha1" && kind != LEGACY)
    };
    let Some((kind, about)) = known else {
        let nearest = schema().documents.keys().map(|known| (strsim::osa_distance(known, &kind), known));
        let hint = nearest.min().filter(|(distance, _)| *distance <= 3);
        let hint = hint.map(|(_, known)| format!("; did you mean {known}?")).unwrap_or_default();
        return Err(refused(format!("Talos has no document {kind} of version {version:?}{hint}")));
    };
    let mut decoder = Decoder::default();
    let value = decoder.decode(document, &Type::Struct(about.name.clone()), "");
    if !decoder.problems.is_empty() {
        return Err(decoder.problems);
    }
    let name = about.named.then(|| value.get("name").text().to_owned());
    Ok(Loaded::Document { kind, name, value })
}

/// As Talos finds them: keys and values of the document are looked at alike, the last that counts wins.
fn version_and_kind(entries: &[(Node, Node)]) -> (String, String) {
    let (mut version, mut kind) = (String::new(), String::new());
    let flat: Vec<&Node> = entries.iter().flat_map(|(key, value)| [key, value]).collect();
    for (index, node) in flat.iter().enumerate() {
        let Kind::Scalar(text, _) = &node.kind else { continue };
        let next = || flat.get(index + 1).filter(|next| !next.is_null()).and_then(|next| next.as_str());
        match text.as_str() {
            "kind" => next().unwrap_or(&kind.clone()).clone_into(&mut kind),
            "apiVersion" => next().unwrap_or(&version.clone()).clone_into(&mut version),
            "machine" | "cluster" | "debug" | "persist" => "v1alpha1".clone_into(&mut version),
            _ => {}
        }
    }
    (version, kind)
}

/// Which documents must not stand in one configuration.
pub(super) fn together(documents: &[Loaded]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut barred: Vec<(String, String, &str)> = Vec::new();
    for document in documents {
        let Loaded::Document { kind, name, value } = document else { continue };
        let name = name.as_deref().unwrap_or_default();
        if seen.contains(&(kind, name)) {
            problems.push(Problem::talos(
                value.at,
                "",
                format!("a second document {kind} {name}").trim_end().to_owned(),
            ));
            continue;
        }
        seen.push((kind, name));
        let conflicts = schema().documents.get(*kind).map_or(&[][..], |about| &about.conflicts);
        let mut against = conflicts.iter().map(String::as_str).filter(|other| seen.contains(&(other, name)));
        let barred_by = barred.iter().find(|(other, of, _)| other == kind && of == name).map(|(.., by)| *by);
        if let Some(other) = against.next().or(barred_by) {
            problems.push(Problem::talos(value.at, "", format!("{kind} {name} conflicts with {other} {name}")));
        }
        barred.extend(conflicts.iter().map(|other| (other.clone(), name.to_owned(), *kind)));
    }
    problems
}
