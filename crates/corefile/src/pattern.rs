//! Regular expressions as Go's `regexp` reads them (RE2 syntax, `regexp/syntax/parse.go` of Go 1.26).
//!
//! The regex crate differs in what it refuses (`a{`, `a**`, `[a&&b]`), and compiling is far more work than judging, so
//! this walks the pattern once: it says whether `CoreDNS` takes it, how many groups it has, and how it is anchored.

mod class;
mod node;

use thiserror::Error;

use self::node::{CHARACTER, EMPTY, Frame, Node};

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum PatternError {
    #[error("`{0}` is an escape that Go's regular expressions do not have")]
    Escape(String),
    #[error("a group is not closed")]
    OpenGroup,
    #[error("a `)` has no `(`")]
    CloseGroup,
    #[error("`[` is not closed")]
    OpenClass,
    #[error("`{0}` is not a range or class of characters")]
    Class(String),
    #[error("`{0}` has nothing to repeat")]
    NothingToRepeat(char),
    #[error("a repetition of a repetition")]
    DoubleRepeat,
    #[error("a repetition of more than 1000, counted through nested ones")]
    RepeatSize,
    #[error("`(?` is followed by what Go does not support; look-around and back references do not exist")]
    GroupFlags,
    #[error("a group has a wrong name")]
    GroupName,
    #[error("the pattern is too large")]
    TooLarge,
}

/// What is known of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) groups: usize,
    /// Every alternative begins with `^`.
    pub(crate) begins: bool,
    /// Every alternative ends with `$`.
    pub(crate) ends: bool,
    /// A match may end with a dot, as every name that `CoreDNS` matches does.
    pub(crate) may_end_with_dot: bool,
}

/// Reads a pattern.
pub(crate) fn parse(pattern: &str) -> Result<Pattern, PatternError> {
    let mut parser = Parser { rest: pattern, frames: vec![Frame::default()], groups: 0 };
    let mut repeated = false;
    while let Some(c) = parser.peek() {
        repeated = parser.item(c, repeated)?;
    }
    let [frame] = parser.frames.as_slice() else { return Err(PatternError::OpenGroup) };
    let node = frame.node()?;
    Ok(Pattern { groups: parser.groups, begins: node.begins, ends: node.ends, may_end_with_dot: node.dot })
}

