//! What can be wrong with a source: key and path, never a content.

use std::io;
use std::path::PathBuf;

use tazlab_redacted::SecretText;
use thiserror::Error;

use super::sources::LARGEST;
use super::vault::VaultProblem;
use crate::configured::CommandError;

/// Why a source gives no content.
#[derive(Debug, Error)]
pub(super) enum Problem {
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    #[error("{} is a directory", .0.display())]
    Directory(PathBuf),
    #[error("{} is not a regular file", .0.display())]
    Special(PathBuf),
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} has {size} bytes; all keys of a Secret together have room for {LARGEST}", path.display())]
    TooLarge { path: PathBuf, size: u64 },
    #[error("{} is empty", .0.display())]
    EmptyFile(PathBuf),
    #[error("the value is empty")]
    EmptyValue,
    #[error("the value is not base64")]
    NotBase64,
    #[error("the environment variable {0} is not set")]
    Unset(String),
    #[error("the environment variable {0} is empty")]
    EmptyVariable(String),
    #[error(transparent)]
    Vault(#[from] VaultProblem),
    #[error("{}", command(error, *absent))]
    Command {
        error: CommandError,
        /// Its exit status means that there is nothing.
        absent: bool,
        /// May what it printed to standard error be shown?
        shown: bool,
    },
    #[error("program {0} printed an empty line only. Run it by hand to see what it prints")]
    EmptyOutput(String),
    #[error("registry {server}: {problem}")]
    Registry { server: String, problem: Box<Problem> },
    #[error("the password is not UTF-8")]
    NotText,
    #[error("no source has it: {}", .0.iter().map(|(argument, problem)| format!("{argument}: {problem}")).collect::<Vec<_>>().join("; "))]
    Nowhere(Vec<(&'static str, Problem)>),
    #[error("where it comes from is not known yet")]
    Unknown,
}

/// A status that means that there is nothing is no failure: nobody has to look into it.
fn command(error: &CommandError, absent: bool) -> String {
    match error {
        CommandError::Exited { program, code, .. } if absent => {
            format!("program {program} has no secret: exit status {code}")
        }
        error => error.to_string(),
    }
}

impl Problem {
    /// Is it known that the source has nothing? Whatever cannot be reached or read may have it.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::Missing(_) | Self::Unset(_) | Self::Command { absent: true, .. } => true,
            Self::Vault(problem) => problem.is_absence(),
            _ => false,
        }
    }

    /// Did a program not give what it should? Another moment, or another machine, may be better for it.
    pub(super) fn is_of_a_program(&self) -> bool {
        match self {
            Self::Command { .. } | Self::EmptyOutput(_) => true,
            Self::Registry { problem, .. } => problem.is_of_a_program(),
            _ => false,
        }
    }

    /// Is it only not known yet, before apply?
    pub(super) fn is_yet_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Vault(VaultProblem::Failure(failure)) => failure.is_gap(),
            _ => false,
        }
    }

    /// What the program printed to standard error, where the user wants to see it, as a paragraph of its own.
    pub(super) fn quotation(&self) -> String {
        match self {
            Self::Command { error, shown, .. } => {
                let errors = error.errors().map(SecretText::expose);
                match errors {
                    Some(errors) if *shown => format!("\n\nIt printed to standard error:\n{errors}"),
                    Some(_) => {
                        "\n\nWhat it printed to standard error is not shown, since it may hold a secret: show_stderr = true shows it."
                            .to_owned()
                    }
                    None => String::new(),
                }
            }
            Self::Registry { problem, .. } => problem.quotation(),
            Self::Nowhere(all) => all.iter().map(|(_, problem)| problem.quotation()).collect(),
            _ => String::new(),
        }
    }
}
