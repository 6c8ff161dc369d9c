//! Plan: compares sources and live Secret, and says which keys would change.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::Live;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Plan, State};
use tf_plugin::framework::value::Value;

use super::compare::{Before, compare, read_sources, warn_of_kept};
use super::decision::Decision;
use super::errors::{BootstrapSecretError, BrokenSource, capital};
use super::model::BootstrapSecret as Model;
use super::origin::{has_unknown, has_unknown_write_only, may_be_write_only};
use super::problem::Problem;
use super::sources::Source;
use super::{owner, proposed, provided, reading, tokens};
use crate::cluster::object::is_untouched_import;
use crate::cluster::{Failure, instance, rebirth};
use crate::configured::Configured;
use crate::promised;

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    promised::begin(plan);
    let provider = context.provider()?.clone();
    let planned = plan.planned.clone();
    let told = |error: BootstrapSecretError| error.diagnostics(&planned);
    // What the refresh has seen handed over needs no sources: no program is run for it.
    let seen = plan.prior.as_ref().and_then(|prior| {
        let cluster = &provider.cluster;
        cluster.is_named().ok().and_then(|()| cluster.take_sighting(prior.namespace_name(), prior.secret_name()))
    });
    if let (Some(prior), Some(live)) = (plan.prior.clone(), &seen)
        && let Some(owner) = owner::of(live, planned.takers())
    {
        keep_observations(plan, &prior, &owner);
        return Ok(());
    }
    let mut sources = read_sources(context, &planned, &plan.config, &provider.environment).await.map_err(told)?;
    tokens::warn(context, &planned, &sources).await;
    // Vault's address, or what says where a key comes from, may come from what is yet to be made: that is read during apply.
    let deferred = sources.values().any(reading::waits_for_vault);
    let before = sources.len();
    sources.retain(|_, source| !matches!(&source.content, Err(problem) if problem.is_yet_unknown()));
    let unsure = sources.len() < before || !plan.planned.first_of.is_null() && has_unknown_write_only(&plan.config);
    let Some(prior) = plan.prior.clone() else {
        // A create asks the cluster for nothing before apply: it may not exist yet.
        if let Err(error) = compare(sources, None, None, &planned) {
            for warning in not_made_yet(error, &planned).map_err(told)? {
                context.warn(warning);
            }
        }
        return Ok(());
    };

    if deferred {
        let detail = "The connection settings of Vault are not known yet. Its fields are compared with the live Secret during apply.";
        context.warn(Diagnostic::warning("Cannot read Vault during plan", detail).at(AttributePath::new("vault")));
        plan.needs_update = true;
        return Ok(());
    }
    let announced = rebirth::is_announced(&prior.triggers, &planned.triggers);
    let live = match see(context, &prior, seen).await {
        Ok(live) => live,
        Err(failure) if failure.is_gap() || (announced && failure.is_unreachable()) => {
            context.warn(unseen(&prior, &failure));
            plan.needs_update = true;
            return Ok(());
        }
        Err(failure) => {
            let gone = provider.cluster.is_gone(failure, &plan.private).await;
            let failure = gone.map_err(|failure| told(BootstrapSecretError::Look { id: prior.id(), failure }))?;
            context.warn(unseen(&prior, &failure));
            return Ok(());
        }
    };
    let Some(live) = live else {
        // Gone since the refresh: whatever is missing is made again.
        if let Err(error) = compare(sources, None, None, &planned) {
            for warning in not_made_again(error, &planned).map_err(told)? {
                context.warn(warning);
            }
        }
        plan.needs_update = true;
        return Ok(());
    };
    if let Some(owner) = owner::of(&live, planned.takers()) {
        keep_observations(plan, &prior, &owner);
        return Ok(());
    }
    let unsure = unsure || has_unknown(&planned) || planned.first_of.is_unknown();
    let recorded = provided::kept(&plan.private).map_err(Diagnostic::from)?;
    let applied = proposed::without(&prior, &plan.private).map_err(Diagnostic::from)?;
    let before = Before { model: &applied, provided: recorded.as_ref() };
    let mut decision = compare(sources, Some(&live), Some(before), &planned).map_err(told)?;
    if unsure || has_unknown_write_only(&plan.config) {
        // A key whose source is not known yet is not one without a source.
        decision.surplus.clear();
    }
    warn_of_kept(context, &decision);
    // A new cluster gets all of it.
    if !unsure && !announced && !has_unknown_write_only(&plan.config) {
        let written = decision.written().into_iter().map(ToOwned::to_owned);
        let keys = written.chain(decision.surplus.iter().cloned()).collect();
        let beyond = promised::settle(plan, &keys, &keys);
        let beyond = beyond.map_err(Diagnostic::from)?;
        if !beyond.is_empty() {
            return Err(told(BootstrapSecretError::Unannounced { id: prior.id(), keys: beyond }));
        }
    }
    tell(context, &decision, &prior);
    let marked = instance::on(&live.object.metadata).is_some()
        || is_untouched_import(&plan.private).map_err(Diagnostic::from)?;
    let versioned = planned.values_wo_version.as_ref_option().is_some();
    let unknown_values = (plan.config.values_wo.is_unknown() || plan.config.values_wo_base64.is_unknown())
        && !versioned
        || plan.config.docker_registries_wo.is_unknown()
            && planned.docker_registries_wo_version.as_ref_option().is_none();
    plan.needs_update = decision.changes_data() || !marked || unsure || unknown_values;
    replace_immutable(plan, &prior, &decision);
    Ok(())
}

