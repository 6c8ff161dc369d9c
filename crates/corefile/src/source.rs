//! Texts and places in them: which file, which line, which column, and the excerpt that shows it.
//!
//! Owns the texts that took part in one check (the Corefile and what it imports). Knows nothing of the language.

use std::rc::Rc;

/// Number of a text within [`Sources`]; 0 is the Corefile itself.
pub(crate) type FileId = u16;

/// A place in a text, for people: all numbers count from 1, columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Name of the file, as the caller named it.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
}

/// A piece of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) file: FileId,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

struct Text {
    name: String,
    content: Rc<str>,
    line_starts: Vec<usize>,
}

/// The texts of one check.
#[derive(Default)]
pub(crate) struct Sources {
    texts: Vec<Text>,
}

impl Sources {
    /// Adds a text and returns its number; `None` when there are more than 65,535 of them.
    pub(crate) fn add(&mut self, name: &str, text: &str) -> Option<FileId> {
        let id = FileId::try_from(self.texts.len()).ok()?;
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.texts.push(Text { name: name.to_owned(), content: text.into(), line_starts });
        Some(id)
    }

    /// The text of a file; empty for a number that was never given out.
    pub(crate) fn text(&self, file: FileId) -> Rc<str> {
        self.texts.get(usize::from(file)).map_or_else(|| Rc::from(""), |text| Rc::clone(&text.content))
    }

    /// Where a span begins.
    pub(crate) fn locate(&self, span: Span) -> Location {
        let Some(text) = self.texts.get(usize::from(span.file)) else {
            return Location { file: String::new(), line: 1, column: 1 };
        };
        let (line, start) = text.line_of(span.start as usize);
        let before = text.content.get(start..span.start as usize).unwrap_or_default();
        Location { file: text.name.clone(), line: to_u32(line + 1), column: to_u32(before.chars().count() + 1) }
    }

    /// The line of a span with a caret under its first line.
    pub(crate) fn excerpt(&self, span: Span) -> String {
        let Some(text) = self.texts.get(usize::from(span.file)) else {
            return String::new();
        };
        let (number, start) = text.line_of(span.start as usize);
        let line = text.content.get(start..).unwrap_or_default();
        let line = line.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let from = (span.start as usize).saturating_sub(start).min(line.len());
        let until = (span.end as usize).saturating_sub(start).clamp(from, line.len());
        // A window around the caret, so that one long line does not fill the screen.
        let window: Vec<char> = line.chars().collect();
        let caret = line.get(..from).unwrap_or_default().chars().count();
        let width = line.get(from..until).unwrap_or_default().chars().count().max(1);
        let left = caret.saturating_sub(60);
        let shown: String = window.iter().skip(left).take(120).map(|c| if *c == '\t' { ' ' } else { *c }).collect();
        let gutter = format!("{:>5} | ", number + 1);
        let pad = " ".repeat(gutter.len() - 2);
        let carets = "^".repeat(width.min(120usize.saturating_sub(caret - left)).max(1));
        format!("{gutter}{shown}\n{pad}| {}{carets}", " ".repeat(caret - left))
    }
}

impl Text {
    /// Line (from 0) that holds the byte, and the byte at which that line begins.
    fn line_of(&self, at: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at).saturating_sub(1);
        (line, self.line_starts.get(line).copied().unwrap_or_default())
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
