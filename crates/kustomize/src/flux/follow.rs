//! Follows one entry. What names a variable, a source or the entry itself may stand behind what it names: the way is gone until it
//! teaches nothing new.

use std::collections::{BTreeMap, BTreeSet};

use super::applied::Applied;
use super::artifact::{self, Artifact};
use super::source::{self, Evidence, Name, Own, Place, Reference, Source, inside};
use super::sync::Sync;
use super::variables::{self, Store, Variables};
use crate::Settings;
use crate::build::{Absent, Builder};
use crate::edit;
use crate::glob;
use crate::limits::{Budget, MOST_KUSTOMIZATIONS};
use crate::object::{self, Object};
use crate::problem::{Finding, Id};
use crate::substitute::UNKNOWN;
use crate::tree::{Tree, is_below};

/// How often the way is gone.
const MOST_ROUNDS: usize = 6;

/// How many folders an unknown path is taken for.
const MOST_GUESSES: usize = 200;

/// What one entry leads to.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    pub(crate) entry: String,
    pub(crate) applied: Vec<Applied>,
    /// There may be more that nobody knows, and where that begins.
    pub(crate) is_open: bool,
    /// And that may lie outside of this repository.
    pub(crate) is_remote: bool,
    pub(crate) reached: BTreeSet<String>,
    /// What the source of the entry holds.
    pub(crate) visible: BTreeSet<String>,
    /// Files that something may apply of which the repository does not say enough.
    pub(crate) perhaps: BTreeSet<String>,
    /// Something may apply any file: it makes Kustomizations of its own, or is applied from what may be a part of this repository.
    pub(crate) hides: Option<Finding>,
    /// CRDs of charts of this repository that releases install: name of the chart, group, kind.
    pub(crate) chart_crds: Vec<[String; 3]>,
    pub(super) store: Store,
    /// Files that are named and do not exist.
    pub(super) absent: Vec<Absent>,
    pub(crate) problems: Vec<Finding>,
    pub(crate) notes: Vec<Finding>,
    folders: BTreeSet<String>,
}

impl Cluster {
    /// Does a Kustomization of the cluster apply this folder?
    pub(super) fn applies(&self, folder: &str) -> bool {
        self.entry != folder && self.folders.contains(folder)
    }
}

/// What one round teaches for the next.
#[derive(Clone, Debug, Default)]
struct Knowledge {
    own: Own,
    sources: BTreeMap<Name, Source>,
    store: Store,
    owner: Option<Object>,
    /// Artifacts by name.
    artifacts: BTreeMap<Name, Option<Artifact>>,
}

impl PartialEq for Knowledge {
    fn eq(&self, other: &Self) -> bool {
        let owner = |one: &Self| one.owner.as_ref().map(|owner| (owner.id(), owner.node.clone()));
        self.own == other.own
            && self.sources == other.sources
            && self.store == other.store
            && self.artifacts == other.artifacts
            && owner(self) == owner(other)
    }
}

pub(super) fn follow(tree: &Tree, settings: &Settings, entry: &str, budget: &Budget) -> Cluster {
    let own = Own::decide(&Evidence::nothing(entry, tree, settings)).or_bootstrapped();
    let mut knowledge = Knowledge { own, ..Knowledge::default() };
    let mut round = 0;
    let mut view = super::artifact(tree, &knowledge.own.root, &knowledge.own.ignore);
    loop {
        round += 1;
        let mut walk = Walk::new(&view, settings, entry, budget, &knowledge);
        walk.all();
        let next = walk.learned(tree);
        if next != knowledge && round < MOST_ROUNDS && !budget.is_spent() {
            if next.own.root != knowledge.own.root || next.own.ignore != knowledge.own.ignore {
                view = super::artifact(tree, &next.own.root, &next.own.ignore);
            }
            knowledge = next;
            continue;
        }
        let doubts = walk.doubts;
        let mut cluster = walk.finish();
        if doubts {
            // The way again, as if whatever may lie here did.
            let mut walk = Walk::new(&view, settings, entry, budget, &knowledge);
            walk.is_hopeful = true;
            walk.all();
            let hoped = walk.finish();
            cluster.hides = cluster.hides.or(hoped.hides);
            cluster.perhaps = hoped.reached;
        }
        return cluster;
    }
}

impl<'e> Evidence<'e> {
    fn nothing(entry: &'e str, tree: &'e Tree, settings: &'e Settings) -> Self {
        static NONE: BTreeMap<Name, Source> = BTreeMap::new();
        Self { entry, tree, settings, sources: &NONE, owner: None, syncs: Vec::new(), references: &[] }
    }
}

