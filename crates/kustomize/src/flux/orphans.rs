//! Manifests that nothing applies: neither an entry, nor a chart, nor, as far as the repository says it, another tool.

use std::collections::{BTreeMap, BTreeSet};

use tazlab_yaml::Node;

use super::disabled::Disabled;
use super::follow::Cluster;
use super::source::inside;
use super::tools;
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
    "_archive",
    "archive",
    "archived",
    "bootstrap",
    "charts",
    "deprecated",
    "disabled",
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
    "unused",
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
    let tools = tools::paths(tree, &coverage.reached);
    let disabled = Disabled::of(tree);
    let led_to = led_to(tree, &candidates, &disabled, coverage, budget);
    let mut notes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, id) in candidates {
        let name = path.rsplit('/').next().unwrap_or_default();
        let text = if NAMES.contains(&name) {
            "no entry leads to this kustomization"
        } else {
            "no kustomization reaches this manifest: it is never applied"
        };
        let is_aside = |part: &str| ASIDE.contains(&part) || part.rsplit_once('.').is_some_and(|(_, end)| end == "bak");
        let is_expected = path.split('/').rev().skip(1).any(is_aside)
            || ["example", "sample", "template"].iter().any(|word| name.contains(word));
        if library.contains(path) {
            notes.entry("no entry uses this component").or_default().push(path);
        } else if led_to.contains(path) || disabled.covers(path, &coverage.reached) {
            notes.entry("nothing applies this: what would lead here is in a comment").or_default().push(path);
        } else if is_expected || tools::apply(path, &tools, &coverage.reached) {
            notes.entry(text).or_default().push(path);
        } else {
            report.problems.push(Finding::of_file(id, path, text));
        }
    }
    report.notes.extend(notes.into_iter().flat_map(|(text, paths)| noted(text, &paths)));
}

/// So many notes of one kind are one.
const MOST_NOTES: usize = 20;

fn noted(text: &str, paths: &[&str]) -> Vec<Finding> {
    let note = |path: &str, text: String| Finding::of_file(Id::Orphan, path, text);
    if paths.len() <= MOST_NOTES {
        return paths.iter().map(|path| note(path, text.to_owned())).collect();
    }
    let mut folder = paths.first().map_or("", |path| folder_of(path));
    while !paths.iter().all(|path| is_below(path, folder)) {
        folder = folder_of(folder);
    }
    let folder = if folder.is_empty() { "." } else { folder };
    vec![note(
        folder,
        format!("{} files below, such as {}: {text}", paths.len(), paths.first().copied().unwrap_or_default()),
    )]
}

/// What kustomizations that are switched off would lead to.
fn led_to(
    tree: &Tree,
    candidates: &[(&str, Id)],
    disabled: &Disabled,
    coverage: &Coverage,
    budget: &Budget,
) -> BTreeSet<String> {
    let mut builder = Builder::new(tree, &[], budget);
    let is_kustomization = |path: &&str| NAMES.contains(&path.rsplit('/').next().unwrap_or_default());
    let paths = candidates.iter().map(|(path, _)| *path).filter(is_kustomization);
    let off = paths.filter(|path| disabled.covers(path, &coverage.reached));
    let mut open: Vec<String> = off.map(|path| folder_of(path).to_owned()).collect();
    let mut seen = BTreeSet::new();
    while let Some(folder) = open.pop() {
        if seen.insert(folder.clone()) && !budget.is_spent() {
            let layer = builder.top(&folder, None);
            let next = layer.objects.iter().filter(|object| object.is_flux("kustomize", "Kustomization"));
            let paths = next.filter_map(|object| object.spec_text(&["path"])).map(inside);
            open.extend(paths.filter(|path| !path.is_empty() && tree.is_folder(path)));
        }
    }
    builder.reached
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
pub(super) fn is_manifest(file: &File) -> bool {
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
