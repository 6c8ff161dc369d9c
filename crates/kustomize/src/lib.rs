//! Kustomize and Flux repositories: what is reached from where, what is applied there, and what is wrong with it. Reads files, runs
//! nothing, and asks nobody.
//!
//! Whether kustomize and Flux agree is measured by `acceptance-tests/tests/kustomize_oracle`. A problem is certain; what cannot be
//! known from the files is a note.

mod build;
mod charts;
mod edit;
mod file;
mod flux;
mod generate;
mod glob;
mod ignore;
mod kustomization;
pub mod limits;
mod object;
mod order;
mod patch;
mod path;
mod problem;
mod replacement;
mod substitute;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::time::Duration;

pub use build::{Built, build, build_as_flux};
pub use flux::check;
pub use problem::{Allowed, Finding, Id};
pub use tree::{Tree, TreeError};

/// What to check.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Folders that Flux is pointed at, from the root of the repository: each is a cluster of its own.
    pub entries: Vec<String>,
    /// Patterns of files that are neither read nor missed.
    pub ignore: Vec<String>,
    /// URLs of sources that are this repository.
    pub source_urls: Vec<String>,
    /// The folder of the repository that its source holds, where that is not all of it.
    pub source_path: Option<String>,
    /// Sources that are this repository, as `namespace/name`.
    pub sources: Vec<String>,
    /// Folders, or patterns of files, that other tools apply.
    pub also_applied: Vec<String>,
    /// API groups whose CRDs are there before Flux is.
    pub crds_present: Vec<String>,
    /// Problems that are not reported: an id, or an id, a colon and a pattern of files.
    pub allow: Vec<String>,
    /// How long the check may take; [`limits::TIME`] where nothing is said.
    pub time: Option<Duration>,
}

impl Settings {
    pub(crate) fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|pattern| glob::matches(pattern, path))
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong, what explains others first.
    pub problems: Vec<Finding>,
    /// What cannot be known from the files alone.
    pub notes: Vec<Finding>,
    /// The files that are reached.
    pub reached: BTreeSet<String>,
    /// How many Kustomizations of Flux are reached.
    pub flux_kustomizations: usize,
    /// How many objects are reached.
    pub objects: usize,
}
