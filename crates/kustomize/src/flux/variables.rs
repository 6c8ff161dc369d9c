//! The variables of a Kustomization: from where they come, what they become in objects, and which of them nobody sets.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tazlab_yaml::Node;

use super::applied::{Applied, From};
use super::follow::Cluster;
use super::tools::is_word;
use crate::edit;
use crate::limits::Budget;
use crate::object::Object;
use crate::problem::{Finding, Id};
use crate::substitute::{UNKNOWN, Value, substitute};
use crate::tree::{Tree, is_yaml};

/// What a `ConfigMap` or Secret holds; a value that is encrypted is none.
pub(super) type Data = BTreeMap<String, Option<String>>;

/// Those that Kustomizations read, by kind, namespace and name.
pub(super) type Store = BTreeMap<[String; 3], Data>;

/// The variables of one Kustomization.
#[derive(Debug, Default)]
pub(super) struct Variables {
    known: Data,
    /// There may be more.
    is_open: bool,
    runs: bool,
}

impl Variables {
    pub(super) fn of(one: &Applied, store: &Store) -> Self {
        let mut found = Self { is_open: one.post_build.is_unknown, ..Self::default() };
        for from in &one.post_build.from {
            match store.get(&[from.kind.clone(), one.namespace.clone(), from.name.clone()]) {
                Some(data) => found.known.extend(data.clone()),
                None => found.is_open = true,
            }
        }
        found.known.extend(one.post_build.inline.iter().map(|(name, value)| (name.clone(), Some(value.clone()))));
        found.runs = found.is_open || !found.known.is_empty() || one.post_build.is_always;
        found
    }

    fn get(&self, name: &str) -> Value<'_> {
        match self.known.get(name) {
            Some(Some(value)) if !value.contains(UNKNOWN) => Value::Known(value),
            Some(_) => Value::Unknown,
            None if self.is_open => Value::Unknown,
            None => Value::Absent,
        }
    }

    /// Fills an object in. What is absent or cannot be read is said.
    pub(super) fn fill(
        &self,
        object: &mut Object,
        is_strict: bool,
        problems: &mut Vec<Finding>,
        notes: &mut Vec<Finding>,
        budget: &Budget,
    ) {
        const DISABLED: &str = "kustomize.toolkit.fluxcd.io/substitute";
        let disabled = |what| object.meta(what, DISABLED) == Some("disabled");
        let has = |text: &str| text.contains('$');
        if !self.runs || disabled("labels") || disabled("annotations") {
            return;
        }
        let named = [&object.name, &object.namespace].into_iter().any(|text| has(text));
        if !named && !edit::any(&object.node, &mut |text| text.contains("${") || text.contains("$$")) {
            return;
        }
        let lookup = |name: &str| self.get(name);
        let mut missing = Vec::new();
        let mut failed = None;
        let mut fill = |text: &str| {
            if !has(text) || budget.is_spent() {
                return None;
            }
            let filled = substitute(text, &lookup, &mut missing).map_err(|error| failed = Some(error)).ok()?;
            budget.makes(filled.len()).then_some(filled)
        };
        let (name, namespace) = (fill(&object.name), fill(&object.namespace));
        edit::texts(&mut object.node, &mut fill);
        object.name = name.unwrap_or_else(|| std::mem::take(&mut object.name));
        object.namespace = namespace.unwrap_or_else(|| std::mem::take(&mut object.namespace));
        if let Some(error) = failed {
            let text = format!(
                "Flux cannot fill the variables of {} in: {error}; write $${{ for a ${{ that is meant as it stands",
                object.shown()
            );
            let finding = Finding::new(Id::Substitution, &object.file, object.at, text);
            // Whether Flux comes this far is not known where no variable is.
            if self.is_open && self.known.is_empty() { notes.push(finding) } else { problems.push(finding) }
        }
        let missing: BTreeSet<String> = missing.into_iter().collect();
        if !missing.is_empty() {
            let unset: Vec<String> = missing.iter().map(|name| format!("${{{name}}}")).collect();
            let text = format!("{}: nothing sets {}", object.shown(), unset.join(", "));
            let end =
                if is_strict { "Flux refuses that" } else { "from kustomize-controller 1.9 on Flux refuses that" };
            let finding = Finding::new(Id::Substitution, &object.file, object.at, format!("{text}; {end}"));
            if is_strict { problems.push(finding) } else { notes.push(finding) }
        }
    }
}

