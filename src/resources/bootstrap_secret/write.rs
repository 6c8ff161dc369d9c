//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use std::sync::Mutex;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{Applied, Apply, Cause, Live};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::resource::{Change, Outcome};

use super::compare::{Before, compare, read_sources, warn_of_kept};
use super::decision::Decision;
use super::ending::Progress;
use super::errors::BootstrapSecretError;
use super::model::BootstrapSecret as Model;
use super::provided::{self, Provided};
use super::{TIMEOUTS, object, owner, proposed};
use crate::cluster::namespace::Birth;
use crate::cluster::provenance::Provenance;
use crate::cluster::{AsFailure, Failure, instance};
use crate::configured::Configured;

/// How often a write is begun again because somebody else wrote at the same time.
const TRIES: u32 = 5;

/// What a write leaves behind.
pub(super) struct Written {
    pub(super) live: Live<Secret>,
    pub(super) changed_keys: Vec<String>,
    /// The id on the Secret, where it is ours.
    pub(super) instance: Option<String>,
    /// The id on its namespace, where it is ours.
    pub(super) namespace: Option<String>,
    /// Which argument gave each content; `None` where nothing was written.
    pub(super) provided: Option<Provided>,
}

/// One write's surroundings.
pub(super) struct Work<'a> {
    pub(super) context: &'a Context<Configured>,
    pub(super) provider: &'a Configured,
    pub(super) change: &'a Change<Model>,
    /// The id to write where the Secret has none of ours.
    pub(super) fresh: String,
    pub(super) kept: Option<String>,
    /// Which argument has given the live contents, as the last apply recorded it.
    provided: Option<Provided>,
    /// What the last apply has left behind.
    prior: Option<Model>,
    /// The namespace that is made for it.
    pub(super) birth: Birth,
    /// What is known of the Secret by now.
    pub(super) progress: Mutex<Progress>,
}

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).create;
    Box::pin(write(&context.within(limit), change)).await
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).update;
    Box::pin(write(&context.within(limit), change)).await
}

async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let work = match begun(context, &change) {
        Ok(work) => work,
        Err(diagnostics) => return Outcome::Unchanged(diagnostics),
    };
    match work.done().await {
        Ok(written) => match work.state(&written).await {
            Ok(state) => Outcome::Done(state),
            Err(error) => Outcome::Unchanged(Diagnostic::from(error).into()),
        },
        Err(diagnostics) => work.what_exists(diagnostics).await,
    }
}

fn begun<'a>(context: &'a Context<Configured>, change: &'a Change<Model>) -> Result<Work<'a>, Diagnostics> {
    let provider = context.provider()?;
    let kept = instance::kept(&change.private).map_err(Diagnostic::from)?;
    let recorded = provided::kept(&change.private).map_err(Diagnostic::from)?;
    let prior = change.prior.as_ref().map(|prior| proposed::without(prior, &change.private)).transpose();
    let prior = prior.map_err(Diagnostic::from)?;
    let provenance = Provenance::kept(&change.private).map_err(Diagnostic::from)?;
    let progress = Mutex::new(Progress { wrote: false, existed: false, provenance });
    Ok(Work {
        context,
        provider,
        change,
        fresh: instance::fresh(),
        kept,
        provided: recorded,
        prior,
        birth: Birth::default(),
        progress,
    })
}

