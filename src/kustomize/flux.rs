//! A repository that Flux follows: from the entries through `.spec.path` of every Kustomization, and what is left over.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Built, build};
use super::kustomization::NAMES;
use super::object::{Object, namespace_or_default};
use super::order;
use super::tree::{Tree, is_yaml, join};
use super::{Finding, Report, Settings, glob};
use crate::yaml::{self, Mark, Node};

/// One Kustomization of Flux, or an entry, which is one that somebody made by hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Applied {
    /// `namespace/name`; the folder for an entry.
    pub(super) name: String,
    pub(super) file: String,
    pub(super) at: Mark,
    pub(super) depends_on: Vec<(String, Mark)>,
    pub(super) built: Built,
}

/// Checks a repository.
#[must_use]
pub fn check(tree: &Tree, settings: &Settings) -> Report {
    let mut report = Report::default();
    let applied = follow(tree, settings, &mut report);
    for one in &applied {
        report.reached.extend(one.built.reached.iter().cloned());
        report.problems.extend(one.built.problems.iter().cloned());
        report.notes.extend(one.built.remote.iter().cloned());
        report.objects += one.built.objects.len();
    }
    report.flux_kustomizations = applied.iter().filter(|one| !one.file.is_empty()).count();
    report.problems.extend(dependencies(&applied));
    report.problems.extend(claimed_twice(&applied));
    order::check(&applied, &mut report);
    report.problems.extend(orphans(tree, settings, &report.reached));
    for findings in [&mut report.problems, &mut report.notes] {
        findings.sort();
        findings.dedup();
    }
    report
}

/// Every Kustomization that the entries lead to, each once.
fn follow(tree: &Tree, settings: &Settings, report: &mut Report) -> Vec<Applied> {
    let mut applied: Vec<Applied> = Vec::new();
    let mut open = Vec::new();
    for entry in &settings.entries {
        match join("", entry).filter(|folder| tree.is_folder(folder)) {
            Some(folder) => open.push((Applied { name: folder.clone(), ..Applied::default() }, folder)),
            None => report.problems.push(Finding::of_file(entry, "the repository has no such folder")),
        }
    }
    let mut seen = BTreeSet::new();
    while let Some((mut one, folder)) = open.pop() {
        if !seen.insert(one.name.clone()) {
            continue;
        }
        one.built = build(tree, &folder, &settings.ignore);
        for object in one.built.objects.iter().filter(|object| object.is_flux("kustomize", "Kustomization")) {
            let next = of_object(object);
            // The Kustomization that applies an entry stands in it: it leads back to what is built already.
            match target(tree, object, settings) {
                Target::Folder(path) if is_entry(&path, &applied, &one) => {}
                Target::Folder(path) => open.push((next, path)),
                // What cannot be built can be depended on.
                Target::Missing(problem) => {
                    report.problems.push(problem);
                    applied.push(next);
                }
                Target::Elsewhere(note) => {
                    report.notes.push(note);
                    applied.push(next);
                }
            }
        }
        applied.push(one);
    }
    applied
}

fn is_entry(path: &str, applied: &[Applied], current: &Applied) -> bool {
    applied.iter().chain([current]).any(|one| one.file.is_empty() && one.name == path)
}

fn of_object(object: &Object) -> Applied {
    let namespace = namespace_or_default(&object.namespace);
    let depends = object.node.get("spec").and_then(|spec| spec.get("dependsOn")).map_or(&[][..], Node::items);
    let depends_on = depends.iter().filter_map(|other| {
        let name = other.text_at(&["name"])?;
        Some((format!("{}/{name}", other.text_at(&["namespace"]).unwrap_or(namespace)), other.at))
    });
    Applied {
        name: format!("{namespace}/{}", object.name),
        file: object.file.clone(),
        at: object.at,
        depends_on: depends_on.collect(),
        built: Built::default(),
    }
}

enum Target {
    Folder(String),
    Missing(Finding),
    Elsewhere(Finding),
}

