//! Follows one entry. What names a variable, a source or the entry itself may stand behind what it names: the way is gone until it
//! teaches nothing new.

use std::collections::BTreeSet;

use super::applied::Applied;
use super::learn::Knowledge;
use super::source::{Evidence, Name, Own, Place, Reference, inside};
use super::variables::{Store, Variables};
use crate::Settings;
use crate::build::{Absent, Builder};
use crate::edit;
use crate::limits::{Budget, MOST_KUSTOMIZATIONS};
use crate::object::Object;
use crate::problem::{Finding, Id};
use crate::tree::{Tree, is_below};

/// How often the way is gone.
const MOST_ROUNDS: usize = 6;

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
    pub(super) folders: BTreeSet<String>,
}

impl Cluster {
    /// Does a Kustomization of the cluster apply this folder?
    pub(super) fn applies(&self, folder: &str) -> bool {
        self.entry != folder && self.folders.contains(folder)
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

pub(super) struct Walk<'w> {
    pub(super) view: &'w Tree,
    /// The folder of the entry in the view.
    pub(super) entry: String,
    pub(super) settings: &'w Settings,
    pub(super) budget: &'w Budget,
    pub(super) knowledge: &'w Knowledge,
    pub(super) builder: Builder<'w>,
    pub(super) cluster: Cluster,
    pub(super) references: Vec<Reference>,
    /// Kustomizations that apply the entry.
    pub(super) owners: Vec<Object>,
    /// And those that apply a folder of that name from a source of which nobody says that it is this repository.
    pub(super) perhaps_owners: Vec<Object>,
    pub(super) is_strict: bool,
    /// Something may lie here, or elsewhere: nobody says.
    pub(super) doubts: bool,
    /// What may lie here is followed.
    pub(super) is_hopeful: bool,
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
            variables.fill(object, self.is_strict, &mut self.cluster.problems, &mut self.cluster.notes, self.budget);
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

    fn finish(self) -> Cluster {
        let Self { builder, mut cluster, view, knowledge, references, .. } = self;
        cluster.problems.extend(builder.problems);
        cluster.absent = builder.absent;
        cluster.notes.extend(builder.notes);
        cluster.reached = builder.reached;
        cluster.visible = view.files().map(|(_, file)| file.place.clone()).collect();
        // Several may be it, and nobody says which.
        let lies_here =
            |one: &&Reference| view.is_folder(&inside(&one.path)) && knowledge.sources.contains_key(&one.source);
        if knowledge.owner.is_none()
            && knowledge.own.is_nameless()
            && let Some(one) = references.iter().find(lies_here)
        {
            let text = format!(
                "nothing says which source of Flux is this repository, {} or another: manifests that nothing applies are not reported; \
                 name it in source or sources",
                one.source.join(" ")
            );
            cluster.hides.get_or_insert(Finding::new(Id::Orphan, &one.file, one.at, text));
        }
        let own = |name: &Name| knowledge.own.place(name, &knowledge.sources) == Place::Here;
        cluster.chart_crds = super::helm::own_crds(&cluster.applied, view, own);
        // What applies the entry was applied by hand itself.
        cluster.reached.extend(knowledge.owner.as_ref().map(|owner| owner.file.to_string()));
        cluster
    }
}
