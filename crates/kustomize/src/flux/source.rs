//! Which source of Flux is this repository: by the URL of the source that the entry itself is applied from, never by a path that
//! happens to exist.

use std::collections::{BTreeMap, BTreeSet};

use tazlab_yaml::Mark;

use super::sync::Sync;
use super::{pushed, root};
use crate::Settings;
use crate::object::{Object, namespace_or_default};
use crate::tree::{Tree, is_below, join};

/// Kind, namespace and name of a source.
pub(super) type Name = [String; 3];

/// A source that the repository defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    url: String,
    reference: String,
    pub(super) ignore: String,
}

/// Who refers to a source, and with which path.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) source: Name,
    pub(super) path: String,
    pub(super) file: String,
    pub(super) at: Mark,
}

impl Reference {
    pub(super) fn of(object: &Object) -> Self {
        let text = |keys: &[&str]| object.spec_text(keys).filter(|text| !text.is_empty());
        let namespace = text(&["sourceRef", "namespace"]).unwrap_or(namespace_or_default(&object.namespace));
        let kind = text(&["sourceRef", "kind"]).unwrap_or("GitRepository");
        let name = text(&["sourceRef", "name"]).unwrap_or("flux-system");
        Self {
            source: [kind.to_owned(), namespace.to_owned(), name.to_owned()],
            path: text(&["path"]).unwrap_or_default().to_owned(),
            file: object.file.to_string(),
            at: object.spec(&["path"]).map_or(object.at, |path| path.at),
        }
    }
}

/// The sources that are this repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Own {
    names: BTreeSet<Name>,
    /// URL and reference; the reference of those that settings name does not matter.
    urls: BTreeSet<(String, Option<String>)>,
    /// What the source leaves out.
    pub(super) ignore: String,
    /// The folder of the repository that the source holds; nothing for all of it.
    pub(super) root: String,
}

/// What a reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Here,
    Elsewhere,
    /// Nothing in the repository says what it is.
    Undefined,
}

const KINDS: &[&str] = &["GitRepository", "OCIRepository", "Bucket"];

/// Kinds that hold what was put into them: a folder of a repository, or all of it.
pub(super) const FILLED: &[&str] = &["OCIRepository", "Bucket"];

/// The sources among the objects, and those that a `FluxInstance` makes.
pub(super) fn defined<'o>(objects: impl Iterator<Item = &'o Object>) -> BTreeMap<Name, Source> {
    let mut found = BTreeMap::new();
    for object in objects {
        if object.group == "source.toolkit.fluxcd.io" && KINDS.contains(&object.kind.as_str()) {
            let name = [object.kind.clone(), namespace_or_default(&object.namespace).to_owned(), object.name.clone()];
            let text = |keys: &[&str]| object.spec_text(keys).unwrap_or_default();
            let reference: Vec<&str> =
                ["branch", "tag", "semver", "commit", "name"].iter().map(|key| text(&["ref", key])).collect();
            let source = Source {
                url: canonical(text(&["url"])),
                reference: reference.join(" ").trim().to_owned(),
                ignore: text(&["ignore"]).to_owned(),
            };
            found.insert(name, source);
        }
        if let Some(sync) = Sync::of(object) {
            let source = Source { url: canonical(&sync.url), reference: sync.reference.clone(), ignore: String::new() };
            found.entry(sync.name.clone()).or_insert(source);
        }
    }
    found
}

/// A `spec.path` as Flux joins it: what leads out stays at the root.
pub(super) fn inside(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A URL as it is compared: no scheme, no user, no `.git`.
pub(super) fn canonical(url: &str) -> String {
    let url = url.trim();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, path.to_owned()),
        None => (rest, String::new()),
    };
    let host = host.rsplit('@').next().unwrap_or_default();
    // `git@host:path`; a port in a URL stays.
    let (host, path) = match host.split_once(':') {
        Some((host, first)) if scheme.is_empty() => (host, format!("{first}/{path}")),
        _ => (host, path),
    };
    let kind = if scheme == "oci" { "oci:" } else { "" };
    let host = host.trim_end_matches(":443").trim_end_matches(":22").to_lowercase();
    format!("{kind}{host}/{}", path.trim_matches('/').trim_end_matches(".git").to_lowercase())
}

/// Everything that says which source the repository is.
pub(super) struct Evidence<'e> {
    pub(super) entry: &'e str,
    pub(super) tree: &'e Tree,
    pub(super) settings: &'e Settings,
    pub(super) sources: &'e BTreeMap<Name, Source>,
    /// The source of the Kustomization that applies the entry.
    pub(super) owner: Option<Name>,
    pub(super) syncs: Vec<Sync>,
    pub(super) references: &'e [Reference],
}

