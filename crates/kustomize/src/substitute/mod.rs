//! Variables that Flux fills in after a build: what `${VAR}` becomes, as far as the repository says it
//! (`github.com/fluxcd/pkg/envsubst` v1.7.1).

mod functions;
mod scan;
#[cfg(test)]
mod tests;

use thiserror::Error;

use super::limits::LARGEST_VALUE;

/// Stands in a text for what is known in the cluster alone.
pub(crate) const UNKNOWN: char = '\u{e000}';

/// What a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'v> {
    Known(&'v str),
    /// It may be set, and the repository does not say to what.
    Unknown,
    /// Nothing sets it.
    Absent,
}

/// The text cannot be substituted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum SubstitutionError {
    #[error("missing closing brace")]
    MissingBrace,
    #[error("unable to parse variable name")]
    Name,
    #[error("unable to parse substitution within function")]
    Parameter,
    #[error("unable to parse default function")]
    Default,
    #[error("bad substitution")]
    Bad,
    /// A bound of ours.
    #[error("substitutions nest more than {DEEPEST} levels")]
    TooDeep,
    /// Another one.
    #[error("what is filled in has more than {} MiB", LARGEST_VALUE >> 20)]
    TooLarge,
}

/// How deep defaults may hold substitutions of their own.
const DEEPEST: usize = 50;

/// The text with its variables filled in; names of variables that are absent and have no default are added to `missing`.
pub(crate) fn substitute<'v>(
    text: &str,
    lookup: &dyn Fn(&str) -> Value<'v>,
    missing: &mut Vec<String>,
) -> Result<String, SubstitutionError> {
    scan::Scanner::new(text, lookup, missing).all()
}
