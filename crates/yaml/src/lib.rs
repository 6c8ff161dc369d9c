//! YAML as trees with places: what every error of a file points at. Knows no schema.
//!
//! The text is someone else's: how many nodes it may hold, how many more its aliases may stand for and how deep it may nest are
//! bounded, and an anchor's value is shared by its aliases, never copied.

mod builder;
mod keys;
mod lines;
mod parse;
mod scalar;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use builder::{DEEPEST, MOST_ALIASED, MOST_NODES};
pub use keys::{Refused, merged, refused, repeated};
pub use parse::parse;
pub use scalar::{Scalar, resolve};

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}", self.line, self.column)
    }
}

/// The text is no YAML.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{at}: {text}")]
pub struct SyntaxError {
    /// Where.
    pub at: Mark,
    /// What the parser says.
    pub text: String,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub at: Mark,
    /// Its explicit tag, with `!!` for YAML's own.
    pub tag: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// What a node is. A copy shares the members of collections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, and whether it was written without quotes.
    Scalar(String, bool),
    /// A list.
    Sequence(Arc<Vec<Node>>),
    /// Keys and values in the order of the file; a key may come twice.
    Mapping(Arc<Vec<(Node, Node)>>),
    /// The node that an anchor names.
    Alias(Arc<Node>),
}

impl Node {
    /// A text that stands nowhere, as if it were quoted.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { at: Mark::default(), tag: None, kind: Kind::Scalar(text.into(), false) }
    }

    /// The node itself, or what it is an alias of.
    #[must_use]
    pub fn target(&self) -> &Self {
        let mut node = self;
        while let Kind::Alias(target) = &node.kind {
            node = target;
        }
        node
    }

    /// The text of a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.target().kind {
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The members of a sequence; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.target().kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Self, Self)] {
        match &self.target().kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let found = self.entries().iter().find(|(name, _)| matches!(&name.kind, Kind::Scalar(text, _) if text == key));
        found.map(|(_, value)| value)
    }

    /// The text below several keys; none where it is null.
    #[must_use]
    pub fn text_at(&self, keys: &[&str]) -> Option<&str> {
        let found = keys.iter().try_fold(self, |node, key| node.get(key));
        found.filter(|node| !node.is_null()).and_then(Self::as_str)
    }

    /// How many nodes it holds, itself counted, aliases not followed.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar(..) | Kind::Alias(_) => 0,
            Kind::Sequence(items) => items.iter().map(Self::count).sum(),
            Kind::Mapping(entries) => entries.iter().map(|(key, value)| key.count() + value.count()).sum(),
        }
    }

    /// Is this an empty value, or the word for one?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(resolve(self.target()), Some(Scalar::Null))
    }
}
