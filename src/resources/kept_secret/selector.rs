//! Label selectors, matched here: what is in a copy, or was read after its list, must be what the API server would list.

use std::collections::BTreeMap;

/// Do these labels match the selector? What cannot be read matches nothing: the API server says what is wrong with it.
pub(super) fn matches(selector: &str, labels: Option<&BTreeMap<String, String>>) -> bool {
    let value = |key: &str| labels.and_then(|labels| labels.get(key)).map(String::as_str);
    requirements(selector).into_iter().all(|one| holds(one.trim(), &value).unwrap_or_default())
}

/// The parts between commas; those in parentheses stand between values.
fn requirements(selector: &str) -> Vec<&str> {
    let mut is_inside = false;
    let is_end = |character: char| {
        match character {
            '(' => is_inside = true,
            ')' => is_inside = false,
            _ => {}
        }
        character == ',' && !is_inside
    };
    selector.split(is_end).collect()
}

/// Whether one requirement holds; `None` where it cannot be read.
fn holds<'a>(requirement: &str, value: &impl Fn(&str) -> Option<&'a str>) -> Option<bool> {
    if let Some(key) = requirement.strip_prefix('!') {
        return is_key(key.trim()).then(|| value(key.trim()).is_none());
    }
    let is_end = |character: char| character.is_whitespace() || "=!<>(".contains(character);
    let (key, rest) = requirement.split_at(requirement.find(is_end).unwrap_or(requirement.len()));
    let (found, rest) = (is_key(key).then(|| value(key))?, rest.trim());
    if rest.is_empty() {
        return Some(found.is_some());
    }
    if let Some(unwanted) = rest.strip_prefix("!=") {
        return Some(found != Some(unwanted.trim()));
    }
    if let Some(wanted) = rest.strip_prefix("==").or_else(|| rest.strip_prefix('=')) {
        return Some(found == Some(wanted.trim()));
    }
    if let Some(values) = rest.strip_prefix("notin") {
        return Some(!found.is_some_and(|found| is_one(found, values).unwrap_or(true)) && is_one("", values).is_some());
    }
    if let Some(values) = rest.strip_prefix("in") {
        return is_one(found.unwrap_or_default(), values).map(|is_one| found.is_some() && is_one);
    }
    let (is_greater, bound) = match rest.strip_prefix('>') {
        Some(bound) => (true, bound),
        None => (false, rest.strip_prefix('<')?),
    };
    let bound: i64 = bound.trim().parse().ok()?;
    let found = found.and_then(|found| found.parse::<i64>().ok());
    Some(found.is_some_and(|found| if is_greater { found > bound } else { found < bound }))
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_./".contains(character))
}

/// Is it one of the values in parentheses? `None` where there are none.
fn is_one(found: &str, values: &str) -> Option<bool> {
    let values = values.trim().strip_prefix('(')?.strip_suffix(')')?;
    Some(values.split(',').any(|value| value.trim() == found))
}