/// Where a Kustomization points. A source that is not the repository's own points elsewhere.
fn target(tree: &Tree, object: &Object, settings: &Settings) -> Target {
    let spec = |keys: &[&str]| object.node.get("spec").and_then(|spec| spec.text_at(keys));
    let given = spec(&["path"]).unwrap_or_default();
    let at = object.node.get("spec").and_then(|spec| spec.get("path")).map_or(object.at, |path| path.at);
    let kind = spec(&["sourceRef", "kind"]).unwrap_or("GitRepository");
    let source = spec(&["sourceRef", "name"]).unwrap_or("flux-system");
    let path = join("", given.trim_start_matches('/'));
    let found = path.filter(|path| tree.is_folder(path));
    let elsewhere = || format!("{} is applied from {kind} {source}, which was not looked at", object.shown());
    match found {
        Some(path) if kind == "GitRepository" => Target::Folder(path),
        None if kind == "GitRepository" && source == "flux-system" => {
            let ignored = settings.ignore.iter().any(|pattern| glob::matches(pattern, given.trim_start_matches("./")));
            let text = format!("spec.path of {}: the repository has no folder {given}", object.shown());
            let finding = Finding::new(&object.file, at, text);
            if ignored { Target::Elsewhere(finding) } else { Target::Missing(finding) }
        }
        _ => Target::Elsewhere(Finding::new(&object.file, at, elsewhere())),
    }
}

/// Dependencies that nobody fulfils.
fn dependencies(applied: &[Applied]) -> Vec<Finding> {
    let mut found = Vec::new();
    let known: BTreeMap<&str, &Applied> = applied.iter().map(|one| (one.name.as_str(), one)).collect();
    for one in applied {
        for (name, at) in &one.depends_on {
            if !known.contains_key(name.as_str()) {
                let text = format!("dependsOn: no Kustomization {name} is reached, {} waits for ever", one.name);
                found.push(Finding::new(&one.file, *at, text));
            }
        }
        if order::depends(&known, one, &one.name) {
            let text =
                format!("dependsOn: {} depends on itself, by way of others or not: it is never applied", one.name);
            found.push(Finding::new(&one.file, one.at, text));
        }
    }
    found
}

/// Objects that two Kustomizations apply: they undo each other's work.
fn claimed_twice(applied: &[Applied]) -> Vec<Finding> {
    let mut claims: BTreeMap<[String; 4], (&Applied, &Object)> = BTreeMap::new();
    let mut found = Vec::new();
    for one in applied {
        for object in &one.built.objects {
            match claims.get(&object.claim()) {
                Some((other, first)) if other.name != one.name => {
                    let text = format!(
                        "{} is applied by {} and by {} ({}): one undoes what the other does",
                        object.shown(),
                        one.name,
                        other.name,
                        first.file
                    );
                    found.push(Finding::new(&object.file, object.at, text));
                }
                Some(_) => {}
                None => drop(claims.insert(object.claim(), (one, object))),
            }
        }
    }
    found
}

/// Manifests that nothing reaches.
fn orphans(tree: &Tree, settings: &Settings, reached: &BTreeSet<String>) -> Vec<Finding> {
    let ignored = |path: &str| settings.ignore.iter().any(|pattern| glob::matches(pattern, path));
    let mut found = Vec::new();
    for path in tree.paths().filter(|path| !reached.contains(*path) && !ignored(path)) {
        let name = path.rsplit('/').next().unwrap_or_default();
        if NAMES.contains(&name) {
            found.push(Finding::of_file(path, "no entry leads to this kustomization"));
        } else if is_yaml(path) && tree.text(path).is_some_and(is_manifest) {
            found.push(Finding::of_file(path, "no kustomization reaches this manifest: it is never applied"));
        }
    }
    found
}

/// Is there an object in the text? Files of comments, and YAML of other programs, are none.
fn is_manifest(text: &str) -> bool {
    // Most files that are none are told without a parser.
    text.contains("apiVersion")
        && yaml::parse(text).is_ok_and(|documents| {
            let named =
                |document: &Node| document.text_at(&["apiVersion"]).is_some() && document.text_at(&["kind"]).is_some();
            documents.iter().any(named)
        })
}
