//! Who an object in Vault belongs to. Vault holds no mark, so a name that was written in this process is not deleted by
//! it: a block renamed without `moved`, or replaced before it is destroyed, is a create and a delete of the same name. The
//! two come at the same time, so whoever writes or deletes a path has it alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tf_plugin::framework::context::Context;
use tokio::sync::OwnedMutexGuard;

use super::{Failure, Vault};

/// A namespace and a path in it.
type Place = (String, String);

/// The paths that were written in this process, and those at which something is at work.
#[derive(Debug, Default)]
pub(super) struct Written {
    paths: Mutex<BTreeSet<Place>>,
    busy: Mutex<BTreeMap<Place, Arc<tokio::sync::Mutex<()>>>>,
}

fn place(namespace: Option<&str>, path: &str) -> Place {
    (namespace.unwrap_or_default().to_owned(), path.to_owned())
}

impl Vault {
    /// Keeps in mind that this path was created or updated.
    pub fn wrote(&self, namespace: Option<&str>, path: &str) {
        self.written.paths.lock().unwrap_or_else(PoisonError::into_inner).insert(place(namespace, path));
    }

    /// Was this path created or updated in this process?
    #[must_use]
    pub fn has_written(&self, namespace: Option<&str>, path: &str) -> bool {
        self.written.paths.lock().unwrap_or_else(PoisonError::into_inner).contains(&place(namespace, path))
    }

    /// Waits until nobody else in this process writes or deletes at this path, and keeps others from it.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] when the user stops or the time runs out first.
    pub async fn alone_at<D>(
        &self,
        context: &Context<D>,
        namespace: Option<&str>,
        path: &str,
    ) -> Result<OwnedMutexGuard<()>, Failure> {
        let lock = {
            let mut busy = self.written.busy.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(busy.entry(place(namespace, path)).or_default())
        };
        if let Ok(free) = Arc::clone(&lock).try_lock_owned() {
            return Ok(free);
        }
        context.progress(&format!("waiting: another block of this configuration is at work at {path}"));
        let what = || format!("another block of this configuration was still at work at {path}");
        context.run(lock.lock_owned()).await.map_err(|why| Failure::Interrupted { what: what(), why })
    }
}
