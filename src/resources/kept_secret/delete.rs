//! Delete: copies once more while the cluster answers, and leaves Secret and copy; or deletes the copy, where that is wanted.
//! A cluster that is gone holds nothing up.

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::Kind;
use tazlab_clients::vault::Client;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Deletion, State};

use super::decision::Verdict;
use super::errors::KeptSecretError;
use super::keep::{Kept, keep};
use super::model::{KeptSecret as Model, Target};
use super::review::{Review, Rules};
use super::{NAMESPACE_INSTANCE, TIMEOUTS, look, tell};
use crate::cluster::namespace::{Departure, Release};
use crate::configured::Configured;

/// How often the copy is written again because somebody else wrote it at the same time.
const TRIES: u32 = 5;

pub(super) async fn delete(context: &Context<Configured>, state: State<Model>) -> Deletion {
    ended(context, &state).await.into()
}

async fn ended(context: &Context<Configured>, state: &State<Model>) -> Result<(), Diagnostics> {
    let provider = context.provider()?.clone();
    let model = &state.model;
    let context = &context.within(TIMEOUTS.overridden_by(&model.timeouts).delete);
    let target = model.target().ok_or(KeptSecretError::Unknown)?;
    let departure = provider.cluster.departs(&target.namespace);
    let vault = &provider.vault;
    let alone = vault.alone_at(context, vault.namespace(), &target.api_path()).await;
    let _alone = alone.map_err(|failure| KeptSecretError::Busy { copy: target.copy(), failure })?;
    if model.forgets_copy() {
        forget(context, &provider, &target).await?;
    } else {
        let known = look::known(&state.private).map_err(Diagnostic::from)?;
        let rules = Rules::of(model, &known);
        if let Err(error) = copy_once_more(context, &provider, &target, &rules).await {
            let detail = format!(
                "{}: {error}. The copy in Vault is the last one that was made before. The destroy goes on, and nothing else is affected.",
                target.title()
            );
            let at = AttributePath::new(tell::which(&target));
            context.warn(Diagnostic::warning("The Secret was not copied once more", detail).at(at));
        }
    }
    release_namespace(context, &provider, state, departure).await;
    Ok(())
}

/// Copies what has moved on since the last apply.
async fn copy_once_more(
    context: &Context<Configured>,
    provider: &Configured,
    target: &Target,
    rules: &Rules<'_>,
) -> Result<(), KeptSecretError> {
    for _ in 0..TRIES {
        let copy = look::glance_at_copy(context, provider, target).await?;
        let lives = look::glance_at_lives(context, provider, target, &copy).await?;
        let review = Review::of(&lives, &copy, rules);
        let differing: Vec<&str> = [Verdict::Undecided, Verdict::OtherType, Verdict::Overwrite, Verdict::Immutable]
            .into_iter()
            .flat_map(|one| review.with(one))
            .collect();
        if !differing.is_empty() {
            let detail = format!(
                "{} in namespace {} differs from the copy {} and was recreated since it was copied, so it was not copied once more. Both stay as they are.",
                differing.join(", "),
                target.namespace,
                target.copy()
            );
            let at = AttributePath::new(tell::which(target));
            context.warn(Diagnostic::warning("The Secret and its copy differ", detail).at(at));
        }
        let Some(contents) = review.kept(&lives, &copy) else { return Ok(()) };
        if let Kept::Done(_) = keep(context, provider, target, &copy, &contents).await? {
            return Ok(());
        }
    }
    Err(KeptSecretError::Overtaken(target.copy()))
}

/// Deletes the copy, if it is one of this Secret and nobody in this process has just written it.
async fn forget(context: &Context<Configured>, provider: &Configured, target: &Target) -> Result<(), KeptSecretError> {
    let stays = |why: String| {
        let detail = format!("{}: {why}. It was not deleted.", target.copy());
        let at = AttributePath::new("forget_copy");
        context.warn(Diagnostic::warning("The copy was not deleted", detail).at(at));
    };
    if provider.vault.has_written(provider.vault.namespace(), &target.api_path()) {
        stays("another block of this configuration has just written it".to_owned());
        return Ok(());
    }
    match look::glance_at_copy(context, provider, target).await {
        Ok(_) => {}
        Err(KeptSecretError::Copy { problem, .. }) => {
            stays(problem.to_string());
            return Ok(());
        }
        Err(KeptSecretError::ReadCopy { copy, failure }) => return Err(KeptSecretError::DeleteCopy { copy, failure }),
        Err(other) => return Err(other),
    }
    let delete = |client: Client, call| async move { client.kv2_delete_all(&call, &target.mount, &target.path).await };
    let deleted = provider.vault.change(context, delete).await;
    deleted.map_err(|failure| KeptSecretError::DeleteCopy { copy: target.copy(), failure })
}

/// Removes the namespace that was made for the Secret, where nothing is in it.
async fn release_namespace(
    context: &Context<Configured>,
    provider: &Configured,
    state: &State<Model>,
    departure: Departure<'_>,
) {
    let Some(id) = state.private.get::<String>(NAMESPACE_INSTANCE).ok().flatten() else { return };
    if !state.model.creates_namespace() {
        return;
    }
    let namespace = state.model.namespace.as_deref_option().unwrap_or_default();
    // A short look first: a cluster that is gone must not use up the whole time.
    let kind = &Kind::of::<Secret>();
    let left = provider.cluster.namespace_is_left(context, namespace, kind, &id).await;
    let why = match left {
        Ok(false) => return,
        Err(failure) => failure.to_string(),
        Ok(true) => match provider.cluster.release_namespace(context, departure, kind, &id).await {
            Ok(Release::Done) => return,
            Ok(Release::Holds(held)) => held.to_string(),
            Ok(Release::Changing) => "somebody keeps writing it".to_owned(),
            Ok(Release::Declared(manager)) => format!("\"{manager}\" manages it now"),
            Err(failure) => failure.to_string(),
        },
    };
    let detail = format!("Namespace {namespace} was not deleted: {why}.");
    let at = AttributePath::new("create_namespace");
    context.warn(Diagnostic::warning("The namespace was not deleted", detail).at(at));
}
