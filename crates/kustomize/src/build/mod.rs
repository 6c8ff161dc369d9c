//! What kustomize builds from folders: which files it reads, which objects come out, and why it would refuse. A folder is built once,
//! however many others include it.

mod field_spec;
mod layer;
mod outside;
mod references;
mod transform;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::glob;
use super::kustomization::{self, Kustomization};
use super::limits::{Budget, LONGEST_CHAIN};
use super::object::{self, Object};
use super::patch::Patch;
use super::problem::Finding;
use super::tree::{File, Tree, is_yaml};

pub(crate) use layer::Layer;
pub use outside::{Built, build, build_as_flux};

/// What a Kustomization of Flux adds to the build of its folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Additions {
    pub(crate) namespace: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) suffix: Option<String>,
    pub(crate) patches: Vec<Patch>,
    pub(crate) components: Vec<kustomization::Reference>,
    pub(crate) ignores_missing_components: bool,
}

type Objects = Rc<Result<Vec<Object>, Finding>>;

/// Builds the folders of one view of a repository.
#[derive(Debug)]
pub(crate) struct Builder<'t> {
    pub(crate) tree: &'t Tree,
    ignore: &'t [String],
    budget: &'t Budget,
    built: HashMap<String, Rc<Layer>>,
    read: HashMap<String, Objects>,
    pub(crate) reached: BTreeSet<String>,
    pub(crate) problems: Vec<Finding>,
    /// Problems that are none where something writes the file.
    pub(crate) absent: Vec<Absent>,
    pub(crate) notes: Vec<Finding>,
}

