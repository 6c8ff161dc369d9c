//! Writing the object with its mark: making it, adopting the one that is there, and what is left when that fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Applied, Apply, Cause, FieldConflict, Live, Untyped};
use tazlab_redacted::SecretText;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::{Private, PrivateError};
use tf_plugin::framework::resource::{Change, Outcome, State};
use tf_plugin::framework::value::Value;

use super::super::provenance::{self, Provenance};
use super::super::{Cluster, Failure, instance};
use super::{ObjectError, Place, adopted, perhaps_changed, put};

/// How often a write is begun again because somebody wrote at the same time.
const TRIES: u32 = 5;

/// How often an object that is going away is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// One create or update. It may be repeated until the cluster has taken it.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
pub struct Writer<'a, D> {
    cluster: &'a Cluster,
    context: &'a Context<D>,
    /// Take fields over from other managers.
    force: bool,
    /// Refuse fields that the kind does not have.
    strict: bool,
    /// Secrets of the object that no message may repeat.
    hidden: Vec<SecretText>,
    /// The mark on the object.
    id: String,
    /// The mark was known before.
    marked: bool,
    /// The object was imported, and this is its first update.
    imported: bool,
    /// There is no state of it yet.
    creates: bool,
    /// The object was there before, and is ours from now on.
    adopted: AtomicBool,
    /// How the object comes to be managed; what is kept of it before.
    provenance: Mutex<Option<Provenance>>,
    /// Something was written, or may have been.
    wrote: AtomicBool,
    /// The uid of what was written.
    uid: Mutex<Option<String>>,
}

impl<'a, D: Send + Sync> Writer<'a, D> {
    /// The writer of a change. A create has a mark of its own, an update the one that is kept.
    ///
    /// # Errors
    /// [`PrivateError`] when the private state holds no text where the mark should be.
    pub fn new<M>(
        cluster: &'a Cluster,
        context: &'a Context<D>,
        change: &Change<M>,
        force: bool,
    ) -> Result<Self, PrivateError> {
        let kept = instance::kept(&change.private)?.filter(|_| change.prior.is_some());
        let (adopted, wrote) = (AtomicBool::new(false), AtomicBool::new(false));
        let provenance = Mutex::new(Provenance::kept(&change.private)?);
        let creates = change.prior.is_none();
        let imported = kept.is_none() && !creates;
        let marked = kept.is_some();
        let (id, uid) = (kept.unwrap_or_else(instance::fresh), Mutex::new(None));
        let (strict, hidden) = (false, Vec::new());
        Ok(Self {
            cluster,
            context,
            force,
            strict,
            hidden,
            id,
            marked,
            imported,
            creates,
            adopted,
            provenance,
            wrote,
            uid,
        })
    }

    /// The same writer, which refuses fields that the kind does not have, and repeats none of these secrets.
    #[must_use]
    pub fn strictly(mut self, hidden: Vec<SecretText>) -> Self {
        (self.strict, self.hidden) = (true, hidden);
        self
    }

