//! Other tools of a repository: what their files speak of, those tools may apply or write.

use std::collections::{BTreeSet, HashSet};

use super::orphans::is_manifest;
use crate::kustomization::NAMES;
use crate::tree::{File, Tree, folder_of, is_yaml};

/// The paths of which files of other tools speak: scripts, task files, Terraform, pages that tell people what to do. Those tools may
/// apply what Flux does not.
pub(super) fn paths<'t>(tree: &'t Tree, reached: &BTreeSet<String>) -> HashSet<&'t str> {
    // What cannot be read may lead anywhere that it speaks of.
    let is_other = |path: &str, file: &File| !reached.contains(path) || is_yaml(path) && file.parsed().is_err();
    let files = tree.files().filter(|(path, file)| is_other(path, file) && is_tool(path, file));
    let mut found = HashSet::new();
    for text in files.filter_map(|(_, file)| file.text().ok()) {
        let is_path = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.' | '/');
        let is_short = |word: &&str| word.len() <= LONGEST_PATH && word.matches('/').count() <= DEEPEST_PATH;
        for word in text.split(|one| !is_path(one)).filter(|word| !word.is_empty()).filter(is_short) {
            add_parts(word.trim_matches(|one| matches!(one, '.' | '/')), &mut found);
        }
    }
    found
}

/// Is this a file of another tool: code, a page, or YAML that no cluster reads?
fn is_tool(path: &str, file: &File) -> bool {
    const ENDS: &[&str] = &[
        "", "bash", "cue", "go", "gotmpl", "hcl", "j2", "js", "json", "just", "md", "mk", "nix", "py", "sh", "tf",
        "tftpl", "toml", "tpl", "ts",
    ];
    let name = path.rsplit('/').next().unwrap_or_default();
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    ENDS.contains(&end) || is_yaml(path) && !NAMES.contains(&name) && !is_manifest(file)
}

/// May a file that is named and does not exist be written by something, as Terraform writes one into the repository, or a workflow before
/// it pushes? Pages for people write nothing.
pub(super) fn may_write(tree: &Tree, path: &str, by_name: bool) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let parent = folder.rsplit('/').next().unwrap_or_default();
    let word = if by_name { name.to_owned() } else { format!("{parent}/{name}") };
    tree.files().any(|(path, file)| {
        path.rsplit_once('.').is_none_or(|(_, end)| end != "md")
            && file.text().is_ok_and(|text| is_word(text, &word))
            && is_tool(path, file)
    })
}

/// Longer words are no paths that people write, nor are deeper ones.
const LONGEST_PATH: usize = 300;
const DEEPEST_PATH: usize = 16;

/// Every part of a path: a tool may name it from anywhere.
fn add_parts<'t>(path: &'t str, found: &mut HashSet<&'t str>) {
    let starts = [0].into_iter().chain(path.match_indices('/').map(|(at, _)| at + 1));
    for start in starts {
        let rest = path.get(start..).unwrap_or_default();
        found.insert(rest);
        found.extend(rest.match_indices('/').filter_map(|(at, _)| rest.get(..at)));
    }
}

/// Does some tool's file speak of the manifest by its path, or of a folder around it in which Flux applies nothing?
pub(super) fn apply(path: &str, tools: &HashSet<&str>, reached: &BTreeSet<String>) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let parent = folder.rsplit('/').next().unwrap_or_default();
    let own =
        if parent.is_empty() { name } else { path.get(path.len() - parent.len() - name.len() - 1..).unwrap_or(name) };
    if tools.contains(own) {
        return true;
    }
    let mut around = folder;
    while !around.is_empty() {
        let start = format!("{around}/");
        if reached.range(start.clone()..).next().is_some_and(|other| other.starts_with(&start)) {
            return false;
        }
        if tools.contains(around) {
            return true;
        }
        around = folder_of(around);
    }
    false
}

/// Does the text hold the word, not as a part of a longer one?
pub(super) fn is_word(text: &str, word: &str) -> bool {
    let is_part = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

/// Does a file that Flux does not apply speak of something?
pub(super) fn is_mentioned(tree: &Tree, reached: &BTreeSet<String>, word: &str) -> bool {
    tree.files().any(|(path, file)| {
        let end = path.rsplit_once('.').map_or("", |(_, end)| end);
        !reached.contains(path) && end != "md" && file.text().is_ok_and(|text| is_word(text, word))
    })
}