/// A file that is named and does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Absent {
    pub(crate) finding: Finding,
    pub(crate) path: String,
    /// It is read as it is, and holds no objects.
    pub(crate) is_plain: bool,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(tree: &'t Tree, ignore: &'t [String], budget: &'t Budget) -> Self {
        Self {
            tree,
            ignore,
            budget,
            built: HashMap::new(),
            read: HashMap::new(),
            reached: BTreeSet::new(),
            problems: Vec::new(),
            absent: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Builds a folder by itself. Flux writes a kustomization file where there is none, and adds to one that is there.
    pub(crate) fn top(&mut self, folder: &str, flux: Option<&Additions>) -> Layer {
        self.budget.build();
        let mut layer = match kustomization::file_of(self.tree, folder) {
            _ if self.budget.is_spent() => return Layer { is_open: true, ..Layer::default() },
            Ok(Some(path)) => {
                let nothing = Layer::default();
                match self.kustomization(&path, flux.is_some()) {
                    Some(mut said) => {
                        if let Some(flux) = flux {
                            self.extend(&mut said, flux, folder);
                        }
                        self.target(folder, &said, &mut Vec::new(), nothing)
                    }
                    None => Layer { is_open: true, ..nothing },
                }
            }
            Ok(None) => {
                let mut said = Kustomization::default();
                let generated = self.generated(folder);
                if let Some(flux) = flux {
                    self.extend(&mut said, flux, folder);
                }
                self.target(folder, &said, &mut Vec::new(), generated)
            }
            Err(finding) => {
                self.problems.push(finding);
                Layer { is_open: true, ..Layer::default() }
            }
        };
        if !self.budget.is_spent() {
            layer.finish(&mut self.problems);
        }
        layer
    }

    fn extend(&mut self, said: &mut Kustomization, flux: &Additions, folder: &str) {
        said.namespace = flux.namespace.clone().or(said.namespace.take()).filter(|one| !one.is_empty());
        said.prefix = flux.prefix.clone().unwrap_or_else(|| said.prefix.clone());
        said.suffix = flux.suffix.clone().unwrap_or_else(|| said.suffix.clone());
        said.patches.extend(flux.patches.iter().cloned());
        for component in &flux.components {
            let path = super::tree::join(folder, &component.path);
            let is_there = path.is_some_and(|path| self.tree.is_folder(&path));
            if is_there || !flux.ignores_missing_components {
                said.components.push(component.clone());
            }
        }
    }

    fn is_ignored(&self, path: &str) -> bool {
        if self.ignore.is_empty() {
            return false;
        }
        let path = &self.tree.placed(path);
        self.ignore.iter().any(|pattern| glob::matches(pattern, path))
    }

    /// What a kustomization file says.
    fn kustomization(&mut self, path: &str, may_be_empty: bool) -> Option<Kustomization> {
        let file = self.tree.file(path)?;
        self.reach(file);
        match kustomization::read(file, may_be_empty) {
            Ok(said) => Some(said),
            Err(findings) => {
                self.problems.extend(findings);
                None
            }
        }
    }

    fn reach(&mut self, file: &File) {
        self.reached.insert(file.place.clone());
    }

    /// Everything below a folder, as Flux's generated kustomization names it.
    fn generated(&mut self, folder: &str) -> Layer {
        let mut layer = Layer::default();
        let mut done: Option<String> = None;
        for (path, file) in self.tree.below(folder) {
            if self.budget.is_spent() {
                return layer;
            }
            // A folder with a kustomization of its own is one resource.
            if done.as_ref().is_some_and(|done| super::tree::is_below(path, done)) {
                continue;
            }
            if let Some(root) = self.root_between(folder, path) {
                let found = self.layer(&root, &mut vec![folder.to_owned()]);
                self.merge(&mut layer, &found);
                done = Some(root);
                continue;
            }
            if is_yaml(path) && !self.is_ignored(path) {
                let file = Rc::clone(&self.objects(file));
                self.add_file(&mut layer, &file);
            }
        }
        layer
    }

    /// The uppermost folder with a kustomization file on the way down to a file.
    fn root_between(&self, folder: &str, path: &str) -> Option<String> {
        let from = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > from);
        let mut folders = ends.filter_map(|at| path.get(..at));
        let has = |below: &str| kustomization::NAMES.iter().any(|name| self.tree.has(&format!("{below}/{name}")));
        folders.find(|below| has(below)).map(str::to_owned)
    }

    /// The objects of a file.
    fn objects(&mut self, file: &File) -> Objects {
        if let Some(found) = self.read.get(&file.place) {
            return Rc::clone(found);
        }
        self.reach(file);
        let found = Rc::new(object::objects(file));
        self.read.insert(file.place.clone(), Rc::clone(&found));
        found
    }

    fn add_file(&mut self, layer: &mut Layer, found: &Result<Vec<Object>, Finding>) {
        match found {
            Ok(objects) => {
                self.budget.objects(objects.len());
                for object in objects {
                    if !self.budget.makes(object.name.len() + object.namespace.len()) {
                        return;
                    }
                    layer.add(object.clone(), &mut self.problems);
                }
            }
            Err(finding) => {
                self.problems.push(finding.clone());
                layer.is_open = true;
            }
        }
    }

    fn merge(&mut self, layer: &mut Layer, other: &Layer) {
        self.budget.objects(other.objects.len());
        layer.is_open |= other.is_open;
        layer.follows_names |= other.follows_names;
        for object in &other.objects {
            if !self.budget.makes(object.name.len() + object.namespace.len()) {
                return;
            }
            layer.add(object.clone(), &mut self.problems);
        }
    }

    /// A folder that others include.
    fn layer(&mut self, folder: &str, above: &mut Vec<String>) -> Rc<Layer> {
        if let Some(built) = self.built.get(folder) {
            return Rc::clone(built);
        }
        let layer = Rc::new(self.folder(folder, above, Layer::default()));
        self.built.insert(folder.to_owned(), Rc::clone(&layer));
        layer
    }

    /// Builds a folder with a kustomization file. A component works on the objects that are there already.
    fn folder(&mut self, folder: &str, above: &mut Vec<String>, given: Layer) -> Layer {
        let open = |given: Layer| Layer { is_open: true, ..given };
        self.budget.build();
        if self.budget.is_spent() {
            return open(given);
        }
        if above.len() >= LONGEST_CHAIN {
            self.budget.stop(format!("more than {LONGEST_CHAIN} folders include each other in a chain"));
            return open(given);
        }
        let path = match kustomization::file_of(self.tree, folder) {
            Ok(Some(path)) => path,
            Ok(None) => return open(given),
            Err(finding) => {
                self.problems.push(finding);
                return open(given);
            }
        };
        let Some(said) = self.kustomization(&path, false) else { return open(given) };
        above.push(folder.to_owned());
        let layer = self.target(folder, &said, above, given);
        above.pop();
        layer
    }
}
