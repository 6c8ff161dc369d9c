//! Lines as Go's libraries count them, where YAML 1.2 says otherwise. Reads no structure.

use std::borrow::Cow;

/// Characters that end a line in YAML 1.1, and in Go.
const BREAKS: &[char] = &['\u{85}', '\u{2028}', '\u{2029}'];

/// The text with its lines ended as YAML 1.2 ends them.
pub(crate) fn ended(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() && text.contains(BREAKS) { Cow::Owned(text.replace(BREAKS, "\n")) } else { Cow::Borrowed(text) }
}

/// A line whose indentation holds a tab, and how many blanks stand before that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tabbed {
    pub(crate) line: usize,
    pub(crate) blanks: usize,
}

/// Lines whose indentation holds a tab. Go refuses them but in what may hold any text.
pub(crate) fn tabbed(text: &str) -> Vec<Tabbed> {
    if !text.contains('\t') {
        return Vec::new();
    }
    let tabbed = |(index, line): (usize, &str)| {
        let rest = line.trim_start_matches(' ');
        rest.starts_with('\t').then(|| Tabbed { line: index + 1, blanks: line.len() - rest.len() })
    };
    text.split('\n').enumerate().filter_map(tabbed).collect()
}

fn line(text: &str, number: usize) -> &str {
    text.split('\n').nth(number.saturating_sub(1)).unwrap_or_default()
}

/// Does nothing but blanks follow a column, counted from 0?
pub(crate) fn ends(text: &str, number: usize, column: usize) -> bool {
    line(text, number).chars().skip(column).all(|one| matches!(one, ' ' | '\t' | '\r'))
}

/// The text with blanks for the tabs that a line, and those that follow it, begin with.
pub(crate) fn without_tabs(text: &str, number: usize) -> Option<String> {
    let is_tabbed = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    let start: usize = text.split_inclusive('\n').take(number.checked_sub(1)?).map(str::len).sum();
    let (before, rest) = text.split_at_checked(start)?;
    let mut out = before.to_owned();
    let mut lines = rest.split_inclusive('\n').peekable();
    while let Some(line) = lines.next_if(|line| is_tabbed(line)) {
        let end = line.find(|one| one != ' ' && one != '\t').unwrap_or(line.len());
        out.push_str(&" ".repeat(end));
        out.push_str(line.get(end..)?);
    }
    (out.len() > before.len()).then(|| out + &lines.collect::<String>())
}
