//! Sources and live Secret brought together: what plan and apply decide from.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::Live;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::value::Datum;

use super::decision::{Circumstances, Decision, Verdict, decide};
use super::errors::{BootstrapSecretError, BrokenSource, capital};
use super::model::BootstrapSecret;
use super::sources::{self, Origin, Sources};
use super::vault;
use crate::configured::Configured;

/// Reads the sources, files away from the threads that serve (a disk can be slow); warns of what is doubtful about them.
pub(super) async fn read_sources(
    context: &Context<Configured>,
    arguments: &BootstrapSecret,
    config: &BootstrapSecret,
    environment: &crate::environment::Environment,
) -> Result<Sources, BootstrapSecretError> {
    let origins = sources::origins(arguments, config, environment);
    let keep_newline = arguments.keep_newline.as_ref_option().copied().unwrap_or_default();
    let in_vault = origins.iter().filter_map(|(key, origin)| match origin {
        Origin::Vault(field) => Some((key.clone(), field.clone())),
        _ => None,
    });
    let in_vault: Vec<_> = in_vault.collect();
    let (mut sources, mut warnings) = if origins.values().any(|origin| matches!(origin, Origin::File(_))) {
        let environment = environment.clone();
        let read = tokio::task::spawn_blocking(move || sources::read(origins, keep_newline, &environment));
        read.await.map_err(|_| BootstrapSecretError::Reading)?
    } else {
        sources::read(origins, keep_newline, environment)
    };
    for (key, source) in vault::read(context, in_vault).await {
        if let Ok(content) = &source.content {
            warnings.extend(sources::doubts(&key, &source.origin, content));
        }
        sources.insert(key, source);
    }
    for warning in warnings {
        context.warn(warning);
    }
    Ok(sources)
}

/// What is to be done, or which sources are missing for it.
pub(super) fn compare(
    sources: Sources,
    live: Option<&Live<Secret>>,
    prior: Option<&BootstrapSecret>,
    planned: &BootstrapSecret,
) -> Result<Decision, BootstrapSecretError> {
    let circumstances = Circumstances {
        changed: prior.map(|prior| changed_arguments(prior, planned)).unwrap_or_default(),
        creates: prior.is_none(),
        strict: planned.is_strict(),
        values_wo_versioned: planned.values_wo_version.as_ref_option().is_some()
            && prior.is_some_and(|prior| {
                prior.values_wo_version.as_ref_option() == planned.values_wo_version.as_ref_option()
            }),
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
                "{}. Key \"{name}\" of the live Secret is kept, and a change of its source is not detected. Set on_missing_source = \"error\" to make this an error.",
                capital(problem)
            );
            context.warn(
                Diagnostic::warning("A key has no source", detail)
                    .at(AttributePath::new(key.argument).key(name.clone())),
            );
        }
    }
}

/// Keys whose argument (not: whose content) differs between two states.
fn changed_arguments(prior: &BootstrapSecret, planned: &BootstrapSecret) -> BTreeSet<String> {
    let mut changed = BTreeSet::new();
    let pairs = [(&prior.files, &planned.files), (&prior.values, &planned.values), (&prior.env, &planned.env)];
    for (before, after) in pairs {
        let (before, after) = (before.as_ref_option(), after.as_ref_option());
        for (key, value) in after.into_iter().flatten() {
            if before.and_then(|before| before.get(key)) != Some(value) {
                changed.insert(key.clone());
            }
        }
    }
    let encoded = |state: &BootstrapSecret| state.vault.encode();
    if let Datum::Map(after) = encoded(planned) {
        let before = encoded(prior);
        changed.extend(after.into_iter().filter(|(key, field)| before.get(key) != field).map(|(key, _)| key));
    }
    // An import knows no arguments: there the contents decide.
    let knows_arguments = [&prior.files, &prior.values, &prior.env].iter().any(|argument| !argument.is_null())
        || !prior.vault.is_null()
        || prior.values_wo_version.as_ref_option().is_some();
    if knows_arguments { changed } else { BTreeSet::new() }
}
