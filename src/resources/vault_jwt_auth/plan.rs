//! Plan: compares the cluster's keys with Vault's, and says which would come and go.

use tazlab_jwk::{PublicKey, differ};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Plan, State};

use super::errors::VaultJwtAuthError as Error;
use super::keys::{self, Remembered};
use super::live::look;
use super::model::VaultJwtAuth as Model;
use super::signing_key::{self, SOURCE};
use super::{config, issuer, ownership, validate};
use crate::cluster::rebirth;
use crate::configured::Configured;
use crate::promised;
use crate::vault::Provenance;

pub(super) async fn plan(context: &Context<Configured>, plan: &mut Plan<Model>) -> Result<(), Diagnostics> {
    promised::begin(plan);
    for warning in validate::issuer_doubts(&plan.planned) {
        context.warn(warning);
    }
    let given = keys::given(&plan.planned).map_err(Diagnostic::from)?;
    let signing = signing_key::plan(plan).map_err(Diagnostic::from)?;
    // A create asks neither cluster nor Vault for anything before apply: they may not exist yet.
    let Some(prior) = plan.prior.clone() else { return Ok(()) };
    let moves = !plan.planned.mount.is_unknown() && prior.mount() != plan.planned.mount();
    if moves && plan.planned.allow_remount.as_ref_option() == Some(&false) {
        return Err(Diagnostic::from(Error::Remount { from: prior.id(), to: plan.planned.id() }).into());
    }
    let announced = rebirth::is_announced(&prior.triggers, &plan.planned.triggers);
    let is_unread = plan.planned.source() == SOURCE && signing.is_none();
    if plan.planned.keys.is_unknown() || plan.planned.validation_pubkeys.is_unknown() || is_unread {
        plan.needs_update = true;
        return Ok(());
    }
    let provider = context.provider()?.clone();
    let from_cluster = plan.planned.source() == "cluster";
    let cluster = if let Some(signing) = signing {
        signing_key::compare(context, &signing).await;
        signing
    } else if from_cluster {
        match keys::looked_up(context).await {
            Ok(keys) => keys,
            // The plan that precedes a destroy looks like any other, and an object in Vault needs no cluster to go, nor one
            // that still knows the provider's credentials. An update does, and says what is wrong.
            Err(error) => {
                plan.needs_update |= announced || matches!(&error, Error::Keys(failure) if failure.is_gap());
                context.warn(unseen(error));
                return Ok(());
            }
        }
    } else {
        given
    };
    if let Some(warning) = validate::unaccepted(&plan.planned, &cluster) {
        context.warn(warning);
    }
    let live = match provider.vault.look(context, |client, call| look(client, call, &prior)).await {
        Ok(live) => live,
        Err(failure) if failure.is_gap() => {
            plan.needs_update = true;
            return Ok(());
        }
        Err(failure) => return Err(Diagnostic::from(Error::Look { id: prior.id(), failure }).into()),
    };
    let Some(live) = live else {
        plan.needs_update = true;
        return Ok(());
    };
    let held = live.config.as_ref().map(keys::held).unwrap_or_default();
    let wanted = if from_cluster {
        issuer::compare(context, &plan.planned).await.map_err(Diagnostic::from)?;
        let remembered = plan.private.get::<Remembered>(keys::REMEMBERED).map_err(Diagnostic::from)?;
        let config = live.config.as_ref();
        if !ownership::is_claimed(&plan.planned, Some(&prior))
            && ownership::is_another_cluster(&plan.planned, &prior, &cluster, config, remembered.as_ref())
        {
            context.warn(another_cluster(&plan.planned));
        }
        let keep = plan.planned.keep_previous_keys.as_ref_option() == Some(&true);
        keys::kept(cluster, &held, remembered.as_ref(), keep).0
    } else {
        cluster
    };
    // Another cluster has other keys, and is announced as such.
    if !announced {
        stay_within(plan, &held, &wanted)?;
    }
    let desired = config::desired(&plan.planned, &wanted);
    let met = live.config.as_ref().is_some_and(|live| config::is_met(&desired, live));
    if !met {
        config::spare_logins(&plan.planned, live.config.as_ref()).map_err(Diagnostic::from)?;
        plan.needs_update = true;
        tell(context, &plan.planned, &held, &wanted, live.config.is_none());
    }
    Ok(())
}

