//! Turns text into words as `CoreDNS` does (`caddyfile/lexer.go` of github.com/coredns/caddy, pinned by `CoreDNS` 1.15.0).
//!
//! Its oddities are kept, since they decide what a file means: a `#` ends a word wherever it stands, a comment that is
//! glued to a word ends at the next blank, a carriage return outside quotes vanishes, only `\"` is an escape, a quoted
//! word that never closes runs to the end of the file.

use std::rc::Rc;

use super::meant;
use super::repairs::{Repair, Repairs};
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
    /// Whether a variable of which nothing is known is part of it: what it says is not judged.
    pub(crate) unknown: bool,
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

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As CoreDNS does.
    Strict,
    /// As people mean it, to tell them what CoreDNS does not read in that way.
    Meant(Repairs),
}

impl Reading {
    fn repairs(self) -> Repairs {
        match self {
            Reading::Strict => Repairs::NONE,
            Reading::Meant(repairs) => repairs,
        }
    }
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
    /// What was read otherwise than CoreDNS reads it.
    pub(crate) repairs: Vec<(Repair, Token)>,
}

/// Reads all words of a text as CoreDNS does.
pub(crate) fn read(file: FileId, text: &str) -> Words {
    read_as(file, text, Reading::Strict)
}

/// Reads all words of a text.
pub(crate) fn read_as(file: FileId, text: &str, reading: Reading) -> Words {
    let mut lexer = Lexer { file, text, at: 0, line: 1, reading, words: Words::default() };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.word() {}
    meant::repair(&mut lexer.words, reading.repairs());
    lexer.words
}

/// Whether it opens or closes what are quotes to people, and not to CoreDNS.
fn is_curly(c: char) -> bool {
    matches!(
        c,
        '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' | '\'' | '`'
    )
}

/// Whether `c` is meant to close what `open` opened: single and slanted quotes close themselves, at the end of a word, the others
/// each other.
fn closes(open: char, c: char, ends_word: bool) -> bool {
    match open {
        '\'' | '`' => c == open && ends_word,
        '"' => is_curly(c) && !matches!(c, '\'' | '`') && ends_word,
        _ => is_curly(c) && !matches!(c, '\'' | '`'),
    }
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    line: u32,
    reading: Reading,
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
                let ends_line = c == '\n' || (c == '\r' && self.is_line_end(before));
                if c == '\r' && !ends_line {
                    has_carriage_return |= begin.is_some();
                    continue;
                }
                if ends_line {
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
                if c == '"' || (self.reading.repairs().has(Repair::Quotes) && is_curly(c)) {
                    return self.quoted(before, c);
                }
                begin = Some((before, self.line));
            }
            end = self.at;
        }
    }

    /// Whether a carriage return at `at` is meant to end a line, as it was on old Macs.
    fn is_line_end(&mut self, at: usize) -> bool {
        let lone = self.reading.repairs().has(Repair::LineEnd) && !self.text.contains('\n');
        if lone && self.line == 1 {
            let (text, span) = (Rc::from("\r"), self.span(at, at + 1));
            let token = Token { text, line: 1, span, quoted: false, unknown: false };
            self.words.repairs.push((Repair::LineEnd, token));
        }
        lone
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
        self.words.tokens.push(Token { text, line, span, quoted: false, unknown: false });
    }

    /// Reads a quoted word whose opening quote stands at `start`.
    fn quoted(&mut self, start: usize, open: char) -> bool {
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
                self.words.tokens.push(Token { text: text.into(), line, span, quoted: true, unknown: false });
                return true;
            };
            if !escaped && c == '\\' {
                escaped = true;
                continue;
            }
            let repairs = self.reading.repairs();
            let rest = self.text.get(self.at..).unwrap_or_default();
            let ends_word = rest.is_empty() || rest.starts_with(char::is_whitespace);
            let curly = repairs.has(Repair::Quotes) && closes(open, c, ends_word);
            let open_ends = c == '\n' && repairs.has(Repair::OpenQuote);
            let straight = c == '"' && !matches!(open, '\'' | '`');
            if open_ends || (!escaped && (straight || curly)) {
                // What ends with its line ends before the line end.
                self.at -= usize::from(open_ends);
                if open_ends {
                    text.truncate(text.trim_end_matches('\r').len());
                }
                let span = self.span(start, self.at);
                let token = Token { text: text.into(), line, span, quoted: true, unknown: false };
                if open_ends {
                    self.words.repairs.push((Repair::OpenQuote, token.clone()));
                } else if curly || is_curly(open) {
                    self.words.repairs.push((Repair::Quotes, token.clone()));
                }
                self.words.tokens.push(token);
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