    /// Writes what `desired` makes of the live object; gives the object before and after.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub async fn write(
        &self,
        place: &Place,
        desired: impl Fn(Option<&Untyped>) -> Json + Send + Sync,
    ) -> Result<(Option<Live<Untyped>>, Live<Untyped>), ObjectError> {
        let failed =
            |failure| ObjectError::Write { title: place.to_string(), namespace: place.namespace.clone(), failure };
        let mut tries = 1;
        loop {
            let live = self.settled(place).await?;
            let provenance = self.found(live.as_ref());
            let mut object = self.marked(place, desired(live.as_ref().map(|live| &live.object)));
            if self.is_adopted(live.as_ref(), provenance) {
                put(&mut object, &["metadata", "annotations", provenance::ADOPTED], "true".to_owned());
            }
            let failure = match self.apply(place, &object, live.as_ref()).await {
                Ok(Applied { created: false, live: written }) if live.is_none() => {
                    // A server that does not keep to what was asked of it, see `Apply::create_only`.
                    self.adopted.store(true, Ordering::Relaxed);
                    self.settle(place, Some(&written), Some(Provenance::Adopted));
                    return Ok((live, written));
                }
                Ok(Applied { live: written, .. }) => {
                    self.settle(place, live.as_ref(), provenance);
                    return Ok((live, written));
                }
                Err(failure) => failure,
            };
            // A controller may have written between the look and the write: what is wanted may be another thing now.
            let raced = matches!(failure.cause(), Some(Cause::Changed { .. } | Cause::FieldConflict { .. }));
            if !raced || tries >= TRIES || !self.has_moved(place, live.as_ref()).await? {
                let of_others = self.creates && self.adopted.load(Ordering::Relaxed);
                if of_others && failure.may_have_happened() {
                    self.context.warn(perhaps_changed(&place.to_string()));
                }
                return Err(failed(failure));
            }
            tries += 1;
            self.context.progress(&format!("{place}: {failure}: trying again"));
        }
    }

    /// How the object comes to be managed, by what was seen before the write; `None` where nothing changes about that.
    fn found(&self, live: Option<&Live<Untyped>>) -> Option<Provenance> {
        let Some(live) = live else { return Some(Provenance::Made) };
        let mark = instance::on(&live.object.metadata);
        if mark == Some(self.id.as_str()) {
            return None;
        }
        self.adopted.store(true, Ordering::Relaxed);
        (!self.imported).then(|| Provenance::found(&live.object.metadata, &live.managers, mark))
    }

    /// Was the object others' before?
    fn is_adopted(&self, live: Option<&Live<Untyped>>, found: Option<Provenance>) -> bool {
        let known = found.or(*self.provenance.lock().unwrap_or_else(PoisonError::into_inner));
        live.is_some_and(|live| Provenance::of(known, &live.object.metadata) == Some(Provenance::Adopted))
    }

    /// Keeps how the object has come to be managed, and says where it was others'.
    fn settle(&self, place: &Place, live: Option<&Live<Untyped>>, found: Option<Provenance>) {
        let Some(found) = found else { return };
        *self.provenance.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        if let Some(live) = live.filter(|_| found == Provenance::Adopted) {
            let others = provenance::declarers(&live.managers, "spec", Some(found));
            self.context.warn(adopted(&place.to_string(), &others));
        }
    }

    /// The object, once it is not going away any more.
    async fn settled(&self, place: &Place) -> Result<Option<Live<Untyped>>, ObjectError> {
        let failed = |failure| ObjectError::Look { title: place.to_string(), failure };
        loop {
            let get = |client, call| async move { place.get(&client, &call).await };
            let live = self.cluster.ask(self.context, get).await.map_err(failed)?;
            let Some(going) = live.as_ref().filter(|live| live.object.metadata.deletion_timestamp.is_some()) else {
                return Ok(live);
            };
            let finalizers = going.object.metadata.finalizers.clone().unwrap_or_default();
            let what = format!("{place} is being deleted and has the finalizers {}", finalizers.join(", "));
            self.context.progress(&format!("waiting: {what}"));
            self.context.pause(LOOK).await.map_err(|why| failed(Failure::Interrupted { what, why }))?;
        }
    }

    async fn has_moved(&self, place: &Place, before: Option<&Live<Untyped>>) -> Result<bool, ObjectError> {
        let version =
            |live: Option<&Live<Untyped>>| live.and_then(|live| live.object.metadata.resource_version.clone());
        Ok(version(self.settled(place).await?.as_ref()) != version(before))
    }

    fn marked(&self, place: &Place, mut object: Json) -> Json {
        put(&mut object, &["apiVersion"], place.kind.api_version());
        put(&mut object, &["kind"], place.kind.kind.clone());
        put(&mut object, &["metadata", "name"], place.name.clone());
        if let Some(namespace) = &place.namespace {
            put(&mut object, &["metadata", "namespace"], namespace.clone());
        }
        put(&mut object, &["metadata", "annotations", instance::ANNOTATION], self.id.clone());
        object
    }

    async fn apply(
        &self,
        place: &Place,
        object: &Json,
        live: Option<&Live<Untyped>>,
    ) -> Result<Applied<Untyped>, Failure> {
        // Whoever makes it between the look and the write keeps what is theirs: it is looked at again.
        let how = Apply { force: self.force, dry_run: false, strict: self.strict, create_only: live.is_none() };
        let outcome = self.send(place, object, how).await;
        if !self.force
            && let Err(failure) = &outcome
            && let Some(Cause::FieldConflict { fields }) = failure.cause()
            && self.was_changed_by_hand(fields, live)
        {
            return self.send(place, object, Apply { force: true, ..how }).await;
        }
        outcome
    }

    async fn send(&self, place: &Place, object: &Json, how: Apply) -> Result<Applied<Untyped>, Failure> {
        let (kind, hidden) = (&place.kind, &self.hidden);
        let apply = |client: tazlab_clients::kubernetes::Client, call| async move {
            client.apply_hiding(&call, kind, object, how, hidden).await
        };
        let applied = self.cluster.change(self.context, apply).await;
        if applied.as_ref().map_or_else(Failure::may_have_happened, |_| true) {
            self.wrote.store(true, Ordering::Relaxed);
        }
        let applied = applied?;
        self.cluster.note_written(&applied.live.object.metadata);
        self.uid.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&applied.live.object.metadata.uid);
        Ok(applied)
    }

    /// Is every conflict a change that somebody made by hand, with kubectl, on an object that is ours? That is drift,
    /// and put back; a controller's field is a conflict. See `docs/design/drift-by-hand.md`.
    fn was_changed_by_hand(&self, conflicts: &[FieldConflict], live: Option<&Live<Untyped>>) -> bool {
        let Some(live) = live.filter(|live| instance::on(&live.object.metadata) == Some(self.id.as_str())) else {
            return false;
        };
        let by_hand = |name: &str| {
            name.starts_with("kubectl") && live.managers.iter().any(|manager| manager.name == name && !manager.applied)
        };
        conflicts.iter().all(|conflict| by_hand(&conflict.manager))
    }

    /// The uid of the object that was written, for the state: it is known also where what follows fails.
    pub fn settle_uid(&self, uid: &mut Value<String>) {
        if uid.is_unknown() {
            *uid = self.uid.lock().unwrap_or_else(PoisonError::into_inner).clone().into();
        }
    }

    /// How the change ended: `model` is what was planned, completed by what was seen.
    ///
    /// A failed update keeps its state. A create that failed is tainted, and recreated by the next apply: that is for
    /// what it made itself, or may have made, and never for what was there before.
    pub async fn outcome<M>(&self, change: &Change<M>, model: M, ended: Result<(), Diagnostics>) -> Outcome<M>
    where
        M: Clone,
    {
        let private = match self.private(change.private.clone()).await {
            Ok(private) => private,
            Err(error) => return Outcome::Unchanged(Diagnostic::from(error).into()),
        };
        let wrote = self.wrote.load(Ordering::Relaxed);
        match (ended, &change.prior) {
            (Ok(()), _) => Outcome::Done(State { model, private }),
            (Err(diagnostics), None) if wrote && !self.adopted.load(Ordering::Relaxed) => {
                Outcome::Partial(State { model, private }, diagnostics)
            }
            // The first update after an import has marked the object: the next one must know its own mark.
            (Err(diagnostics), Some(prior)) if wrote && !self.marked => {
                Outcome::Partial(State { model: prior.clone(), private }, diagnostics)
            }
            (Err(diagnostics), _) => Outcome::Unchanged(diagnostics),
        }
    }

    async fn private(&self, mut private: Private) -> Result<Private, PrivateError> {
        instance::keep(&mut private, Some(&self.id))?;
        let provenance = *self.provenance.lock().unwrap_or_else(PoisonError::into_inner);
        Provenance::keep(provenance, &mut private)?;
        self.cluster.record_origin(self.context, &mut private).await?;
        Ok(private)
    }
}
