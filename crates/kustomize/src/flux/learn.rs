//! What one round teaches for the next: what the sources are, what variables hold, and what applies the entry.

use std::collections::BTreeMap;

use super::artifact::{self, Artifact};
use super::follow::Walk;
use super::source::{self, Evidence, Name, Own, Place, Reference, Source, inside};
use super::sync::Sync;
use super::variables::{self, Store};
use crate::Settings;
use crate::object::{self, Object};
use crate::tree::Tree;

/// What one round teaches for the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    pub(super) own: Own,
    pub(super) sources: BTreeMap<Name, Source>,
    pub(super) store: Store,
    pub(super) owner: Option<Object>,
    /// Artifacts by name.
    pub(super) artifacts: BTreeMap<Name, Option<Artifact>>,
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

impl<'e> Evidence<'e> {
    pub(super) fn nothing(entry: &'e str, tree: &'e Tree, settings: &'e Settings) -> Self {
        static NONE: BTreeMap<Name, Source> = BTreeMap::new();
        Self { entry, tree, settings, sources: &NONE, owner: None, syncs: Vec::new(), references: &[] }
    }
}

impl Walk<'_> {
    /// What this round says of sources, variables and the entry.
    pub(super) fn learned(&self, tree: &Tree) -> Knowledge {
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
}

/// The name that `flux bootstrap` gives, where nobody says more.
fn is_bootstrapped(name: &Name, sources: &BTreeMap<Name, Source>, own: &Own) -> bool {
    let [kind, _, name_only] = name;
    kind == "GitRepository" && name_only == "flux-system" && !sources.contains_key(name) && own.is_nameless()
}
