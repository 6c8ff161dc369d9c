//! Namespaces that resources make for their objects, and take away again when they are empty.
//!
//! A namespace of ours carries an instance id of its own. Every resource with `create_namespace` that finds the id
//! keeps it, so that the last of them to go may remove the namespace.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use tazlab_clients::kubernetes::{
    Applied, Apply, Cause, Client, FIELD_MANAGER, Held, Kind, Live, Manager, Preconditions,
};
use tf_plugin::framework::context::Context;
use tokio::sync::Mutex;

use super::{Cluster, Failure, instance};

/// How often a namespace that is going away is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often a delete is begun again because somebody wrote the namespace at the same time.
const TRIES: u32 = 5;

type Labels = BTreeMap<String, String>;

/// The namespaces that were made sure of in this process. The lock also keeps two resources from making the same one.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<String, (Labels, Option<String>)>>);

/// A namespace that one write may make.
#[derive(Debug)]
pub struct Birth {
    /// The id that it gets.
    id: String,
    /// It was made, or may have been.
    begun: AtomicBool,
}

impl Default for Birth {
    fn default() -> Self {
        Self { id: instance::fresh(), begun: AtomicBool::new(false) }
    }
}

impl Birth {
    /// The id of the namespace that this write has made, or may have made: whoever gives up must not lose it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.begun.load(Ordering::Relaxed).then_some(self.id.as_str())
    }
}

/// How many objects are being deleted in each namespace. The last of them looks whether the namespace is empty; for the
/// others it cannot be.
#[derive(Debug, Default)]
pub(super) struct Leaving(std::sync::Mutex<BTreeMap<String, usize>>);

/// An object that is being deleted in a namespace.
#[derive(Debug)]
pub struct Departure<'a> {
    leaving: &'a Leaving,
    namespace: String,
    over: bool,
}

impl Departure<'_> {
    /// Ends it. Was it the last one in its namespace? Counted and asked at once, so that exactly one is.
    fn ends_last(mut self) -> bool {
        self.over = true;
        self.leaving.end(&self.namespace) == 0
    }
}

impl Drop for Departure<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.leaving.end(&self.namespace);
        }
    }
}

impl Leaving {
    fn begin(&self, namespace: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(namespace.to_owned()).or_default() += 1;
    }

    /// How many are left.
    fn end(&self, namespace: &str) -> usize {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(namespace.to_owned()).or_default();
        *count = count.saturating_sub(1);
        *count
    }
}

