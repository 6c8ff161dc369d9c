//! Create and update.

mod mount;

use tazlab_clients::vault::{Call, Client, JwtConfig};
use tazlab_jwk::PublicKey;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{Change, Outcome, State};
use tf_plugin::framework::value::Value;
use tokio::sync::OwnedMutexGuard;

use super::errors::VaultJwtAuthError as Error;
use super::keys::{self, Remembered};
use super::live::{Live, look};
use super::model::VaultJwtAuth as Model;
use super::ownership;
use super::signing_key::{self, SOURCE};
use super::{TIMEOUTS, config, issuer, refusal, validate};
use crate::configured::Configured;
use crate::promised;
use crate::vault::Failure;

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let context = &context.within(TIMEOUTS.overridden_by(&change.planned.timeouts).create);
    let mut work = Work::new(context, &change);
    match work.create().await {
        Ok(model) => Outcome::Done(State { model, private: work.private }),
        Err(error) => {
            // What we mounted is ours to take away again, and is known by its accessor.
            if let Some(accessor) = work.mounted.take() {
                let mut model = change.planned.clone();
                model.accessor = Value::Value(accessor);
                return Outcome::Partial(State { model, private: work.private }, told(error));
            }
            // What was there before is adopted again by the next try, and so is a mount whose accessor nobody knows.
            work.tell_of_leftovers();
            Outcome::Unchanged(told(error))
        }
    }
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let context = &context.within(TIMEOUTS.overridden_by(&change.planned.timeouts).update);
    let mut work = Work::new(context, &change);
    let prior = change.prior.as_ref().unwrap_or(&change.planned);
    match work.update(prior).await {
        Ok(model) => Outcome::Done(State { model, private: work.private }),
        Err(error) => {
            // A mount that was moved is found at its new path by the next plan, and one that was recreated by its accessor.
            let changed = match work.mounted.take() {
                Some(accessor) => {
                    let model = Model {
                        accessor: Value::Value(accessor),
                        mount: change.planned.mount.clone(),
                        ..prior.clone()
                    };
                    Some(State { model, private: work.private.clone() })
                }
                None => work.moved_to(prior).await,
            };
            match changed {
                Some(state) => Outcome::Partial(state, told(error)),
                None => Outcome::Unchanged(told(error)),
            }
        }
    }
}

fn told(error: Error) -> Diagnostics {
    Diagnostic::from(error).into()
}

/// One create or update.
pub(super) struct Work<'a> {
    pub(super) context: &'a Context<Configured>,
    pub(super) planned: &'a Model,
    /// What is stored, where something is.
    prior: Option<&'a Model>,
    /// The configuration, for what is in no plan.
    config: &'a Model,
    pub(super) private: Private,
    /// The accessor of what we mounted.
    mounted: Option<String>,
    /// We mounted something, or may have, whose accessor is not known.
    pub(super) perhaps_mounted: bool,
}

impl<'a> Work<'a> {
    fn new(context: &'a Context<Configured>, change: &'a Change<Model>) -> Self {
        let Change { config, prior, planned, private } = change;
        let (prior, mut private) = (prior.as_ref(), private.clone());
        promised::forget(&mut private);
        Self { context, planned, prior, config, private, mounted: None, perhaps_mounted: false }
    }

    pub(super) fn provider(&self) -> Result<&Configured, Error> {
        self.context.provider().map(AsRef::as_ref).map_err(Error::Unconfigured)
    }

    async fn create(&mut self) -> Result<Model, Error> {
        // Without its keys nothing is begun.
        let cluster = self.source().await?;
        let _alone = self.alone().await?;
        let live = self.look(self.planned).await?;
        // A replacement brings the record of what it replaces.
        let found = live.is_some();
        self.record(found);
        if let Some(live) = &live {
            self.must_be_ours(live, &cluster).await?;
        }
        let model = self.settle(live, cluster).await?;
        if found {
            self.tell_adopted().await;
        }
        Ok(model)
    }

    async fn update(&mut self, prior: &Model) -> Result<Model, Error> {
        let cluster = self.source().await?;
        let _alone = self.alone().await?;
        if prior.mount() != self.planned.mount() {
            self.remount(prior).await?;
        }
        let live = self.look(self.planned).await?;
        if let Some(live) = &live {
            if ownership::is_recorded(prior, &live.mount) {
                self.must_be_our_cluster(prior, live, &cluster).await?;
            } else {
                self.must_be_ours(live, &cluster).await?;
                self.record(true);
                self.tell_adopted().await;
            }
        } else {
            self.record(false);
        }
        self.settle(live, cluster).await
    }

