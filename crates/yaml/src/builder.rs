//! Builds trees of what the parser reads, within bounds. What nodes mean does not belong here.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle, Tag};

use super::lines::{self, Tabbed};
use super::{Kind, Mark, Node, SyntaxError};

/// No file holds more nodes.
pub const MOST_NODES: usize = 500_000;

/// The aliases of a file stand for no more nodes: Go's library refuses from here on, when nearly all of a file comes from aliases
/// (`go.yaml.in/yaml/v3` v3.0.4, `decode.go`, `alias_ratio_range_low`).
pub const MOST_ALIASED: usize = 400_000;

/// No node lies deeper, aliases counted as what they stand for.
pub const DEEPEST: usize = 500;

impl From<ScanError> for SyntaxError {
    fn from(error: ScanError) -> Self {
        Self { at: mark(*error.marker()), text: error.info() }
    }
}

/// The documents of a text that has been looked through for tabs.
pub(crate) fn documents(text: &str, tabbed: &[Tabbed]) -> Result<Vec<Node>, SyntaxError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_anchor_events = true;
    let mut builder = Builder {
        open: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        nodes: 0,
        aliased: 0,
        text,
        tabbed: tabbed.to_vec(),
        refused: None,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event?;
        builder.take(event, span)?;
    }
    if let Some(line) = builder.refused.or(builder.tabbed.first().map(|one| one.line)) {
        let text = "a tab must not be a part of the indentation".to_owned();
        return Err(SyntaxError { at: Mark { line, column: 1 }, text });
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
    /// It stands in brackets.
    is_flow: bool,
}

/// What an anchor names.
#[derive(Clone)]
struct Anchored {
    node: Arc<Node>,
    /// How many nodes that is, and how deep.
    nodes: usize,
    depth: usize,
}

struct Builder<'t> {
    text: &'t str,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    documents: Vec<Node>,
    nodes: usize,
    aliased: usize,
    /// Lines with a tab before anything else, of which none is known yet to lie where tabs may.
    tabbed: Vec<Tabbed>,
    refused: Option<usize>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let at = mark(span.start);
        match event {
            Event::DocumentStart(_, version) => {
                if let Some(version) = version.filter(|version| (version.major, version.minor) != (1, 1)) {
                    let text = format!("Go's libraries do not read YAML {}.{}", version.major, version.minor);
                    return Err(SyntaxError { at, text });
                }
                self.anchors.clear();
            }
            Event::Scalar(text, style, anchor, tag) => {
                // The parser writes `~` for what is not there at all.
                let absent = text == "~" && span.start == span.end;
                self.allow_tabs(span.start, span.end, style);
                let text = if absent { String::new() } else { text.into_owned() };
                let kind = Kind::Scalar(text, style == ScalarStyle::Plain);
                self.place(Node { at, tag: named(tag), kind }, anchor, self.expanded(), 0)?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let is_flow = style == StructureStyle::Flow;
                self.open(at, named(tag), Members::Sequence(Vec::new()), anchor, is_flow)?;
            }
            Event::MappingStart(style, anchor, tag) => {
                let is_flow = style == StructureStyle::Flow;
                self.open(at, named(tag), Members::Mapping(Vec::new(), None), anchor, is_flow)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    if open.is_flow && !self.tabbed.is_empty() {
                        self.tabbed.retain(|one| one.line <= open.at.line || one.line > at.line);
                    }
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

    /// Tabs may lie within a scalar; in a block, behind its indentation.
    fn allow_tabs(&mut self, start: Marker, end: Marker, style: ScalarStyle) {
        if self.tabbed.is_empty() {
            return;
        }
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let within = start.line()..=end.line();
            self.tabbed.retain(|one| !within.contains(&one.line) || one.blanks < start.col());
            return;
        }
        self.tabbed.retain(|one| one.line <= start.line() || one.line > end.line());
        // In brackets, a tab must not follow the line that such a scalar ends.
        let block = self.open.iter().rfind(|open| !open.is_flow).map(|open| open.at.column);
        let is_flow = self.open.last().is_some_and(|open| open.is_flow);
        let next = end.line() + 1;
        let is_last = style == ScalarStyle::Plain && is_flow && lines::ends(self.text, end.line(), end.col());
        let violates = |one: &&Tabbed| one.line == next && block.is_some_and(|column| one.blanks < column);
        if is_last && self.tabbed.iter().any(|one| violates(&one)) {
            self.refused.get_or_insert(next);
        }
    }

    fn open(
        &mut self,
        at: Mark,
        tag: Option<String>,
        members: Members,
        anchor: usize,
        is_flow: bool,
    ) -> Result<(), SyntaxError> {
        // Deeper ones are not even opened: no tree exists that could not be dropped.
        if self.open.len() >= DEEPEST {
            return Err(too_deep(at));
        }
        self.open.push(Open { at, tag, members, anchor, before: self.expanded(), deepest: 0, is_flow });
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
