//! What a source keeps out of its artifact: `.sourceignore` files and `spec.ignore`, as Flux reads them
//! (`github.com/fluxcd/pkg/sourceignore` v0.18.0, and `artifact/storage/archive.go` v0.18.0).

use super::glob;

const VERSION_CONTROL: &[&str] = &[".git/", ".gitignore", ".gitmodules", ".gitattributes"];

const DEFAULTS: &[&str] = &[
    "*.jpg",
    "*.jpeg",
    "*.gif",
    "*.png",
    "*.wmv",
    "*.flv",
    "*.tar.gz",
    "*.zip",
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
    "**/.goreleaser.yml",
    "**/.sops.yaml",
    "**/.flux.yaml",
];

/// What stands between slashes. Most of it is a word, or an ending.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    Ending(String),
    Any,
    Other(String),
}

impl Part {
    fn read(text: &str) -> Self {
        let is_plain = |text: &str| !text.contains(['*', '?', '[', '\\']);
        match text.strip_prefix('*') {
            _ if is_plain(text) => Self::Word(text.to_owned()),
            Some("*") => Self::Any,
            Some(end) if is_plain(end) => Self::Ending(end.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Word(word) => word == name,
            Self::Ending(end) => name.ends_with(end.as_str()),
            Self::Any => true,
            Self::Other(pattern) => glob::part_matches(pattern, name),
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// The folder of the file that it stands in.
    domain: Vec<String>,
    parts: Vec<Part>,
    includes: bool,
    folders_only: bool,
}

impl Pattern {
    fn read(line: &str, domain: &str) -> Self {
        let (includes, rest) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let rest = if rest.ends_with("\\ ") { rest } else { rest.trim_end_matches(' ') };
        let (folders_only, rest) = match rest.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let split = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        let domain = split(domain).into_iter().filter(|part| !part.is_empty()).collect();
        Self { domain, parts: rest.split('/').map(Part::read).collect(), includes, folders_only }
    }

    /// Does it say something of this file?
    fn matches(&self, path: &[&str]) -> bool {
        let Some((domain, path)) = path.split_at_checked(self.domain.len()) else { return false };
        if path.is_empty() || domain.iter().zip(&self.domain).any(|(part, own)| part != own) {
            return false;
        }
        if self.parts.len() > 1 { self.matches_path(path) } else { self.matches_name(path) }
    }

    fn matches_name(&self, path: &[&str]) -> bool {
        let Some(pattern) = self.parts.first() else { return false };
        let found = path.iter().position(|name| pattern.matches(name));
        found.is_some_and(|at| !self.folders_only || at + 1 < path.len())
    }

    fn matches_path(&self, path: &[&str]) -> bool {
        let mut rest = path.iter();
        let (mut matched, mut anywhere) = (false, false);
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Word(word) if word.is_empty() => anywhere = false,
                Part::Any if index + 1 == self.parts.len() => break,
                Part::Any => anywhere = true,
                Part::Other(part) if part.contains("**") => return false,
                part => {
                    if anywhere {
                        anywhere = false;
                        if rest.len() == 0 {
                            return false;
                        }
                        // Where nothing is left, what matched before counts for nothing.
                        matched = rest.any(|name| part.matches(name));
                    } else {
                        match rest.next() {
                            Some(name) if part.matches(name) => matched = true,
                            _ => return false,
                        }
                    }
                }
            }
        }
        matched && !(self.folders_only && rest.len() == 0)
    }
}

/// The patterns of a source in their order: the last that matches decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ignore {
    patterns: Vec<Pattern>,
}

impl Ignore {
    /// From the `.sourceignore` files by their folders, in the order of the folders, and `spec.ignore`.
    pub(crate) fn new<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>, spec: &'t str) -> Self {
        let mut patterns = Vec::new();
        let every = files.into_iter().chain([("", spec)]);
        for (domain, text) in every {
            let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
            patterns.extend(lines.map(|line| Pattern::read(line, domain)));
        }
        // Any pattern drops the defaults but those for version control.
        let defaults = if patterns.is_empty() { DEFAULTS } else { &[] };
        let first = VERSION_CONTROL.iter().chain(defaults).map(|line| Pattern::read(line, ""));
        Self { patterns: first.chain(patterns).collect() }
    }

    /// Is the file left out of the artifact?
    pub(crate) fn excludes(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        let deciding = self.patterns.iter().rev().find(|pattern| pattern.matches(&parts));
        deciding.is_some_and(|pattern| !pattern.includes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_out_as_flux_leaves_them_out() {
        let plain = Ignore::new([], "");
        for (path, out) in [
            (".github/workflows/a.yaml", true),
            ("a/.sops.yaml", true),
            ("docs/x.png", true),
            (".gitignore", true),
            ("apps/a.yaml", false),
            ("a/b/cloudbuild.yaml", true),
        ] {
            assert_eq!(plain.excludes(path), out, "{path}");
        }
        // A line of one's own drops the defaults.
        let own = Ignore::new([("", "apps/values.yaml\n/docs/\n# x\n"), ("apps", "*.txt\n")], "!/docs/kept.yaml");
        for (path, out) in [
            ("apps/values.yaml", true),
            ("docs/example.yaml", true),
            ("docs/kept.yaml", false),
            ("a/docs/example.yaml", false),
            ("apps/x/a.txt", true),
            ("b/a.txt", false),
            (".github/workflows/a.yaml", false),
            (".git/config", true),
        ] {
            assert_eq!(own.excludes(path), out, "{path}");
        }
        let only = Ignore::new([], "/*\n!/kubernetes\n");
        assert!(only.excludes("talos/a.yaml") && !only.excludes("kubernetes/apps/a.yaml"));
        let deep = Ignore::new([], "**/middle/v[uo]l?ano\n");
        assert!(deep.excludes("head/middle/vulkano") && !deep.excludes("head/middle/vilkano"));
    }
}
