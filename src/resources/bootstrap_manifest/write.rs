//! Create and update: one way of writing, which may be repeated until the cluster has taken it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use serde_json::Value as Json;
use tazlab_clients::kubernetes::{Call, Cause, Client, Live, Untyped};
use tazlab_redacted::SecretText;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::private::Private;
use tf_plugin::framework::resource::{Change, Outcome, State};
use tf_plugin::framework::value::Value;

use super::confidential::{Confidential, without};
use super::errors::ManifestError;
use super::model::BootstrapManifest as Model;
use super::moved::FORMER;
use super::plan::scope;
use super::record::{Record, forget_former, is_former, note_unready};
use super::wait::standing;
use super::{TIMEOUTS, owner_of};
use crate::cluster::namespace::holding;
use crate::cluster::object::{ObjectError, Place, Stalled, Standing, Writer};
use crate::cluster::{Cluster, Failure};
use crate::configured::Configured;
use crate::manifest::differences::differences;
use crate::manifest::fields::{Lens, project};
use crate::manifest::object::Named;

/// How often is looked whether a namespace is there by now.
const LOOK: Duration = Duration::from_millis(500);

pub(super) async fn create(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).create;
    Box::pin(write(&context.within(limit), change)).await
}

pub(super) async fn update(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let limit = TIMEOUTS.overridden_by(&change.planned.timeouts).update;
    Box::pin(write(&context.within(limit), change)).await
}

/// What is known of the object by now.
#[derive(Debug, Default)]
struct Done {
    record: Option<Record>,
    uid: Option<String>,
    owner: Option<String>,
    changed: Vec<String>,
    /// What was said last of a wait.
    told: String,
}

async fn write(context: &Context<Configured>, change: Change<Model>) -> Outcome<Model> {
    let mut change = change;
    let told = |error: ManifestError| error.diagnostics(&change.planned);
    let begun = || -> Result<_, Diagnostics> {
        let cluster = &context.provider()?.cluster;
        let (named, body) = object_of(&change).map_err(told)?;
        let secret = Confidential::of(&change.config, &change.planned, change.prior.as_ref());
        let secret = secret.ok_or_else(|| told(ManifestError::Unknown))?;
        let former = is_former(&change.private).map_err(Diagnostic::from)?;
        Ok((cluster, named, body, secret, former))
    };
    let (cluster, named, body, secret, former) = match begun() {
        Ok(begun) => {
            begun.0.note_apply();
            begun
        }
        Err(diagnostics) => return Outcome::Unchanged(diagnostics),
    };
    let hidden = secret.secrets(None);
    let writer = match Writer::new(cluster, context, &change, change.planned.forces_conflicts()) {
        Ok(writer) => writer.strictly(hidden),
        Err(error) => return Outcome::Unchanged(Diagnostic::from(error).into()),
    };
    let done = Mutex::default();
    let work = Work {
        cluster,
        context,
        change: &change,
        writer: &writer,
        named: &named,
        body: &body,
        secret: &secret,
        former,
        done: &done,
    };
    let written = cluster.work(context, || work.attempt()).await.map_err(|error| error.diagnostics(&change.planned));
    let Done { record, uid, owner, changed, .. } = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut model = change.planned.clone();
    model.uid = uid.or_else(|| change.prior.as_ref()?.uid.as_ref_option().cloned()).into();
    model.owner = owner.into();
    model.changed_fields = Value::from((!changed.is_empty()).then(|| changed.join(", ")));
    // An update that was written and then failed keeps its state; the next one waits again.
    let before = change
        .prior
        .clone()
        .filter(|_| record.is_some() && written.is_err())
        .map(|prior| (prior, change.private.clone()));
    if let Err(error) = keep(record, &mut change.private) {
        return Outcome::Unchanged(error.into());
    }
    match (writer.outcome(&change, model, written).await, before) {
        (Outcome::Unchanged(diagnostics), Some((model, mut private))) => match note_unready(&mut private, true) {
            Ok(()) => Outcome::Partial(State { model, private }, diagnostics),
            Err(error) => Outcome::Unchanged(Diagnostic::from(error).into()),
        },
        (outcome, _) => outcome,
    }
}

fn keep(record: Option<Record>, private: &mut Private) -> Result<(), Diagnostic> {
    if let Some(record) = record {
        record.keep(private)?;
        note_unready(private, false)?;
        forget_former(private);
    }
    Ok(())
}

