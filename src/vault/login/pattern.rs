//! Texts that ought to be equal: patterns as Vault has them and as it has not, and the slips that keep two texts apart.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// A pattern of whatever kind is small, and whoever writes a role may write any.
const LARGEST: usize = 1 << 20;

/// What people write where Vault compares texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// `*` is any text: what `bound_claims_type = "glob"` has.
    Glob,
    /// `?`, `[ab]` and `{a,b}`, as a shell has them.
    Shell,
    /// A regular expression.
    Regex,
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Glob => "a glob pattern",
            Self::Shell => "a shell pattern",
            Self::Regex => "a regular expression",
        })
    }
}

/// The kind of pattern that `written` must be if it was meant to fit `says`; `None` where it fits as none.
#[must_use]
pub fn meant(written: &str, says: &str) -> Option<Pattern> {
    if written.contains('*') && fits(written, says) {
        return Some(Pattern::Glob);
    }
    let is_shell = written.contains(['?', '[', '{']) && shell(written).is_some_and(|shell| shell.is_match(says));
    if is_shell {
        return Some(Pattern::Shell);
    }
    let is_regex = written.contains(['^', '$', '\\', '.', '|', '(', '[', '+', '*'])
        && regex(written).is_some_and(|regex| regex.is_match(says));
    is_regex.then_some(Pattern::Regex)
}

/// The expression, of the whole text unless it has an anchor of its own: who leaves one out may mean either, and less is meant
/// than is feared.
fn regex(written: &str) -> Option<Regex> {
    let anchored = written.starts_with('^') || written.ends_with('$');
    let whole = if anchored { written.to_owned() } else { format!("^(?:{written})$") };
    RegexBuilder::new(&whole).size_limit(LARGEST).build().ok()
}

/// A shell's pattern as an expression.
fn shell(written: &str) -> Option<Regex> {
    let (mut expression, mut depth) = (String::from("^"), 0_usize);
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => {
                let class: String = characters.by_ref().take_while(|inner| *inner != ']').collect();
                let (not, class) = class.strip_prefix('!').map_or(("", class.as_str()), |class| ("^", class));
                let class = class.replace(['\\', '[', '&', '~', '^'], "");
                expression.extend(["[", not, class.as_str(), "]"]);
            }
            '{' => {
                depth += 1;
                expression.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                expression.push(')');
            }
            ',' if depth > 0 => expression.push('|'),
            other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    RegexBuilder::new(&expression).size_limit(LARGEST).build().ok()
}

/// Does every text that fits `narrow` fit `wide`? Sure where it says so: a `*` of one can only be taken up by a `*` of the other.
#[must_use]
pub fn covers(wide: &str, narrow: &str) -> bool {
    fits(wide, narrow)
}

/// Do two texts that ought to be equal differ by a slip that leaves no doubt of what was meant: white space around, a slash at the
/// end, or a list that was written as one text? Another port, path or scheme may be another server.
#[must_use]
pub fn is_slip(says: &str, wants: &str) -> bool {
    let bare = |text: &str| text.trim().trim_end_matches('/').to_owned();
    says != wants && !bare(wants).is_empty() && (bare(says) == bare(wants) || is_listed(says, wants))
}

/// Is a text one of a list that was written as one text?
#[must_use]
pub fn is_listed(one: &str, list: &str) -> bool {
    list.contains(',') && list.split(',').any(|part| part.trim() == one)
}