struct Walk<'w> {
    view: &'w Tree,
    /// The folder of the entry in the view.
    entry: String,
    settings: &'w Settings,
    budget: &'w Budget,
    knowledge: &'w Knowledge,
    builder: Builder<'w>,
    cluster: Cluster,
    references: Vec<Reference>,
    /// Kustomizations that apply the entry.
    owners: Vec<Object>,
    /// And those that apply a folder of that name from a source of which nobody says that it is this repository.
    perhaps_owners: Vec<Object>,
    is_strict: bool,
    /// Something may lie here, or elsewhere: nobody says.
    doubts: bool,
    /// What may lie here is followed.
    is_hopeful: bool,
}

impl<'w> Walk<'w> {
    fn new(view: &'w Tree, settings: &'w Settings, entry: &str, budget: &'w Budget, knowledge: &'w Knowledge) -> Self {
        let builder = Builder::new(view, &settings.ignore, budget);
        let cluster = Cluster { entry: entry.to_owned(), store: knowledge.store.clone(), ..Cluster::default() };
        Self {
            view,
            entry: knowledge.own.inside(entry),
            settings,
            budget,
            knowledge,
            builder,
            cluster,
            references: Vec::new(),
            owners: Vec::new(),
            perhaps_owners: Vec::new(),
            is_strict: false,
            doubts: false,
            is_hopeful: false,
        }
    }

    fn all(&mut self) {
        let entry = self.entry.clone();
        let mut first = match &self.knowledge.owner {
            Some(owner) => Applied::of(owner),
            None => Applied { name: self.cluster.entry.clone(), ..Applied::default() },
        };
        if self.knowledge.owner.is_none() {
            first.post_build.is_unknown = true;
        }
        self.is_strict = self.says_strict();
        let mut seen = BTreeSet::new();
        let mut open = vec![(first, entry, None)];
        while let Some((mut one, folder, artifact)) = open.pop() {
            if self.budget.is_spent() || self.view.exceeded().is_some() || !seen.insert(one.name.clone()) {
                continue;
            }
            if seen.len() > MOST_KUSTOMIZATIONS {
                self.budget.stop(format!("one cluster has more than {MOST_KUSTOMIZATIONS} Flux Kustomizations"));
                return;
            }
            self.apply(&mut one, &folder, artifact.as_ref());
            let is_next = |object: &&Object| object.is_flux("kustomize", "Kustomization");
            let next: Vec<Object> = one.objects.iter().filter(is_next).cloned().collect();
            self.cluster.applied.push(one);
            // The first is followed first.
            for object in next.iter().rev() {
                open.extend(self.target(object));
            }
        }
    }

    /// Builds what a Kustomization applies.
    fn apply(&mut self, one: &mut Applied, folder: &str, artifact: Option<&Tree>) {
        self.cluster.folders.extend(artifact.is_none().then(|| self.view.placed(folder)));
        let additions = Some(&one.additions);
        let layer = match artifact {
            None => self.builder.top(folder, additions),
            Some(artifact) => {
                let mut builder = Builder::new(artifact, &[], self.budget);
                let layer = builder.top(folder, additions);
                self.builder.reached.append(&mut builder.reached);
                self.builder.problems.append(&mut builder.problems);
                self.builder.absent.append(&mut builder.absent);
                self.builder.notes.append(&mut builder.notes);
                layer
            }
        };
        (one.objects, one.is_open, one.follows_names) = (layer.objects, layer.is_open, layer.follows_names);
        self.cluster.is_open |= one.is_open;
        self.cluster.is_remote |= one.is_open;
        let variables = Variables::of(one, &self.knowledge.store);
        for object in &mut one.objects {
            variables.fill(object, self.is_strict, &mut self.cluster.problems, &mut self.cluster.notes);
        }
        // What makes objects of its own makes them unknown to us.
        let makes = |object: &&Object| object.kind == "ResourceSet" && object.group == "fluxcd.controlplane.io";
        for object in one.objects.iter().filter(makes) {
            self.cluster.is_open = true;
            self.cluster.is_remote = true;
            if edit::any(&object.node, &mut |text| text.contains("Kustomization")) {
                let text =
                    format!("{} makes Kustomizations: manifests that nothing applies are not reported", object.shown());
                self.cluster.hides.get_or_insert(Finding::new(Id::Orphan, &object.file, object.at, text));
            }
        }
    }

