//! Manifests that nothing applies: neither an entry, nor a chart, nor, as far as the repository says it, another tool.

use std::collections::{BTreeSet, HashSet};

use tazlab_yaml::Node;

use super::follow::Cluster;
use crate::build::Builder;
use crate::kustomization::NAMES;
use crate::limits::Budget;
use crate::problem::{Finding, Id};
use crate::tree::{File, Tree, folder_of, is_below, is_yaml, join};
use crate::{Report, Settings, glob};

/// What the clusters together reach.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) reached: BTreeSet<String>,
    visible: BTreeSet<String>,
    perhaps: BTreeSet<String>,
    hides: Vec<Finding>,
}

impl Coverage {
    pub(super) fn add(&mut self, cluster: &mut Cluster) {
        self.reached.extend(cluster.reached.iter().cloned());
        self.visible.append(&mut cluster.visible);
        self.perhaps.append(&mut cluster.perhaps);
        self.hides.extend(cluster.hides.take());
    }
}

/// Folders of which people expect that nothing applies them.
const ASIDE: &[&str] = &[
    "archive",
    "charts",
    "doc",
    "docs",
    "e2e",
    "example",
    "examples",
    "hack",
    "scripts",
    "template",
    "templates",
    "test",
    "testdata",
    "tests",
];

pub(super) fn find(tree: &Tree, settings: &Settings, coverage: &Coverage, budget: &Budget, report: &mut Report) {
    if coverage.visible.is_empty() {
        return;
    }
    let applied_by_others = by_others(tree, settings, budget);
    let aside = folders_aside(tree);
    let mut candidates: Vec<(&str, Id)> = Vec::new();
    for (path, file) in tree.files() {
        if budget.is_spent() {
            return;
        }
        let is_hidden = path.split('/').any(|part| part.starts_with('.'));
        let is_out = coverage.reached.contains(path)
            || !coverage.visible.contains(path)
            || is_hidden
            || settings.ignores(path)
            || applied_by_others.contains(path)
            || coverage.perhaps.contains(path)
            || aside.iter().any(|folder| is_below(path, folder));
        let name = path.rsplit('/').next().unwrap_or_default();
        if !is_out && (NAMES.contains(&name) || is_yaml(path) && is_manifest(file)) {
            candidates.push((path, Id::Orphan));
        }
    }
    if candidates.is_empty() {
        return;
    }
    if !coverage.hides.is_empty() {
        report.notes.extend(coverage.hides.iter().cloned());
        return;
    }
    let library = of_components(tree, &candidates, budget);
    let tools = tools(tree, &coverage.reached);
    for (path, id) in candidates {
        let name = path.rsplit('/').next().unwrap_or_default();
        let text = if NAMES.contains(&name) {
            "no entry leads to this kustomization"
        } else {
            "no kustomization reaches this manifest: it is never applied"
        };
        let finding = Finding::of_file(id, path, text);
        let is_expected = path.split('/').rev().skip(1).any(|part| ASIDE.contains(&part));
        if library.contains(path) {
            report.notes.push(Finding::of_file(id, path, "no entry uses this component"));
        } else if is_expected || is_applied_by_a_tool(path, &tools, &coverage.reached) {
            report.notes.push(finding);
        } else {
            report.problems.push(finding);
        }
    }
}

/// Files that the user says other tools apply: what those folders lead to, and everything in them.
fn by_others(tree: &Tree, settings: &Settings, budget: &Budget) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for pattern in &settings.also_applied {
        let folder =
            join("", pattern.trim_start_matches('/').trim_end_matches("**")).filter(|folder| tree.is_folder(folder));
        let Some(folder) = folder else {
            found.extend(tree.paths().filter(|path| glob::matches(pattern, path)).map(str::to_owned));
            continue;
        };
        let mut builder = Builder::new(tree, &settings.ignore, budget);
        builder.top(&folder, None);
        found.append(&mut builder.reached);
        found.extend(tree.below(&folder).map(|(path, _)| path.to_owned()));
    }
    found
}