impl Cluster {
    /// Announces that an object of the namespace is about to be deleted.
    pub fn departs(&self, namespace: &str) -> Departure<'_> {
        self.leaving.begin(namespace);
        Departure { leaving: &self.leaving, namespace: namespace.to_owned(), over: false }
    }

    /// Makes sure that the namespace exists with these labels, whatever others it has. A namespace that is going away
    /// is waited for first. Gives the id of a namespace that is ours; `birth` knows whether this call has made it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ensure_namespace<D>(
        &self,
        context: &Context<D>,
        name: &str,
        labels: &Labels,
        birth: &Birth,
    ) -> Result<Option<String>, Failure> {
        let mut known = self.namespaces.0.lock().await;
        if let Some((there, id)) = known.get(name)
            && labels.iter().all(|(key, value)| there.get(key) == Some(value))
        {
            return Ok(id.clone());
        }
        let mut tries = 1;
        let (there, id) = loop {
            let Some(live) = self.settled_namespace(context, name).await? else {
                match self.make_namespace(context, name, labels, birth).await {
                    // Somebody else has made it since.
                    Err(failure) if tries < TRIES && exists(&failure) => tries += 1,
                    made => break made?,
                }
                continue;
            };
            break self.label_namespace(context, name, labels, &live).await?;
        };
        known.insert(name.to_owned(), (there, id.clone()));
        Ok(id)
    }

    /// Is the namespace with this id all that is left: there, not going away, and without an object of the kind?
    ///
    /// # Errors
    /// As [`Cluster::look`].
    pub async fn namespace_is_left<D>(
        &self,
        context: &Context<D>,
        name: &str,
        kind: &Kind,
        id: &str,
    ) -> Result<bool, Failure> {
        let live = self.look(context, |client, call| async move { client.get::<Namespace>(&call, None, name).await });
        let ours = live.await?.is_some_and(|live| {
            let metadata = &live.object.metadata;
            metadata.deletion_timestamp.is_none() && instance::on(metadata) == Some(id)
        });
        let any = |client: Client, call| async move { client.namespace_holds_any(&call, kind, name).await };
        Ok(ours && !self.look(context, any).await?)
    }

    /// Forgets what is known of a namespace: it is gone.
    pub async fn forget_namespace(&self, name: &str) {
        self.namespaces.0.lock().await.remove(name);
    }

    /// The namespace, once it is not going away any more.
    async fn settled_namespace<D>(&self, context: &Context<D>, name: &str) -> Result<Option<Live<Namespace>>, Failure> {
        loop {
            let live = self
                .ask(context, |client, call| async move { client.get::<Namespace>(&call, None, name).await })
                .await?;
            match live {
                Some(live) if live.object.metadata.deletion_timestamp.is_some() => {
                    let what = format!("namespace {name} is being deleted{}", holding(&live.object));
                    context.progress(&format!("waiting: {what}"));
                    context.pause(LOOK).await.map_err(|why| Failure::Interrupted { what, why })?;
                }
                other => return Ok(other),
            }
        }
    }

    /// Makes the namespace, which must not exist: our mark would say that one of others' is ours.
    async fn make_namespace<D>(
        &self,
        context: &Context<D>,
        name: &str,
        labels: &Labels,
        birth: &Birth,
    ) -> Result<(Labels, Option<String>), Failure> {
        let how = Apply { create_only: true, ..Apply::default() };
        let made = self.apply_namespace(context, name, labels, Some(&birth.id), how).await;
        // A server that does not keep to that shows it.
        let begun = made.as_ref().map_or_else(Failure::may_have_happened, |made| made.created);
        if begun {
            birth.begun.store(true, Ordering::Relaxed);
        }
        let (there, id) = of_live(&made?.live);
        Ok((there, id.filter(|_| begun)))
    }

    /// Puts labels on a namespace that exists, where they are missing.
    async fn label_namespace<D>(
        &self,
        context: &Context<D>,
        name: &str,
        labels: &Labels,
        live: &Live<Namespace>,
    ) -> Result<(Labels, Option<String>), Failure> {
        let (mut ours, id) = of_live(live);
        if labels.iter().all(|(key, value)| ours.get(key) == Some(value)) {
            return Ok((ours, id));
        }
        ours.retain(|key, _| is_ours(live, key));
        ours.extend(labels.clone());
        let applied = self.apply_namespace(context, name, &ours, id.as_deref(), Apply::default()).await?;
        Ok(of_live(&applied.live))
    }

    async fn apply_namespace<D>(
        &self,
        context: &Context<D>,
        name: &str,
        labels: &Labels,
        id: Option<&str>,
        how: Apply,
    ) -> Result<Applied<Namespace>, Failure> {
        let namespace = &Namespace {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                labels: (!labels.is_empty()).then(|| labels.clone()),
                annotations: id.map(|id| [(instance::ANNOTATION.to_owned(), id.to_owned())].into()),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        self.change(context, |client, call| async move { client.apply(&call, namespace, how).await }).await
    }

    /// Removes the departed object's namespace if it is the one with this id and nobody needs it any more, and waits until
    /// it is gone. Where more objects of the kind `siblings` are there, which are most often the configuration's own, they
    /// take the namespace along themselves.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn release_namespace<D>(
        &self,
        context: &Context<D>,
        departure: Departure<'_>,
        siblings: &Kind,
        id: &str,
    ) -> Result<Release, Failure> {
        // Whoever is still at work looks later: what it deletes is still there, or it comes by here itself.
        let namespace = departure.namespace.clone();
        if !departure.ends_last() {
            return Ok(Release::Done);
        }
        let name = namespace.as_str();
        let any = |client: Client, call| async move { client.namespace_holds_any(&call, siblings, name).await };
        if self.ask(context, any).await? {
            return Ok(Release::Done);
        }
        let _one_at_a_time = self.namespaces.0.lock().await;
        for _ in 0..TRIES {
            match self.release_once(context, name, id).await {
                // Somebody wrote it, or made a new one: it is looked at again.
                Err(failure) if matches!(failure.cause(), Some(Cause::Changed { .. })) => {}
                other => return other,
            }
        }
        Ok(Release::Changing)
    }

    /// Removes the namespace as it was looked at.
    async fn release_once<D>(&self, context: &Context<D>, name: &str, id: &str) -> Result<Release, Failure> {
        let live =
            self.ask(context, |client, call| async move { client.get::<Namespace>(&call, None, name).await }).await?;
        let Some(live) = live.filter(|live| instance::on(&live.object.metadata) == Some(id)) else {
            return Ok(Release::Done);
        };
        let metadata = &live.object.metadata;
        if metadata.deletion_timestamp.is_none() {
            if let Some(manager) = declarer(&live) {
                return Ok(Release::Declared(manager.to_owned()));
            }
            let held =
                self.ask(context, |client, call| async move { client.namespace_holds(&call, name).await }).await?;
            if let Some(held) = held.into_iter().next() {
                return Ok(Release::Holds(held));
            }
            let (uid, resource_version) = (metadata.uid.clone(), metadata.resource_version.clone());
            let preconditions = &Preconditions { uid, resource_version };
            self.forget_lists(name);
            let delete = |client: Client, call| async move {
                client.delete::<Namespace>(&call, None, name, preconditions).await
            };
            self.change(context, delete).await?;
        }
        self.settled_namespace(context, name).await?;
        Ok(Release::Done)
    }
}