    /// Does the repository say that substitution is strict: kustomize-controller of 1.9 on?
    fn says_strict(&self) -> bool {
        let lines = self.view.files().filter(|(path, _)| path.ends_with("gotk-components.yaml"));
        let version = |text: &str| {
            let (_, rest) = text.split_once("/kustomize-controller:v")?;
            let mut numbers = rest.split(|one: char| !one.is_ascii_digit()).filter_map(|part| part.parse::<u64>().ok());
            Some((numbers.next()?, numbers.next()?))
        };
        let is_under = |path: &str| is_below(path, &self.entry);
        let found: Vec<_> =
            lines.filter(|(path, _)| is_under(path)).filter_map(|(_, file)| version(file.text().ok()?)).collect();
        found.first().is_some_and(|version| *version >= (1, 9))
    }

    /// Where a Kustomization leads, as what is to be applied next; nothing where that is said already.
    fn target(&mut self, object: &Object) -> Vec<(Applied, String, Option<Tree>)> {
        let reference = Reference::of(object);
        let path = inside(&reference.path);
        let is_uncertain = path.contains(UNKNOWN);
        if !self.is_hopeful || !is_uncertain {
            return self.certain(object).into_iter().collect();
        }
        let pattern = path.replace(UNKNOWN, "*");
        let folders = self.view.folders().filter(|folder| glob::matches(&pattern, folder));
        let next = Applied::of(object);
        folders
            .take(MOST_GUESSES)
            .map(|folder| {
                (Applied { name: format!("{} {folder}", next.name), ..next.clone() }, folder.to_owned(), None)
            })
            .collect()
    }

    fn certain(&mut self, object: &Object) -> Option<(Applied, String, Option<Tree>)> {
        let reference = Reference::of(object);
        let next = Applied::of(object);
        self.references.push(reference.clone());
        let path = inside(&reference.path);
        if next.name.contains(UNKNOWN) {
            self.unknown(object, &reference, "its name is");
            return None;
        }
        let [kind, _, name] = &reference.source;
        let place = match self.knowledge.own.place(&reference.source, &self.knowledge.sources) {
            Place::Undefined if self.knowledge.artifacts.get(&reference.source).is_some_and(Option::is_some) => {
                Place::Here
            }
            Place::Undefined if self.is_hopeful => Place::Here,
            place => place,
        };
        self.doubts |= place == Place::Undefined;
        if place != Place::Here && path == self.entry {
            self.perhaps_owners.push(object.clone());
        }
        if place != Place::Here || name.contains(UNKNOWN) {
            let text =
                format!("{} is applied from {kind} {name}, which lies elsewhere and was not read", object.shown());
            self.cluster.notes.push(Finding::new(Id::MissingPath, &reference.file, reference.at, text));
            self.cluster.is_remote = true;
            self.pass(next);
            return None;
        }
        if path.contains(UNKNOWN) {
            self.unknown(object, &reference, "its spec.path is");
            self.pass(next);
            return None;
        }
        let artifact = self.knowledge.artifacts.get(&reference.source).cloned().flatten();
        let copied = artifact.as_ref().map(|artifact| artifact.of(self.view));
        let tree = copied.as_ref().unwrap_or(self.view);
        if artifact.is_none() && path == self.entry {
            self.owners.push(object.clone());
            // It is built already, as the entry, under its own name from the next round on.
            if self.knowledge.owner.as_ref().is_some_and(|owner| owner.claim() != object.claim()) {
                self.cluster.applied.push(next);
            }
            return None;
        }
        if tree.is_folder(&path) {
            return Some((next, path, copied));
        }
        let placed = tree.placed(&path);
        let ignored = self.settings.ignore.iter().any(|pattern| glob::matches(pattern, &placed));
        let is_whole = artifact.is_none_or(|artifact| artifact.is_whole);
        let text = format!("spec.path of {}: the repository has no folder {}", object.shown(), reference.path);
        let finding = Finding::new(Id::MissingPath, &reference.file, reference.at, text);
        if self.is_hopeful && self.knowledge.own.place(&reference.source, &self.knowledge.sources) != Place::Here {
            let text = format!(
                "{} may be applied from a part of this repository: manifests that nothing applies are not reported; name the source in \
                 source or sources",
                object.shown()
            );
            self.cluster.hides.get_or_insert(Finding::new(Id::Orphan, &reference.file, reference.at, text));
        }
        if ignored || !is_whole {
            self.cluster.notes.push(finding);
            self.cluster.is_remote = true;
            self.pass(next);
        } else {
            // It applies nothing, and that is said.
            self.cluster.problems.push(finding);
            self.cluster.applied.push(next);
        }
        None
    }

    /// What cannot be built can be depended on. What it applies is not known.
    fn pass(&mut self, one: Applied) {
        self.cluster.is_open = true;
        if self.cluster.applied.iter().all(|other| other.name != one.name) {
            self.cluster.applied.push(Applied { is_open: true, ..one });
        }
    }