    /// Another block may be deleting the same mount.
    async fn alone(&self) -> Result<OwnedMutexGuard<()>, Error> {
        let (namespace, id) = (self.planned.namespace_name(), self.planned.id());
        let alone = self.provider()?.vault.alone_at(self.context, namespace, &id).await;
        alone.map_err(|failure| Error::Look { id, failure })
    }

    /// The keys of the source, where the provider is the one that reads it.
    async fn source(&self) -> Result<Vec<PublicKey>, Error> {
        let keys = match self.planned.source() {
            "cluster" => {
                let keys = keys::waited_for(self.context).await?;
                issuer::compare(self.context, self.planned).await?;
                keys
            }
            SOURCE => {
                let keys = signing_key::applied(self.prior, self.planned, self.config)?;
                signing_key::compare(self.context, &keys).await;
                keys
            }
            _ => keys::given(self.planned)?,
        };
        if let Some(warning) = validate::unaccepted(self.planned, &keys) {
            self.context.warn(warning);
        }
        Ok(keys)
    }

    async fn look(&self, model: &Model) -> Result<Option<Live>, Error> {
        let seen = self.provider()?.vault.ask(self.context, |client, call| look(client, call, model)).await;
        seen.map_err(|failure| Error::Look { id: model.id(), failure })
    }

    async fn change<T, F>(&self, ask: impl FnOnce(Client, Call) -> F) -> Result<Result<T, Failure>, Error>
    where
        F: Future<Output = Result<T, tazlab_clients::vault::Error>>,
    {
        let namespace = self.planned.namespace_name();
        Ok(self.provider()?.vault.change(self.context, |client, call| ask(client.within(namespace), call)).await)
    }

    /// Makes whatever is missing, and gives what there is then.
    async fn settle(&mut self, live: Option<Live>, cluster: Vec<PublicKey>) -> Result<Model, Error> {
        let config = live.as_ref().and_then(|live| live.config.as_ref());
        let wanted = self.wanted(cluster, config);
        let desired = config::desired(self.planned, &wanted);
        // After an import there may be nothing to write but the state.
        let met = config.is_some_and(|live| config::is_met(&desired, live));
        if !met {
            config::spare_logins(self.planned, config)?;
        }
        self.provider()?.vault.wrote(self.planned.namespace_name(), &self.planned.id());
        match &live {
            None => self.mount().await?,
            Some(live) => {
                if let Some(tune) = config::retuning(self.planned, &live.mount) {
                    self.tune(&tune).await?;
                }
            }
        }
        if !met {
            self.configure(&desired).await?;
        }
        let live = self.look(self.planned).await?;
        let mut model = self.planned.clone();
        if model.accessor.is_unknown() {
            model.accessor = live.map(|live| live.mount.accessor).into();
        }
        let (ids, fingerprints) = keys::attributes(&keys::held(&desired));
        if model.public_keys.is_unknown() {
            let pems = || wanted.iter().map(PublicKey::to_pem).collect();
            model.public_keys = if model.source() == SOURCE { Value::Value(pems()) } else { Value::Null };
        }
        if model.key_ids.is_unknown() {
            model.key_ids = ids;
        }
        if model.key_fingerprints.is_unknown() {
            model.key_fingerprints = fingerprints;
        }
        Ok(model)
    }

    /// The keys that Vault is to hold; which of them are the cluster's is kept in mind.
    fn wanted(&mut self, source: Vec<PublicKey>, live: Option<&JwtConfig>) -> Vec<PublicKey> {
        if self.planned.source() != "cluster" {
            self.private.remove(keys::REMEMBERED);
            return source;
        }
        let held = live.map(keys::held).unwrap_or_default();
        let keep = self.planned.keep_previous_keys.as_ref_option() == Some(&true);
        let remembered = self.private.get::<Remembered>(keys::REMEMBERED).ok().flatten();
        // A mount that a create adopts belonged to a cluster that is gone: nothing of it stays valid.
        let creates = self.planned.accessor.is_unknown();
        let (wanted, remembered) = keys::kept(source, &held, remembered.as_ref(), keep && !creates);
        // A value of texts has a JSON form.
        let _ = self.private.set(keys::REMEMBERED, remembered);
        wanted
    }

    async fn configure(&self, desired: &JwtConfig) -> Result<(), Error> {
        let path = self.planned.mount();
        let written = self.change(|client, call| async move { client.write_jwt_config(&call, path, desired).await });
        match written.await? {
            Ok(warnings) => {
                for warning in warnings {
                    let detail = format!("{}: {warning}", self.planned.id());
                    self.context.warn(Diagnostic::warning("Vault returned a warning", detail));
                }
                Ok(())
            }
            Err(failure) => Err(refusal::explained(self.context, self.planned, failure).await),
        }
    }
}
