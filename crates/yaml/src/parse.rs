//! Reads a text, and reads it again where Go's libraries read it otherwise than the parser does.

use std::borrow::Cow;

use super::builder::documents;
use super::lines::{self, Tabbed};
use super::{Node, SyntaxError};

/// Aliases that end at a colon need a second look at the text; no more of them than this in bytes that are read again.
const MOST_READ_AGAIN: usize = 32 << 20;

/// The documents of a text.
///
/// # Errors
/// [`SyntaxError`] at the first place that is not YAML, or that a bound does not allow.
pub fn parse(text: &str) -> Result<Vec<Node>, SyntaxError> {
    let mut text = lines::ended(text);
    let tabbed = lines::tabbed(&text);
    let mut read = 0_usize;
    let mut first = None;
    loop {
        let error = match documents(&text, &tabbed) {
            Ok(documents) => return Ok(documents),
            Err(error) => error,
        };
        read = read.saturating_add(text.len());
        let again = if read < MOST_READ_AGAIN { otherwise(&text, &error, &tabbed) } else { None };
        let error = first.get_or_insert(error);
        match again {
            Some(again) => text = Cow::Owned(again),
            None => return Err(error.clone()),
        }
    }
}

/// The text as Go reads it where the parser stumbles.
fn otherwise(text: &str, error: &SyntaxError, tabbed: &[Tabbed]) -> Option<String> {
    // Tabs in brackets are blanks. Where they are not, they are refused in the end.
    if error.text.contains("tab") {
        let near = [error.at.line, error.at.line + 1];
        return near
            .iter()
            .find(|line| tabbed.iter().any(|one| one.line == **line))
            .and_then(|line| lines::without_tabs(text, *line));
    }
    parted(text, error.at.line)
}

/// Go ends the name of an alias at a colon, YAML 1.2 takes the colon for a part of it: a blank tells the two apart. It is put where
/// the parser stumbles, so that no text in a block is touched.
fn parted(text: &str, line: usize) -> Option<String> {
    let part = |line: usize| {
        let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let colon = start + colon_of_alias(text.get(start..)?.lines().next()?)?;
        Some([text.get(..colon)?, " ", text.get(colon..)?].concat())
    };
    part(line).or_else(|| part(line.checked_sub(1)?))
}

/// Where a line has an alias as a key, of which the colon touches the name.
fn colon_of_alias(line: &str) -> Option<usize> {
    line.match_indices('*').find_map(|(at, _)| {
        let before = line.get(..at)?.trim_end();
        let is_key = before.is_empty() || before.ends_with(['-', '{', ',', '?']);
        let name = line.get(at + 1..)?;
        let end = name.find(|one: char| !one.is_ascii_alphanumeric() && one != '_' && one != '-')?;
        let after = name.get(end..)?.strip_prefix(':')?;
        let is_whole = after.is_empty() || after.starts_with([' ', '\t']);
        (is_key && end > 0 && is_whole).then_some(at + 1 + end)
    })
}
