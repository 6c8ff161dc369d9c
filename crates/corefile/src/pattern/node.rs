//! What is known of a part of a pattern: how large it becomes, how it begins and ends.

use super::PatternError;

/// Measures of a part of a pattern.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one part")]
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// Product of nested repetitions.
    pub(super) repeats: u64,
    pub(super) size: u64,
    pub(super) height: u64,
    pub(super) begins: bool,
    pub(super) ends: bool,
    /// Matches nothing by itself, like `^`.
    pub(super) empty: bool,
    pub(super) dot: bool,
}

pub(super) const CHARACTER: Node =
    Node { repeats: 1, size: 1, height: 1, begins: false, ends: false, empty: false, dot: false };

pub(super) const EMPTY: Node = Node { empty: true, dot: true, ..CHARACTER };

/// An open group: alternatives that are done, and the items of the current one.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) captures: bool,
    pub(super) done: Vec<Node>,
    pub(super) items: Vec<Node>,
}

impl Frame {
    pub(super) fn concatenation(&self) -> Node {
        let last = self.items.iter().rev().find(|node| !node.empty);
        let Some(first) = self.items.first() else { return EMPTY };
        Node {
            repeats: self.items.iter().map(|node| node.repeats).max().unwrap_or(1),
            size: self.items.iter().map(|node| node.size).sum(),
            height: self.items.iter().map(|node| node.height).max().unwrap_or(0) + u64::from(self.items.len() > 1),
            begins: first.begins,
            ends: self.items.last().is_some_and(|node| node.ends),
            empty: last.is_none(),
            dot: last.is_none_or(|node| node.dot),
        }
    }

    pub(super) fn node(&self) -> Result<Node, PatternError> {
        let mut whole = self.concatenation();
        for node in &self.done {
            whole.repeats = whole.repeats.max(node.repeats);
            whole.size += node.size + 1;
            whole.height = whole.height.max(node.height);
            whole.begins &= node.begins;
            whole.ends &= node.ends;
            whole.empty &= node.empty;
            whole.dot |= node.dot;
        }
        whole.height += u64::from(!self.done.is_empty()) + u64::from(self.captures);
        whole.size += if self.captures { 2 } else { 0 };
        // Go's own bounds: 1000 levels, and 128 MiB of 40-byte instructions.
        if whole.height > 1_000 || whole.size > (128 << 20) / 40 {
            return Err(PatternError::TooLarge);
        }
        Ok(whole)
    }
}
