//! A repository that Flux follows: from each entry, which is a cluster of its own, through the `spec.path` of every Kustomization, and
//! what is wrong with what is applied there.

mod applied;
mod artifact;
mod claims;
mod depends;
mod disabled;
mod follow;
mod helm;
mod learn;
mod orphans;
mod pushed;
mod root;
mod source;
mod sync;
mod target;
mod tools;
mod variables;

use super::ignore::Ignore;
use super::limits::{Budget, TIME};
use super::order;
use super::problem::{Allowed, Finding, Id};
use super::tree::{Tree, is_yaml, join};
use super::{Report, Settings};

pub(crate) use applied::Applied;
pub(crate) use depends::{Known, depends, known};
pub(crate) use follow::Cluster;
pub(crate) use helm::{chart_of, urls};
use orphans::Coverage;

/// Checks a repository.
#[must_use]
pub fn check(tree: &Tree, settings: &Settings) -> Report {
    let budget = Budget::new(settings.time.unwrap_or(TIME));
    let mut report = Report::default();
    tree.warm(|path| is_yaml(path) && !settings.ignores(path), budget.until);
    let entries = entries(tree, settings, &mut report);
    let mut coverage = Coverage::default();
    let mut clusters: Vec<Cluster> = Vec::new();
    for entry in &entries {
        // What another entry leads to belongs to that one's cluster.
        if clusters.iter().any(|cluster| cluster.applies(entry)) {
            continue;
        }
        let cluster = follow::follow(tree, settings, entry, &budget);
        clusters.retain(|other| !cluster.applies(&other.entry));
        clusters.push(cluster);
    }
    for cluster in &mut clusters {
        judge(cluster, tree, settings);
        coverage.add(cluster);
        report.problems.append(&mut cluster.problems);
        report.notes.append(&mut cluster.notes);
        report.objects += cluster.applied.iter().map(|one| one.objects.len()).sum::<usize>();
        report.flux_kustomizations += cluster.applied.iter().filter(|one| !one.file.is_empty()).count();
    }
    orphans::find(tree, settings, &coverage, &budget, &mut report);
    report.reached = coverage.reached;
    if let Some(why) = budget.stopped().or_else(|| tree.exceeded()) {
        // What was not read cannot be judged.
        report.problems = vec![Finding::of_file(Id::Limit, ".", format!("the check stopped: {why}"))];
        report.notes.clear();
    }
    allow(settings, &mut report);
    for findings in [&mut report.problems, &mut report.notes] {
        findings.sort();
        findings.dedup();
    }
    report
}

fn entries(tree: &Tree, settings: &Settings, report: &mut Report) -> Vec<String> {
    let mut found = Vec::new();
    for entry in &settings.entries {
        if let Some(folder) = join("", entry.trim_start_matches('/')).filter(|folder| tree.is_folder(folder)) {
            found.push(folder);
        } else {
            let text = "the repository has no such folder";
            report.problems.push(Finding::of_file(Id::MissingEntry, entry, text));
        }
    }
    found
}

fn judge(cluster: &mut Cluster, tree: &Tree, settings: &Settings) {
    let mut problems = Vec::new();
    let mut notes = Vec::new();
    for absent in std::mem::take(&mut cluster.absent) {
        let is_written = tools::may_write(tree, &absent.path, absent.is_plain);
        if is_written { notes.push(absent.finding) } else { problems.push(absent.finding) }
    }
    problems.extend(depends::check(cluster, &mut notes));
    problems.extend(depends::namespaces(cluster));
    problems.extend(claims::twice(&cluster.applied));
    problems.extend(helm::charts(cluster, &mut notes));
    problems.extend(variables::sources(cluster, tree, &mut notes));
    let mentions = |word: &str| tools::is_mentioned(tree, &cluster.reached, word);
    let known = order::Known { present: &settings.crds_present, is_mentioned: &mentions };
    order::check(cluster, &known, &mut problems, &mut notes);
    cluster.problems.extend(problems);
    cluster.notes.extend(notes);
}

/// Drops what the settings allow.
fn allow(settings: &Settings, report: &mut Report) {
    let mut allowed = Vec::new();
    for text in &settings.allow {
        match Allowed::read(text) {
            Ok(one) => allowed.push(one),
            Err(text) => {
                let text = format!("allow: {text:?} is not an id with a pattern of files, such as orphan:apps/old/**");
                report.problems.push(Finding::of_file(Id::InvalidPattern, ".", text));
            }
        }
    }
    report.problems.retain(|finding| !allowed.iter().any(|one| one.covers(finding)));
}

/// What a source with these patterns makes of a folder of the repository.
pub(super) fn artifact(tree: &Tree, root: &str, spec_ignore: &str) -> Tree {
    let rooted = if root.is_empty() { None } else { Some(tree.rooted(root)) };
    let tree = rooted.as_ref().unwrap_or(tree);
    let files = tree.files().filter(|(path, _)| *path == ".sourceignore" || path.ends_with("/.sourceignore"));
    let mut texts: Vec<(&str, &str)> =
        files.filter_map(|(path, file)| Some((super::tree::folder_of(path), file.text().ok()?))).collect();
    // Each folder's own before those below it.
    texts.sort_by_key(|(folder, _)| folder.split('/').map(str::to_owned).collect::<Vec<_>>());
    let ignore = Ignore::new(texts, spec_ignore);
    let view = tree.view(|path| (!ignore.excludes(path)).then(|| path.to_owned()));
    view.with_folders(tree, |folder| !ignore.excludes(&format!("{folder}/_")))
}
