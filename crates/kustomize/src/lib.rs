//! Kustomize and Flux repositories: what is reached from where. Reads the files that it is named, and nothing else.
//!
//! Whether kustomize agrees is measured by `acceptance-tests/tests/kustomize_oracle`.

mod build;
mod flux;
mod glob;
mod kustomization;
mod object;
mod order;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::fmt;

use tazlab_yaml::Mark;

pub use build::{Built, build};
pub use flux::check;
pub use tree::{Tree, TreeError};

/// Something that is wrong, or worth knowing, at a place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub text: String,
}

impl Finding {
    fn new(file: &str, at: Mark, text: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(at.line).filter(|line| *line > 0), text: text.into() }
    }

    fn of_file(file: &str, text: impl Into<String>) -> Self {
        Self::new(file, Mark::default(), text)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.file, self.text),
            None => write!(out, "{}: {}", self.file, self.text),
        }
    }
}

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Folders that Flux is pointed at, from the root of the repository.
    pub entries: Vec<String>,
    /// Patterns of files that are neither read nor missed.
    pub ignore: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong.
    pub problems: Vec<Finding>,
    /// What cannot be told from the files alone.
    pub notes: Vec<Finding>,
    /// The files that are reached.
    pub reached: BTreeSet<String>,
    /// How many Kustomizations of Flux are reached.
    pub flux_kustomizations: usize,
    /// How many objects are reached.
    pub objects: usize,
}
