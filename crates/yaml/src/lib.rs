//! YAML as trees with places: what every error of a file points at. Knows no schema.

mod scalar;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};
use thiserror::Error;

pub use scalar::{Scalar, resolve};

/// No file of ours expands to more nodes: aliases of aliases would else fill the memory.
const MOST_NODES: usize = 2_000_000;

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

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, and whether it was written without quotes.
    Scalar(String, bool),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the file; a key may come twice.
    Mapping(Vec<(Node, Node)>),
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

    /// Is this an empty value, or the word for one?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(resolve(self.target()), Some(Scalar::Null))
    }
}

/// The documents of a text.
///
/// # Errors
/// [`SyntaxError`] at the first place that is no YAML.
pub fn parse(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_anchor_events = true;
    let mut builder = Builder { open: Vec::new(), anchors: HashMap::new(), documents: Vec::new(), nodes: 0 };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| SyntaxError { at: mark(*error.marker()), text: error.info() })?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn mark(marker: granit_parser::Marker) -> Mark {
    Mark { line: marker.line().max(1), column: marker.col() + 1 }
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
    /// How many nodes there were before it.
    before: usize,
}

struct Builder {
    open: Vec<Open>,
    /// What each anchor names, and how many nodes that is.
    anchors: HashMap<usize, (Arc<Node>, usize)>,
    documents: Vec<Node>,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let at = mark(span.start);
        let named = |tag: Option<std::borrow::Cow<'_, granit_parser::Tag>>| {
            tag.map(|tag| tag.to_string().replace("tag:yaml.org,2002:", "!!"))
        };
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                // The parser writes `~` for what is not there at all.
                let absent = text == "~" && span.start == span.end;
                let text = if absent { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar(text, style == ScalarStyle::Plain);
                self.place(Node { at, tag: named(tag), kind }, anchor, self.nodes)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                let node = Node { at, tag: named(tag), kind: Kind::Sequence(Vec::new()) };
                self.open.push(Open { node, anchor, key: None, before: self.nodes });
            }
            Event::MappingStart(_, anchor, tag) => {
                let node = Node { at, tag: named(tag), kind: Kind::Mapping(Vec::new()) };
                self.open.push(Open { node, anchor, key: None, before: self.nodes });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.place(open.node, open.anchor, open.before)?;
                }
            }
            // YAML 1.2 allows more, Go's libraries do not: what follows the name must not touch it.
            Event::Anchor(..) if self.open.last().is_some_and(|open| open.node.at == mark(span.end)) => {
                return Err(SyntaxError { at, text: "a blank must follow the name of an anchor".to_owned() });
            }
            Event::Anchor(_, name) if !name.chars().all(|one| one.is_ascii_alphanumeric() || "_-".contains(one)) => {
                return Err(SyntaxError { at, text: format!("an anchor has letters, digits, - and _, not {name:?}") });
            }
            Event::Alias(anchor) => {
                let Some((target, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(SyntaxError { at, text: "the anchor's value contains itself".to_owned() });
                };
                self.nodes = self.nodes.saturating_add(size);
                self.place(Node { at, tag: None, kind: Kind::Alias(target) }, 0, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn place(&mut self, node: Node, anchor: usize, before: usize) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MOST_NODES {
            return Err(SyntaxError { at: node.at, text: "the file expands to too many nodes".to_owned() });
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (Arc::new(node.clone()), self.nodes - before));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match (&mut open.node.kind, open.key.take()) {
            (Kind::Sequence(items), _) => items.push(node),
            (Kind::Mapping(entries), Some(key)) => entries.push((key, node)),
            (Kind::Mapping(_), None) if node.kind == Kind::Scalar(String::new(), true) => {
                return Err(SyntaxError { at: node.at, text: "a key is missing".to_owned() });
            }
            (Kind::Mapping(_), None) => open.key = Some(node),
            _ => {}
        }
        Ok(())
    }
}
