//! Sources that hold what is put into them, as an `OCIRepository` does: which of them is this repository where nobody says it, and which
//! folder of it.

use std::collections::BTreeMap;

use super::pushed::Pushed;
use super::source::{Evidence, FILLED, Name, inside};
use crate::substitute::UNKNOWN;
use crate::tree::{is_below, join};

/// The source that `flux bootstrap` or an instance made, which no file defines: the Kustomizations of the entry are applied from it, and
/// their paths lie in a folder that is pushed, or in one around the entry.
pub(super) fn bootstrapped(evidence: &Evidence<'_>, pushed: &[Pushed]) -> Option<Name> {
    let mut names: BTreeMap<&Name, usize> = BTreeMap::new();
    for one in evidence.references {
        let [kind, _, name] = &one.source;
        let is_it = FILLED.contains(&kind.as_str()) && name == "flux-system";
        if is_it && !evidence.sources.contains_key(&one.source) {
            *names.entry(&one.source).or_default() += 1;
        }
    }
    let (name, _) = names.into_iter().max_by_key(|(_, count)| *count)?;
    let paths = paths(evidence, &|other| other == name);
    let root = best(evidence, &paths, pushed)?;
    let there = count(evidence, &root, &paths);
    // One path may lie there by chance, where nothing is known to be pushed.
    let least = if pushed.iter().any(|one| one.folder == root) { 1 } else { 2 };
    (there >= least && there * 2 > paths.len()).then(|| name.clone())
}

/// The folder that the source holds.
pub(super) fn of(evidence: &Evidence<'_>, is_own: &dyn Fn(&Name) -> bool, pushed: &[Pushed]) -> String {
    let given = evidence.settings.source_path.as_deref().and_then(|path| join("", path.trim_start_matches('/')));
    let fits = |root: &String| is_below(evidence.entry, root);
    if let Some(root) = given.filter(fits) {
        return root;
    }
    let synced = evidence.syncs.iter().filter(|sync| !sync.path.is_empty()).find_map(|sync| sync.root(evidence.entry));
    synced.or_else(|| best(evidence, &paths(evidence, is_own), pushed)).filter(fits).unwrap_or_default()
}

/// The paths that are applied from a source, as far as they are known.
fn paths(evidence: &Evidence<'_>, is_it: &dyn Fn(&Name) -> bool) -> Vec<String> {
    let references = evidence.references.iter().filter(|one| is_it(&one.source));
    let mut found: Vec<String> = references.map(|one| inside(&one.path)).collect();
    found.retain(|path| !path.is_empty() && !path.contains(UNKNOWN) && !path.contains("${"));
    found.sort();
    found.dedup();
    found
}

fn count(evidence: &Evidence<'_>, root: &str, paths: &[String]) -> usize {
    paths.iter().filter(|path| join(root, path).is_some_and(|path| evidence.tree.is_folder(&path))).count()
}

/// The folder around the entry in which most of the paths lie; one that is pushed before others, and a larger one before its parts.
fn best(evidence: &Evidence<'_>, paths: &[String], pushed: &[Pushed]) -> Option<String> {
    let ends = evidence.entry.match_indices('/').map(|(at, _)| at).chain([evidence.entry.len()]);
    let around = [""].into_iter().chain(ends.filter_map(|end| evidence.entry.get(..end)));
    let pushed = pushed.iter().map(|one| one.folder.as_str()).filter(|folder| is_below(evidence.entry, folder));
    let mut found: Option<(usize, &str)> = None;
    for root in pushed.chain(around) {
        let there = count(evidence, root, paths);
        if there > 0 && found.is_none_or(|(most, _)| there > most) {
            found = Some((there, root));
        }
    }
    found.map(|(_, root)| root.to_owned())
}
