//! Where a role is: the role itself as Vault holds it, the auth method that it is in, and who else is at work there.

use tazlab_clients::vault::{Call, Client, JwtRole};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::private::Private;
use tokio::sync::OwnedMutexGuard;

use super::errors::VaultJwtRoleError as Error;
use super::model::VaultJwtRole as Model;
use crate::configured::Configured;
use crate::vault::Provenance;

/// The accessor of the mount that a role is in, in private state: a path is given away again, an accessor never.
const MOUNT: &str = "mount";

pub(super) async fn look(
    client: Client,
    call: Call,
    model: &Model,
) -> Result<Option<JwtRole>, tazlab_clients::vault::Error> {
    client.within(model.namespace_name()).jwt_role(&call, model.mount(), model.role_name()).await
}

/// Another block may be writing or deleting the same role.
pub(super) async fn alone(context: &Context<Configured>, model: &Model) -> Result<OwnedMutexGuard<()>, Diagnostic> {
    let alone = context.provider()?.vault.alone_at(context, model.namespace_name(), &model.id()).await;
    alone.map_err(|failure| Error::Look { id: model.id(), failure }.into())
}

/// The mount at the path now, as far as Vault tells.
pub(super) async fn mount_now(context: &Context<Configured>, model: &Model) -> Result<Option<String>, Diagnostic> {
    let (namespace, mount) = (model.namespace_name(), model.mount());
    let ask =
        |client: Client, call: Call| async move { Ok(client.within(namespace).auth_accessor(&call, mount).await) };
    // Whether Vault answers at all is found out by what is done there.
    Ok(context.provider()?.vault.look(context, ask).await.ok().flatten())
}

/// Is the mount at the path surely another one than that in which the role was written?
pub(super) fn is_another(private: &Private, now: Option<&String>) -> bool {
    let written = private.get::<String>(MOUNT).ok().flatten();
    written.is_some_and(|written| now.is_some_and(|now| *now != written))
}

/// The private state after a write. A mount that cannot be seen now is still the one that was seen before.
pub(super) fn noted(mut private: Private, now: Option<String>, provenance: Option<Provenance>) -> Private {
    if let Some(now) = now {
        // A text has a JSON form.
        let _ = private.set(MOUNT, now);
    }
    if let Some(provenance) = provenance {
        provenance.keep(&mut private);
    }
    private
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_that_cannot_be_seen_now_is_not_forgotten() {
        let made = noted(Private::default(), Some("a".to_owned()), Some(Provenance::Made));
        let unseen = noted(made.clone(), None, None);
        assert_eq!(unseen, made);
        assert!(is_another(&unseen, Some(&"b".to_owned())));
        assert!(!is_another(&unseen, Some(&"a".to_owned())) && !is_another(&unseen, None));
        assert!(!is_another(&Private::default(), Some(&"b".to_owned())));
    }
}
