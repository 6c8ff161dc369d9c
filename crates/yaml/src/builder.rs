//! Reads a text into trees, within bounds. What nodes mean does not belong here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{Kind, Mark, Node, SyntaxError};

/// No file holds more nodes.
pub const MOST_NODES: usize = 500_000;

/// The aliases of a file stand for no more nodes: Go's library refuses from here on, when nearly all of a file comes from aliases
/// (`go.yaml.in/yaml/v3` v3.0.4, `decode.go`, `alias_ratio_range_low`).
pub const MOST_ALIASED: usize = 400_000;

/// No node lies deeper, aliases counted as what they stand for.
pub const DEEPEST: usize = 500;

/// Aliases that end at a colon need a second look at the text; no more of them than this in bytes that are read again.
const MOST_READ_AGAIN: usize = 32 << 20;

/// The documents of a text.
///
/// # Errors
/// [`SyntaxError`] at the first place that is not YAML, or that a bound does not allow.
pub fn parse(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut text = Cow::Borrowed(text);
    let mut read = 0_usize;
    let mut first = None;
    loop {
        let error = match documents(&text) {
            Ok(documents) => return Ok(documents),
            Err(error) => error,
        };
        read = read.saturating_add(text.len());
        let again = if read < MOST_READ_AGAIN { parted(&text, error.at.line) } else { None };
        let error = first.get_or_insert(error);
        match again {
            Some(parted) => text = Cow::Owned(parted),
            None => return Err(error.clone()),
        }
    }
}

/// Go ends the name of an alias at a colon, YAML 1.2 takes the colon for a part of it: a blank tells the two apart. It is put where
/// the parser stumbles, so that no text in a block is touched.
fn parted(text: &str, line: usize) -> Option<String> {
    let part = |line: usize| {
        let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let colon = start + colon_of_alias(text.get(start..)?.lines().next()?)?;
        Some([text.get(..colon)?, " ", text.get(colon..)?].concat())
    };
    part(line).or_else(|| part(line.checked_sub(1)?))
}

/// Where a line has an alias as a key, of which the colon touches the name.
fn colon_of_alias(line: &str) -> Option<usize> {
    line.match_indices('*').find_map(|(at, _)| {
        let before = line.get(..at)?.trim_end();
        let is_key = before.is_empty() || before.ends_with(['-', '{', ',', '?']);
        let name = line.get(at + 1..)?;
        let end = name.find(|one: char| !one.is_ascii_alphanumeric() && one != '_' && one != '-')?;
        let after = name.get(end..)?.strip_prefix(':')?;
        let is_whole = after.is_empty() || after.starts_with([' ', '\t']);
        (is_key && end > 0 && is_whole).then_some(at + 1 + end)
    })
}

impl From<ScanError> for SyntaxError {
    fn from(error: ScanError) -> Self {
        Self { at: mark(*error.marker()), text: error.info() }
    }
}

fn documents(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_anchor_events = true;
    let mut builder =
        Builder { open: Vec::new(), anchors: HashMap::new(), documents: Vec::new(), nodes: 0, aliased: 0 };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn mark(marker: Marker) -> Mark {
    Mark { line: marker.line().max(1), column: marker.col() + 1 }
}

/// What a collection holds so far.
enum Members {
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>, Option<Node>),
}

/// A collection that is not closed yet.
struct Open {
    at: Mark,
    tag: Option<String>,
    members: Members,
    anchor: usize,
    /// How many nodes there were before it, aliases counted as what they stand for.
    before: usize,
    /// The depth of the deepest member.
    deepest: usize,
}

/// What an anchor names.
#[derive(Clone)]
struct Anchored {
    node: Arc<Node>,
    /// How many nodes that is, and how deep.
    nodes: usize,
    depth: usize,
}

struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    documents: Vec<Node>,
    nodes: usize,
    aliased: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let at = mark(span.start);
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                // The parser writes `~` for what is not there at all.
                let absent = text == "~" && span.start == span.end;
                let text = if absent { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar(text, style == ScalarStyle::Plain);
                self.place(Node { at, tag: named(tag), kind }, anchor, self.expanded(), 0)?;
            }
            Event::SequenceStart(_, anchor, tag) => self.open(at, named(tag), Members::Sequence(Vec::new()), anchor)?,
            Event::MappingStart(_, anchor, tag) => {
                self.open(at, named(tag), Members::Mapping(Vec::new(), None), anchor)?
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let kind = match open.members {
                        Members::Sequence(items) => Kind::Sequence(Arc::new(items)),
                        Members::Mapping(entries, _) => Kind::Mapping(Arc::new(entries)),
                    };
                    let node = Node { at: open.at, tag: open.tag, kind };
                    self.place(node, open.anchor, open.before, open.deepest + 1)?;
                }
            }
            // YAML 1.2 allows more, Go's libraries do not: what follows the name must not touch it.
            Event::Anchor(..) if self.open.last().is_some_and(|open| open.at == mark(span.end)) => {
                return Err(SyntaxError { at, text: "a blank must follow the name of an anchor".to_owned() });
            }
            Event::Anchor(_, name) if !name.chars().all(|one| one.is_ascii_alphanumeric() || "_-".contains(one)) => {
                return Err(SyntaxError { at, text: format!("an anchor has letters, digits, - and _, not {name:?}") });
            }
            Event::Alias(anchor) => {
                let Some(target) = self.anchors.get(&anchor).cloned() else {
                    return Err(SyntaxError { at, text: "the anchor's value contains itself".to_owned() });
                };
                let before = self.expanded();
                self.aliased = self.aliased.saturating_add(target.nodes);
                if self.aliased > MOST_ALIASED {
                    let text =
                        format!("the file expands to too many nodes: its aliases stand for more than {MOST_ALIASED}");
                    return Err(SyntaxError { at, text });
                }
                self.place(Node { at, tag: None, kind: Kind::Alias(target.node) }, 0, before, target.depth)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// How many nodes there are, aliases counted as what they stand for.
    fn expanded(&self) -> usize {
        self.nodes.saturating_add(self.aliased)
    }

    fn open(&mut self, at: Mark, tag: Option<String>, members: Members, anchor: usize) -> Result<(), SyntaxError> {
        // Deeper ones are not even opened: no tree exists that could not be dropped.
        if self.open.len() >= DEEPEST {
            return Err(too_deep(at));
        }
        self.open.push(Open { at, tag, members, anchor, before: self.expanded(), deepest: 0 });
        Ok(())
    }

    fn place(&mut self, node: Node, anchor: usize, before: usize, depth: usize) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MOST_NODES {
            return Err(SyntaxError {
                at: node.at,
                text: format!("the file has too many nodes: more than {MOST_NODES}"),
            });
        }
        if self.open.len() + depth > DEEPEST {
            return Err(too_deep(node.at));
        }
        if anchor > 0 {
            let nodes = self.expanded() - before;
            self.anchors.insert(anchor, Anchored { node: Arc::new(node.clone()), nodes, depth });
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        open.deepest = open.deepest.max(depth);
        match &mut open.members {
            Members::Sequence(items) => items.push(node),
            Members::Mapping(entries, key) => match key.take() {
                Some(key) => entries.push((key, node)),
                None if node.kind == Kind::Scalar(String::new(), true) => {
                    return Err(SyntaxError { at: node.at, text: "a key is missing".to_owned() });
                }
                None => *key = Some(node),
            },
        }
        Ok(())
    }
}

fn too_deep(at: Mark) -> SyntaxError {
    SyntaxError { at, text: format!("the file nests more than {DEEPEST} levels") }
}

/// The tag as it is written, with `!!` for YAML's own.
fn named(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    tag.map(|tag| tag.to_string().replace("tag:yaml.org,2002:", "!!"))
}