/// The live Secret: the one that the refresh has just seen, or a new look.
async fn see(
    context: &Context<Configured>,
    prior: &Model,
    seen: Option<Live<Secret>>,
) -> Result<Option<Live<Secret>>, Failure> {
    let (namespace, name) = (prior.namespace_name(), prior.secret_name());
    let provider = context.provider().map_err(|_| Failure::Unknown("the provider".to_owned()))?;
    provider.cluster.is_named()?;
    if seen.is_some() {
        return Ok(seen);
    }
    provider.cluster.look(context, |client, call| async move { client.get_secret(&call, namespace, name).await }).await
}

/// What programs do not give for a Secret that is yet to be made: apply fails then. A destroy begins with the same plan, of what was never
/// made too, and may run where the programs cannot.
pub(super) fn not_made_yet(
    error: BootstrapSecretError,
    planned: &Model,
) -> Result<Vec<Diagnostic>, BootstrapSecretError> {
    let broken = match error {
        BootstrapSecretError::Sources(broken)
            if !planned.is_strict() && broken.iter().all(|source| source.problem.is_of_a_program()) =>
        {
            broken
        }
        error => return Err(error),
    };
    let warning = |source: &BrokenSource| {
        let detail = format!(
            "No content for key \"{}\". {}. The key must be written, so apply fails if its source still gives nothing then.{}",
            source.key,
            capital(&source.problem),
            source.problem.quotation()
        );
        let at = AttributePath::new(source.argument).key(source.key.clone());
        Diagnostic::warning("A program gives no content", detail).at(at)
    };
    Ok(broken.iter().map(warning).collect())
}

/// What is missing for a Secret that is gone and has to be made again. Apply fails then; a plan only says so, since a destroy begins with
/// a plan, and needs no source.
pub(super) fn not_made_again(
    error: BootstrapSecretError,
    planned: &Model,
) -> Result<Vec<Diagnostic>, BootstrapSecretError> {
    let broken = match error {
        BootstrapSecretError::Sources(broken) if !planned.is_strict() => broken,
        error => return Err(error),
    };
    let warning = |source: &BrokenSource| {
        let detail = format!(
            "Secret {} is gone, and apply will fail to create it again, since key \"{}\" has no content. {}.{}",
            planned.id(),
            source.key,
            capital(&source.problem),
            source.problem.quotation()
        );
        let at = AttributePath::new(source.argument).key(source.key.clone());
        Diagnostic::warning("The Secret cannot be created again", detail).at(at)
    };
    Ok(broken.iter().map(warning).collect())
}

fn unseen(prior: &Model, failure: &Failure) -> Diagnostic {
    let detail = format!("Secret {}: {failure}. The Secret is read during apply.", prior.id());
    Diagnostic::warning("Cannot read the cluster during plan", detail)
}

/// A Secret that was handed over is not written, whatever the sources say.
fn keep_observations(plan: &mut Plan<Model>, prior: &Model, owner: &str) {
    if plan.changed {
        plan.planned.changed_keys = prior.changed_keys.clone();
        plan.planned.owner = Value::Value(owner.to_owned());
        plan.planned.uid = prior.uid.clone();
    }
}

/// Says which keys would be written. The attribute itself is unknown until apply: the sources may change meanwhile.
fn tell(context: &Context<Configured>, decision: &Decision, prior: &Model) {
    let written = decision.written();
    let named = |keys: Vec<&str>| keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if !written.is_empty() {
        parts.push(format!("to be written: {}", named(written.iter().copied().collect())));
    }
    if !decision.surplus.is_empty() {
        parts.push(format!("to be removed: {}", named(decision.surplus.iter().map(String::as_str).collect())));
    }
    if parts.is_empty() {
        return;
    }
    let argument = written.first().and_then(|key| decision.keys.get(*key)).map(|key| key.argument);
    let at = AttributePath::new(argument.unwrap_or("name"));
    let detail = format!("Secret {}: the sources differ from the live Secret. Keys {}.", prior.id(), parts.join("; "));
    context.warn(Diagnostic::warning("The Secret will change", detail).at(at));
}

/// An immutable Secret takes no change of its data, and stays immutable: it is recreated.
fn replace_immutable(plan: &mut Plan<Model>, prior: &Model, decision: &Decision) {
    if prior.immutable.as_ref_option() != Some(&true) {
        return;
    }
    if plan.planned.immutable.as_ref_option() == Some(&false) {
        plan.requires_replace.push(AttributePath::new("immutable"));
    }
    if decision.changes_data() {
        plan.requires_replace.push(AttributePath::new("changed_keys"));
    }
}

/// With `on_missing_source = "error"` the sources must be there even for a destroy.
pub(super) async fn plan_destroy(context: &Context<Configured>, prior: &State<Model>) -> Result<(), Diagnostics> {
    if !prior.model.is_strict() {
        return Ok(());
    }
    let provider = context.provider()?.clone();
    let told = |error: BootstrapSecretError| error.diagnostics(&prior.model);
    let mut sources = read_sources(context, &prior.model, &prior.model, &provider.environment).await.map_err(told)?;
    sources.retain(|_, source| !may_be_elsewhere(source, &prior.model));
    compare(sources, None, None, &prior.model).map(drop).map_err(told)
}

/// Does a write-only value perhaps give this key? The state holds none, so that what is absent elsewhere may be in one.
pub(super) fn may_be_elsewhere(source: &Source, prior: &Model) -> bool {
    let absent =
        matches!(&source.content, Err(problem) if problem.is_absence() || matches!(problem, Problem::Nowhere(_)));
    absent && may_be_write_only(prior, source.origin.argument())
}

/// The keys as the attribute has them.
/// One text: a collection that becomes unknown would be drawn as the removal of each of its members.
pub(super) fn as_attribute<'a>(keys: impl IntoIterator<Item = &'a str>) -> Value<String> {
    Value::Value(keys.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", "))
}
