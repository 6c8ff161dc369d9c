//! Plan: proves the Corefile, looks at what is there, and says what would be put back.

use k8s_openapi::api::core::v1::Service;
use tazlab_clients::kubernetes::{Call, Client, Selector};
use tazlab_corefile::COREDNS_VERSION;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::Plan;
use tf_plugin::framework::value::Value;

use super::corefile::Corefile;
use super::drift::differences;
use super::errors::CorednsError;
use super::model::Coredns as Model;
use super::objects::{COREFILE, FIRST_REPLICAS, Wanted};
use super::sight::{Sight, look};
use super::{adoption, talos};
use crate::cluster::{Failure, instance, rebirth};
use crate::configured::Configured;

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?.clone();
    let corefile = settle_corefile(context, plan)?;
    settle_replicas(plan);
    warn_of_version(context, &plan.planned);
    let planned = plan.planned.clone();
    let named = [&planned.namespace, &planned.name, &planned.service_name, &planned.cluster_ip];
    if named.iter().any(|value| value.is_unknown()) {
        return Ok(());
    }
    let announced = plan.prior.as_ref().is_none_or(|prior| rebirth::is_announced(&prior.triggers, &planned.triggers));
    let told = |error: CorednsError| error.diagnostics(&planned);
    let sight = match look(&provider.cluster, context, &planned).await {
        Ok(sight) => sight,
        Err(failure) if failure.is_gap() || (announced && failure.is_unreachable()) => {
            context.warn(unseen(&planned, &failure));
            plan.needs_update = true;
            return Ok(());
        }
        Err(failure) => {
            let gone = provider.cluster.is_gone(failure, &plan.private).await;
            let failure = gone.map_err(|failure| told(CorednsError::Look { id: planned.id(), failure }))?;
            context.warn(unseen(&planned, &failure));
            return Ok(());
        }
    };
    let kept = instance::kept(&plan.private).map_err(Diagnostic::from)?;
    adoption::check(&planned, &sight, kept.as_deref()).map_err(told)?;
    warn_of_inventory(context, &provider, &planned, &sight).await;
    warn_of_tailnets(context, &provider, &planned).await;
    compare(context, plan, corefile.as_ref(), &sight)
}

