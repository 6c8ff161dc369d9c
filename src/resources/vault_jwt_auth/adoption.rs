//! Whose a mount is that a create or an update finds: what must be shown before it is written, and what is recorded and said of
//! one that is adopted.

use tazlab_jwk::PublicKey;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::config;
use super::errors::VaultJwtAuthError as Error;
use super::keys::{self, Remembered};
use super::live::Live;
use super::model::VaultJwtAuth as Model;
use super::ownership::{self, Trust};
use super::write::Work;
use crate::vault::Provenance;

impl Work<'_> {
    pub(super) fn record(&mut self, found: bool) {
        let provenance = if found { Provenance::Adopted } else { Provenance::Made };
        provenance.keep(&mut self.private);
    }

    /// Whoever logs in at a role that was there can do so with tokens of this cluster from now on.
    pub(super) async fn tell_adopted(&self) {
        let roles = self.roles().await.unwrap_or_default();
        let roles = if roles.is_empty() { String::new() } else { format!("Its roles: {}.", roles.join(", ")) };
        let (title, at) = (format!("auth method {}", self.planned.id()), AttributePath::new("mount"));
        self.context.warn(Provenance::adopted(&title, &roles, self.planned.takes_over(), at));
    }

    /// What may exist, and is not in the state, is said.
    pub(super) fn tell_of_leftovers(&self) {
        if self.perhaps_mounted {
            let detail = format!(
                "{} may have been mounted by this create, which failed. It is not in the state; the next apply looks for it and goes on from there.",
                self.planned.id()
            );
            let warning = Diagnostic::warning("The auth method may have been mounted", detail);
            self.context.warn(warning.at(AttributePath::new("mount")));
        }
    }

    /// A mount that exists may be another cluster's.
    pub(super) async fn must_be_ours(&self, live: &Live, cluster: &[PublicKey]) -> Result<(), Error> {
        let id = self.planned.id();
        // "jwt" and "oidc" are one plugin, and still two types: neither becomes the other.
        if !live.is_jwt() || self.planned.r#type.as_deref_option() != Some(&live.mount.kind) {
            return Err(Error::Taken { id, kind: live.mount.kind.clone() });
        }
        let desired = config::desired(self.planned, cluster);
        let trust = ownership::compare(live.config.as_ref(), &desired);
        if matches!(trust, Trust::Nobody | Trust::Same) || ownership::is_claimed(self.planned, None) {
            return Ok(());
        }
        let roles = self.roles().await?;
        let theirs = live.config.as_ref().map(config::described).unwrap_or_default();
        let ours = config::described(&desired);
        match trust {
            // Nobody can log in where there are no roles.
            Trust::Unclear if roles.is_empty() => Ok(()),
            Trust::Unclear => Err(Error::Unproven { id, theirs, ours, roles }),
            _ => Err(Error::Foreign { id, theirs, ours, roles }),
        }
    }

    /// The mount is the one that this resource wrote; the cluster may be another one than then.
    pub(super) async fn must_be_our_cluster(
        &self,
        prior: &Model,
        live: &Live,
        cluster: &[PublicKey],
    ) -> Result<(), Error> {
        let remembered = self.private.get::<Remembered>(keys::REMEMBERED).ok().flatten();
        let config = live.config.as_ref();
        if ownership::is_claimed(self.planned, Some(prior))
            || !ownership::is_another_cluster(self.planned, prior, cluster, config, remembered.as_ref())
        {
            return Ok(());
        }
        let roles = self.roles().await?;
        if roles.is_empty() {
            return Ok(());
        }
        let ours = config::described(&config::desired(self.planned, cluster));
        let theirs = config.map(config::described).unwrap_or_default();
        Err(Error::Unproven { id: self.planned.id(), theirs, ours, roles })
    }

    async fn roles(&self) -> Result<Vec<String>, Error> {
        let (namespace, path) = (self.planned.namespace_name(), self.planned.mount());
        let vault = &self.provider()?.vault;
        let roles = vault
            .ask(self.context, |client, call| async move { client.within(namespace).jwt_roles(&call, path).await });
        roles.await.map_err(|failure| Error::Look { id: self.planned.id(), failure })
    }
}
