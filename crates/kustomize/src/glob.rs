//! Patterns of paths: `*` and `?` within a part, `**` for any number of parts.

/// Does the pattern match the path?
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    fn parts(text: &str) -> Vec<&str> {
        text.trim_start_matches("./").split('/').collect()
    }
    parts_match(&parts(pattern), &parts(path))
}

fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            // Several of them in a row are one.
            if rest.first() == Some(&"**") {
                return parts_match(rest, path);
            }
            (0..=path.len()).any(|skipped| parts_match(rest, path.get(skipped..).unwrap_or_default()))
        }
        (None, Some(_)) | (Some(_), None) => false,
        (Some((first, rest)), Some((part, others))) => part_matches(first, part) && parts_match(rest, others),
    }
}

/// Does a pattern of one part match it? `*`, `?`, classes in brackets, `\\` before what is meant as it stands: Go's `path.Match`.
pub(crate) fn part_matches(pattern: &str, part: &str) -> bool {
    // Most patterns are a word, or an ending.
    let is_plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
    if is_plain(pattern) {
        return pattern == part;
    }
    if let Some(end) = pattern.strip_prefix('*').filter(|end| is_plain(end)) {
        return part.ends_with(end);
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let part: Vec<char> = part.chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where the last star stood, and how much it has taken.
    let mut star = None;
    loop {
        if at == pattern.len() && read == part.len() {
            return true;
        }
        if pattern.get(at) == Some(&'*') {
            star = Some((at + 1, read));
            at += 1;
            continue;
        }
        let next = part.get(read).and_then(|one| step(pattern.get(at..).unwrap_or_default(), *one));
        if let Some(taken) = next {
            at += taken;
            read += 1;
            continue;
        }
        match star {
            Some((after, taken)) if taken < part.len() => {
                star = Some((after, taken + 1));
                at = after;
                read = taken + 1;
            }
            _ => return false,
        }
    }
}

/// How much of the pattern matches one character; none where it does not.
fn step(pattern: &[char], one: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == one).then_some(2),
        ['[', rest @ ..] => class(rest, one).map(|taken| taken + 1),
        [wanted, ..] => (*wanted == one).then_some(1),
        [] => None,
    }
}

/// A class behind its bracket: how long it is, where it has the character.
fn class(rest: &[char], one: char) -> Option<usize> {
    let negated = rest.first() == Some(&'^');
    let mut at = usize::from(negated);
    let mut found = false;
    let mut first = true;
    loop {
        match rest.get(at)? {
            ']' if !first => break,
            _ => {}
        }
        first = false;
        let low = character(rest, &mut at)?;
        let mut high = low;
        if rest.get(at) == Some(&'-') {
            at += 1;
            high = character(rest, &mut at)?;
        }
        found |= low <= one && one <= high;
    }
    (found != negated).then_some(at + 1)
}

fn character(rest: &[char], at: &mut usize) -> Option<char> {
    if rest.get(*at) == Some(&'\\') {
        *at += 1;
    }
    let one = *rest.get(*at)?;
    *at += 1;
    Some(one)
}
