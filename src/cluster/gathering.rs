//! Reads of many Secrets gathered into lists: a refresh and a destroy ask for one Secret after another, and past the first few of
//! a namespace one list answers them all. See `docs/design/gathering.md` for why that is as correct as single reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{Cause, Live};
use tf_plugin::framework::context::Context;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Cluster, Failure};

/// So many Secrets are read one by one before a list is worth it.
const SINGLE: usize = 6;

/// How long a list may answer for.
const FRESH: Duration = Duration::from_secs(10);

/// Larger lists are ended: somebody keeps large things in that namespace, and single reads are cheaper.
const LARGEST: usize = 8 * 1024 * 1024;

/// Namespace and type: a list by type leaves out the large Secrets in which Helm keeps its releases.
type Key = (String, String);

/// The lists of a process, and the Secrets (by namespace and name) that it has changed: no list answers for these any more.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    lists: std::sync::Mutex<BTreeMap<Key, Arc<Mutex<List>>>>,
    changed: std::sync::Mutex<BTreeSet<(String, String)>>,
}

impl Gathering {
    fn list(&self, namespace: &str, kind: &str) -> Arc<Mutex<List>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lists.entry((namespace.to_owned(), kind.to_owned())).or_default())
    }

    fn has_changed(&self, namespace: &str, name: &str) -> bool {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.contains(&(namespace.to_owned(), name.to_owned()))
    }
}

#[derive(Debug, Default)]
struct List {
    reads: usize,
    since: Option<Instant>,
    /// A list is too large, or not allowed.
    useless: bool,
    secrets: BTreeMap<String, Live<Secret>>,
}

impl Cluster {
    /// Reads a Secret of this type, within `connect_timeout`, by itself or out of a list.
    ///
    /// # Errors
    /// As [`Cluster::look`].
    pub async fn read_secret<D>(
        &self,
        context: &Context<D>,
        namespace: &str,
        name: &str,
        kind: &str,
    ) -> Result<Option<Live<Secret>>, Failure> {
        if let Some(found) = self.listed_secret(context, namespace, name, kind).await? {
            return Ok(Some(found));
        }
        // That a Secret is gone is nobody's word but the server's own.
        self.look(context, |client, call| async move { client.get_secret(&call, namespace, name).await }).await
    }

    /// The Secret as a list shows it, which may be some seconds old; `None` where no list answers for it. Each entry of a list
    /// answers once.
    ///
    /// # Errors
    /// As [`Cluster::look`].
    pub async fn listed_secret<D>(
        &self,
        context: &Context<D>,
        namespace: &str,
        name: &str,
        kind: &str,
    ) -> Result<Option<Live<Secret>>, Failure> {
        let list = self.gathering.list(namespace, kind);
        // Whoever comes while a list is on its way waits for it, instead of asking for another.
        let mut list = list.lock().await;
        list.reads += 1;
        if list.useless || list.reads <= SINGLE || self.gathering.has_changed(namespace, name) {
            return Ok(None);
        }
        if list.since.is_none_or(|since| since.elapsed() > FRESH) {
            let fields = format!("type={kind}");
            let began = Instant::now();
            let found = self
                .look(context, |client, call| async move {
                    client.list::<Secret>(&call, namespace, &fields, |found| size(found) > LARGEST).await
                })
                .await;
            let found = match found {
                // Who may read each of them need not be allowed to list them, and each may be small enough to be read.
                Err(failure) if matches!(failure.cause(), Some(Cause::Forbidden { .. } | Cause::TooLarge(_))) => {
                    list.useless = true;
                    return Ok(None);
                }
                found => found?,
            };
            list.useless = size(&found) > LARGEST;
            list.since = Some(began);
            list.secrets.clear();
            if !list.useless {
                let named = found.into_iter().filter_map(|live| Some((live.object.metadata.name.clone()?, live)));
                list.secrets = named.collect();
            }
        }
        Ok(list.secrets.remove(name))
    }

    /// Says that a Secret is about to be changed: from now on it is read by itself, also where a list is on its way.
    pub fn note_secret_change(&self, namespace: &str, name: &str) {
        let mut changed = self.gathering.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.insert((namespace.to_owned(), name.to_owned()));
    }

    /// Forgets the lists of a namespace that is about to be deleted.
    pub(super) fn forget_lists(&self, namespace: &str) {
        let mut lists = self.gathering.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|(listed, _), _| listed != namespace);
    }
}

fn size(found: &[Live<Secret>]) -> usize {
    let data = found.iter().filter_map(|live| live.object.data.as_ref());
    data.flat_map(BTreeMap::values).map(|content| content.0.len()).sum()
}
