//! Artifacts that an `ArtifactGenerator` of Flux puts together of files of this repository.

use crate::glob;
use crate::object::{Object, namespace_or_default};
use crate::tree::{Tree, is_below, join};

use super::source::Name;

/// One copy of an artifact: from where in this repository, to where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Copy {
    from: String,
    to: String,
    /// `to` is a folder.
    into: bool,
    excludes: Vec<String>,
}

/// An artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Artifact {
    copies: Vec<Copy>,
    /// It holds nothing but copies of this repository, of a form that is understood.
    pub(super) is_whole: bool,
}

/// Finds an artifact among the objects. `is_own` says whether a source is this repository.
pub(super) fn find<'o>(
    name: &Name,
    objects: impl Iterator<Item = &'o Object>,
    is_own: impl Fn(&Name) -> bool,
) -> Option<Artifact> {
    let [_, namespace, name] = name;
    let generators =
        objects.filter(|object| object.kind == "ArtifactGenerator" && object.group == "source.extensions.fluxcd.io");
    for generator in generators.filter(|object| namespace_or_default(&object.namespace) == namespace) {
        let artifacts = generator.spec(&["artifacts"]).map_or(&[][..], tazlab_yaml::Node::items);
        let Some(artifact) = artifacts.iter().find(|one| one.text_at(&["name"]) == Some(name)) else { continue };
        let sources = generator.spec(&["sources"]).map_or(&[][..], tazlab_yaml::Node::items);
        let own: Vec<&str> = sources
            .iter()
            .filter(|source| {
                let text = |key: &str| source.text_at(&[key]).unwrap_or_default().to_owned();
                let of = Some(text("namespace")).filter(|one| !one.is_empty()).unwrap_or_else(|| namespace.clone());
                is_own(&[text("kind"), of, text("name")])
            })
            .filter_map(|source| source.text_at(&["alias"]))
            .collect();
        let mut found = Artifact { copies: Vec::new(), is_whole: true };
        for copy in artifact.get("copy").map_or(&[][..], tazlab_yaml::Node::items) {
            let text = |key: &str| copy.text_at(&[key]).unwrap_or_default();
            let excludes = copy.get("exclude").map_or(&[][..], tazlab_yaml::Node::items);
            let source = text("from").strip_prefix('@').and_then(|from| from.split_once('/'));
            match (source, text("to").strip_prefix("@artifact/")) {
                (Some((alias, from)), Some(to)) if own.contains(&alias) && text("strategy") != "Extract" => {
                    found.copies.push(Copy {
                        from: from.to_owned(),
                        to: to.trim_end_matches('/').to_owned(),
                        into: to.is_empty() || to.ends_with('/'),
                        excludes: excludes.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
                    });
                }
                _ => found.is_whole = false,
            }
        }
        return Some(found);
    }
    None
}

impl Artifact {
    /// What the artifact holds, of a view of this repository.
    pub(super) fn of(&self, tree: &Tree) -> Tree {
        tree.view(|path| self.copies.iter().filter_map(|copy| copy.place(path, tree)).collect::<Vec<_>>())
    }
}

impl Copy {
    /// Where a file comes to lie. As `cp` does: a folder is copied with its name, what a pattern matches without what stands before
    /// the pattern.
    fn place(&self, path: &str, tree: &Tree) -> Option<String> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_excluded = |pattern: &String| glob::matches(pattern, path) || glob::part_matches(pattern, name);
        if self.excludes.iter().any(is_excluded) {
            return None;
        }
        let from = self.from.trim_end_matches('/');
        if !from.contains(['*', '?', '[']) {
            let folder = from.rsplit('/').next().unwrap_or_default();
            if tree.is_folder(from) {
                let rest = path.strip_prefix(from).filter(|_| is_below(path, from))?;
                return join(&self.to, &format!("{folder}/{rest}"));
            }
            return (path == from).then(|| if self.into { join(&self.to, folder) } else { Some(self.to.clone()) })?;
        }
        let fixed: Vec<&str> = from.split('/').take_while(|part| !part.contains(['*', '?', '['])).collect();
        let fixed = fixed.join("/");
        if !glob::matches(from, path) || !is_below(path, &fixed) {
            return None;
        }
        join(&self.to, path.strip_prefix(&fixed)?.trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_lie_where_the_generator_puts_them() {
        let tree = Tree::of([("apps/blue/a.yaml", ""), ("apps/blue/a.md", ""), ("one.yaml", "")]);
        let places = |from: &str, to: &str| {
            let excludes = vec!["*.md".to_owned()];
            let copy = Copy {
                from: from.into(),
                to: to.trim_end_matches('/').into(),
                into: to.is_empty() || to.ends_with('/'),
                excludes,
            };
            Artifact { copies: vec![copy], is_whole: true }.of(&tree).paths().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(places("apps/**", ""), ["blue/a.yaml"]);
        assert_eq!(places("apps/", "x/"), ["x/apps/blue/a.yaml"]);
        assert_eq!(places("one.yaml", "x/"), ["x/one.yaml"]);
        assert_eq!(places("one.yaml", "x/two.yaml"), ["x/two.yaml"]);
        assert_eq!(places("apps/*/*.yaml", "y/"), ["y/blue/a.yaml"]);
    }
}
