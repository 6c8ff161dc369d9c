//! Create and update: restores what is missing in the cluster, then writes the copy. Both may be repeated until they are done.

use std::sync::{Mutex, PoisonError};

use tazlab_clients::kubernetes::Cause;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::resource::{Change, Outcome, State};
use tf_plugin::framework::value::Value;

use super::copy::{Copy, expires};
use super::decision::Verdict;
use super::errors::KeptSecretError;
use super::keep::{Kept, keep};
use super::model::{KeptSecret as Model, Target};
use super::restore::Restorer;
use super::review::{Lives, Review, Rules, Uids};
use super::{NAMESPACE_INSTANCE, TIMEOUTS, look, plan, tell};
use crate::cluster::namespace::Birth;
use crate::cluster::{AsFailure, Failure};
use crate::configured::Configured;

/// How often a write is begun again because somebody else wrote at the same time.
const TRIES: u32 = 5;

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).create;
    Box::pin(write(&context.within(limit), change)).await
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).update;
    Box::pin(write(&context.within(limit), change)).await
}

/// One write's surroundings.
struct Work<'a> {
    context: &'a Context<Configured>,
    provider: &'a Configured,
    planned: &'a Model,
    target: Target,
    known: Uids,
    /// The namespace that is made for it.
    birth: Birth,
    /// The id on the namespace, where it is ours.
    namespace: Mutex<Option<String>>,
    /// What this write has restored so far, whatever becomes of the rest.
    restored: Mutex<Uids>,
}

/// What a write came to.
struct Done {
    copy: Copy,
    uids: Uids,
    /// The id on the namespace, where it is ours.
    namespace: Option<String>,
}

/// One look at both sides, and what was made of it.
enum Step {
    Done(Done),
    /// Somebody wrote at the same time.
    Again(KeptSecretError),
}

async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let work = match begun(context, &change) {
        Ok(work) => work,
        Err(diagnostics) => return Outcome::Unchanged(diagnostics),
    };
    let written = work.done().await;
    let mut state = State { model: change.planned.clone(), private: change.private.clone() };
    match written {
        Ok(done) => match work.complete(&mut state, &done).await {
            Ok(()) => Outcome::Done(state),
            Err(error) => Outcome::Unchanged(Diagnostic::from(error).into()),
        },
        // The namespace was made for it, by this create or by one that failed before it, and is not forgotten. Nothing is lost
        // with what is restored already: the next apply finds it to be the same as the copy.
        Err(diagnostics) => match work.namespace_id().filter(|_| change.prior.is_none()) {
            Some(id) => {
                // A text has a JSON form.
                let _ = state.private.set(NAMESPACE_INSTANCE, id);
                // The next apply replaces what is tainted: its destroy must not take the copy along.
                state.model.forget_copy = Value::Value(false);
                Outcome::Partial(state, diagnostics)
            }
            None => Outcome::Unchanged(diagnostics),
        },
    }
}

fn begun<'a>(context: &'a Context<Configured>, change: &'a Change<Model>) -> Result<Work<'a>, Diagnostics> {
    let provider = context.provider()?;
    let known = look::known(&change.private).map_err(Diagnostic::from)?;
    let planned = &change.planned;
    let target = planned.target().ok_or(KeptSecretError::Unknown)?;
    let (birth, namespace, restored) = (Birth::default(), Mutex::default(), Mutex::default());
    Ok(Work { context, provider, planned, target, known, birth, namespace, restored })
}

/// All of these errors as one.
pub(super) fn all_or_nothing(mut errors: Vec<KeptSecretError>) -> Result<(), KeptSecretError> {
    if errors.len() > 1 {
        return Err(KeptSecretError::Several(errors));
    }
    errors.pop().map_or(Ok(()), Err)
}

/// Did somebody write at the same time?
fn is_raced(error: &KeptSecretError) -> bool {
    match error {
        KeptSecretError::Several(errors) => errors.iter().any(is_raced),
        one => matches!(one.as_failure().and_then(Failure::cause), Some(Cause::Changed { .. })),
    }
}

/// Is only this object refused? A cluster that is away, or a namespace that does not exist, fails for all of them.
pub(super) fn is_of_one_object(error: &KeptSecretError) -> bool {
    match error.as_failure().and_then(Failure::cause) {
        Some(
            Cause::Changed { .. }
            | Cause::Forbidden { .. }
            | Cause::Invalid { .. }
            | Cause::FieldConflict { .. }
            | Cause::AdmissionDenied { .. },
        ) => true,
        Some(Cause::Api { code, .. }) => (400..500).contains(code),
        _ => false,
    }
}

