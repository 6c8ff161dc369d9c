//! Read and import. A refresh asks Vault alone: what is stored is about the copy, and the plan compares it with the cluster.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::plan::unconfigured;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{ImportId, Reading, State};
use tf_plugin::framework::value::Value;

use super::copy::{Copy, expires};
use super::import_id::wanted;
use super::look;
use super::model::{KeptSecret as Model, Place, Which};
use super::review::Uids;
use crate::configured::Configured;

pub(super) async fn read(context: &Context<Configured>, state: State<Model>) -> Result<Reading<Model>, Diagnostics> {
    let provider = context.provider()?.clone();
    let Some(target) = state.model.target() else { return Ok(Reading::Unseen) };
    let mut state = state;
    match look::glance_at_copy(context, &provider, &target).await {
        Ok(copy) => {
            observe(&mut state.model, &copy);
            Ok(Reading::Present(state))
        }
        Err(error) => {
            // A destroy refreshes first, and nothing of Vault's may hold it up: an error is the plan's to tell.
            if !error.of_vault().is_some_and(crate::vault::Failure::is_gap) {
                let detail = format!("{}: {error}. The state of the copy stays as it is.", target.title());
                let at = AttributePath::new("vault");
                context.warn(Diagnostic::warning("Cannot read the copy during refresh", detail).at(at));
            }
            Ok(Reading::Unseen)
        }
    }
}

/// Takes over into `model` what Vault says of the copy.
fn observe(model: &mut Model, copy: &Copy) {
    model.kept_version = copy.exists.then_some(copy.version).into();
    model.kept_at = copy.written.filter(|_| copy.exists).map(|moment| moment.to_string()).into();
    model.expires_at = expires(&copy.secrets).map(|moment| moment.to_string()).into();
}

pub(super) async fn import(context: &Context<Configured>, id: ImportId) -> Result<State<Model>, Diagnostics> {
    let target = wanted(&id)?;
    let provider = context.provider()?.clone();
    let copy = look::glance_at_copy(context, &provider, &target).await?;
    let lives = look::glance_at_lives(context, &provider, &target, &copy).await?;
    if !copy.exists && lives.is_empty() {
        let detail = format!(
            "{} does not exist in the cluster of this provider configuration, and there is no copy {}.",
            target.title(),
            target.copy()
        );
        return Err(Diagnostic::error("There is nothing to import", detail).into());
    }
    let mut model: Model = unconfigured().map_err(Diagnostic::from)?;
    model.namespace = Value::Value(target.namespace.clone());
    match &target.which {
        Which::Named(name) => model.name = Value::Value(name.clone()),
        Which::Labelled(labels) => model.label_selector = Value::Value(labels.clone()),
    }
    model.vault =
        Value::Value(Place { mount: Value::Value(target.mount.clone()), path: Value::Value(target.path.clone()) });
    model.restored = Value::Value(false);
    observe(&mut model, &copy);
    let mut private = Private::default();
    // What is imported is managed here from now on: later changes of these Secrets are copied.
    let uids: Uids =
        lives.into_iter().filter(|(_, live)| live.is_wanted).map(|(name, live)| (name, live.uid)).collect();
    look::remember(&mut private, &uids).map_err(Diagnostic::from)?;
    provider.cluster.record_origin(context, &mut private).await.map_err(Diagnostic::from)?;
    Ok(State { model, private })
}
