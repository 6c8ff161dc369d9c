//! Which objects were refreshed in this process, and what the refresh has just seen of them.
//!
//! Terraform plans twice: after a refresh, and again at apply, in a new process without one. The second plan may conclude nothing
//! from the live object that the first one did not: it knows itself by this. See `docs/design/manifest-plans.md`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tazlab_clients::kubernetes::{Live, Untyped};
use tokio::time::Instant;

use super::super::Cluster;

/// How long what was seen may be used. Terraform plans an object right after it has refreshed it.
const FRESH: Duration = Duration::from_secs(2);

/// How many objects are kept whole: a refresh without a plan (a destroy) uses none of them.
const MOST: usize = 32;

/// What a refresh saw, and when.
type Seen = (Instant, Live<Untyped>);

/// The refreshed objects, by what names them.
#[derive(Debug, Default)]
pub(in super::super) struct Refreshed {
    seen: Mutex<BTreeMap<String, Option<Seen>>>,
    applies: AtomicBool,
}

impl Cluster {
    /// Notes that something is applied in this process: every plan in it is a second one from now on.
    pub fn note_apply(&self) {
        self.refreshed.applies.store(true, Ordering::Relaxed);
    }

    /// Was something applied in this process?
    #[must_use]
    pub fn applies(&self) -> bool {
        self.refreshed.applies.load(Ordering::Relaxed)
    }

    /// Notes that the object called `title` is refreshed in this process.
    pub fn note_refresh(&self, title: &str) {
        self.refreshed.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(title.to_owned()).or_default();
    }

    /// Keeps the object as the refresh has seen it just now.
    pub fn keep_refreshed(&self, title: &str, live: Live<Untyped>) {
        let mut all = self.refreshed.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.values().flatten().count() >= MOST {
            all.values_mut().for_each(|kept| *kept = None);
        }
        all.insert(title.to_owned(), Some((Instant::now(), live)));
    }

    /// Was the object refreshed in this process?
    #[must_use]
    pub fn is_refreshed(&self, title: &str) -> bool {
        self.refreshed.seen.lock().unwrap_or_else(PoisonError::into_inner).contains_key(title)
    }

    /// The object as the refresh saw it, if that was just now. It is used once.
    #[must_use]
    pub fn take_refreshed(&self, title: &str) -> Option<Live<Untyped>> {
        let mut all = self.refreshed.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (when, live) = all.get_mut(title)?.take()?;
        (when.elapsed() < FRESH).then_some(live)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
    use serde_json::Value as Json;

    use super::*;
    use crate::cluster::{Access, OnUnreachable};

    fn cluster() -> Cluster {
        Cluster::new(Access::default(), OnUnreachable::Error, Duration::from_secs(1))
    }

    fn live() -> Live<Untyped> {
        Live { object: Untyped { metadata: ObjectMeta::default(), value: Json::Null }, managers: Vec::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_seen_is_used_once_and_soon_and_the_refresh_is_remembered() {
        let cluster = cluster();
        assert!(!cluster.is_refreshed("a"));
        cluster.keep_refreshed("a", live());
        assert!(cluster.take_refreshed("a").is_some() && cluster.take_refreshed("a").is_none());
        cluster.keep_refreshed("a", live());
        tokio::time::advance(FRESH).await;
        assert!(cluster.take_refreshed("a").is_none(), "too old");
        assert!(cluster.is_refreshed("a") && !cluster.is_refreshed("b"));
        assert!(!cluster.applies());
        cluster.note_apply();
        assert!(cluster.applies());
        cluster.note_refresh("b");
        assert!(cluster.is_refreshed("b") && cluster.take_refreshed("b").is_none());
    }

    #[test]
    fn no_more_than_a_few_are_kept() {
        let cluster = cluster();
        (0..=MOST).for_each(|number| cluster.keep_refreshed(&number.to_string(), live()));
        assert!(cluster.is_refreshed("0") && cluster.take_refreshed("0").is_none());
        assert!(cluster.take_refreshed(&MOST.to_string()).is_some());
    }
}
