//! What a refresh has just seen, kept for the plan that follows it at once, so that it need not ask again.
//! Apply uses none of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::Live;
use tokio::time::Instant;

use super::Cluster;

/// How long a sighting may be used. Terraform plans an object right after it has refreshed it.
const FRESH: Duration = Duration::from_secs(2);

/// How many are kept: a refresh without a plan (a destroy) uses none of them.
const MOST: usize = 32;

type Key = (String, String);

/// Secrets by namespace and name.
#[derive(Debug, Default)]
pub(super) struct Sightings(Mutex<BTreeMap<Key, (Instant, Live<Secret>)>>);

impl Cluster {
    /// Keeps a Secret that was seen just now.
    pub fn keep_sighting(&self, namespace: &str, name: &str, live: Live<Secret>) {
        let mut kept = self.sightings.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, (when, _)| when.elapsed() < FRESH);
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert((namespace.to_owned(), name.to_owned()), (Instant::now(), live));
    }

    /// The Secret as it was seen, if that was just now. Each sighting is used once.
    #[must_use]
    pub fn take_sighting(&self, namespace: &str, name: &str) -> Option<Live<Secret>> {
        let mut kept = self.sightings.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (when, live) = kept.remove(&(namespace.to_owned(), name.to_owned()))?;
        (when.elapsed() < FRESH).then_some(live)
    }
}