/// The object of a change; never another one than the one that is stored.
fn object_of(change: &Change<Model>) -> Result<(Named, Json), ManifestError> {
    let wanted = change.planned.wanted()?;
    let named = wanted.known().filter(|_| wanted.body.is_known()).ok_or(ManifestError::Unknown)?;
    if let Some(before) = change.prior.as_ref().and_then(Model::named)
        && !named.is_same_object(&before)
    {
        return Err(ManifestError::Other { before: before.title(), wanted: named.title() });
    }
    Ok((named, wanted.body.json))
}

struct Work<'a> {
    cluster: &'a Cluster,
    context: &'a Context<Configured>,
    change: &'a Change<Model>,
    writer: &'a Writer<'a, Configured>,
    named: &'a Named,
    body: &'a Json,
    secret: &'a Confidential,
    former: bool,
    done: &'a Mutex<Done>,
}

impl Work<'_> {
    async fn attempt(&self) -> Result<(), ManifestError> {
        let place = loop {
            let place = self.place().await?;
            match self.once(&place).await {
                Ok(true) => break place,
                Ok(false) => return Ok(()),
                Err(error) if error.is_absence() => {
                    self.cluster.forget_kind(&place.kind);
                    self.until_namespace(&place, &error).await?;
                }
                Err(error) => return Err(error.settled()),
            }
        };
        self.until_expected(&place).await
    }

    /// Where the object is, once its kind is served.
    async fn place(&self) -> Result<Place, ManifestError> {
        let Named { group, version, kind, namespace, name } = self.named;
        if let Ok(None) = self.cluster.kind_named(self.context, group, version, kind).await
            && let Some(why) = self.cluster.never_served(self.context, group, version, kind).await
        {
            return Err(ManifestError::NeverServed(why));
        }
        let served = self.cluster.until_kind(self.context, group, version, kind).await?;
        scope(served.namespaced, self.named).map_err(ManifestError::Scope)?;
        Ok(Place { kind: served.kind, namespace: namespace.clone(), name: name.clone() })
    }

    /// Writes the object; `false` where somebody else owns it, and nothing was written.
    async fn once(&self, place: &Place) -> Result<bool, ManifestError> {
        // The writer looks for itself: this look is for what must be known before.
        let looks = self.former || !self.change.planned.takers().is_empty();
        let before = if looks { self.live(place).await? } else { None };
        if let Some(live) = &before
            && let Some(owner) = owner_of(live, self.change.planned.takers())
        {
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            (done.owner, done.uid) = (Some(owner), live.object.metadata.uid.clone());
            return Ok(false);
        }
        if let Some(live) = before.as_ref().filter(|_| self.former) {
            self.succeed(place, live).await?;
        }
        let desired = |live: Option<&Untyped>| self.secret.on(self.body, live);
        let (before, after) = self.writer.write(place, desired).await?;
        let record = Record::of(self.body, &after, self.secret.paths());
        let changed = before.as_ref().map(|before| self.changed(before, &after)).unwrap_or_default();
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.uid.clone_from(&after.object.metadata.uid);
        // A write that is repeated changes nothing more.
        if done.changed.is_empty() {
            done.changed = changed;
        }
        done.record = Some(record);
        Ok(true)
    }

    async fn live(&self, place: &Place) -> Result<Option<Live<Untyped>>, ManifestError> {
        let get = |client: Client, call: Call| async move {
            client.get_untyped(&call, &place.kind, place.namespace.as_deref(), &place.name).await
        };
        let live = self.cluster.ask(self.context, get).await;
        live.map_err(|failure| ObjectError::Look { title: place.to_string(), failure }.into())
    }

    /// Takes the entries of the providers over from which the state came: what they applied, and the manifest does not have, goes.
    async fn succeed(&self, place: &Place, live: &Live<Untyped>) -> Result<(), ManifestError> {
        let is_former = |name: &str| FORMER.iter().any(|beginning| name.starts_with(beginning));
        for manager in live.managers.iter().filter(|one| is_former(&one.name) && one.subresource.is_empty()) {
            let take = |client: Client, call: Call| async move {
                let (namespace, name) = (place.namespace.as_deref(), place.name.as_str());
                client.succeed_manager(&call, &place.kind, namespace, name, &manager.name).await
            };
            let taken = self.cluster.change(self.context, take).await;
            let failed = |failure| ObjectError::Write { title: place.to_string(), namespace: None, failure };
            taken.map_err(failed)?;
        }
        Ok(())
    }

    /// The fields that a write changed: of the manifest as it is, and of those that it had before.
    fn changed(&self, before: &Live<Untyped>, after: &Live<Untyped>) -> Vec<String> {
        let hidden = [self.secret.paths(), self.hidden_before().as_slice()].concat();
        let earlier = self.change.prior.as_ref().and_then(|prior| prior.body().ok()).map(|body| body.json);
        let mut found: Vec<String> = Vec::new();
        for manifest in [Some(self.body), earlier.as_ref()].into_iter().flatten() {
            let seen = |live: &Live<Untyped>| {
                project(manifest, &live.object.value, Lens { managers: &live.managers, hidden: &hidden })
            };
            let paths = differences(&seen(before), &seen(after));
            found.extend(paths.into_iter().filter(|path| !path.is_empty()));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn hidden_before(&self) -> Vec<Vec<String>> {
        Record::kept(&self.change.private).map(|record| record.hidden().to_vec()).unwrap_or_default()
    }

    /// Waits until the namespace is there and not going away, since a write was `refused`; a moment where there is nothing to wait for.
    async fn until_namespace(&self, place: &Place, refused: &ManifestError) -> Result<(), ManifestError> {
        let Some(namespace) = place.namespace.as_deref() else {
            return self.pause_for_kind(format!("{place}: its kind is not served any more")).await;
        };
        loop {
            let get = |client: Client, call: Call| async move { client.get::<Namespace>(&call, None, namespace).await };
            let (seen, goes) = match self.cluster.ask(self.context, get).await {
                Ok(Some(live)) if live.object.metadata.deletion_timestamp.is_none() => {
                    let seen = format!("namespace {namespace} exists, and {place} cannot be written yet: {refused}");
                    return self.pause_for_kind(seen).await;
                }
                Ok(Some(live)) => (format!("namespace {namespace} is being deleted{}", holding(&live.object)), true),
                Ok(None) => (format!("namespace {namespace} does not exist"), false),
                // Who may write in a namespace need not be allowed to read it.
                Err(failure) if matches!(failure.cause(), Some(Cause::Forbidden { .. })) => {
                    (refused.to_string(), false)
                }
                Err(failure) => return Err(failure.into()),
            };
            let ended = self.pause(seen.clone()).await;
            let namespace = namespace.to_owned();
            ended.map_err(|failure| ManifestError::NoNamespace { namespace, seen, goes, failure })?;
        }
    }

    async fn pause_for_kind(&self, seen: String) -> Result<(), ManifestError> {
        self.pause(seen.clone()).await.map_err(|failure| ManifestError::NoKind { seen, failure })
    }

    async fn pause(&self, what: String) -> Result<(), Failure> {
        {
            let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            if done.told != what {
                self.context.progress(&format!("waiting: {what}"));
                done.told.clone_from(&what);
            }
        }
        self.context.pause(LOOK).await.map_err(|why| Failure::Interrupted { what, why })
    }

    async fn until_expected(&self, place: &Place) -> Result<(), ManifestError> {
        let planned = &self.change.planned;
        if planned.wait_for.as_ref_option().is_none() {
            return Ok(());
        }
        let title = self.named.title();
        let live = if self.secret.paths().is_empty() { None } else { self.live(place).await? };
        let secrets: Vec<SecretText> = self.secret.secrets(live.as_ref().map(|live| &live.object));
        let mut last = format!("{title} was not seen");
        let judge = |object: &Json| {
            let found = match standing(&title, object, &planned.wait_for, &planned.failed_when) {
                Standing::Done => Standing::Done,
                Standing::Waiting(what) => Standing::Waiting(without(&what, &secrets)),
                Standing::Hopeless(why) => Standing::Hopeless(without(&why, &secrets)),
            };
            if let Standing::Waiting(what) | Standing::Hopeless(what) = &found {
                last.clone_from(what);
            }
            found
        };
        let mut vigil = self.cluster.wait_at(self.context, place).await?;
        match vigil.until(judge, None).await {
            Ok(_) => Ok(()),
            Err(Stalled::Hopeless(why)) => Err(ManifestError::Failed(why)),
            Err(Stalled::Ended(failure)) => Err(ManifestError::NotReady { seen: last, failure }),
        }
    }
}
