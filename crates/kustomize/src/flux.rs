//! A repository that Flux follows: from the entries through `.spec.path` of every Kustomization, and what is left over.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{Built, build, build_component};
use super::kustomization::NAMES;
use super::object::{Object, namespace_or_default};
use super::order;
use super::tree::{Tree, is_yaml, join};
use super::{Finding, Report, Settings, glob};
use tazlab_yaml::{self as yaml, Mark, Node};

/// One Kustomization of Flux, or an entry, which is one that somebody made by hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Applied {
    /// `namespace/name`; the folder for an entry that no Kustomization applies.
    pub(super) name: String,
    folder: String,
    is_entry: bool,
    /// It is applied to another cluster: its objects meet none of the others.
    elsewhere: bool,
    changes: Changes,
    pub(super) file: String,
    pub(super) at: Mark,
    pub(super) depends_on: Vec<(String, Mark)>,
    pub(super) built: Built,
}

/// What a Kustomization of Flux does to the objects that were built.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    namespace: String,
    prefix: String,
    suffix: String,
    components: Vec<(String, Mark)>,
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
            Some(folder) => {
                open.push(Applied { name: folder.clone(), folder, is_entry: true, ..Applied::default() });
            }
            None => report.problems.push(Finding::of_file(entry, "the repository has no such folder")),
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(mut one) = open.pop() {
        if !seen.insert(one.name.clone()) {
            continue;
        }
        one.built = build(tree, &one.folder, &settings.ignore);
        change(tree, settings, &mut one);
        let is_flux = |object: &&Object| object.is_flux("kustomize", "Kustomization");
        let kustomizations: Vec<Object> = one.built.objects.iter().filter(is_flux).cloned().collect();
        for object in &kustomizations {
            let next = of_object(object);
            // The Kustomization that applies an entry stands in it: it leads back to what is built already.
            match target(tree, object, settings) {
                Target::Folder(path) if one.is_entry && one.folder == path => own(&mut one, next),
                Target::Folder(path) => match applied.iter_mut().find(|entry| entry.is_entry && entry.folder == path) {
                    Some(entry) => own(entry, next),
                    None => open.push(Applied { folder: path, ..next }),
                },
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

/// The entry is known by the Kustomization that applies it.
fn own(entry: &mut Applied, by: Applied) {
    let Applied { name, file, at, depends_on, .. } = by;
    (entry.name, entry.file, entry.at, entry.depends_on) = (name, file, at, depends_on);
}

/// What the Kustomization adds, and how it renames. Variables in names are filled in by Flux: such objects stay apart.
fn change(tree: &Tree, settings: &Settings, one: &mut Applied) {
    for (path, at) in &one.changes.components {
        // Relative to the Kustomization's own folder.
        match join(&one.folder, path).filter(|folder| tree.is_folder(folder)) {
            Some(folder) => {
                let component = build_component(tree, &folder, &settings.ignore);
                one.built.reached.extend(component.reached);
                one.built.problems.extend(component.problems);
                one.built.remote.extend(component.remote);
                one.built.objects.extend(component.objects);
            }
            None => one.built.problems.push(Finding::new(&one.file, *at, format!("components: there is no {path}"))),
        }
    }
    for object in &mut one.built.objects {
        if !one.changes.namespace.is_empty() && !object.is_cluster_wide() {
            one.changes.namespace.clone_into(&mut object.namespace);
        }
        if !object.is_cluster_wide() {
            object.name = format!("{}{}{}", one.changes.prefix, object.name, one.changes.suffix);
        }
    }
}

fn of_object(object: &Object) -> Applied {
    let namespace = namespace_or_default(&object.namespace);
    let depends = object.node.get("spec").and_then(|spec| spec.get("dependsOn")).map_or(&[][..], Node::items);
    let depends_on = depends.iter().filter_map(|other| {
        let name = other.text_at(&["name"])?;
        Some((format!("{}/{name}", other.text_at(&["namespace"]).unwrap_or(namespace)), other.at))
    });
    let spec = |key: &str| object.node.text_at(&["spec", key]).unwrap_or_default().to_owned();
    let list = object.node.get("spec").and_then(|spec| spec.get("components")).map_or(&[][..], Node::items);
    let components = list.iter().filter_map(|path| Some((path.as_str()?.to_owned(), path.at)));
    Applied {
        name: format!("{namespace}/{}", object.name),
        file: object.file.clone(),
        at: object.at,
        depends_on: depends_on.collect(),
        elsewhere: object.node.get("spec").is_some_and(|spec| spec.get("kubeConfig").is_some()),
        changes: Changes {
            namespace: spec("targetNamespace"),
            prefix: spec("namePrefix"),
            suffix: spec("nameSuffix"),
            components: components.collect(),
        },
        ..Applied::default()
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
    for one in applied.iter().filter(|one| !one.elsewhere) {
        // Flux fills variables in: what has one in its name is another object each time.
        let named = |object: &&Object| !object.claim().iter().any(|part| part.contains("${"));
        for object in one.built.objects.iter().filter(named) {
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
