//! Plan: compares the live Secrets with the copy, in memory, and says what apply will do.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::Plan;

use super::copy::Copy;
use super::decision::Verdict;
use super::errors::KeptSecretError;
use super::model::{KeptSecret as Model, Target};
use super::review::{Lives, Review, Rules};
use super::{look, tell};
use crate::cluster::{AsFailure, rebirth};
use crate::configured::Configured;

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?.clone();
    let Some(target) = plan.planned.target() else { return Ok(()) };
    let Some(prior) = plan.prior.clone() else {
        return before_create(context, &provider, &target).await;
    };
    if prior.target().as_ref() != Some(&target) {
        // It is replaced: the plan of the create half follows.
        return Ok(());
    }
    let announced = rebirth::is_announced(&prior.triggers, &plan.planned.triggers);
    let Some(copy) = seen_copy(context, &provider, &target, announced, plan).await? else { return Ok(()) };
    let Some(lives) = seen_lives(context, &provider, &target, announced, plan).await? else { return Ok(()) };
    let known = look::known(&plan.private).map_err(Diagnostic::from)?;
    let review = Review::of(&lives, &copy, &Rules::of(&plan.planned, &known));
    refuse(&review, &target)?;
    tell::foreseen(context, &target, &review);
    plan.needs_update |= review.acts() || review.leaves_no_copy();
    Ok(())
}

/// The errors of a review, if it has any.
pub(super) fn refuse(review: &Review, target: &Target) -> Result<(), Diagnostics> {
    let all: Diagnostics = refused(review, target).into_iter().map(Diagnostic::from).collect();
    if all.is_empty() { Ok(()) } else { Err(all) }
}

pub(super) fn refused(review: &Review, target: &Target) -> Vec<KeptSecretError> {
    let id = |name: &str| format!("{}/{name}", target.namespace);
    let undecided = review.with(Verdict::Undecided).into_iter();
    let undecided = undecided.map(|name| KeptSecretError::Undecided { id: id(name), copy: target.copy() });
    let other = review.with(Verdict::OtherType).into_iter();
    undecided.chain(other.map(|name| KeptSecretError::OtherType { id: id(name), copy: target.copy() })).collect()
}

/// A create asks the cluster for nothing before apply, since it may not exist yet. Vault most often does, and what cannot be
/// right is told early.
async fn before_create(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
) -> Result<(), Diagnostics> {
    match look::glance_at_copy(context, provider, target).await {
        Err(error @ KeptSecretError::Copy { .. }) => Err(error.into()),
        _ => Ok(()),
    }
}

/// The copy; `None` where it cannot be read, and the plan says so.
async fn seen_copy(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
    announced: bool,
    plan: &mut Plan<Model>,
) -> Result<Option<Copy>, Diagnostics> {
    let error = match look::glance_at_copy(context, provider, target).await {
        Ok(copy) => return Ok(Some(copy)),
        Err(error) => error,
    };
    let unseen = error.of_vault().is_some_and(|failure| failure.is_gap() || failure.is_unreachable());
    if !unseen {
        return Err(error.into());
    }
    let is_gap = error.of_vault().is_some_and(crate::vault::Failure::is_gap);
    let then =
        if is_gap || announced { "They are compared during apply" } else { "They are compared by the next plan" };
    let detail = format!("{}: {error}. {then}.", target.title());
    let at = AttributePath::new("vault");
    context.warn(Diagnostic::warning("Cannot compare the Secret with its copy during plan", detail).at(at));
    plan.needs_update |= is_gap || announced;
    Ok(None)
}

/// The live Secrets; `None` where they cannot be read, and the plan says so.
async fn seen_lives(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
    announced: bool,
    plan: &mut Plan<Model>,
) -> Result<Option<Lives>, Diagnostics> {
    let error = match look::glance_at_lives(context, provider, target).await {
        Ok(lives) => return Ok(Some(lives)),
        Err(error) => error,
    };
    let Some(failure) = error.as_failure().cloned() else { return Err(error.into()) };
    let expected = failure.is_gap() || (announced && failure.is_unreachable());
    let gone = if expected { Ok(failure) } else { provider.cluster.is_gone(failure, &plan.private).await };
    let failed = |failure| Diagnostics::from(KeptSecretError::Look { title: target.title(), failure });
    let failure = gone.map_err(failed)?;
    let detail = format!("{}: {failure}. It is compared with its copy during apply.", target.title());
    let at = AttributePath::new(tell::which(target));
    context.warn(Diagnostic::warning("Cannot read the cluster during plan", detail).at(at));
    plan.needs_update |= expected;
    Ok(None)
}
