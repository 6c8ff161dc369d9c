//! The nearest known name to a mistyped one.

/// The closest of `names`, when it is close enough to be meant.
pub(crate) fn of<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond the length of any known name only the time would grow.
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    // A word of three letters has many neighbours: one letter of it may be wrong, of a longer one two, or a third.
    let letters = word.chars().count();
    let bound = if letters < 4 { 1 } else { (letters / 3).max(2) };
    names
        .map(|name| (strsim::osa_distance(&lower, name), name))
        .filter(|(distance, name)| *distance <= bound && *distance < name.len())
        // Of two equally far the one with the same letters is meant: `chace` is `cache` rather than `trace`.
        .min_by(|(one, name), (other, rival)| {
            one.cmp(other).then_with(|| strsim::jaro(&lower, rival).total_cmp(&strsim::jaro(&lower, name)))
        })
        .map(|(_, name)| name)
}