struct Parser<'a> {
    rest: &'a str,
    frames: Vec<Frame>,
    groups: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(prefix) else { return false };
        self.rest = rest;
        true
    }

    fn push(&mut self, node: Node) {
        if let Some(frame) = self.frames.last_mut() {
            frame.items.push(node);
        }
    }

    fn literal(&mut self, c: char) {
        self.push(Node { dot: c == '.', ..CHARACTER });
    }

    /// Reads one item; true if it was a repetition.
    fn item(&mut self, c: char, after_repeat: bool) -> Result<bool, PatternError> {
        match c {
            '(' => {
                self.next();
                if self.eat("?") {
                    self.group_flags()?;
                } else {
                    self.groups += 1;
                    self.frames.push(Frame { captures: true, ..Frame::default() });
                }
            }
            '|' => {
                self.next();
                if let Some(frame) = self.frames.last_mut() {
                    let node = frame.concatenation();
                    frame.done.push(node);
                    frame.items.clear();
                }
            }
            ')' => {
                self.next();
                if self.frames.len() < 2 {
                    return Err(PatternError::CloseGroup);
                }
                if let Some(frame) = self.frames.pop() {
                    let node = frame.node()?;
                    self.push(node);
                }
            }
            '^' => {
                self.next();
                self.push(Node { begins: true, ..EMPTY });
            }
            '$' => {
                self.next();
                self.push(Node { ends: true, ..EMPTY });
            }
            '.' => {
                self.next();
                self.push(Node { dot: true, ..CHARACTER });
            }
            '[' => {
                let dot = self.class()?;
                self.push(Node { dot, ..CHARACTER });
            }
            '*' | '+' | '?' => {
                self.next();
                self.repeat(c, 0, None, after_repeat)?;
                return Ok(true);
            }
            '{' => {
                let Some((min, max, rest)) = counts(self.rest) else {
                    self.next();
                    self.literal('{');
                    return Ok(false);
                };
                if min > 1_000 || max.is_some_and(|max| max > 1_000 || min > max) {
                    return Err(PatternError::RepeatSize);
                }
                self.rest = rest;
                self.repeat(c, min, max, after_repeat)?;
                return Ok(true);
            }
            '\\' => self.backslash()?,
            other => {
                self.next();
                self.literal(other);
            }
        }
        Ok(false)
    }

    fn repeat(&mut self, c: char, min: u64, max: Option<u64>, after_repeat: bool) -> Result<(), PatternError> {
        self.eat("?");
        if after_repeat {
            return Err(PatternError::DoubleRepeat);
        }
        let last = self.frames.last_mut().and_then(|frame| frame.items.last_mut());
        let node = last.ok_or(PatternError::NothingToRepeat(c))?;
        let counted = c == '{';
        if counted {
            let most = max.unwrap_or(min);
            node.repeats = if max == Some(0) { 1 } else { node.repeats * most.max(1) };
            node.size = (node.size * most.max(1)).max(1) + 1;
            if (min >= 2 || max.is_some_and(|max| max >= 2)) && node.repeats > 1_000 {
                return Err(PatternError::RepeatSize);
            }
        } else {
            node.size += 2;
        }
        node.height += 1;
        let at_least_once = c == '+' || (counted && min > 0);
        // What may be absent anchors nothing, and leaves the end of the match to what stands before it.
        node.begins &= at_least_once;
        node.ends &= at_least_once;
        node.dot |= !at_least_once;
        if node.size > (128 << 20) / 40 || node.height > 1_000 {
            return Err(PatternError::TooLarge);
        }
        Ok(())
    }

    /// What follows `(?`: a name, or flags.
    fn group_flags(&mut self) -> Result<(), PatternError> {
        if self.rest.starts_with("P<") || self.rest.starts_with('<') {
            let (_, tail) = self.rest.split_once('<').ok_or(PatternError::GroupName)?;
            let (name, rest) = tail.split_once('>').ok_or(PatternError::GroupName)?;
            if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
                return Err(PatternError::GroupName);
            }
            self.groups += 1;
            self.frames.push(Frame { captures: true, ..Frame::default() });
            self.rest = rest;
            return Ok(());
        }
        let (mut negated, mut seen) = (false, false);
        while let Some(c) = self.next() {
            match c {
                'i' | 'm' | 's' | 'U' => seen = true,
                '-' if !negated => {
                    negated = true;
                    seen = false;
                }
                ':' | ')' if !negated || seen => {
                    if c == ':' {
                        self.frames.push(Frame::default());
                    }
                    return Ok(());
                }
                _ => break,
            }
        }
        Err(PatternError::GroupFlags)
    }

    fn backslash(&mut self) -> Result<(), PatternError> {
        let second = self.rest.chars().nth(1);
        match second {
            Some('A' | 'b' | 'B' | 'z') => {
                self.next();
                self.next();
                self.push(Node { begins: second == Some('A'), ends: second == Some('z'), ..EMPTY });
            }
            Some('C') => return Err(PatternError::Escape("\\C".into())),
            Some('Q') => {
                let quoted = self.rest.get(2..).unwrap_or_default();
                let (literal, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
                for c in literal.chars() {
                    self.literal(c);
                }
                self.rest = rest;
            }
            Some('p' | 'P') => {
                self.unicode_class()?;
                self.push(Node { dot: true, ..CHARACTER });
            }
            Some('d' | 's' | 'w' | 'D' | 'S' | 'W') => {
                self.next();
                self.next();
                self.push(Node { dot: matches!(second, Some('D' | 'S' | 'W')), ..CHARACTER });
            }
            _ => {
                let c = self.escape()?;
                self.literal(c);
            }
        }
        Ok(())
    }
}

/// Reads `{n}`, `{n,}` or `{n,m}`; `None` if it is not of that form, and then `{` stands for itself.
fn counts(text: &str) -> Option<(u64, Option<u64>, &str)> {
    let (inner, rest) = text.strip_prefix('{')?.split_once('}')?;
    let number = |digits: &str| -> Option<u64> {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let padded = digits.len() > 1 && digits.starts_with('0');
        if !plain || padded { None } else { Some(digits.parse().unwrap_or(u64::MAX)) }
    };
    match inner.split_once(',') {
        None => {
            let count = number(inner)?;
            Some((count, Some(count), rest))
        }
        Some((min, "")) => Some((number(min)?, None, rest)),
        Some((min, max)) => Some((number(min)?, Some(number(max)?), rest)),
    }
}

#[cfg(test)]
mod tests;
