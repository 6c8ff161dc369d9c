//! `tazlab_kustomization`: is everything of a Flux repository reached, and in the right order? Offline.

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use async_trait::async_trait;
use tazlab_kustomize::{Finding, Id, Report, Settings, Tree, check};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::DataSource;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use crate::configured::Configured;

tf_plugin::model! {
    /// Checks a repository of manifests that Flux follows, without a cluster: it builds what kustomize and Flux build, from the
    /// entries by way of `resources`, components, generators, patches, replacements and variables to the `spec.path` of every Flux
    /// Kustomization, and reports what is missing, refused, cyclic or claimed twice, which custom resource would come before its
    /// CRD, and which manifests nothing applies. A problem is certain; what cannot be known from the files is a note.
    ///
    /// It is read at every plan, and what it finds is never an error: add a `postcondition` or a `check` on `ready`.
    pub struct Kustomization {
        /// The root of the repository. Paths in the manifests, including `spec.path`, are relative to it. Relative to
        /// the working directory; `~/` is the home directory.
        pub path: Value<String> => required(),
        /// Folders that Flux applies, relative to the root, such as `clusters/production`. Each is a cluster of its
        /// own: names, objects and orders are compared within one. What no entry leads to is an orphan.
        pub entries: Value<Vec<String>> => required(),
        /// Patterns of files that are neither read nor reported, relative to the root, such as `**/*.enc.yaml`: `*` and
        /// `?` within a part of the path, `**` for any number of parts.
        pub ignore: Value<Vec<String>> => optional(),
        /// The source of Flux that is this repository, where the repository itself does not say it by the Kustomization or FluxInstance that applies an entry. A source with another URL lies elsewhere.
        pub source: Value<Source> => optional(),
        /// Sources of Flux that are this repository, as in `flux-system/flux-system`, where no file says so of an OCIRepository or Bucket that holds this repository.
        pub sources: Value<Vec<String>> => optional(),
        /// Folders or patterns of files that other tools apply, as in `bootstrap` or `talos/**`: they are not orphans, nor is what their kustomizations name.
        pub also_applied: Value<Vec<String>> => optional(),
        /// API groups whose CRDs are in the cluster before Flux is, as in `external-secrets.io`.
        pub crds_present: Value<Vec<String>> => optional(),
        /// Problems that are not reported: an id, as in `claimed-twice`, or an id with a pattern of files, as in `orphan:apps/old/**`. The ids are listed below.
        pub allow: Value<Vec<String>> => optional(),
        /// Whether there is no problem.
        pub ready: Value<bool> => computed(),
        /// The problems, one line each: file, line, text, and the id in brackets. A problem that explains others comes
        /// first.
        pub problems: Value<Vec<String>> => computed(),
        /// What cannot be known from the files alone, one line each: custom resources whose CRD comes from elsewhere,
        /// sources in other repositories, values that only the cluster has.
        pub notes: Value<Vec<String>> => computed(),
        /// A summary in one line, such as `214 files reached, 16 Flux Kustomizations, 301 objects: no problems`.
        pub summary: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// A source of Flux.
    pub struct Source {
        /// Its URL, as in `https://github.com/me/fleet` or `oci://ghcr.io/me/fleet`. Scheme, user and `.git` do not matter.
        pub url: Value<String> => required(),
        /// The folder of this repository that the source holds, as in `kubernetes` after `flux push artifact --path=./kubernetes`. Defaults to what a workflow, a script or the sync of the repository says, else to all of it.
        pub path: Value<String> => optional(),
    }
}

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct KustomizationSource;

#[async_trait]
impl DataSource for KustomizationSource {
    type Data = Configured;
    type Model = Kustomization;

    const NAME: &'static str = "tazlab_kustomization";

    async fn read(&self, context: &Context<Configured>, config: Kustomization) -> Result<Kustomization, Diagnostics> {
        let list = |value: &Value<Vec<String>>| value.as_ref_option().cloned().unwrap_or_default();
        let source = config.source.as_ref_option();
        let said = |value: fn(&Source) -> &Value<String>| source.and_then(|source| value(source).as_deref_option());
        let settings = Settings {
            entries: list(&config.entries),
            ignore: list(&config.ignore),
            source_urls: said(|source| &source.url).map(str::to_owned).into_iter().collect(),
            source_path: said(|source| &source.path).map(str::to_owned),
            sources: list(&config.sources),
            also_applied: list(&config.also_applied),
            crds_present: list(&config.crds_present),
            allow: list(&config.allow),
            time: None,
        };
        let given = config.path.as_deref_option().unwrap_or_default().to_owned();
        let path = match context.provider() {
            Ok(provider) => provider.environment.path(&given),
            Err(_) => PathBuf::from(&given),
        };
        // Thousands of files are read: that is no work for the threads that answer calls.
        let work = tokio::task::spawn_blocking(move || {
            Tree::read(&path).map_or_else(
                |error| {
                    let text = format!("the repository cannot be read: {error}");
                    Report {
                        problems: vec![Finding { id: Id::Limit, file: given, line: None, text }],
                        ..Report::default()
                    }
                },
                |tree| check(&tree, &settings),
            )
        });
        let report = match context.run(work).await {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => return Err(Diagnostic::error("The repository was not checked", error.to_string()).into()),
            Err(interrupted) => {
                return Err(Diagnostic::error("The repository was not checked", interrupted.to_string()).into());
            }
        };
        warn(context, &report);
        Ok(answer(config, &report))
    }
}

/// How many problems a warning lists; all are in `problems`.
const TOLD: usize = 20;

fn warn(context: &Context<Configured>, report: &Report) {
    if report.problems.is_empty() {
        return;
    }
    let mut lines: Vec<String> = report.problems.iter().take(TOLD).map(ToString::to_string).collect();
    if report.problems.len() > TOLD {
        lines.push(format!("… and {} more", report.problems.len() - TOLD));
    }
    let warning = Diagnostic::warning("The repository has problems", lines.join("\n"));
    context.warn(warning.at(AttributePath::new("problems")));
}

fn answer(config: Kustomization, report: &Report) -> Kustomization {
    let texts = |findings: &[Finding]| Value::Value(findings.iter().map(ToString::to_string).collect());
    let found = match report.problems.len() {
        0 => "no problems".to_owned(),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    let summary = format!(
        "{} files reached, {} Flux Kustomizations, {} objects: {found}",
        report.reached.len(),
        report.flux_kustomizations,
        report.objects
    );
    Kustomization {
        ready: Value::Value(report.problems.is_empty()),
        problems: texts(&report.problems),
        notes: texts(&report.notes),
        summary: Value::Value(summary),
        ..config
    }
}
