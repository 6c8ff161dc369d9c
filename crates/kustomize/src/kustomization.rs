//! A kustomization file: which fields it may have, and what they say.

use tazlab_yaml::{Kind, Mark, Node};

use super::generate::Generator;
use super::object::documents;
use super::patch::{Patch, Target};
use super::problem::{Finding, Id};
use super::tree::{File, Tree, join};

/// The names that such a file may have.
pub(crate) const NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Every field of kustomize 5.8; any other is an error there.
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
pub(crate) struct Reference {
    pub(crate) path: String,
    pub(crate) at: Mark,
    pub(crate) field: &'static str,
    /// The file that says so.
    pub(crate) by: String,
}

/// What a kustomization file says, or what Flux adds to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kustomization {
    pub(crate) file: String,
    pub(crate) is_component: bool,
    /// Files or folders of objects.
    pub(crate) resources: Vec<Reference>,
    pub(crate) components: Vec<Reference>,
    /// Files that must be there.
    pub(crate) files: Vec<Reference>,
    /// Files, folders or texts of configuration objects.
    pub(crate) plugins: Vec<Reference>,
    /// Charts that kustomize would render, and kustomize-controller does not.
    pub(crate) charts: Option<Mark>,
    pub(crate) generators: Vec<Generator>,
    /// In the order in which they are applied, those before the names change first.
    pub(crate) patches: Vec<Patch>,
    pub(crate) late_patches: Vec<Patch>,
    pub(crate) replacements: Vec<(Node, Option<Reference>)>,
    pub(crate) labels: Vec<(Node, Node)>,
    pub(crate) annotations: Vec<(Node, Node)>,
    pub(crate) namespace: Option<String>,
    pub(crate) prefix: String,
    pub(crate) suffix: String,
    /// It says how names in other objects follow those that change.
    pub(crate) follows_names: bool,
}

/// The kustomization file of a folder; several are one too many.
pub(crate) fn file_of(tree: &Tree, folder: &str) -> Result<Option<String>, Finding> {
    let paths = NAMES.iter().filter_map(|name| join(folder, name)).filter(|path| tree.has(path));
    let mut found: Vec<String> = paths.collect();
    if found.len() > 1 {
        let second = found.remove(1);
        let place = tree.file(&second).map_or(second.as_str(), |file| &file.place);
        return Err(Finding::of_file(Id::InvalidKustomization, place, "this folder has two kustomization files"));
    }
    Ok(found.pop())
}

/// Reads a kustomization file. An empty one may be what Flux fills.
pub(crate) fn read(file: &File, may_be_empty: bool) -> Result<Kustomization, Vec<Finding>> {
    let place = file.place.as_str();
    let wrong = |at: Mark, text: String| Finding::new(Id::InvalidKustomization, place, at, text);
    let mut documents = documents(file).map_err(|finding| vec![finding])?;
    if documents.len() > 1 {
        return Err(vec![wrong(Mark::default(), "a kustomization file is one document".to_owned())]);
    }
    let Some(node) = documents.pop() else {
        let nothing = Kustomization { file: place.to_owned(), ..Kustomization::default() };
        let empty =
            || vec![wrong(Mark::default(), "the kustomization file is empty: kustomize refuses that".to_owned())];
        return if may_be_empty { Ok(nothing) } else { Err(empty()) };
    };
    let Kind::Mapping(entries) = &node.target().kind else {
        return Err(vec![wrong(node.at, "a kustomization file is a mapping".to_owned())]);
    };
    let mut found = Vec::new();
    for (key, _) in entries.iter() {
        let name = key.as_str().unwrap_or_default();
        if !FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name)) {
            let near = FIELDS.iter().map(|field| (strsim::osa_distance(field, name), *field)).min();
            let hint = near.filter(|(distance, _)| *distance <= 3).map(|(_, field)| format!("; did you mean {field}?"));
            found.push(wrong(key.at, format!("kustomize has no field {name}{}", hint.unwrap_or_default())));
        }
    }
    let says_nothing =
        |(key, value): &(Node, Node)| matches!(key.as_str(), Some("apiVersion" | "kind")) || value.is_null();
    if !may_be_empty && entries.iter().all(says_nothing) {
        found.push(wrong(Mark::default(), "the kustomization file is empty: kustomize refuses that".to_owned()));
    }
    let kind = node.text_at(&["kind"]).filter(|kind| !kind.is_empty()).unwrap_or("Kustomization");
    let is_component = kind == "Component";
    let version = if is_component { "kustomize.config.k8s.io/v1alpha1" } else { "kustomize.config.k8s.io/v1beta1" };
    let given = node.text_at(&["apiVersion"]).filter(|given| !given.is_empty());
    if !is_component && kind != "Kustomization" {
        found.push(wrong(node.at, "kind must be Kustomization or Component".to_owned()));
    } else if given.is_some_and(|given| given != version) {
        found.push(wrong(node.at, format!("apiVersion must be {version} for a {kind}")));
    }
    if !found.is_empty() {
        return Err(found);
    }
    Ok(said(place, &node, is_component))
}

