//! What the functions of a substitution make of a value.

use super::UNKNOWN;
use crate::glob;
use crate::limits::LARGEST_VALUE;

/// A value that is trimmed, in bytes: each of its ends is tried.
const LONGEST_TRIMMED: usize = 4 << 10;

/// The value that a function gives. What follows from an unknown value is unknown.
pub(super) fn apply(name: &str, value: &str, arguments: &[String]) -> String {
    if value.contains(UNKNOWN) || arguments.iter().any(|one| one.contains(UNKNOWN)) && !is_default(name) {
        return UNKNOWN.to_string();
    }
    let first = arguments.first().map(String::as_str).unwrap_or_default();
    let second = arguments.get(1).map(String::as_str).unwrap_or_default();
    // What nobody would write is not worked out: it is unknown.
    let grows = name == "//" && value.matches(first).count().saturating_mul(second.len()) > LARGEST_VALUE;
    if grows || !arguments.is_empty() && matches!(name, "#" | "##" | "%" | "%%") && value.len() > LONGEST_TRIMMED {
        return UNKNOWN.to_string();
    }
    match name {
        "," => with_first(value, |one| one.to_lowercase().collect()),
        ",," => value.to_lowercase(),
        "^" => with_first(value, |one| one.to_uppercase().collect()),
        "^^" => value.to_uppercase(),
        "#" if arguments.is_empty() => value.len().to_string(),
        "#" | "##" => trimmed(value, first, name == "#", false),
        "%" | "%%" => trimmed(value, first, name == "%", true),
        ":" => part(value, arguments),
        "/#" => value.strip_prefix(first).map_or(value.to_owned(), |rest| format!("{second}{rest}")),
        "/%" => value.strip_suffix(first).map_or(value.to_owned(), |rest| format!("{rest}{second}")),
        "/" => value.replacen(first, second, 1),
        "//" => value.replace(first, second),
        _ if value.is_empty() => arguments.concat(),
        _ => value.to_owned(),
    }
}

/// Does the function give a value of its own where there is none?
pub(super) fn is_default(name: &str) -> bool {
    matches!(name, "=" | ":=" | ":-" | ":?" | ":+")
}

fn with_first(value: &str, change: impl Fn(char) -> String) -> String {
    let mut rest = value.chars();
    rest.next().map_or_else(String::new, |first| change(first) + rest.as_str())
}

fn part(value: &str, arguments: &[String]) -> String {
    let number = |index: usize| arguments.get(index).map(|text| text.parse::<i64>());
    let length = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let Some(Ok(position)) = number(0) else { return value.to_owned() };
    let from = if position < 0 { (length + position).max(0) } else { position };
    let to = match number(1) {
        None => length,
        Some(Ok(taken)) => from.saturating_add(taken).min(length),
        Some(Err(_)) => return value.to_owned(),
    };
    let index = |at: i64| usize::try_from(at).unwrap_or_default();
    value.get(index(from.min(length))..index(to)).unwrap_or_default().to_owned()
}

/// What is left without the shortest or longest part that a pattern matches, at the front or at the end.
fn trimmed(value: &str, pattern: &str, shortest: bool, at_end: bool) -> String {
    let mut ends: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
    // The longest part first: at the end that is the one which begins first.
    if shortest == at_end {
        ends.reverse();
    }
    for at in ends {
        let Some((front, back)) = value.split_at_checked(at) else { continue };
        let (taken, left) = if at_end { (back, front) } else { (front, back) };
        if !taken.is_empty() && glob::part_matches(pattern, taken) {
            return left.to_owned();
        }
    }
    value.to_owned()
}