impl Applied {
    /// Fills objects in from what the cluster holds, strictly: the data of each source by `kind/name`.
    pub(crate) fn fill(
        &self,
        objects: &mut [Object],
        cluster: &BTreeMap<String, BTreeMap<String, String>>,
        problems: &mut Vec<Finding>,
        notes: &mut Vec<Finding>,
        budget: &Budget,
    ) {
        let mut store = Store::new();
        for (name, data) in cluster {
            let (kind, name) = name.split_once('/').unwrap_or(("", name));
            let data = data.iter().map(|(key, value)| (key.clone(), Some(value.replace('\n', "")))).collect();
            store.insert([kind.to_owned(), self.namespace.clone(), name.to_owned()], data);
        }
        let variables = Variables::of(self, &store);
        for object in objects {
            variables.fill(object, true, problems, notes, budget);
        }
    }
}

/// What the objects hold that Kustomizations read.
pub(super) fn store(applied: &[Applied]) -> Store {
    let wanted: BTreeSet<[String; 3]> = applied.iter().flat_map(wanted).collect();
    let mut found = Store::new();
    if wanted.is_empty() {
        return found;
    }
    for one in applied {
        for object in one.objects.iter().filter(|object| object.group.is_empty()) {
            let mut names = vec![object.name.clone()];
            if one.follows_names && object.is_hashed {
                names.extend(object.earlier.last().map(|earlier| earlier.name.clone()));
            }
            for name in names {
                let key = [object.kind.clone(), object.effective_namespace().to_owned(), name];
                if wanted.contains(&key) {
                    found.insert(key, data(object));
                }
            }
        }
    }
    found
}

fn wanted(one: &Applied) -> Vec<[String; 3]> {
    one.post_build.from.iter().map(|from| [from.kind.clone(), one.namespace.clone(), from.name.clone()]).collect()
}

fn data(object: &Object) -> Data {
    let is_encrypted = object.node.get("sops").is_some();
    let mut found = Data::new();
    for (field, is_base64) in [("data", object.kind == "Secret"), ("stringData", false)] {
        for (key, value) in object.node.get(field).map_or(&[][..], Node::entries) {
            let Some(key) = key.as_str() else { continue };
            let text = value.as_str().unwrap_or_default();
            let plain = if is_base64 {
                let compact: String = text.split_whitespace().collect();
                STANDARD.decode(compact).ok().and_then(|bytes| String::from_utf8(bytes).ok())
            } else {
                Some(text.to_owned())
            };
            let known = !is_encrypted && !text.contains(UNKNOWN) && !text.starts_with("ENC[");
            found.insert(key.to_owned(), plain.filter(|_| known).map(|text| text.replace('\n', "")));
        }
    }
    found
}

/// `substituteFrom` that nothing makes.
pub(super) fn sources(cluster: &Cluster, tree: &Tree, notes: &mut Vec<Finding>) -> Vec<Finding> {
    let mut found = Vec::new();
    for one in cluster.applied.iter().filter(|one| !one.is_suspended) {
        for from in one.post_build.from.iter().filter(|from| !from.is_optional) {
            if cluster.store.contains_key(&[from.kind.clone(), one.namespace.clone(), from.name.clone()])
                || from.name.contains(UNKNOWN)
            {
                continue;
            }
            let text = format!(
                "substituteFrom: nothing makes {} {}/{}, which {} waits for",
                from.kind, one.namespace, from.name, one.name
            );
            let finding = Finding::new(Id::MissingVariables, &one.file, from.at, text);
            // What this repository may apply of itself would speak of the name.
            if cluster.is_remote || is_made_elsewhere(from, tree) { notes.push(finding) } else { found.push(finding) }
        }
    }
    found
}

/// Does the repository speak of the name anywhere but where it is read? Then something may make it.
fn is_made_elsewhere(from: &From, tree: &Tree) -> bool {
    tree.files().any(|(path, file)| {
        let Ok(text) = file.text() else { return false };
        if !is_word(text, &from.name) {
            return false;
        }
        match file.parsed() {
            Ok(documents) if is_yaml(path) => documents.iter().any(|node| speaks_of(node, &from.name)),
            _ => true,
        }
    })
}

fn speaks_of(node: &Node, name: &str) -> bool {
    if let Some(text) = node.as_str() {
        return is_word(text, name);
    }
    let entry = |(key, value): &(Node, Node)| key.as_str() != Some("substituteFrom") && speaks_of(value, name);
    node.items().iter().any(|item| speaks_of(item, name)) || node.entries().iter().any(entry)
}
