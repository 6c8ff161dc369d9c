//! Plan: compares the live Secrets with the copy, in memory, and says what apply will do.
//!
//! It never fails: a `terraform destroy` plans with the configuration first, and nothing may hold it up. What apply will refuse
//! is a warning here, and an update, so that there is an apply to refuse it.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::Plan;

use super::copy::Copy;
use super::decision::Verdict;
use super::errors::KeptSecretError;
use super::model::{KeptSecret as Model, Target};
use super::review::{Lives, Review, Rules, Uids};
use super::{look, tell};
use crate::cluster::{AsFailure, rebirth};
use crate::configured::Configured;

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?.clone();
    let target = plan.planned.target();
    if let Some(warning) = plan.prior.as_ref().and_then(|prior| forgotten(prior, target.as_ref())) {
        context.warn(warning);
    }
    let Some(target) = target else { return Ok(()) };
    let Some(prior) = plan.prior.clone() else {
        before_create(context, &provider, &target, &plan.planned).await;
        return Ok(());
    };
    if prior.target().as_ref() != Some(&target) {
        // It is replaced: the plan of the create half follows.
        return Ok(());
    }
    let announced = rebirth::is_announced(&prior.triggers, &plan.planned.triggers);
    let Some(copy) = seen_copy(context, &provider, &target, announced, plan).await else { return Ok(()) };
    let Some(lives) = seen_lives(context, &provider, (&target, &copy), announced, plan).await else { return Ok(()) };
    let known = look::known(&plan.private).map_err(Diagnostic::from)?;
    let review = Review::of(&lives, &copy, &Rules::of(&plan.planned, &known));
    let refused = refused(&review, &lives, &copy, &target);
    plan.needs_update |= review.acts() || review.leaves_no_copy() || !refused.is_empty();
    for error in refused {
        warn_of_refusal(context, error);
    }
    tell::foreseen(context, &target, &review);
    Ok(())
}

/// Why an apply of this review ends before it has written anything.
pub(super) fn refused(review: &Review, lives: &Lives, copy: &Copy, target: &Target) -> Vec<KeptSecretError> {
    let id = |name: &str| format!("{}/{name}", target.namespace);
    let undecided = review.with(Verdict::Undecided).into_iter();
    let undecided = undecided.map(|name| KeptSecretError::Undecided { id: id(name), copy: target.copy() });
    let other = review.with(Verdict::OtherType).into_iter();
    let other = other.map(|name| KeptSecretError::OtherType { id: id(name), copy: target.copy() });
    let immutable = review.with(Verdict::Immutable).into_iter();
    let immutable = immutable.map(|name| KeptSecretError::Immutable { id: id(name), copy: target.copy() });
    let of_cluster = review.with(Verdict::OfCluster).into_iter().map(|name| {
        let contents = copy.secrets.get(name).into_iter().chain(lives.get(name).map(|live| &live.content));
        let kind = contents.filter(|content| content.is_of_its_cluster()).map(|content| content.kind.clone()).next();
        let (kind, at) = (kind.unwrap_or_default(), tell::which(target));
        KeptSecretError::OfCluster { id: id(name), kind, copy: target.copy(), at }
    });
    undecided.chain(other).chain(immutable).chain(of_cluster).collect()
}

fn warn_of_refusal(context: &Context<Configured>, error: KeptSecretError) {
    let general = error.general();
    let mut warning = Diagnostic::from(error).into_warning(general);
    warning.detail.push_str(" Apply fails with this as an error.");
    context.warn(warning);
}

/// A create asks the cluster for nothing before apply, since it may not exist yet. Vault most often does, and what cannot be
/// right is told early.
async fn before_create(context: &Context<Configured>, provider: &Configured, target: &Target, planned: &Model) {
    match look::glance_at_copy(context, provider, target).await {
        Ok(copy) => {
            let (lives, known) = (Lives::new(), Uids::new());
            let review = Review::of(&lives, &copy, &Rules::of(planned, &known));
            for error in refused(&review, &lives, &copy, target) {
                warn_of_refusal(context, error);
            }
        }
        Err(error @ KeptSecretError::Copy { .. }) => warn_of_refusal(context, error),
        Err(_) => {}
    }
}

/// A replacement destroys, and a destroy with `forget_copy` deletes what may be the only copy.
pub(super) fn forgotten(prior: &Model, planned: Option<&Target>) -> Option<Diagnostic> {
    let target = prior.target().filter(|target| prior.forgets_copy() && Some(target) != planned)?;
    let detail = format!(
        "forget_copy = true was applied for {}, and its name, namespace, label_selector or place in Vault changes, or may change. The replacement deletes its copy {} with all of its versions. To keep that copy, apply forget_copy = false first, with everything else unchanged.",
        target.title(),
        target.copy()
    );
    let at = AttributePath::new("forget_copy");
    Some(Diagnostic::warning("The replacement deletes the copy", detail).at(at))
}

/// The copy; `None` where it cannot be read, and the plan says so.
async fn seen_copy(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
    announced: bool,
    plan: &mut Plan<Model>,
) -> Option<Copy> {
    let error = match look::glance_at_copy(context, provider, target).await {
        Ok(copy) => return Some(copy),
        Err(error) => error,
    };
    let is_gap = error.of_vault().is_some_and(crate::vault::Failure::is_gap);
    if !is_gap && !error.of_vault().is_some_and(crate::vault::Failure::is_unreachable) {
        plan.needs_update = true;
        warn_of_refusal(context, error);
        return None;
    }
    plan.needs_update |= is_gap || announced;
    unseen(context, target, &error, is_gap || announced, AttributePath::new("vault"));
    None
}

/// The live Secrets; `None` where they cannot be read, and the plan says so.
async fn seen_lives(
    context: &Context<Configured>,
    provider: &Configured,
    (target, copy): (&Target, &Copy),
    announced: bool,
    plan: &mut Plan<Model>,
) -> Option<Lives> {
    let error = match look::glance_at_lives(context, provider, target, copy).await {
        Ok(lives) => return Some(lives),
        Err(error) => error,
    };
    let is_gap = error.as_failure().is_some_and(crate::cluster::Failure::is_gap);
    if !is_gap && !error.as_failure().is_some_and(crate::cluster::Failure::is_unreachable) {
        plan.needs_update = true;
        warn_of_refusal(context, error);
        return None;
    }
    plan.needs_update |= is_gap || announced;
    unseen(context, target, &error, is_gap || announced, AttributePath::new(tell::which(target)));
    None
}

fn unseen(context: &Context<Configured>, target: &Target, error: &KeptSecretError, applies: bool, at: AttributePath) {
    let then = if applies { "They are compared during apply" } else { "They are compared by the next plan" };
    let detail = format!("{}: {error}. {then}.", target.title());
    context.warn(Diagnostic::warning("Cannot compare the Secret with its copy during plan", detail).at(at));
}
