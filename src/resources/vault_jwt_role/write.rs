//! Create and update: one request, which adopts a role that lets in the same, and takes over no other.

use tazlab_clients::vault::JwtRole;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{Change, Outcome, State};

use super::TIMEOUTS;
use super::errors::VaultJwtRoleError as Error;
use super::model::VaultJwtRole as Model;
use super::place::{alone, is_another, look, mount_now, noted};
use super::role;
use crate::configured::Configured;
use crate::vault::Provenance;

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let context = &context.within(TIMEOUTS.overridden_by(&change.planned.timeouts).create);
    match created(context, &change.planned).await {
        Ok(private) => Outcome::Done(State { model: change.planned, private }),
        // The state holds what may exist: the next apply recreates it, and a destroy removes it.
        Err(Unwritten { diagnostic, leaves: true }) => {
            let private = noted(Private::default(), None, Some(Provenance::Made));
            Outcome::Partial(State { model: change.planned, private }, diagnostic.into())
        }
        Err(unwritten) => Outcome::Unchanged(unwritten.diagnostic.into()),
    }
}

/// An update is one request: where it was refused nothing of it is there.
pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let context = &context.within(TIMEOUTS.overridden_by(&change.planned.timeouts).update);
    match updated(context, &change).await {
        Ok(private) => Outcome::Done(State { model: change.planned, private }),
        Err(diagnostic) => Outcome::Unchanged(diagnostic.into()),
    }
}

/// A role that was not written.
struct Unwritten {
    diagnostic: Diagnostic,
    /// Nobody said whether it was, and there was none before.
    leaves: bool,
}

impl From<Diagnostic> for Unwritten {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, leaves: false }
    }
}

impl From<Error> for Unwritten {
    fn from(error: Error) -> Self {
        Diagnostic::from(error).into()
    }
}

impl From<Unwritten> for Diagnostic {
    fn from(unwritten: Unwritten) -> Self {
        unwritten.diagnostic
    }
}

async fn created(context: &Context<Configured>, planned: &Model) -> Result<Private, Unwritten> {
    let _alone = alone(context, planned).await?;
    adopt_or_write(context, planned).await
}

async fn adopt_or_write(context: &Context<Configured>, planned: &Model) -> Result<Private, Unwritten> {
    let provider = context.provider()?;
    let seen = provider.vault.ask(context, |client, call| look(client, call, planned)).await;
    let live = seen.map_err(|failure| Error::Look { id: planned.id(), failure })?;
    let desired = role::desired(planned);
    let force = planned.force_conflicts.as_ref_option() == Some(&true);
    if let Some(live) = live.as_ref().filter(|live| !force && role::bounds(live) != role::bounds(&desired)) {
        let (theirs, ours) = (role::described(live), role::described(&desired));
        return Err(Error::Foreign { id: planned.id(), theirs, ours }.into());
    }
    let written = write(context, planned, &desired).await;
    written.map_err(|unwritten| Unwritten { leaves: unwritten.leaves && live.is_none(), ..unwritten })?;
    let provenance = match &live {
        None => Provenance::Made,
        Some(live) => {
            let more = if role::canonical(live) == desired { "" } else { "It differed, and was written over." };
            let (title, at) = (format!("role {}", planned.id()), AttributePath::new("name"));
            context.warn(Provenance::adopted(&title, more, force, at));
            Provenance::Adopted
        }
    };
    Ok(noted(Private::default(), mount_now(context, planned).await?, Some(provenance)))
}

async fn updated(context: &Context<Configured>, change: &Change<Model>) -> Result<Private, Diagnostic> {
    let (provider, planned) = (context.provider()?, &change.planned);
    let _alone = alone(context, planned).await?;
    let now = mount_now(context, planned).await?;
    if is_another(&change.private, now.as_ref()) {
        return Ok(adopt_or_write(context, planned).await?);
    }
    let desired = role::desired(planned);
    let seen = provider.vault.ask(context, |client, call| look(client, call, planned)).await;
    let live = seen.map_err(|failure| Error::Look { id: planned.id(), failure })?;
    let provenance = live.is_none().then_some(Provenance::Made);
    // After an import there may be nothing to write but the state.
    if live.is_some_and(|live| role::canonical(&live) == desired) {
        provider.vault.wrote(planned.namespace_name(), &planned.id());
    } else {
        write(context, planned, &desired).await?;
    }
    Ok(noted(change.private.clone(), now, provenance))
}

async fn write(context: &Context<Configured>, planned: &Model, desired: &JwtRole) -> Result<(), Unwritten> {
    let provider = context.provider()?;
    let (mount, name, namespace) = (planned.mount(), planned.role_name(), planned.namespace_name());
    let written = provider.vault.change(context, |client, call| async move {
        client.within(namespace).write_jwt_role(&call, mount, name, desired).await
    });
    let warnings = written.await.map_err(|failure| {
        let leaves = failure.may_have_happened();
        if leaves {
            let detail = format!(
                "The answer to the request that writes role {} did not come: it may have been carried out. The next apply goes on from there.",
                planned.id()
            );
            context.warn(Diagnostic::warning("The role may have been written", detail).at(AttributePath::new("name")));
        }
        let error = Error::Write { id: planned.id(), mount: mount.to_owned(), failure };
        Unwritten { diagnostic: error.into(), leaves }
    })?;
    provider.vault.wrote(namespace, &planned.id());
    for warning in warnings {
        context.warn(Diagnostic::warning("Vault returned a warning", format!("Role {}: {warning}", planned.id())));
    }
    Ok(())
}
