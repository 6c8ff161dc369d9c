//! Releases of charts: the sources that they name, and charts that lie in the repository itself.

use std::collections::BTreeSet;

use super::applied::Applied;
use super::follow::Cluster;
use super::source::{Name, inside};
use crate::object::{self, Object, namespace_or_default};
use crate::problem::{Finding, Id};
use crate::substitute::UNKNOWN;
use crate::tree::Tree;

/// The source of a release's chart: kind, namespace, name.
fn source(object: &Object) -> Option<(Name, tazlab_yaml::Mark)> {
    let reference = object.spec(&["chartRef"]).filter(|one| !one.is_null());
    let reference = reference.or_else(|| object.spec(&["chart", "spec", "sourceRef"]))?;
    let text = |key: &str| reference.text_at(&[key]).filter(|text| !text.is_empty());
    let namespace = text("namespace").unwrap_or(namespace_or_default(&object.namespace));
    Some(([text("kind")?.to_owned(), namespace.to_owned(), text("name")?.to_owned()], reference.at))
}

fn releases(applied: &[Applied]) -> impl Iterator<Item = &Object> {
    applied.iter().flat_map(|one| &one.objects).filter(|object| object.is_flux("helm", "HelmRelease"))
}

/// Releases whose chart or source does not exist.
pub(super) fn charts(cluster: &Cluster, notes: &mut Vec<Finding>) -> Vec<Finding> {
    let sources: BTreeSet<[&str; 3]> = cluster
        .applied
        .iter()
        .flat_map(|one| &one.objects)
        .filter(|object| object.group.ends_with("toolkit.fluxcd.io") || object.group.ends_with("extensions.fluxcd.io"))
        .map(|object| [object.kind.as_str(), namespace_or_default(&object.namespace), object.name.as_str()])
        .collect();
    let mut found = Vec::new();
    for object in releases(&cluster.applied).filter(|object| object.is_known()) {
        let Some((name, at)) = source(object) else { continue };
        let [kind, namespace, of] = &name;
        // What a Git source is called when the cluster was bootstrapped stands nowhere.
        let is_unsaid = kind == "GitRepository"
            || kind == "ExternalArtifact"
            || name.iter().any(|part| part.contains(UNKNOWN) || part.contains("${"));
        if is_unsaid || sources.contains(&[kind.as_str(), namespace.as_str(), of.as_str()]) {
            continue;
        }
        let text = format!("the chart of {} comes from {kind} {namespace}/{of}, which nothing applies", object.shown());
        let at = if at.line > 0 { at } else { object.at };
        let finding = Finding::new(Id::MissingChart, &object.file, at, text);
        // A repository that defines no source of the kind has them from elsewhere.
        let defines = sources.iter().any(|[other, ..]| other == kind);
        if cluster.is_open || !defines { notes.push(finding) } else { found.push(finding) }
    }
    found
}

/// The CRDs of charts of this repository that releases install: name of the chart, group, kind.
pub(super) fn own_crds(applied: &[Applied], tree: &Tree, is_own: impl Fn(&Name) -> bool) -> Vec<[String; 3]> {
    let path = |object: &Object| {
        let (name, _) = source(object)?;
        let path = inside(object.spec_text(&["chart", "spec", "chart"])?);
        (is_own(&name) && tree.has(&format!("{path}/Chart.yaml"))).then_some(path)
    };
    let mut found = Vec::new();
    let folders: BTreeSet<String> = releases(applied).filter_map(path).collect();
    for folder in folders {
        let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
        let files = tree.below(&format!("{folder}/crds"));
        for object in files.filter_map(|(_, file)| object::objects(file).ok()).flatten() {
            let text = |keys: &[&str]| object.spec_text(keys).unwrap_or_default().to_owned();
            found.push([name.clone(), text(&["group"]), text(&["names", "kind"])]);
        }
    }
    found
}

/// The chart that a release installs: its name without what stands before it.
pub(crate) fn chart_of(object: &Object, sources: &[(Name, String)]) -> Option<String> {
    let named = object.spec_text(&["chart", "spec", "chart"]).map(str::to_owned);
    let by_reference = || {
        let (name, _) = source(object)?;
        // The chart is the last part of the URL; who defines it elsewhere calls the source as the chart.
        let url = sources.iter().find(|(other, _)| *other == name).map(|(_, url)| url.clone());
        Some(url.unwrap_or_else(|| name.last().cloned().unwrap_or_default()))
    };
    let chart = named.or_else(by_reference)?;
    chart.trim_end_matches('/').rsplit('/').next().map(str::to_owned)
}

/// The URLs of sources that are charts themselves.
pub(crate) fn urls(applied: &[Applied]) -> Vec<(Name, String)> {
    let charts = applied.iter().flat_map(|one| &one.objects).filter(|object| object.is_flux("source", "OCIRepository"));
    let named = charts.filter_map(|object| {
        let name = [object.kind.clone(), namespace_or_default(&object.namespace).to_owned(), object.name.clone()];
        Some((name, object.spec_text(&["url"])?.to_owned()))
    });
    let helm = applied.iter().flat_map(|one| &one.objects).filter(|object| object.is_flux("source", "HelmChart"));
    let helm = helm.filter_map(|object| {
        let name = [object.kind.clone(), namespace_or_default(&object.namespace).to_owned(), object.name.clone()];
        Some((name, object.spec_text(&["chart"])?.to_owned()))
    });
    named.chain(helm).collect()
}
