//! The mount itself: made, tuned, moved. What is configured in it is not decided here.

use tazlab_clients::vault::{Remount, Tune};
use tf_plugin::framework::resource::State;

use super::super::errors::VaultJwtAuthError as Error;
use super::super::model::VaultJwtAuth as Model;
use super::super::{config, ownership};
use super::Work;

impl Work<'_> {
    pub(super) async fn mount(&mut self) -> Result<(), Error> {
        let planned = self.planned;
        let (path, kind) = (planned.mount(), planned.r#type.as_deref_option().unwrap_or("jwt"));
        let description = planned.description.as_deref_option().unwrap_or_default();
        let tune = config::tuning(planned);
        let mounted = self.change(|client, call| async move {
            client.enable_auth(&call, path, kind, description, &tune).await?;
            // At once, and as one with the mount: whatever comes between would leave a mount that nobody may take away.
            Ok(client.auth_method(&call, path).await.ok().flatten())
        });
        let mount = mounted.await?.map_err(|failure| {
            self.perhaps_mounted = failure.may_have_happened();
            Error::Mount { id: planned.id(), failure }
        })?;
        self.mounted = mount.filter(|mount| mount.kind == kind).map(|mount| mount.accessor);
        self.perhaps_mounted = self.mounted.is_none();
        Ok(())
    }

    pub(super) async fn tune(&self, tune: &Tune) -> Result<(), Error> {
        let path = self.planned.mount();
        let tuned = self.change(|client, call| async move { client.tune_auth(&call, path, tune).await });
        tuned.await?.map_err(|failure| Error::Tune { id: self.planned.id(), failure })
    }

    pub(super) async fn remount(&self, prior: &Model) -> Result<(), Error> {
        let (from, to) = (prior.id(), self.planned.id());
        if self.planned.allow_remount.as_ref_option() != Some(&true) {
            return Err(Error::Remount { from, to });
        }
        if !self.look(prior).await?.is_some_and(|live| ownership::is_recorded(prior, &live.mount)) {
            // Nothing of ours is there to be moved: it is mounted anew.
            return Ok(());
        }
        if let Some(live) = self.look(self.planned).await? {
            return Err(Error::Taken { id: to, kind: live.mount.kind });
        }
        let (old, new) = (prior.mount(), self.planned.mount());
        let moved = self.change(|client, call| async move {
            client.move_auth(&call, old, new, |seen| self.context.progress(seen)).await
        });
        match moved.await? {
            Ok(Remount::Done) => Ok(()),
            Ok(Remount::Failed) => Err(Error::Move { from, to, failure: None }),
            Err(failure) => Err(Error::Move { from, to, failure: Some(failure) }),
        }
    }

    /// The state of a mount that was moved although the update failed later.
    pub(super) async fn moved_to(&self, prior: &Model) -> Option<State<Model>> {
        if prior.mount() == self.planned.mount() {
            return None;
        }
        let live = self.look(self.planned).await.ok().flatten()?;
        let mut model = prior.clone();
        if model.accessor.as_deref_option() != Some(live.mount.accessor.as_str()) {
            return None;
        }
        model.mount = self.planned.mount.clone();
        Some(State { model, private: self.private.clone() })
    }
}