/// Folders whose files belong to something else: charts, and tests of Kyverno and Chainsaw.
fn folders_aside(tree: &Tree) -> Vec<String> {
    const MARKS: &[&str] = &["Chart.yaml", "kyverno-test.yaml", "chainsaw-test.yaml", "kuttl-test.yaml"];
    let is_mark = |path: &&str| MARKS.contains(&path.rsplit('/').next().unwrap_or_default());
    let folders = tree.paths().filter(is_mark).map(|path| folder_of(path).to_owned());
    // The root is never only that.
    folders.filter(|folder| !folder.is_empty()).collect()
}

/// Groups whose objects are read by programs on a machine, and never by a cluster.
const NOT_IN_CLUSTERS: &[&str] = &[
    "apiserver.config.k8s.io",
    "apiserver.k8s.io",
    "audit.k8s.io",
    "backstage.io",
    "builtin",
    "chainsaw.kyverno.io",
    "cli.kyverno.io",
    "client.authentication.k8s.io",
    "config.k8s.io",
    "ctlptl.dev",
    "eksctl.io",
    "k0sctl.k0sproject.io",
    "k3d.io",
    "kind.x-k8s.io",
    "krm.kustomize.config.k8s.io",
    "ksail.dev",
    "ksail.io",
    "kubeadm.k8s.io",
    "kubelet.config.k8s.io",
    "kubeproxy.config.k8s.io",
    "kubescheduler.config.k8s.io",
    "kustomize.config.k8s.io",
    "kuttl.dev",
    "meta.pkg.crossplane.io",
    "skaffold",
    "tilt.dev",
];

/// Is there a Kubernetes object in the file?
fn is_manifest(file: &File) -> bool {
    let named = |node: &Node| {
        let text = |keys: &[&str]| node.text_at(keys).is_some_and(|text| !text.is_empty());
        let version = node.text_at(&["apiVersion"]).unwrap_or_default();
        let group = version.split('/').next().unwrap_or_default();
        let is_object = text(&["metadata", "name"])
            || text(&["metadata", "generateName"])
            || !node.get("items").map_or(&[][..], Node::items).is_empty();
        is_object && !version.is_empty() && text(&["kind"]) && !NOT_IN_CLUSTERS.contains(&group)
    };
    // Most files that are not are told apart without a parser.
    file.text().is_ok_and(|text| text.contains("apiVersion"))
        && file.parsed().as_ref().is_ok_and(|documents| documents.iter().any(named))
}

/// Components that nothing uses, and what they hold: parts for others, which are never applied by themselves.
fn of_components(tree: &Tree, candidates: &[(&str, Id)], budget: &Budget) -> BTreeSet<String> {
    let is_component = |path: &&str| {
        NAMES.contains(&path.rsplit('/').next().unwrap_or_default())
            && tree.file(path).is_some_and(|file| {
                file.parsed()
                    .as_ref()
                    .is_ok_and(|documents| documents.iter().any(|node| node.text_at(&["kind"]) == Some("Component")))
            })
    };
    let mut builder = Builder::new(tree, &[], budget);
    for path in candidates.iter().map(|(path, _)| *path).filter(is_component) {
        builder.top(folder_of(path), None);
    }
    builder.reached
}

/// The paths of which files of other tools speak: scripts, task files, Terraform, pages that tell people what to do. Those tools may
/// apply what Flux does not.
fn tools<'t>(tree: &'t Tree, reached: &BTreeSet<String>) -> HashSet<&'t str> {
    let is_tool = |path: &str, file: &File| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let end = name.rsplit_once('.').map_or("", |(_, end)| end);
        let is_code = matches!(
            end,
            "sh" | "bash"
                | "py"
                | "go"
                | "tf"
                | "hcl"
                | "tpl"
                | "j2"
                | "gotmpl"
                | "just"
                | "mk"
                | "md"
                | "nix"
                | "ts"
                | "js"
                | "toml"
                | "json"
                | "cue"
                | "tftpl"
                | ""
        );
        !reached.contains(path) && (is_code || is_yaml(path) && !NAMES.contains(&name) && !is_manifest(file))
    };
    let files = tree.files().filter(|(path, file)| is_tool(path, file));
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
fn is_applied_by_a_tool(path: &str, tools: &HashSet<&str>, reached: &BTreeSet<String>) -> bool {
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
