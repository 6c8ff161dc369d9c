//! What kustomize builds from a folder: which files it reads, which objects come out, and why it would not build.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::Finding;
use super::glob;
use super::kustomization::{self, Kustomization, Reference};
use super::object::{Object, objects};
use super::tree::{Tree, is_yaml, join};
use tazlab_yaml::Node;

/// What a build gives.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The files that were read.
    pub reached: BTreeSet<String>,
    /// Why kustomize would refuse.
    pub problems: Vec<Finding>,
    /// What lies elsewhere and was not looked at.
    pub remote: Vec<Finding>,
    pub(super) objects: Vec<Object>,
}

/// Builds a folder. Without a kustomization file, Flux makes one of everything below it.
#[must_use]
pub fn build(tree: &Tree, folder: &str, ignore: &[String]) -> Built {
    let mut builder = Builder { tree, ignore, built: Built::default() };
    let objects = match kustomization::file_of(tree, folder) {
        Ok(Some(_)) => builder.folder(folder, &mut Vec::new(), false, Vec::new()),
        Ok(None) => builder.generated(folder),
        Err(finding) => {
            builder.built.problems.push(finding);
            Vec::new()
        }
    };
    Built { objects, ..builder.built }
}

/// Builds a component on nothing.
pub(super) fn build_component(tree: &Tree, folder: &str, ignore: &[String]) -> Built {
    let mut builder = Builder { tree, ignore, built: Built::default() };
    let objects = builder.folder(folder, &mut Vec::new(), true, Vec::new());
    Built { objects, ..builder.built }
}

struct Builder<'a> {
    tree: &'a Tree,
    ignore: &'a [String],
    built: Built,
}