/// What became of a namespace whose last object went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Release {
    /// It is gone, it was never ours, or somebody else of the configuration sees to it.
    Done,
    /// It stays: this is in it, or may be.
    Holds(Held),
    /// It stays: somebody writes it all the time.
    Changing,
    /// It stays: this field manager declares it.
    Declared(String),
}

/// Who declares the namespace by now, and so wants it to be there: by server-side apply, or as `kubectl apply` does without.
fn declarer(live: &Live<Namespace>) -> Option<&str> {
    let kept = ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"];
    let declares = |manager: &&Manager| manager.name != FIELD_MANAGER && (manager.applied || manager.owns(&kept));
    live.managers.iter().find(declares).map(|manager| manager.name.as_str())
}

/// Does a write that must not find anything fail since there is something?
fn exists(failure: &Failure) -> bool {
    matches!(failure.cause(), Some(Cause::Changed { .. } | Cause::FieldConflict { .. }))
}

fn of_live(live: &Live<Namespace>) -> (Labels, Option<String>) {
    let metadata = &live.object.metadata;
    (metadata.labels.clone().unwrap_or_default(), instance::on(metadata).map(ToOwned::to_owned))
}

/// Did we write the label? An apply that leaves it out would remove it.
fn is_ours(live: &Live<Namespace>, key: &str) -> bool {
    live.managers
        .iter()
        .any(|manager| manager.applied && manager.name == FIELD_MANAGER && manager.owns(&["metadata", "labels", key]))
}

/// What a namespace that is being deleted waits for, in its own words.
#[must_use]
pub fn holding(namespace: &Namespace) -> String {
    let conditions = namespace.status.as_ref().and_then(|status| status.conditions.as_ref());
    let told: Vec<&str> = conditions
        .into_iter()
        .flatten()
        .filter(|condition| condition.status == "True")
        .filter_map(|condition| condition.message.as_deref())
        .collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_last_departure_looks() {
        let leaving = Leaving::default();
        let departs = || {
            leaving.begin("a");
            Departure { leaving: &leaving, namespace: "a".to_owned(), over: false }
        };
        let (one, two, three) = (departs(), departs(), departs());
        assert!(!one.ends_last());
        drop(two);
        assert!(three.ends_last(), "one that gave up counts as gone");
        assert!(departs().ends_last());
    }
}
