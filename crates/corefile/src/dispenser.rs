//! Hands the words of one directive to a plugin's grammar, with the rules of `caddyfile/dispenser.go`.
//!
//! A plugin's grammar in CoreDNS is what its `setup.go` does with this, so the rules are kept to the letter: a block
//! opens only on the line of its directive, arguments end at the line's end or at `{`, and a `}` on the line of an
//! option is one more argument.

use super::lexer::Token;

/// Words of a directive, and how far they were read.
pub(crate) struct Dispenser<'a> {
    tokens: &'a [Token],
    /// Number of words read; the current word is the one before.
    read: usize,
    in_block: bool,
}

impl<'a> Dispenser<'a> {
    pub(crate) fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, read: 0, in_block: false }
    }

    /// The current word.
    pub(crate) fn current(&self) -> Option<&'a Token> {
        self.tokens.get(self.read.checked_sub(1)?)
    }

    /// The word to come.
    pub(crate) fn ahead(&self) -> Option<&'a Token> {
        self.tokens.get(self.read)
    }

    /// Moves to the next word, on whatever line.
    pub(crate) fn next(&mut self) -> Option<&'a Token> {
        let token = self.ahead()?;
        self.read += 1;
        Some(token)
    }

    /// Moves to the next word if it is on this line. A `{` counts.
    pub(crate) fn next_argument(&mut self) -> Option<&'a Token> {
        let (current, ahead) = (self.current()?, self.ahead()?);
        if current.same_line(ahead) { self.next() } else { None }
    }

    /// Moves to the next option of the block; `None` when the block ends, or none begins.
    pub(crate) fn next_in_block(&mut self) -> Option<&'a Token> {
        if self.in_block {
            let token = self.next()?;
            if token.is("}") {
                self.in_block = false;
                return None;
            }
            return Some(token);
        }
        let token = self.next_argument()?;
        if !token.is("{") {
            self.read -= 1;
            return None;
        }
        let token = self.next()?;
        if token.is("}") {
            return None;
        }
        self.in_block = true;
        Some(token)
    }

    /// Whether a block is being read.
    pub(crate) fn is_in_block(&self) -> bool {
        self.in_block
    }

    /// All words left on this line, up to a `{`.
    pub(crate) fn arguments(&mut self) -> Vec<&'a Token> {
        let mut arguments = Vec::new();
        while let Some(token) = self.next_argument() {
            if token.is("{") {
                self.read -= 1;
                break;
            }
            arguments.push(token);
        }
        arguments
    }

    /// Skips what is left of the current line, blocks that begin on it included. Not a rule of CoreDNS: it stops there.
    pub(crate) fn skip_line(&mut self) {
        // Where a `{` was read as a word, what it opens goes with it.
        let mut depth = usize::from(self.current().is_some_and(|current| current.is("{")));
        while let (Some(current), Some(ahead)) = (self.current(), self.ahead()) {
            if depth == 0 && !current.same_line(ahead) {
                return;
            }
            if ahead.is("{") {
                depth += 1;
            } else if ahead.is("}") {
                if depth == 0 {
                    return;
                }
                depth -= 1;
            }
            self.read += 1;
        }
    }
}