/// Checks the Corefile, and promises it where it is known.
fn settle_corefile(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<Option<Corefile>, Diagnostics> {
    let corefile = Corefile::of(&plan.planned, &plan.config.corefile);
    let Some(known) = &corefile else {
        if plan.config.corefile.is_null() {
            plan.planned.corefile = Value::Unknown;
        }
        return Ok(None);
    };
    let findings = known.check(&plan.planned);
    if !findings.errors.is_empty() {
        return Err(CorednsError::Corefile(findings.errors).diagnostics(&plan.planned));
    }
    findings.warnings.into_iter().for_each(|warning| context.warn(warning));
    if plan.config.corefile.is_null() {
        plan.planned.corefile = Value::Value(known.text().to_owned());
    }
    Ok(corefile)
}

/// Where others scale, the number is what was seen last.
fn settle_replicas(plan: &mut Plan<Model>) {
    if plan.config.replicas.is_null() {
        let seen = plan.prior.as_ref().and_then(|prior| prior.replicas.as_ref_option().copied());
        plan.planned.replicas = Value::Value(seen.unwrap_or(FIRST_REPLICAS));
    }
}

fn warn_of_version(context: &Context<Configured>, planned: &Model) {
    let Some(image) = planned.image.as_deref_option() else { return };
    let name = image.split('@').next().unwrap_or_default();
    let tag = name.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
    if tag.map(|tag| tag.trim_start_matches('v')) != Some(COREDNS_VERSION) {
        let detail = format!(
            "The Corefile is checked by the grammar of CoreDNS {COREDNS_VERSION}; {image} may accept or refuse something else."
        );
        context.warn(
            Diagnostic::warning(
                "The CoreDNS image differs from the version that the Corefile was checked against",
                detail,
            )
            .at(AttributePath::new("image")),
        );
    }
}

/// The warning that nobody answers.
pub(super) fn no_replicas(planned: &Model) -> Diagnostic {
    let detail = format!(
        "Deployment {} is scaled to 0 replicas, and replicas is not set: CoreDNS does not run, so no name resolves, and nothing proves that it starts with this Corefile. Scale it up (kubectl scale), or set replicas.",
        planned.id()
    );
    Diagnostic::warning("CoreDNS has no replicas", detail).at(AttributePath::new("replicas"))
}

fn unseen(planned: &Model, failure: &Failure) -> Diagnostic {
    let detail = format!(
        "CoreDNS {}: {failure}. Whether its address is free and who manages existing objects is checked during apply.",
        planned.id()
    );
    Diagnostic::warning("Cannot read the cluster during plan", detail)
}

/// Without the inventory there is nothing to take the objects out of, and `upgrade-k8s` may make one later.
async fn warn_of_inventory(context: &Context<Configured>, provider: &Configured, planned: &Model, sight: &Sight) {
    if !planned.takes_over_from_talos() || talos::held(sight).is_empty() {
        return;
    }
    let has = |client: Client, call: Call| async move { talos::has_inventory(&client, &call).await };
    if let Ok(false) = provider.cluster.look(context, has).await {
        let (namespace, name) = talos::INVENTORY;
        let detail = format!(
            "ConfigMap {namespace}/{name} does not exist: this Talos keeps no inventory yet. Give --manifests-no-prune to the first `talosctl upgrade-k8s` of Talos 1.13 or later, which may otherwise delete CoreDNS, since Talos does not manage it any more."
        );
        let at = AttributePath::new("take_over_from_talos");
        context.warn(Diagnostic::warning("Talos may prune CoreDNS once", detail).at(at));
    }
}

/// A name of a tailnet resolves only where a Service of that name is.
async fn warn_of_tailnets(context: &Context<Configured>, provider: &Configured, planned: &Model) {
    for (index, (domain, namespace)) in planned.known_tailnets().enumerate() {
        let find = |client: Client, call: Call| async move {
            client.find::<Service>(&call, Some(namespace), &Selector::Labels(String::new())).await
        };
        let Ok(found) = provider.cluster.look(context, find).await else { return };
        let there: Vec<String> = found.into_iter().filter_map(|live| live.object.metadata.name).collect();
        let suffix = format!(".{}", domain.trim_end_matches('.'));
        let asked =
            planned.names_to_verify().iter().filter_map(|name| name.trim_end_matches('.').strip_suffix(&suffix));
        let missing: Vec<&str> = asked.filter(|name| !there.iter().any(|service| service == name)).collect();
        let detail = if !missing.is_empty() {
            format!(
                "{} of {domain} will not resolve: namespace {namespace} has no Service of that name yet.",
                missing.join(", ")
            )
        } else if there.is_empty() {
            format!("No name of {domain} will resolve: namespace {namespace} has no Services yet. Each name needs one.")
        } else {
            continue;
        };
        let at = AttributePath::new("tailnets").index(i64::try_from(index).unwrap_or(i64::MAX));
        context.warn(Diagnostic::warning("Names without a Service", detail).at(at));
    }
}

/// Finds what is to be done. A create does everything.
fn compare(
    context: &Context<Configured>,
    plan: &mut Plan<Model>,
    corefile: Option<&Corefile>,
    sight: &Sight,
) -> Result<(), Diagnostics> {
    let Some(prior) = &plan.prior else { return Ok(()) };
    let Some(corefile) = corefile else {
        plan.needs_update = true;
        return Ok(());
    };
    let kept = instance::kept(&plan.private).map_err(Diagnostic::from)?;
    let marked = kept.as_deref().is_some_and(|id| sight.is_all_marked(id));
    let wanted = Wanted::new(&plan.planned, corefile.text(), None, plan.config.replicas.as_ref_option().copied());
    let differences = differences(&wanted, &plan.planned, sight);
    let held = !talos::held(sight).is_empty();
    let stale =
        prior.corefile.as_deref_option() != Some(corefile.text()) || sight.file(COREFILE) != Some(corefile.text());
    // A failed apply leaves the new objects behind: what was never seen to work is applied again.
    let rests = sight.is_scaled_to_zero() && plan.config.replicas.is_null();
    let proven = wanted.is_proven(sight) || !plan.planned.waits_for_rollout() || rests;
    if rests && plan.planned.waits_for_rollout() {
        context.warn(no_replicas(&plan.planned));
    }
    plan.needs_update = !differences.is_empty() || !marked || held || stale || !proven;
    // What the configuration changes shows by itself.
    if !plan.changed && !differences.is_empty() {
        let detail = format!(
            "CoreDNS {} differs from what was applied. Apply reverts:\n\n  {}",
            plan.planned.id(),
            differences.join("\n  ")
        );
        let at = AttributePath::new("name");
        context.warn(Diagnostic::warning("CoreDNS will be repaired", detail).at(at));
    }
    Ok(())
}
