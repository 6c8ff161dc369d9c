//! Turns text into words as `CoreDNS` does (`caddyfile/lexer.go` of github.com/coredns/caddy, pinned by `CoreDNS` 1.14.7).
//!
//! Its oddities are kept, since they decide what a file means: a `#` ends a word wherever it stands, a comment that is
//! glued to a word ends at the next blank, a carriage return outside quotes vanishes, only `\"` is an escape, a quoted
//! word that never closes runs to the end of the file.

use std::rc::Rc;

use super::source::{FileId, Span};

/// A word of the Corefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The word without its quotes, after substitution.
    pub(crate) text: Rc<str>,
    /// Line on which it begins, from 1.
    pub(crate) line: u32,
    pub(crate) span: Span,
    pub(crate) quoted: bool,
}

impl Token {
    /// Whether `next` stands on the same line, counted as `CoreDNS` counts: from the end of a word with line breaks.
    pub(crate) fn same_line(&self, next: &Token) -> bool {
        self.span.file == next.span.file && self.line + self.breaks() == next.line
    }

    /// Whether `next` begins a later line. Not the contrary of [`Token::same_line`]: an imported word may stand "before".
    pub(crate) fn line_break_before(&self, next: &Token) -> bool {
        self.span.file != next.span.file || self.line + self.breaks() < next.line
    }

    pub(crate) fn breaks(&self) -> u32 {
        let breaks = self.text.bytes().filter(|byte| *byte == b'\n').count();
        u32::try_from(breaks).unwrap_or(u32::MAX)
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        &*self.text == text
    }

    /// The word as it is written in a file: quoted words keep their quotes. In quotes only `"` needs a backslash.
    pub(crate) fn written(&self) -> String {
        if self.quoted { format!("\"{}\"", self.text.replace('"', "\\\"")) } else { self.text.to_string() }
    }
}

/// A comment with its `#`, for the formatter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    pub(crate) line: u32,
    pub(crate) span: Span,
}

/// What reading words found.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    /// A quoted word that runs to the end of the file.
    pub(crate) unclosed_quote: Option<Span>,
    /// Comments that begin inside a word: what follows the next blank is read as words again.
    pub(crate) glued_comments: Vec<Span>,
}

/// Reads all words of a text.
pub(crate) fn read(file: FileId, text: &str) -> Words {
    let mut lexer = Lexer { file, text, at: 0, line: 1, words: Words::default() };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.word() {}
    lexer.words
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    line: u32,
    words: Words,
}

impl Lexer<'_> {
    fn next_char(&mut self) -> Option<char> {
        let c = self.text.get(self.at..)?.chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let bound = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: bound(start), end: bound(end) }
    }

    /// Reads one word; false at the end of the text.
    fn word(&mut self) -> bool {
        // Where the word begins, its line, and the end of its last character.
        let mut begin: Option<(usize, u32)> = None;
        let mut end = 0;
        let mut has_carriage_return = false;
        let mut comment: Option<(usize, u32)> = None;
        loop {
            let before = self.at;
            let Some(c) = self.next_char() else {
                self.end_comment(comment, before);
                let Some((start, line)) = begin else { return false };
                self.push(start, end, line, has_carriage_return);
                return true;
            };
            if c.is_whitespace() {
                if c == '\r' {
                    has_carriage_return |= begin.is_some();
                    continue;
                }
                if c == '\n' {
                    self.end_comment(comment.take(), before);
                    self.line += 1;
                }
                if let Some((start, line)) = begin {
                    self.end_comment(comment, before);
                    self.push(start, end, line, has_carriage_return);
                    return true;
                }
                continue;
            }
            if comment.is_some() {
                continue;
            }
            if c == '#' {
                if begin.is_some() {
                    let rest = self.span(before, before + 1);
                    self.words.glued_comments.push(rest);
                }
                comment = Some((before, self.line));
                continue;
            }
            if begin.is_none() {
                if c == '"' {
                    return self.quoted(before);
                }
                begin = Some((before, self.line));
            }
            end = self.at;
        }
    }

    fn end_comment(&mut self, comment: Option<(usize, u32)>, end: usize) {
        if let Some((start, line)) = comment {
            let span = self.span(start, end);
            self.words.comments.push(Comment { line, span });
        }
    }

    fn push(&mut self, start: usize, end: usize, line: u32, has_carriage_return: bool) {
        let raw = self.text.get(start..end).unwrap_or_default();
        let text = if has_carriage_return { Rc::from(raw.replace('\r', "")) } else { Rc::from(raw) };
        let span = self.span(start, end);
        self.words.tokens.push(Token { text, line, span, quoted: false });
    }

    /// Reads a quoted word whose opening quote stands at `start`.
    fn quoted(&mut self, start: usize) -> bool {
        let line = self.line;
        let mut text = String::new();
        let mut escaped = false;
        loop {
            let Some(c) = self.next_char() else {
                let span = self.span(start, self.at);
                self.words.unclosed_quote = Some(span);
                if text.is_empty() {
                    return false;
                }
                self.words.tokens.push(Token { text: text.into(), line, span, quoted: true });
                return true;
            };
            if !escaped && c == '\\' {
                escaped = true;
                continue;
            }
            if !escaped && c == '"' {
                let span = self.span(start, self.at);
                self.words.tokens.push(Token { text: text.into(), line, span, quoted: true });
                return true;
            }
            if c == '\n' {
                self.line += 1;
            }
            if escaped && c != '"' {
                text.push('\\');
            }
            text.push(c);
            escaped = false;
        }
    }
}
