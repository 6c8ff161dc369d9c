//! Patterns of paths: `*` and `?` within a part, `**` for any number of parts.

/// Does the pattern match the path?
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let parts = |text: &str| text.trim_start_matches("./").split('/').map(str::to_owned).collect::<Vec<_>>();
    parts_match(&parts(pattern), &parts(path))
}

fn parts_match(pattern: &[String], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            // Several of them in a row are one.
            if rest.first().is_some_and(|next| next == "**") {
                return parts_match(rest, path);
            }
            (0..=path.len()).any(|skipped| parts_match(rest, path.get(skipped..).unwrap_or_default()))
        }
        (None, Some(_)) | (Some(_), None) => false,
        (Some((first, rest)), Some((part, others))) => part_matches(first, part) && parts_match(rest, others),
    }
}

fn part_matches(pattern: &str, part: &str) -> bool {
    let (pattern, part): (Vec<char>, Vec<char>) = (pattern.chars().collect(), part.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last star stood, and how much it has taken.
    let mut star = None;
    while read < part.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || part.get(read) == Some(wanted) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((place, taken)) = star else { return false };
                star = Some((place, taken + 1));
                at = place + 1;
                read = taken + 1;
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|rest| *rest == '*')
}