impl Work<'_> {
    async fn done(&self) -> Result<Done, Diagnostics> {
        let vault = &self.provider.vault;
        let alone = vault.alone_at(self.context, vault.namespace(), &self.target.api_path()).await;
        let busy = |failure| KeptSecretError::Busy { copy: self.target.copy(), failure };
        let _alone = alone.map_err(busy)?;
        // What cannot be right in Vault is told before a cluster is waited for.
        look::copy(self.context, self.provider, &self.target).await?;
        Ok(self.provider.cluster.work(self.context, || self.attempt()).await?)
    }

    async fn attempt(&self) -> Result<Done, KeptSecretError> {
        let namespace = self.namespace().await?;
        let mut tries = 1;
        loop {
            match self.once(namespace.clone()).await {
                Ok(Step::Done(done)) => return Ok(done),
                Ok(Step::Again(error)) if tries >= TRIES => return Err(error),
                Ok(Step::Again(error)) => {
                    tries += 1;
                    self.context.progress(&format!("{error}: trying again"));
                }
                Err(error) => return Err(self.explained(error)),
            }
        }
    }

    fn explained(&self, error: KeptSecretError) -> KeptSecretError {
        match error {
            KeptSecretError::Several(errors) => {
                KeptSecretError::Several(errors.into_iter().map(|error| self.explained(error)).collect())
            }
            KeptSecretError::Restore { ref failure, .. } if matches!(failure.cause(), Some(Cause::NotFound)) => {
                KeptSecretError::NoNamespace(self.target.namespace.clone())
            }
            _ => error,
        }
    }

    async fn namespace(&self) -> Result<Option<String>, KeptSecretError> {
        if !self.planned.creates_namespace() {
            return Ok(None);
        }
        let (name, cluster) = (&self.target.namespace, &self.provider.cluster);
        let ensured =
            cluster.ensure_namespace(self.context, name, &std::collections::BTreeMap::new(), &self.birth).await;
        let id = ensured.map_err(|failure| KeptSecretError::Namespace { namespace: name.clone(), failure })?;
        self.namespace.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&id);
        Ok(id)
    }

    /// The id on the namespace, as far as it is known or may be there.
    fn namespace_id(&self) -> Option<String> {
        let known = self.namespace.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.or_else(|| self.birth.id().map(ToOwned::to_owned))
    }

    /// Looks at both sides, decides and writes.
    async fn once(&self, namespace: Option<String>) -> Result<Step, KeptSecretError> {
        let (context, provider, target) = (self.context, self.provider, &self.target);
        let copy = look::copy(context, provider, target).await?;
        let restorer = Restorer { context, provider, target };
        let lives = restorer.settled(&copy).await?;
        let review = Review::of(&lives, &copy, &Rules::of(self.planned, &self.known));
        all_or_nothing(plan::refused(&review, &lives, &copy, target))?;
        if let Err(error) = self.to_cluster(&restorer, &review, &lives, &copy).await {
            return if is_raced(&error) { Ok(Step::Again(error)) } else { Err(error) };
        }
        let mut copy = copy;
        if let Some(contents) = review.kept(&lives, &copy) {
            match keep(context, provider, target, &copy, &contents).await? {
                Kept::Overtaken => return Ok(Step::Again(KeptSecretError::Overtaken(target.copy()))),
                Kept::Done(written) => {
                    let (version, written) = (written.version, Some(written.written));
                    copy = Copy { secrets: contents, exists: true, version, written };
                }
            }
        }
        tell::undone(context, target, &review);
        let uids = review.same_afterwards(&lives, &self.restored());
        Ok(Step::Done(Done { copy, uids, namespace }))
    }

    /// Restores what is missing. What one Secret is refused for says nothing about the others.
    async fn to_cluster(
        &self,
        restorer: &Restorer<'_>,
        review: &Review,
        lives: &Lives,
        copy: &Copy,
    ) -> Result<(), KeptSecretError> {
        let mut errors = Vec::new();
        for (name, verdict) in &review.verdicts {
            let Some(content) = copy.secrets.get(name) else { continue };
            let written = match (verdict, lives.get(name)) {
                (Verdict::Restore, _) => restorer.make(name, content).await,
                (Verdict::Overwrite, Some(live)) => restorer.overwrite(name, content, live).await,
                _ => continue,
            };
            match written {
                Ok(uid) => {
                    self.restored.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), uid);
                }
                Err(error) => {
                    let goes_on = is_of_one_object(&error);
                    errors.push(error);
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        all_or_nothing(errors)
    }

    fn restored(&self) -> Uids {
        self.restored.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is stored: the plan left open whatever is known only now.
    async fn complete(&self, state: &mut State<Model>, done: &Done) -> Result<(), PrivateError> {
        let (model, copy) = (&mut state.model, &done.copy);
        let text = |moment: Option<jiff::Timestamp>| Value::from(moment.map(|moment| moment.to_string()));
        if model.kept_version.is_unknown() {
            model.kept_version = copy.exists.then_some(copy.version).into();
        }
        if model.kept_at.is_unknown() {
            model.kept_at = text(copy.written.filter(|_| copy.exists));
        }
        if model.expires_at.is_unknown() {
            model.expires_at = text(expires(&copy.secrets));
        }
        if model.restored.is_unknown() {
            model.restored = Value::Value(!self.restored().is_empty());
        }
        self.private(&mut state.private, done).await
    }

    async fn private(&self, private: &mut Private, done: &Done) -> Result<(), PrivateError> {
        look::remember(private, &done.uids)?;
        private.set_or_remove(NAMESPACE_INSTANCE, done.namespace.as_deref())?;
        self.provider.cluster.record_origin(self.context, private).await
    }
}