/// Does the text fit a glob pattern of `bound_claims`? `*` is any text, and nothing else is special (ryanuber/go-glob).
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    let mut rest = rest;
    for part in parts {
        let Some((_, after)) = rest.split_once(part).or(part.is_empty().then_some(("", rest))) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// How two texts that ought to be equal differ, where it is a slip that many have made.
#[must_use]
pub fn near_miss(says: &str, wants: &str) -> Option<String> {
    if says == wants {
        return None;
    }
    let bare = |text: &str| text.trim().trim_end_matches('/').to_lowercase();
    let without_scheme =
        |text: &str| bare(text).trim_start_matches("https://").trim_start_matches("http://").to_owned();
    let hint = if says.trim_end_matches('/') == wants.trim_end_matches('/') {
        "they differ by a slash at the end"
    } else if wants.split(',').map(str::trim).any(|part| part == says) {
        "the demanded text is a list in one text, with commas: write it as a list"
    } else if says.split(',').map(str::trim).any(|part| part == wants) {
        "the token's text is several in one, with commas"
    } else if bare(says) == bare(wants) {
        "they differ by upper and lower case or blanks only"
    } else if without_scheme(says) == without_scheme(wants) {
        "they differ by the scheme only"
    } else if without_scheme(says).split(':').next() == without_scheme(wants).split(':').next()
        && [says, wants].iter().all(|text| text.contains("://"))
    {
        "they differ by the port or path only"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abbc", true),
            ("a*c", "ab", false),
            ("*", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("a*a", "a", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_of_the_wrong_kind_is_recognised_by_what_it_was_meant_to_fit() {
        let subject = "system:serviceaccount:apps:web-1";
        for (written, kind) in [
            ("system:serviceaccount:apps:*", Pattern::Glob),
            ("*", Pattern::Glob),
            ("system:serviceaccount:apps:web-?", Pattern::Shell),
            ("system:serviceaccount:apps:{web,api}-1", Pattern::Shell),
            ("system:serviceaccount:apps:web-[0-9]", Pattern::Shell),
            ("system:serviceaccount:ap?s:*", Pattern::Shell),
            ("system:serviceaccount:apps:.*", Pattern::Regex),
            ("^system:serviceaccount:apps:", Pattern::Regex),
            ("^system:serviceaccount:(apps|ops):web-[0-9]+$", Pattern::Regex),
            ("system:serviceaccount:apps:web-\\d", Pattern::Regex),
        ] {
            assert_eq!(meant(written, subject), Some(kind), "{written}");
        }
        for written in [
            "system:serviceaccount:ops:*",
            "system:serviceaccount:apps:web-2",
            "system:serviceaccount:apps:api-?",
            "^system:serviceaccount:ops:",
            "web",
            "[",
            "(",
            "",
        ] {
            assert_eq!(meant(written, subject), None, "{written}");
        }
    }

    #[test]
    fn one_glob_covers_another_or_nobody_says_so() {
        for (wide, narrow, expected) in [
            ("a:*", "a:*", true),
            ("a:*", "a:b*", true),
            ("a:*", "a:b", true),
            ("*", "a:*:b", true),
            ("a:b*", "a:*", false),
            ("a:b", "a:*", false),
            ("a:*:c", "a:b:*", false),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn only_what_leaves_no_doubt_is_a_slip() {
        for (says, wants, expected) in [
            ("https://a", "https://a/", true),
            ("https://a", " https://a", true),
            ("a", "a, b", true),
            ("a", "a", false),
            ("https://a:6443", "https://a:6444", false),
            ("https://a/id/1", "https://a/id/2", false),
            ("http://a", "https://a", false),
            ("", "/", false),
        ] {
            assert_eq!(is_slip(says, wants), expected, "{says} {wants}");
        }
    }

    #[test]
    fn slips_are_named() {
        for (says, wants, words) in [
            ("https://a/", "https://a", "slash"),
            ("https://a", "https://A", "case"),
            ("a", "a, b", "commas: write it as a list"),
            ("a,b", "b", "several in one"),
            ("http://a:1", "https://a:1", "scheme"),
            ("https://a:8200", "https://a", "port"),
        ] {
            let hint = near_miss(says, wants).unwrap_or_default();
            assert!(hint.contains(words), "{says} {wants}: {hint}");
        }
        for (says, wants) in [("a", "a"), ("https://a", "https://b"), ("a:1", "a:2"), ("", "")] {
            assert_eq!(near_miss(says, wants), None, "{says} {wants}");
        }
    }
}
