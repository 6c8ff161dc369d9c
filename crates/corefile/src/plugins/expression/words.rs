//! The words of the language, one after another. Their order is judged in `expression`.

use super::{ExpressionError, Reader};

/// A word of the language.
#[derive(Clone, Copy)]
pub(super) enum Piece<'a> {
    /// A number, a string, or `#` with what follows it.
    Literal(&'a str),
    Word(&'a str),
    Open(char),
    Close(char),
    Operator(&'a str),
}

/// Operators of two characters, longest first.
const PAIRS: &[&str] = &["?.", "??", "||", "&&", "==", "!=", "<=", ">=", "**", "..", "::"];

impl<'a> Reader<'a> {
    /// The next word; comments are passed over.
    pub(super) fn piece(&mut self) -> Result<Option<Piece<'a>>, ExpressionError> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix("//") {
                self.rest = comment.split_once('\n').map_or("", |(_, after)| after);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").ok_or(ExpressionError::OpenComment)?.1;
            } else {
                break;
            }
        }
        let Some(c) = self.rest.chars().next() else { return Ok(None) };
        let bytes = matches!(c, 'b' | 'B') && self.rest.get(1..2).is_some_and(|next| matches!(next, "'" | "\""));
        let piece = match c {
            '\'' | '"' | '`' => Piece::Literal(self.take(string(self.rest, c).ok_or(ExpressionError::OpenString)?)),
            _ if bytes => {
                let quoted = self.rest.get(1..).unwrap_or_default();
                let length = string(quoted, quoted.chars().next().unwrap_or('"')).ok_or(ExpressionError::OpenString)?;
                Piece::Literal(self.take(1 + length))
            }
            '0'..='9' => Piece::Literal(self.number()),
            '.' if self.rest.get(1..2).is_some_and(|next| next.bytes().all(|byte| byte.is_ascii_digit())) => {
                Piece::Literal(self.number())
            }
            '#' => {
                let length = self.rest.find(|c: char| c != '#' && !is_word(c)).unwrap_or(self.rest.len());
                Piece::Literal(self.take(length))
            }
            '(' | '[' | '{' => {
                self.take(1);
                Piece::Open(c)
            }
            ')' | ']' | '}' => {
                self.take(1);
                Piece::Close(c)
            }
            c if is_word(c) => {
                let length = self.rest.find(|c: char| !is_word(c)).unwrap_or(self.rest.len());
                Piece::Word(self.take(length))
            }
            _ if PAIRS.iter().any(|pair| self.rest.starts_with(pair)) => Piece::Operator(self.take(2)),
            ',' | ';' | ':' | '?' | '.' | '|' | '&' | '!' | '=' | '*' | '<' | '>' | '%' | '+' | '-' | '^' | '/' => {
                Piece::Operator(self.take(1))
            }
            c => return Err(ExpressionError::Unexpected(c.into())),
        };
        Ok(Some(piece))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn number(&mut self) -> &'a str {
        let mut length = 0;
        let mut before = ' ';
        for c in self.rest.chars() {
            let more = is_word(c) && c != '$'
                // `1..2` is a range, `1e+5` a number.
                || (c == '.' && !self.rest.get(length..).is_some_and(|rest| rest.starts_with("..")))
                || (matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !self.rest.starts_with("0x"));
            if !more {
                break;
            }
            before = c;
            length += c.len_utf8();
        }
        self.take(length)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Length of a string literal with its quotes.
fn string(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}