impl Own {
    pub(super) fn decide(evidence: &Evidence<'_>) -> Self {
        let mut own = Self::default();
        let settings = evidence.settings;
        own.urls.extend(settings.source_urls.iter().map(|url| (canonical(url), None)));
        let mut names: Vec<Name> = evidence.syncs.iter().map(|sync| sync.name.clone()).collect();
        own.urls.extend(evidence.syncs.iter().map(|sync| (canonical(&sync.url), Some(sync.reference.clone()))));
        names.extend(evidence.owner.clone());
        for source in &settings.sources {
            let (namespace, name) = source.split_once('/').unwrap_or(("flux-system", source));
            names.extend(KINDS.iter().map(|kind| [(*kind).to_owned(), namespace.to_owned(), name.to_owned()]));
        }
        own.add(names, evidence);
        let remotes = evidence.tree.remotes().map(|url| (canonical(url), None));
        own.urls.extend(remotes);
        if own.names.is_empty() && settings.source_urls.is_empty() {
            own.add(Self::guess(evidence), evidence);
        }
        let mut pushed = Vec::new();
        if own.names.is_empty() && settings.source_urls.is_empty() {
            pushed = pushed::folders(evidence.tree);
            own.add(root::bootstrapped(evidence, &pushed).into_iter().collect(), evidence);
        }
        let ignores = own.names.iter().filter_map(|name| evidence.sources.get(name));
        let ignore = ignores.map(|source| source.ignore.as_str()).find(|one| !one.is_empty());
        ignore.unwrap_or_default().clone_into(&mut own.ignore);
        if own.is_filled(evidence) {
            if pushed.is_empty() {
                pushed = pushed::folders(evidence.tree);
            }
            own.root = root::of(evidence, &|name| own.place(name, evidence.sources) == Place::Here, &pushed);
            let ignores = pushed.iter().filter(|one| one.folder == own.root).map(|one| one.ignore.as_str());
            own.ignore = [own.ignore.as_str()].into_iter().chain(ignores).collect::<Vec<_>>().join("\n");
        }
        own
    }

    /// Does the source hold what is put into it, and no clone?
    fn is_filled(&self, evidence: &Evidence<'_>) -> bool {
        let is_filled = |name: &Name| name.first().is_some_and(|kind| FILLED.contains(&kind.as_str()));
        evidence.settings.source_path.is_some()
            || evidence
                .references
                .iter()
                .map(|one| &one.source)
                .chain(evidence.syncs.iter().map(|sync| &sync.name))
                .any(|name| is_filled(name) && self.place(name, evidence.sources) == Place::Here)
    }

    /// The folder of an entry in what the source holds.
    pub(super) fn inside(&self, entry: &str) -> String {
        entry.strip_prefix(self.root.as_str()).unwrap_or(entry).trim_start_matches('/').to_owned()
    }

    pub(super) fn is_nameless(&self) -> bool {
        self.names.is_empty()
    }

    /// The name that `flux bootstrap` gives, where nobody says more: what a first look begins with.
    pub(super) fn or_bootstrapped(mut self) -> Self {
        if self.names.is_empty() {
            let name = "flux-system".to_owned();
            self.names.insert(["GitRepository".to_owned(), name.clone(), name]);
        }
        self
    }

    fn add(&mut self, names: Vec<Name>, evidence: &Evidence<'_>) {
        for name in names {
            if let Some(source) = evidence.sources.get(&name) {
                self.urls.insert((source.url.clone(), Some(source.reference.clone())));
            }
            self.names.insert(name);
        }
    }

    /// Nobody says from where the entry is applied: it is what others are applied from and nobody defines, or else the one
    /// source of which the paths lie here.
    fn guess(evidence: &Evidence<'_>) -> Vec<Name> {
        let is_git = |name: &Name| name.first().is_some_and(|kind| kind == "GitRepository");
        let undefined: BTreeSet<&Name> = evidence
            .references
            .iter()
            .map(|one| &one.source)
            .filter(|name| is_git(name) && !evidence.sources.contains_key(*name))
            .collect();
        let bootstrapped = |name: &&&Name| name.last().is_some_and(|name| name == "flux-system");
        if let Some(name) = undefined.iter().find(bootstrapped).or(undefined.first().filter(|_| undefined.len() == 1)) {
            return vec![(*name).clone()];
        }
        let mut found: BTreeMap<&str, (usize, &Name)> = BTreeMap::new();
        for one in evidence.references.iter().filter(|one| is_git(&one.source)) {
            let Some(source) = evidence.sources.get(&one.source) else { continue };
            let path = inside(&one.path);
            let lies_here = !path.is_empty() && join("", &path).is_some_and(|path| evidence.tree.is_folder(&path));
            if lies_here && !is_below(evidence.entry, &path) {
                found.entry(&source.url).or_insert((0, &one.source)).0 += 1;
            }
        }
        let most = found.values().map(|(count, _)| *count).max();
        let mut best = found.values().filter(|(count, _)| Some(*count) == most);
        match (best.next(), best.next()) {
            (Some((_, name)), None) => vec![(*name).clone()],
            _ => Vec::new(),
        }
    }

    /// Where a source lies.
    pub(super) fn place(&self, name: &Name, sources: &BTreeMap<Name, Source>) -> Place {
        match sources.get(name) {
            _ if self.names.contains(name) => Place::Here,
            Some(source) => {
                let is_same = |(url, reference): &(String, Option<String>)| {
                    let same_reference = reference
                        .as_ref()
                        .is_none_or(|one| one.is_empty() || source.reference.is_empty() || *one == source.reference);
                    *url == source.url && same_reference
                };
                if self.urls.iter().any(is_same) { Place::Here } else { Place::Elsewhere }
            }
            None => Place::Undefined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_compared_by_what_they_lead_to() {
        for url in [
            "https://git.example.net/me/home",
            "https://git.example.net/me/home.git",
            "ssh://git@git.example.net/me/home.git",
            "git@git.example.net:me/home",
            "https://token@GIT.example.net:443/me/home/",
        ] {
            assert_eq!(canonical(url), "git.example.net/me/home", "{url}");
        }
        assert_ne!(canonical("oci://git.example.net/me/home"), canonical("https://git.example.net/me/home"));
        assert_eq!(inside("../a/./b/"), "a/b");
    }
}