impl Work<'_> {
    async fn done(&self) -> Result<Written, Diagnostics> {
        let planned = &self.change.planned;
        let told = |error: BootstrapSecretError| error.diagnostics(planned);
        if self.change.prior.is_none() {
            // Without its sources nothing is begun, and no cluster is waited for.
            self.sources().await.and_then(|sources| compare(sources, None, None, planned)).map_err(told)?;
        }
        self.provider.cluster.work(self.context, || self.attempt()).await.map_err(told)
    }

    async fn sources(&self) -> Result<super::sources::Sources, BootstrapSecretError> {
        read_sources(self.context, &self.change.planned, &self.change.config, &self.provider.environment).await
    }

    /// Looks, decides and writes, again where somebody else wrote meanwhile. A create begins without the look: the API server
    /// itself says whether what must not exist does, as nothing that was seen before can. See `docs/design/gathering.md`.
    async fn attempt(&self) -> Result<Written, BootstrapSecretError> {
        let (mut tries, mut looks) = (1, self.change.prior.is_some());
        loop {
            let error = match self.once(looks).await {
                Ok(written) => return Ok(written),
                Err(error) => error,
            };
            if !looks && is_refusal(&error) {
                looks = true;
                continue;
            }
            let raced = match error.as_failure().and_then(Failure::cause) {
                Some(Cause::Changed { .. }) => true,
                // The namespace went away after it was made sure of.
                Some(Cause::NotFound | Cause::NamespaceTerminating { .. }) => self.change.planned.creates_namespace(),
                _ => false,
            };
            if !raced || tries >= TRIES {
                return Err(self.explained(error));
            }
            tries += 1;
            self.provider.cluster.forget_namespace(self.change.planned.namespace_name()).await;
            self.context.progress(&format!("{error}: trying again"));
        }
    }

    fn explained(&self, error: BootstrapSecretError) -> BootstrapSecretError {
        match &error {
            BootstrapSecretError::Write { failure, .. } if matches!(failure.cause(), Some(Cause::NotFound)) => {
                BootstrapSecretError::NoNamespace(self.change.planned.namespace_name().to_owned())
            }
            _ => error,
        }
    }

    async fn once(&self, looks: bool) -> Result<Written, BootstrapSecretError> {
        let planned = &self.change.planned;
        let namespace = self.namespace().await?;
        let live = if looks { self.look().await? } else { None };
        if let Some(live) = &live
            && owner::of(live, planned.takers()).is_some()
        {
            return Ok(self.handed_over(live, namespace));
        }
        let prior = self.prior.as_ref().filter(|_| live.is_some());
        let before = prior.map(|model| Before { model, provided: self.provided.as_ref() });
        let decision = compare(self.sources().await?, live.as_ref(), before, planned)?;
        warn_of_kept(self.context, &decision);
        // Contents of the live Secret are written back only if it is still that one.
        let guard = live.as_ref().filter(|_| decision.keeps() || planned.has_versioned_values());
        let guard = guard.and_then(|live| live.object.metadata.resource_version.clone());
        let id = self.instance(live.as_ref());
        let found = self.found(live.as_ref());
        let desired = object::desired(planned, &decision, &id, self.is_adopted(live.as_ref(), found), guard);
        let changed_keys = changed_keys(&decision, live.as_ref());
        let provided = decision.provided(before.and_then(|before| before.provided));
        let Applied { created, live: written } = self.apply(desired, live.as_ref()).await?;
        if live.is_none() && !created {
            self.note_unforeseen(&written);
        } else {
            self.settle(live.as_ref(), found);
        }
        Ok(Written { live: written, changed_keys, instance: Some(id), namespace, provided: Some(provided) })
    }

    async fn namespace(&self) -> Result<Option<String>, BootstrapSecretError> {
        let planned = &self.change.planned;
        if !planned.creates_namespace() {
            return Ok(None);
        }
        let name = planned.namespace_name();
        let labels = planned.namespace_labels.as_ref_option().cloned().unwrap_or_default();
        let ensured = self.provider.cluster.ensure_namespace(self.context, name, &labels, &self.birth).await;
        ensured.map_err(|failure| BootstrapSecretError::Namespace { namespace: name.to_owned(), failure })
    }

    async fn look(&self) -> Result<Option<Live<Secret>>, BootstrapSecretError> {
        let planned = &self.change.planned;
        let (namespace, name) = (planned.namespace_name(), planned.secret_name());
        self.provider
            .cluster
            .ask(self.context, |client, call| async move { client.get_secret(&call, namespace, name).await })
            .await
            .map_err(|failure| BootstrapSecretError::Look { id: planned.id(), failure })
    }

    /// The id that the Secret is to carry: the one that is ours already, else a fresh one.
    fn instance(&self, live: Option<&Live<Secret>>) -> String {
        let on_it = live.and_then(|live| instance::on(&live.object.metadata));
        let kept = self.kept.as_deref().filter(|_| self.change.prior.is_some());
        on_it.filter(|id| kept == Some(*id)).unwrap_or(&self.fresh).to_owned()
    }

    /// A Secret of somebody else's is recorded, not written.
    fn handed_over(&self, live: &Live<Secret>, namespace: Option<String>) -> Written {
        let id = instance::on(&live.object.metadata).filter(|id| self.kept.as_deref() == Some(*id));
        let instance = id.map(ToOwned::to_owned);
        Written { live: live.clone(), changed_keys: Vec::new(), instance, namespace, provided: None }
    }

    async fn apply(
        &self,
        desired: Secret,
        live: Option<&Live<Secret>>,
    ) -> Result<Applied<Secret>, BootstrapSecretError> {
        let planned = &self.change.planned;
        let force = planned.force_conflicts.as_ref_option().copied().unwrap_or_default();
        let how = Apply { force, create_only: live.is_none(), ..Apply::default() };
        let mut outcome = self.send(&desired, how).await;
        if !force
            && let Err(failure) = &outcome
            && self.was_changed_by_hand(failure, live)
        {
            outcome = self.send(&desired, Apply { force: true, ..how }).await;
        }
        outcome.map_err(|failure| BootstrapSecretError::Write { id: planned.id(), failure })
    }

    async fn send(&self, desired: &Secret, how: Apply) -> Result<Applied<Secret>, Failure> {
        let planned = &self.change.planned;
        self.provider.cluster.note_secret_change(planned.namespace_name(), planned.secret_name());
        let applied = self
            .provider
            .cluster
            .change(self.context, |client, call| async move { client.apply(&call, desired, how).await })
            .await;
        if applied.as_ref().map_or_else(Failure::may_have_happened, |_| true) {
            self.note(|progress| progress.wrote = true);
        }
        let applied = applied?;
        self.provider.cluster.note_written(&applied.live.object.metadata);
        Ok(applied)
    }

    /// Is every conflict a change that somebody made by hand, with kubectl, on a Secret that is ours? That is drift,
    /// and put back like any other; a controller's field is a conflict. See `docs/design/drift-by-hand.md`.
    fn was_changed_by_hand(&self, failure: &Failure, live: Option<&Live<Secret>>) -> bool {
        let Some(Cause::FieldConflict { fields }) = failure.cause() else { return false };
        let Some(live) = live.filter(|live| instance::on(&live.object.metadata) == self.kept.as_deref()) else {
            return false;
        };
        let by_hand = |name: &str| {
            name.starts_with("kubectl") && live.managers.iter().any(|manager| manager.name == name && !manager.applied)
        };
        self.kept.is_some() && self.change.prior.is_some() && fields.iter().all(|conflict| by_hand(&conflict.manager))
    }
}

/// Does the API server refuse to write what must not exist? What exists may be written all the same, or need not be.
fn is_refusal(error: &BootstrapSecretError) -> bool {
    let BootstrapSecretError::Write { failure, .. } = error else { return false };
    let exists = matches!(failure.cause(), Some(Cause::Changed { .. } | Cause::FieldConflict { .. }));
    // Admission may judge a change of what exists, before it is found out that none is wanted.
    let may_exist = matches!(
        failure.cause(),
        Some(Cause::AdmissionDenied { .. } | Cause::Forbidden { .. } | Cause::Invalid { .. })
    );
    exists || may_exist
}

/// The keys whose content the write changes, and those that it adds.
fn changed_keys(decision: &Decision, live: Option<&Live<Secret>>) -> Vec<String> {
    let written = decision.written();
    match live {
        Some(_) => written.into_iter().map(ToOwned::to_owned).collect(),
        None => decision.keys.keys().cloned().collect(),
    }
}
