//! Where a Kustomization leads: a folder of this repository, of an artifact of it, or nowhere that is known.

use super::applied::Applied;
use super::follow::Walk;
use super::source::{Place, Reference, inside};
use crate::glob;
use crate::object::Object;
use crate::problem::{Finding, Id};
use crate::substitute::UNKNOWN;
use crate::tree::Tree;

/// How many folders an unknown path is taken for.
const MOST_GUESSES: usize = 200;

impl Walk<'_> {
    /// Where a Kustomization leads, as what is to be applied next; nothing where that is said already.
    pub(super) fn target(&mut self, object: &Object) -> Vec<(Applied, String, Option<Tree>)> {
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
}
