//! Label selectors of Kubernetes, as `metav1.ParseToLabelSelector` reads them.

use thiserror::Error;

/// Why a selector is refused.
#[derive(Debug, Error)]
pub(super) enum SelectorError {
    #[error("`{0}` is not a label key")]
    Key(String),
    #[error("`{0}` is not a label value")]
    Value(String),
    #[error("`{0}` is not expected here")]
    Unexpected(String),
    #[error("it ends too early")]
    End,
    #[error("`{0}` cannot be used here, only `=`, `==`, `in`, `notin`, `!` and bare keys")]
    Operator(String),
}

/// Judges a selector.
pub(super) fn judge(text: &str) -> Result<(), SelectorError> {
    let mut words = split(text);
    words.reverse();
    if words.is_empty() {
        return Ok(());
    }
    loop {
        requirement(&mut words)?;
        match words.pop() {
            None => return Ok(()),
            Some(",") => {
                // A comma may end the selector only if nothing was said before it, which it was.
                match words.last() {
                    None | Some(&",") => return Err(SelectorError::End),
                    Some(_) => {}
                }
            }
            Some(other) => return Err(SelectorError::Unexpected(other.into())),
        }
    }
}

fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let special = |c: char| "=!(),<>".contains(c);
        let length = if special(c) {
            let operator = ["==", "!=", ">=", "<="].iter().find(|operator| rest.starts_with(**operator));
            operator.map_or(1, |operator| operator.len())
        } else {
            rest.find(|c: char| special(c) || c.is_whitespace()).unwrap_or(rest.len())
        };
        let (word, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        words.push(word);
        rest = tail.trim_start();
    }
    words
}

fn is_word(word: &str) -> bool {
    !word.starts_with(|c: char| "=!(),<>".contains(c))
}

fn requirement(words: &mut Vec<&str>) -> Result<(), SelectorError> {
    let mut word = words.pop().ok_or(SelectorError::End)?;
    let negated = word == "!";
    if negated {
        word = words.pop().ok_or(SelectorError::End)?;
    }
    if !is_word(word) {
        return Err(SelectorError::Unexpected(word.into()));
    }
    if !is_key(word) {
        return Err(SelectorError::Key(word.into()));
    }
    if negated {
        return Ok(());
    }
    match words.last().copied() {
        None | Some(",") => Ok(()),
        Some("in" | "notin") => {
            words.pop();
            set(words)
        }
        Some("=" | "==") => {
            words.pop();
            match words.last().copied() {
                None | Some(",") => Ok(()),
                Some(value) if is_word(value) => {
                    words.pop();
                    if is_value(value) { Ok(()) } else { Err(SelectorError::Value(value.into())) }
                }
                Some(other) => Err(SelectorError::Unexpected(other.into())),
            }
        }
        // `labels.Parse` reads them, and `ParseToLabelSelector` has no operator for them.
        Some(operator @ ("!=" | "<" | ">" | ">=" | "<=")) => Err(SelectorError::Operator(operator.into())),
        Some(other) => Err(SelectorError::Unexpected(other.into())),
    }
}

/// `(a,b,…)`; single values may be missing.
fn set(words: &mut Vec<&str>) -> Result<(), SelectorError> {
    match words.pop() {
        Some("(") => {}
        Some(other) => return Err(SelectorError::Unexpected(other.into())),
        None => return Err(SelectorError::End),
    }
    loop {
        match words.pop() {
            None => return Err(SelectorError::End),
            Some(")") => return Ok(()),
            Some(",") => {}
            Some(value) if is_word(value) => {
                if !is_value(value) {
                    return Err(SelectorError::Value(value.into()));
                }
                match words.last().copied() {
                    Some("," | ")") => {}
                    Some(other) => return Err(SelectorError::Unexpected(other.into())),
                    None => return Err(SelectorError::End),
                }
            }
            Some(other) => return Err(SelectorError::Unexpected(other.into())),
        }
    }
}

fn is_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let subdomain = |text: &str| {
        text.len() <= 253
            && text.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            })
    };
    !name.is_empty() && is_value(name) && prefix.is_none_or(subdomain)
}

fn is_value(value: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    value.len() <= 63
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && edge(value.chars().next())
        && edge(value.chars().last())
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn selectors() {
        for good in ["a=b", "a", "!a", "a=b,c==d", "a in (b,c)", "a notin (b)", "x.y/z=1", "a=", "a=b, c"] {
            assert!(judge(good).is_ok(), "{good}: {:?}", judge(good));
        }
        for bad in ["=", "a=b c", "a in b", "a in (b", "-a", "a=b,", "a>1", "a!=b", "a=!", "A/b/c=1", "(a)"] {
            assert!(judge(bad).is_err(), "{bad}");
        }
    }
}