    fn unknown(&mut self, object: &Object, reference: &Reference, what: &str) {
        let text = format!("{}: {what} filled in from variables that the repository does not hold", object.shown());
        self.cluster.notes.push(Finding::new(Id::Substitution, &reference.file, reference.at, text));
        self.cluster.is_open = true;
        self.doubts = true;
    }

    /// What this round says of sources, variables and the entry.
    fn learned(&self, tree: &Tree) -> Knowledge {
        let objects = || self.cluster.applied.iter().flat_map(|one| &one.objects);
        let by_hand = self.by_hand(tree);
        let mut sources = source::defined(by_hand.iter());
        sources.extend(source::defined(objects()));
        let owner = match &self.knowledge.owner {
            Some(owner) => {
                let same = self.owners.iter().find(|object| object.claim() == owner.claim());
                Some(same.unwrap_or(owner).clone())
            }
            None => self.owners.first().cloned().or_else(|| self.owner_by_hand(&by_hand)).or_else(|| self.one_owner()),
        };
        let entry = &self.cluster.entry;
        let mut syncs = Sync::leading_to(entry, objects().filter_map(Sync::of));
        if syncs.is_empty() {
            syncs = Sync::leading_to(entry, by_hand.iter().filter_map(Sync::of).chain(Sync::in_values(tree)));
        }
        let own = Own::decide(&Evidence {
            entry: &self.cluster.entry,
            tree,
            settings: self.settings,
            sources: &sources,
            owner: owner.as_ref().map(|owner| Reference::of(owner).source),
            syncs,
            references: &self.references,
        });
        let external = self
            .references
            .iter()
            .map(|one| &one.source)
            .filter(|name| name.first().is_some_and(|kind| kind == "ExternalArtifact"));
        let is_own = |name: &Name| own.place(name, &sources) == Place::Here || is_bootstrapped(name, &sources, &own);
        let artifacts = external.map(|name| (name.clone(), artifact::find(name, objects(), is_own))).collect();
        Knowledge { store: variables::store(&self.cluster.applied), own, sources, owner, artifacts }
    }

    /// Objects of Flux that stand in files which nothing reaches: people apply those by hand.
    fn by_hand(&self, tree: &Tree) -> Vec<Object> {
        let speaks = |text: &str| text.contains("FluxInstance") || text.contains("toolkit.fluxcd.io");
        let files = tree.files().filter(|(path, file)| {
            crate::tree::is_yaml(path)
                && !self.builder.reached.contains(&file.place)
                && !self.settings.ignores(path)
                && file.text().is_ok_and(speaks)
        });
        let objects = files.filter_map(|(_, file)| object::objects(file).ok()).flatten();
        objects
            .filter(|object| {
                object.is_flux("kustomize", "Kustomization")
                    || object.is_flux("source", &object.kind)
                    || Sync::of(object).is_some()
            })
            .collect()
    }

    /// The one Kustomization of those that people apply by hand which applies the entry.
    fn owner_by_hand(&self, by_hand: &[Object]) -> Option<Object> {
        let applies = |object: &&Object| {
            object.is_flux("kustomize", "Kustomization")
                && object.spec_text(&["path"]).is_some_and(|path| inside(path) == self.entry)
                && object.is_known()
        };
        let mut found = by_hand.iter().filter(applies);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one.clone()),
            _ => None,
        }
    }

    /// The Kustomization that applies the entry, where all that say so speak of one source.
    fn one_owner(&self) -> Option<Object> {
        let first = self.perhaps_owners.first()?;
        let source = Reference::of(first).source;
        self.perhaps_owners.iter().all(|other| Reference::of(other).source == source).then(|| first.clone())
    }

    fn finish(self) -> Cluster {
        let Self { builder, mut cluster, view, knowledge, .. } = self;
        cluster.problems.extend(builder.problems);
        cluster.absent = builder.absent;
        cluster.notes.extend(builder.notes);
        cluster.reached = builder.reached;
        cluster.visible = view.files().map(|(_, file)| file.place.clone()).collect();
        let own = |name: &Name| knowledge.own.place(name, &knowledge.sources) == Place::Here;
        cluster.chart_crds = super::helm::own_crds(&cluster.applied, view, own);
        // What applies the entry was applied by hand itself.
        cluster.reached.extend(knowledge.owner.as_ref().map(|owner| owner.file.to_string()));
        cluster
    }
}

/// The name that `flux bootstrap` gives, where nobody says more.
fn is_bootstrapped(name: &Name, sources: &BTreeMap<Name, Source>, own: &Own) -> bool {
    let [kind, _, name_only] = name;
    kind == "GitRepository" && name_only == "flux-system" && !sources.contains_key(name) && own.is_nameless()
}
