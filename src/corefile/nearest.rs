//! The nearest known name to a mistyped one.

/// The closest of `names`, when it is close enough to be meant.
pub(crate) fn of<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Beyond the length of any known name only the time would grow.
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    let bound = (word.chars().count() / 3).max(1) + 1;
    names
        .map(|name| (strsim::osa_distance(&lower, name), name))
        .filter(|(distance, name)| *distance <= bound && *distance < name.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
