//! What people switch off: an entry of a kustomization, or a path of a Flux Kustomization, that stands in a comment. That nothing applies it
//! is no mistake.

use std::collections::BTreeSet;

use super::source::inside;
use crate::object;
use crate::tree::{Tree, folder_of, is_below, is_yaml, join};

/// Files and folders that comments name.
#[derive(Debug, Default)]
pub(super) struct Disabled {
    places: BTreeSet<String>,
}

impl Disabled {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut places = BTreeSet::new();
        for (path, file) in tree.files().filter(|(path, _)| is_yaml(path) || path.ends_with("/Kustomization")) {
            let Ok(text) = file.text() else { continue };
            for named in text.lines().filter_map(entry) {
                let near = join(folder_of(path), named);
                // A path of Flux begins at the root.
                let places_of_it = [near, Some(inside(named))].into_iter().flatten();
                places.extend(places_of_it.filter(|place| tree.has(place) || tree.is_folder(place)));
            }
        }
        places.remove("");
        let led_to: Vec<String> = places.iter().flat_map(|place| paths(tree, place)).collect();
        places.extend(led_to);
        Self { places }
    }

    /// Is a file switched off: itself, a folder around it, or what alone would lead to it?
    pub(super) fn covers(&self, path: &str, reached: &BTreeSet<String>) -> bool {
        if self.places.contains(path) {
            return true;
        }
        let mut folder = folder_of(path);
        while !folder.is_empty() {
            if self.places.contains(folder) {
                return true;
            }
            let is_beside = |place: &String| folder_of(place) == folder;
            let start = format!("{folder}/");
            let below = self.places.range(start.clone()..).take_while(|place| is_below(place, folder));
            let is_used = reached.range(start.clone()..).next().is_some_and(|other| other.starts_with(&start));
            if !is_used && below.into_iter().any(is_beside) {
                return true;
            }
            folder = folder_of(folder);
        }
        false
    }
}

/// The folders that the Flux Kustomizations of a file would apply.
fn paths(tree: &Tree, place: &str) -> Vec<String> {
    let objects = tree.file(place).and_then(|file| object::objects(file).ok()).unwrap_or_default();
    let kustomizations = objects.iter().filter(|object| object.is_flux("kustomize", "Kustomization"));
    let paths = kustomizations.filter_map(|object| object.spec_text(&["path"])).map(inside);
    paths.filter(|path| !path.is_empty() && tree.is_folder(path)).collect()
}

/// The path of a line such as `# - ./apps/old` or `#   path: ./apps/old`.
fn entry(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start_matches(['#', ' ', '\t']);
    let listed = rest.strip_prefix("- ").map(str::trim_start);
    let keyed = listed.unwrap_or(rest).strip_prefix("path:").map(str::trim_start);
    let value = keyed.or(listed)?;
    let (value, more) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    let value = value.trim_matches(['"', '\'']);
    let is_path = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.' | '/');
    let ends = more.trim_start();
    (!value.is_empty() && value.chars().all(is_path) && (ends.is_empty() || ends.starts_with('#'))).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_switch_off_what_they_name() {
        for (line, path) in [
            ("  # - ./old", Some("./old")),
            ("#- old/ks.yaml # broken", Some("old/ks.yaml")),
            ("  #  path: ./apps/old", Some("./apps/old")),
            ("# - path: \"apps/old\"", Some("apps/old")),
            ("  - ./new", None),
            ("# - see apps", None),
            ("# apps", None),
        ] {
            assert_eq!(entry(line), path, "{line}");
        }
        let files = ["apps/old/ks.yaml", "apps/old/app/a.yaml", "apps/new/a.yaml", "apps/new/b.yaml", "apps/c.yaml"];
        let mut all = files.map(|path| (path, "")).to_vec();
        all.push(("apps/kustomization.yaml", "resources:\n  # - ./old/ks.yaml\n  # - new/b.yaml\n  - new/a.yaml\n"));
        let disabled = Disabled::of(&Tree::of(all));
        let reached = BTreeSet::from(["apps/new/a.yaml".to_owned()]);
        let off: Vec<&str> = files.into_iter().filter(|path| disabled.covers(path, &reached)).collect();
        assert_eq!(off, ["apps/old/ks.yaml", "apps/old/app/a.yaml", "apps/new/b.yaml"]);
    }
}
