//! Where the parser is: the word at hand, and the way to its neighbours.

use super::super::lexer::Token;
use super::super::source::Span;
use super::Parser;

impl Parser<'_> {
    pub(super) fn advance(&mut self) -> bool {
        let Some(token) = self.ahead.pop() else { return false };
        self.behind.push(token);
        true
    }

    pub(super) fn step_back(&mut self) {
        if let Some(token) = self.behind.pop() {
            self.ahead.push(token);
        }
    }

    pub(super) fn current(&self) -> Option<&Token> {
        self.behind.last()
    }

    pub(super) fn at(&self, text: &str) -> bool {
        self.current().is_some_and(|token| token.is(text))
    }

    /// Whether the current word begins a line.
    pub(super) fn begins_line(&self) -> bool {
        match self.behind.as_slice() {
            [.., before, current] => before.line_break_before(current),
            _ => true,
        }
    }

    pub(super) fn span(&self) -> Span {
        self.current().map_or(Span { file: 0, start: 0, end: 0 }, |token| token.span)
    }
}