impl Builder<'_> {
    fn refuse(&mut self, file: &str, reference: &Reference, text: impl Into<String>) {
        self.built.problems.push(Finding::new(file, reference.at, text));
    }

    fn is_ignored(&self, path: &str) -> bool {
        self.ignore.iter().any(|pattern| glob::matches(pattern, path))
    }

    /// Everything below a folder, as Flux's generated kustomization names it.
    fn generated(&mut self, folder: &str) -> Vec<Object> {
        let mut all = Objects::default();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let (files, folders) = self.tree.children(&folder);
            let manifest = |path: &&&str| is_yaml(path);
            for file in files.iter().filter(manifest) {
                if !self.is_ignored(file) {
                    let found = self.file(file);
                    self.add(&mut all, found);
                }
            }
            for below in folders {
                match kustomization::file_of(self.tree, below) {
                    Ok(None) => open.push(below.to_owned()),
                    Ok(Some(_)) => {
                        let found = self.folder(below, &mut Vec::new(), false, Vec::new());
                        self.add(&mut all, found);
                    }
                    Err(finding) => self.built.problems.push(finding),
                }
            }
        }
        all.list
    }

    /// A folder with a kustomization file. A component works on the objects that are there already.
    fn folder(&mut self, folder: &str, above: &mut Vec<String>, component: bool, given: Vec<Object>) -> Vec<Object> {
        let file = match kustomization::file_of(self.tree, folder) {
            Ok(Some(file)) => file,
            Ok(None) => return given,
            Err(finding) => {
                self.built.problems.push(finding);
                return given;
            }
        };
        self.built.reached.insert(file.clone());
        let text = self.tree.text(&file).unwrap_or_default();
        let said = match kustomization::read(&file, text) {
            Ok(said) => said,
            Err(findings) => {
                self.built.problems.extend(findings);
                return given;
            }
        };
        if said.is_component != component {
            let text = if component {
                "components takes folders of kind Component"
            } else {
                "this is a Component: it is named under components, not under resources"
            };
            self.built.problems.push(Finding::of_file(&file, text));
            return given;
        }
        above.push(folder.to_owned());
        let objects = self.target(folder, &said, above, given);
        above.pop();
        objects
    }

    fn target(
        &mut self,
        folder: &str,
        said: &Kustomization,
        above: &mut Vec<String>,
        given: Vec<Object>,
    ) -> Vec<Object> {
        let mut all = Objects::of(given);
        for resource in &said.resources {
            let found = self.resource(folder, said, resource, above);
            self.add(&mut all, found);
        }
        for file in &said.files {
            self.plain_file(folder, &said.file, file);
        }
        for plugin in &said.plugins {
            // The text may be the configuration itself.
            if !plugin.path.contains('\n') {
                self.resource(folder, said, plugin, above);
            }
        }
        self.generate(said, &mut all);
        for component in &said.components {
            if let Some(below) = self.folder_of(folder, said, component, above) {
                all = Objects::of(self.folder(&below, above, true, all.list));
            }
        }
        let mut there = HashSet::new();
        for object in &mut all.list {
            rename(object, said);
            if !there.insert(object.id()) {
                let text = format!("namespace makes another object the same {}", object.shown());
                self.built.problems.push(Finding::of_file(&said.file, text));
            }
        }
        all.list
    }

    fn generate(&mut self, said: &Kustomization, all: &mut Objects) {
        for generator in &said.generators {
            let object = Object {
                group: String::new(),
                version: "v1".to_owned(),
                kind: generator.kind.to_owned(),
                namespace: generator.namespace.clone(),
                name: generator.name.clone(),
                file: said.file.clone(),
                at: generator.at,
                node: Node::text(""),
            };
            if generator.merges {
                if !all.ids.contains_key(&object.id()) {
                    let text = format!("there is no {} to merge into or replace", object.shown());
                    self.built.problems.push(Finding::new(&said.file, generator.at, text));
                }
                continue;
            }
            self.add(all, vec![object]);
        }
    }

    fn resource(
        &mut self,
        folder: &str,
        said: &Kustomization,
        resource: &Reference,
        above: &mut Vec<String>,
    ) -> Vec<Object> {
        if is_remote(&resource.path) {
            let text = format!("{} lies elsewhere and was not looked at", resource.path);
            self.built.remote.push(Finding::new(&said.file, resource.at, text));
            return Vec::new();
        }
        let path = join(folder, &resource.path);
        if let Some(file) = path.as_ref().filter(|path| self.tree.has(path) && !resource.path.ends_with('/')) {
            return if self.is_ignored(file) { Vec::new() } else { self.file(&file.clone()) };
        }
        match self.folder_of(folder, said, resource, above) {
            Some(below) => self.folder(&below, above, false, Vec::new()),
            None => Vec::new(),
        }
    }

    /// The folder that a reference leads to, unless it leads back.
    fn folder_of(
        &mut self,
        folder: &str,
        said: &Kustomization,
        reference: &Reference,
        above: &[String],
    ) -> Option<String> {
        let field = reference.field;
        if is_remote(&reference.path) {
            let text = format!("{} lies elsewhere and was not looked at", reference.path);
            self.built.remote.push(Finding::new(&said.file, reference.at, text));
            return None;
        }
        let Some(path) = join(folder, &reference.path) else {
            self.refuse(&said.file, reference, format!("{field}: {} leads out of the repository", reference.path));
            return None;
        };
        if self.is_ignored(&path) {
            return None;
        }
        if !self.tree.is_folder(&path) || reference.path.is_empty() {
            self.refuse(&said.file, reference, format!("{field}: there is no {path}"));
            return None;
        }
        let inside = |root: &String| path.is_empty() || *root == path || root.starts_with(&format!("{path}/"));
        if let Some(root) = above.iter().find(|root| inside(root)) {
            let shown = if path.is_empty() { "the repository's root" } else { &path };
            self.refuse(&said.file, reference, format!("{field}: a cycle: {shown} contains {root}, which led here"));
            return None;
        }
        if matches!(kustomization::file_of(self.tree, &path), Ok(None)) {
            self.refuse(&said.file, reference, format!("{field}: {path} has no kustomization file"));
            return None;
        }
        Some(path)
    }

    fn plain_file(&mut self, folder: &str, file: &str, reference: &Reference) {
        let field = reference.field;
        if is_remote(&reference.path) {
            return;
        }
        match join(folder, &reference.path) {
            None => self.refuse(file, reference, format!("{field}: {} leads out of the repository", reference.path)),
            Some(path) if self.is_ignored(&path) => {}
            Some(path) if !self.tree.has(&path) => self.refuse(file, reference, format!("{field}: there is no {path}")),
            Some(path) => drop(self.built.reached.insert(path)),
        }
    }

    fn file(&mut self, path: &str) -> Vec<Object> {
        self.built.reached.insert(path.to_owned());
        let Some(text) = self.tree.text(path) else {
            self.built.problems.push(Finding::of_file(path, "the file is no text, or larger than 8 MiB"));
            return Vec::new();
        };
        objects(path, text).unwrap_or_else(|finding| {
            self.built.problems.push(finding);
            Vec::new()
        })
    }

    /// Adds objects; the same one twice is an error of kustomize.
    fn add(&mut self, all: &mut Objects, more: Vec<Object>) {
        for object in more {
            match all.ids.entry(object.id()) {
                Entry::Occupied(there) => {
                    let text =
                        format!("{} is here twice in one build: it stands in {} too", object.shown(), there.get());
                    self.built.problems.push(Finding::new(&object.file, object.at, text));
                }
                Entry::Vacant(place) => {
                    place.insert(object.file.clone());
                    all.list.push(object);
                }
            }
        }
    }
}

/// Objects of one build, and the file of each by its id.
#[derive(Default)]
struct Objects {
    list: Vec<Object>,
    ids: HashMap<[String; 5], String>,
}

impl Objects {
    fn of(list: Vec<Object>) -> Self {
        let ids = list.iter().map(|object| (object.id(), object.file.clone())).collect();
        Self { list, ids }
    }
}

/// Names and namespaces as the kustomization changes them.
fn rename(object: &mut Object, said: &Kustomization) {
    if let Some(namespace) = &said.namespace {
        if object.kind == "Namespace" && object.group.is_empty() {
            namespace.clone_into(&mut object.name);
        } else if !object.is_cluster_wide() {
            namespace.clone_into(&mut object.namespace);
        }
    }
    // The names of these are given by what they describe.
    if !matches!(object.kind.as_str(), "CustomResourceDefinition" | "APIService" | "Namespace") {
        object.name = format!("{}{}{}", said.prefix, object.name, said.suffix);
    }
}

fn is_remote(path: &str) -> bool {
    path.contains("://") || path.contains("?ref=") || path.starts_with("git@") || path.starts_with("github.com/")
}
