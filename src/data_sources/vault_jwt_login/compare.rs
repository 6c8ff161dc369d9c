//! Texts that ought to be equal: patterns as Vault has them, and the slips that keep two texts apart.

/// Does the text fit the pattern of `bound_claims`? `*` is any text, and nothing else is special (ryanuber/go-glob).
pub(super) fn fits(pattern: &str, text: &str) -> bool {
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
pub(super) fn near_miss(says: &str, wants: &str) -> Option<String> {
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