fn said(file: &str, node: &Node, is_component: bool) -> Kustomization {
    let items = |field: &str| field_of(node, field).map_or(&[][..], Node::items);
    let list = |field: &'static str| items(field).iter().filter_map(move |item| reference(file, item, field));
    // A path inside each member of a list.
    let inside = |field: &'static str, key: &'static str| {
        items(field).iter().filter_map(move |item| item.get(key)).filter_map(move |path| reference(file, path, field))
    };
    let mut files: Vec<Reference> = list("configurations").chain(list("crds")).collect();
    files.extend(
        field_of(node, "openapi").and_then(|api| api.get("path")).and_then(|path| reference(file, path, "openapi")),
    );
    let mut generators = Vec::new();
    let options = field_of(node, "generatorOptions");
    for (field, kind) in [("secretGenerator", "Secret"), ("configMapGenerator", "ConfigMap")] {
        generators.extend(items(field).iter().map(|item| Generator::read(file, item, kind, field, options)));
    }
    let mut patches: Vec<Patch> = list("patchesStrategicMerge").map(Patch::strategic).collect();
    patches.extend(items("patches").iter().filter_map(|item| Patch::read(file, item, "patches", Target::read)));
    let late =
        items("patchesJson6902").iter().filter_map(|item| Patch::read(file, item, "patchesJson6902", Target::exact));
    let charts = ["helmCharts", "helmChartInflationGenerator"].into_iter().find_map(|field| items(field).first());
    let text = |field: &str| field_of(node, field).and_then(Node::as_str).unwrap_or_default().to_owned();
    let pairs = |field: &str| field_of(node, field).map_or(&[][..], Node::entries).to_vec();
    let mut labels = pairs("commonLabels");
    labels.extend(items("labels").iter().filter_map(|one| one.get("pairs")).flat_map(Node::entries).cloned());
    let replacements = items("replacements")
        .iter()
        .map(|one| (one.clone(), one.get("path").and_then(|path| reference(file, path, "replacements"))));
    Kustomization {
        file: file.to_owned(),
        is_component,
        resources: list("resources").chain(list("bases")).collect(),
        components: list("components").collect(),
        follows_names: !items("configurations").is_empty(),
        files: files.into_iter().chain(inside("helmCharts", "valuesFile")).collect(),
        plugins: ["generators", "transformers", "validators"].into_iter().flat_map(list).collect(),
        charts: charts.map(|chart| chart.at),
        generators,
        patches,
        late_patches: late.collect(),
        replacements: replacements.collect(),
        labels,
        annotations: pairs("commonAnnotations"),
        namespace: Some(text("namespace")).filter(|namespace| !namespace.is_empty()),
        prefix: text("namePrefix"),
        suffix: text("nameSuffix"),
    }
}

/// A field; kustomize reads their names in any case.
fn field_of<'n>(node: &'n Node, field: &str) -> Option<&'n Node> {
    // Of a field that is set twice, kustomize takes the last.
    let found =
        node.entries().iter().rfind(|(key, _)| key.as_str().is_some_and(|name| name.eq_ignore_ascii_case(field)));
    found.map(|(_, value)| value)
}

pub(crate) fn reference(file: &str, node: &Node, field: &'static str) -> Option<Reference> {
    Some(Reference { path: node.as_str()?.to_owned(), at: node.at, field, by: file.to_owned() })
}
