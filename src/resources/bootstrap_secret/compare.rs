//! Sources and live Secret brought together: what plan and apply decide from.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::Live;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::value::{Datum, Value};

use super::decision::{Circumstances, Decision, Verdict, decide};
use super::errors::{BootstrapSecretError, BrokenSource, capital};
use super::model::BootstrapSecret;
use super::provided::Provided;
use super::reading::{self, How};
use super::sources::Sources;
use super::{origin, registries};
use crate::configured::Configured;
use crate::environment::Environment;

/// Reads the sources of what is planned.
pub(super) async fn read_sources(
    context: &Context<Configured>,
    arguments: &BootstrapSecret,
    config: &BootstrapSecret,
    environment: &Environment,
) -> Result<Sources, BootstrapSecretError> {
    let origins = origin::origins(arguments, config, environment);
    reading::read(context, origins, &How::of(arguments), environment).await
}

/// What the last apply has left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before<'a> {
    pub(super) model: &'a BootstrapSecret,
    /// Which argument gave the live content of each key, where that was recorded.
    pub(super) provided: Option<&'a Provided>,
}

/// What is to be done, or which sources are missing for it.
pub(super) fn compare(
    sources: Sources,
    live: Option<&Live<Secret>>,
    before: Option<Before<'_>>,
    planned: &BootstrapSecret,
) -> Result<Decision, BootstrapSecretError> {
    let prior = before.map(|before| before.model);
    let circumstances = Circumstances {
        changed: prior.map(|prior| changed_arguments(prior, planned, &sources)).unwrap_or_default(),
        creates: prior.is_none(),
        strict: planned.is_strict(),
        resting: prior.map(|prior| resting(prior, planned)).unwrap_or_default(),
        provided: before.and_then(|before| before.provided),
    };
    let mut decision = decide(sources, live, &circumstances);
    let broken: Vec<String> = decision
        .keys
        .iter()
        .filter(|(_, key)| matches!(key.verdict, Verdict::Broken(_)))
        .map(|(name, _)| name.clone())
        .collect();
    if !broken.is_empty() {
        let taken = broken.into_iter().filter_map(|name| {
            let key = decision.keys.remove(&name)?;
            let Verdict::Broken(problem) = key.verdict else { return None };
            Some(BrokenSource { key: name, argument: key.argument, problem })
        });
        return Err(BootstrapSecretError::Sources(taken.collect()));
    }
    if decision.is_too_large() {
        return Err(BootstrapSecretError::TooLarge(decision.size()));
    }
    Ok(decision)
}

/// Warns of every key that keeps its live content for want of a source.
pub(super) fn warn_of_kept(context: &Context<Configured>, decision: &Decision) {
    for (name, key) in &decision.keys {
        if let Verdict::Keep(problem) = &key.verdict {
            let detail = format!(
                "{}. Key \"{name}\" of the live Secret is kept, and a change of its source is not detected. Set on_missing_source = \"error\" to make this an error.{}",
                capital(problem),
                problem.quotation()
            );
            context.warn(
                Diagnostic::warning("A key has no source", detail)
                    .at(AttributePath::new(key.argument).key(name.clone())),
            );
        }
    }
}

/// The write-only arguments whose version is what it was.
fn resting(prior: &BootstrapSecret, planned: &BootstrapSecret) -> BTreeSet<&'static str> {
    let same = |before: &Value<i64>, after: &Value<i64>| {
        after.as_ref_option().is_some() && before.as_ref_option() == after.as_ref_option()
    };
    let mut resting = BTreeSet::new();
    if same(&prior.values_wo_version, &planned.values_wo_version) {
        resting.extend(["values_wo", "values_wo_base64"]);
    }
    if same(&prior.docker_registries_wo_version, &planned.docker_registries_wo_version) {
        resting.insert("docker_registries_wo");
    }
    resting
}

/// Keys whose argument (not: whose content) differs between two states.
fn changed_arguments(prior: &BootstrapSecret, planned: &BootstrapSecret, sources: &Sources) -> BTreeSet<String> {
    // An import knows no arguments: there the contents decide.
    if !knows_arguments(prior) {
        return BTreeSet::new();
    }
    let mut changed = BTreeSet::new();
    let stored = |state: &BootstrapSecret| {
        [state.files.encode(), state.values.encode(), state.env.encode(), state.vault.encode(), state.commands.encode()]
    };
    for (before, after) in stored(prior).iter().zip(stored(planned)) {
        if let Datum::Map(after) = after {
            changed.extend(after.into_iter().filter(|(key, value)| before.get(key) != value).map(|(key, _)| key));
        }
    }
    if !planned.docker_registries.is_null() && prior.docker_registries.encode() != planned.docker_registries.encode() {
        changed.insert(registries::KEY.to_owned());
    }
    if prior.first_of.encode() != planned.first_of.encode() {
        let contested = sources.iter().filter(|(_, source)| source.is_contested());
        changed.extend(contested.map(|(key, _)| key.clone()));
    }
    // Who raises a version wants its values written. A source before them that fails must not swallow that: the new version
    // would be recorded, and the values never written.
    let raised = raised(prior, planned);
    let named = sources.iter().filter(|(_, source)| source.candidates.iter().any(|argument| raised.contains(argument)));
    changed.extend(named.map(|(key, _)| key.clone()));
    changed
}

/// The write-only arguments whose version has changed.
fn raised(prior: &BootstrapSecret, planned: &BootstrapSecret) -> BTreeSet<&'static str> {
    let resting = resting(prior, planned);
    let versions = [
        (&planned.values_wo_version, &["values_wo", "values_wo_base64"][..]),
        (&planned.docker_registries_wo_version, &["docker_registries_wo"]),
    ];
    let versioned = versions.into_iter().filter(|(version, _)| version.as_ref_option().is_some());
    versioned.flat_map(|(_, arguments)| arguments).copied().filter(|argument| !resting.contains(argument)).collect()
}

fn knows_arguments(state: &BootstrapSecret) -> bool {
    [&state.files, &state.values, &state.env].iter().any(|argument| !argument.is_null())
        || !state.vault.is_null()
        || !state.commands.is_null()
        || !state.docker_registries.is_null()
        || state.has_versioned_values()
}
