//! A kustomization file: which fields it may have, and what it refers to.

use super::Finding;
use super::object::documents;
use super::tree::{Tree, join};
use tazlab_yaml::{Kind, Mark, Node};

/// The names that such a file may have.
pub(super) const NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Every field of kustomize 5.7; any other is an error there.
const FIELDS: &[&str] = &[
    "apiVersion",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configMapGenerator",
    "configurations",
    "crds",
    "generatorOptions",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "imageTags",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "resources",
    "secretGenerator",
    "sortOptions",
    "transformers",
    "validators",
    "vars",
];

/// A reference to a file or folder.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) path: String,
    pub(super) at: Mark,
    pub(super) field: &'static str,
}

/// A generator of a `ConfigMap` or Secret.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) namespace: String,
    /// It adds to an object that must be there.
    pub(super) merges: bool,
    pub(super) at: Mark,
}

/// What a kustomization file says.
#[derive(Clone, Debug, Default)]
pub(super) struct Kustomization {
    pub(super) file: String,
    pub(super) is_component: bool,
    /// Files or folders of objects.
    pub(super) resources: Vec<Reference>,
    pub(super) components: Vec<Reference>,
    /// Files that must be there.
    pub(super) files: Vec<Reference>,
    /// Files, folders or texts of configuration objects.
    pub(super) plugins: Vec<Reference>,
    pub(super) generators: Vec<Generator>,
    pub(super) namespace: Option<String>,
    pub(super) prefix: String,
    pub(super) suffix: String,
}

/// The kustomization file of a folder; several are one too many.
pub(super) fn file_of(tree: &Tree, folder: &str) -> Result<Option<String>, Finding> {
    let paths = NAMES.iter().filter_map(|name| join(folder, name)).filter(|path| tree.has(path));
    let mut found: Vec<String> = paths.collect();
    if found.len() > 1 {
        return Err(Finding::of_file(&found.remove(1), "this folder has two kustomization files"));
    }
    Ok(found.pop())
}

/// Reads a kustomization file.
pub(super) fn read(file: &str, text: &str) -> Result<Kustomization, Vec<Finding>> {
    let mut documents = documents(file, text).map_err(|finding| vec![finding])?;
    if documents.len() > 1 {
        return Err(vec![Finding::of_file(file, "a kustomization file is one document")]);
    }
    let Some(node) = documents.pop() else {
        return Err(vec![Finding::of_file(file, "the kustomization file is empty")]);
    };
    let Kind::Mapping(entries) = &node.kind else {
        return Err(vec![Finding::new(file, node.at, "a kustomization file is a mapping")]);
    };
    let mut wrong = Vec::new();
    for (key, _) in entries {
        let name = key.as_str().unwrap_or_default();
        if !FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name)) {
            let near = FIELDS.iter().map(|field| (strsim::osa_distance(field, name), *field)).min();
            let hint = near.filter(|(distance, _)| *distance <= 3).map(|(_, field)| format!("; did you mean {field}?"));
            let text = format!("kustomize knows no field {name}{}", hint.unwrap_or_default());
            wrong.push(Finding::new(file, key.at, text));
        }
    }
    if entries.iter().all(|(key, _)| matches!(key.as_str(), Some("apiVersion" | "kind"))) {
        wrong.push(Finding::of_file(file, "the kustomization file is empty: kustomize refuses that"));
    }
    let kind = node.text_at(&["kind"]).unwrap_or("Kustomization");
    let is_component = kind == "Component";
    let version = if is_component { "kustomize.config.k8s.io/v1alpha1" } else { "kustomize.config.k8s.io/v1beta1" };
    if !is_component && kind != "Kustomization" {
        wrong.push(Finding::new(file, node.at, "kind is Kustomization or Component"));
    } else if node.text_at(&["apiVersion"]).is_some_and(|given| given != version) {
        wrong.push(Finding::new(file, node.at, format!("apiVersion is {version} for a {kind}")));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    Ok(said(file, &node, is_component))
}

fn said(file: &str, node: &Node, is_component: bool) -> Kustomization {
    let list = |field: &'static str| {
        let items = node.get(field).map_or(&[][..], Node::items);
        items.iter().filter_map(move |item| reference(item, field))
    };
    // A path inside each member of a list.
    let inside = |field: &'static str, key: &'static str| {
        let items = node.get(field).map_or(&[][..], Node::items);
        items.iter().filter_map(move |item| item.get(key)).filter_map(move |path| reference(path, field))
    };
    let mut files: Vec<Reference> = list("configurations").chain(list("crds")).collect();
    for (field, key) in [
        ("patches", "path"),
        ("patchesJson6902", "path"),
        ("replacements", "path"),
        ("helmCharts", "valuesFile"),
        ("helmChartInflationGenerator", "values"),
    ] {
        files.extend(inside(field, key));
    }
    files.extend(node.get("openapi").and_then(|api| api.get("path")).and_then(|path| reference(path, "openapi")));
    // A strategic merge patch is a file, or the patch itself.
    files.extend(list("patchesStrategicMerge").filter(|patch| !patch.path.contains([':', '\n', '{'])));
    let mut generators = Vec::new();
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for item in node.get(field).map_or(&[][..], Node::items) {
            files.extend(generator_files(item, field));
            generators.push(generator(item, kind));
        }
    }
    let text = |field: &str| node.text_at(&[field]).unwrap_or_default().to_owned();
    Kustomization {
        file: file.to_owned(),
        is_component,
        resources: list("resources").chain(list("bases")).collect(),
        components: list("components").collect(),
        files,
        plugins: ["generators", "transformers", "validators"].into_iter().flat_map(list).collect(),
        generators,
        namespace: Some(text("namespace")).filter(|namespace| !namespace.is_empty()),
        prefix: text("namePrefix"),
        suffix: text("nameSuffix"),
    }
}

fn reference(node: &Node, field: &'static str) -> Option<Reference> {
    Some(Reference { path: node.as_str()?.to_owned(), at: node.at, field })
}

fn generator_files(item: &Node, field: &'static str) -> Vec<Reference> {
    let list = |key: &str| item.get(key).map_or(&[][..], Node::items).iter();
    let mut files: Vec<Reference> =
        list("envs").chain(item.get("env")).filter_map(|env| reference(env, field)).collect();
    for file in list("files").filter_map(|file| reference(file, field)) {
        // `key=path`, or a path whose last part is the key.
        let path = file.path.split_once('=').map_or(file.path.clone(), |(_, path)| path.to_owned());
        files.push(Reference { path, ..file });
    }
    files
}

fn generator(item: &Node, kind: &'static str) -> Generator {
    let text = |key: &str| item.text_at(&[key]).unwrap_or_default().to_owned();
    Generator {
        kind,
        name: text("name"),
        namespace: text("namespace"),
        merges: matches!(text("behavior").as_str(), "merge" | "replace"),
        at: item.at,
    }
}