/// Announces which keys come and go. In the plan at apply, others than those of the approved plan are an error.
fn stay_within(plan: &mut Plan<Model>, held: &[PublicKey], wanted: &[PublicKey]) -> Result<(), Diagnostic> {
    let difference = differ(held, wanted);
    let changes: Vec<&PublicKey> = difference.comes.into_iter().chain(difference.goes).collect();
    let keys = changes.iter().map(|key| key.fingerprint()).collect();
    let beyond = promised::settle(plan, &keys, &keys)?;
    if beyond.is_empty() {
        return Ok(());
    }
    let keys =
        changes.iter().filter(|key| beyond.contains(&key.fingerprint())).map(|key| key.kubernetes_id()).collect();
    Err(Error::Unannounced { id: plan.planned.id(), keys }.into())
}

fn unseen(error: Error) -> Diagnostic {
    let detail = format!(
        "{} The cluster's keys are compared with Vault's by the next plan that can read them, or during apply.",
        Diagnostic::from(error).detail
    );
    Diagnostic::warning("Cannot read the cluster's keys during plan", detail).at(AttributePath::new("keys"))
}

/// The plan that precedes a destroy looks like any other, so this is no error here: the apply of an update is where it is.
fn another_cluster(planned: &Model) -> Diagnostic {
    let id = planned.id();
    let detail = format!(
        "Neither Vault nor the last apply has a key in common with the cluster that the provider reaches now. It may not be the cluster that {id} was configured for. Where {id} has roles, the apply of this update is refused. Check the kubernetes block of the provider. If the cluster was recreated, change triggers, or set force_conflicts = true for one apply."
    );
    Diagnostic::warning("The provider may reach another cluster", detail).at(AttributePath::new("keys"))
}

/// Says which keys come and go. The attributes themselves are unknown until apply: the keys may change meanwhile.
fn tell(context: &Context<Configured>, planned: &Model, held: &[PublicKey], wanted: &[PublicKey], half_made: bool) {
    let difference = differ(held, wanted);
    let named = |keys: &[&PublicKey]| keys.iter().map(|key| key.kubernetes_id()).collect::<Vec<_>>().join(", ");
    let mut parts = Vec::new();
    if half_made {
        parts.push("it is mounted and was never configured".to_owned());
    }
    if !difference.comes.is_empty() {
        parts.push(format!("keys to be added: {}", named(&difference.comes)));
    }
    if !difference.goes.is_empty() {
        parts.push(format!("keys to be removed: {}", named(&difference.goes)));
    }
    if parts.is_empty() {
        return;
    }
    let detail = format!("Vault's {} differs from the configuration: {}.", planned.id(), parts.join("; "));
    context.warn(Diagnostic::warning("The auth method will change", detail).at(AttributePath::new("keys")));
}

/// Roles that would be lost with the mount: an error where the configuration names its own, else a warning.
pub(super) async fn plan_destroy(context: &Context<Configured>, prior: &State<Model>) -> Result<(), Diagnostics> {
    let model = &prior.model;
    let provider = context.provider()?;
    if model.prevent_unmount_with_roles.as_ref_option() == Some(&false) {
        return Ok(());
    }
    let (namespace, path) = (model.namespace_name(), model.mount());
    let listed = provider
        .vault
        .look(context, |client, call| async move { client.within(namespace).jwt_roles(&call, path).await })
        .await;
    let roles = match listed {
        Ok(roles) => roles,
        // Delete looks again, and has the last word.
        Err(failure) if failure.is_gap() || failure.is_unreachable() => return Ok(()),
        Err(failure) => return Err(Diagnostic::from(Error::Look { id: model.id(), failure }).into()),
    };
    if roles.is_empty() || !is_ours(context, prior).await? {
        // What is not ours stays.
        return Ok(());
    }
    if model.managed_roles.is_null() {
        let detail = format!(
            "{}: {}. Roles of this configuration that refer to `mount` are deleted first; any other role fails the destroy. Set managed_roles to fail the plan instead.",
            model.id(),
            roles.join(", ")
        );
        let warning = Diagnostic::warning("The mount to be destroyed has roles", detail);
        context.warn(warning.at(AttributePath::new("managed_roles")));
        return Ok(());
    }
    let foreign = model.strangers(roles);
    if foreign.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::from(Error::Roles { id: model.id(), roles: foreign, planned: true }).into())
}

async fn is_ours(context: &Context<Configured>, prior: &State<Model>) -> Result<bool, Diagnostic> {
    let model = &prior.model;
    if Provenance::kept(&prior.private)? == Some(Provenance::Adopted) && !model.takes_over() {
        return Ok(false);
    }
    let seen = context.provider()?.vault.look(context, |client, call| look(client, call, model)).await;
    let live = seen.map_err(|failure| Error::Look { id: model.id(), failure })?;
    Ok(live.is_some_and(|live| ownership::is_recorded(model, &live.mount)))
}
