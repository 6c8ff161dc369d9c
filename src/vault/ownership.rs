//! Who an object in Vault belongs to. Vault holds no mark, so a name that was written in this process is not deleted by
//! it: a block renamed without `moved`, or replaced before it is destroyed, is a create and a delete of the same name.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::Vault;

/// The paths that were written in this process, with their namespaces.
#[derive(Debug, Default)]
pub(super) struct Written(Mutex<BTreeSet<(String, String)>>);

impl Vault {
    /// Keeps in mind that this path was created or updated.
    pub fn wrote(&self, namespace: Option<&str>, path: &str) {
        let entry = (namespace.unwrap_or_default().to_owned(), path.to_owned());
        self.written.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry);
    }

    /// Was this path created or updated in this process?
    #[must_use]
    pub fn has_written(&self, namespace: Option<&str>, path: &str) -> bool {
        let entry = (namespace.unwrap_or_default().to_owned(), path.to_owned());
        self.written.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&entry)
    }
}
