//! Who an object in Vault belongs to. Vault holds no mark, so a name that was written in this process is not deleted by
//! it: a block renamed without `moved`, or replaced before it is destroyed, is a create and a delete of the same name. The
//! two come at the same time, so whoever writes or deletes a path has it alone. What a create found there is recorded as
//! adopted: nobody can tell whose it was, so it is not deleted either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, sentence};
use tf_plugin::framework::private::{Private, PrivateError};
use tokio::sync::OwnedMutexGuard;

use super::{Failure, Vault};

/// The name in private state.
const PROVENANCE: &str = "provenance";

/// How an object came to be managed, kept in private state. Where there is none, it was imported, moved from another provider's
/// state, or written by an earlier version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// A create or an update made it.
    Made,
    /// A create or an update found it.
    Adopted,
}

impl Provenance {
    /// The one in private state.
    ///
    /// # Errors
    /// [`PrivateError`] when something else stands there.
    pub fn kept(private: &Private) -> Result<Option<Self>, PrivateError> {
        private.get(PROVENANCE)
    }

    /// Keeps it.
    pub fn keep(self, private: &mut Private) {
        // A text has a JSON form.
        let _ = private.set(PROVENANCE, self);
    }

    /// The warning that an object which existed is managed from now on. `title` is what it is called, `more` what else is known
    /// of it, as a sentence or nothing; `forced` is `force_conflicts`.
    #[must_use]
    pub fn adopted(title: &str, more: &str, forced: bool, at: AttributePath) -> Diagnostic {
        let end = if forced {
            "A destroy deletes it as long as force_conflicts = true is in the state."
        } else {
            "A destroy leaves it as it is then, with a warning. If nobody else uses it, set force_conflicts = true: a destroy after that apply deletes it."
        };
        let more = if more.is_empty() { String::new() } else { format!("{more} ") };
        let title = sentence(title);
        let detail = format!(
            "{title} existed before this resource, and Vault does not record who made it. It is managed from now on. {more}{end}"
        );
        Diagnostic::warning("An existing object is adopted", detail).at(at)
    }

    /// Why an adopted object stays at a destroy.
    #[must_use]
    pub fn stays(title: &str) -> String {
        format!(
            "{title} existed before this resource managed it, so it was not deleted, and is as the last apply left it. If nobody else uses it, delete it by hand; with force_conflicts = true in the state the destroy would have deleted it"
        )
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_recorded_and_told() {
        let mut private = Private::default();
        assert_eq!(Provenance::kept(&private).unwrap(), None);
        Provenance::Adopted.keep(&mut private);
        assert_eq!(Provenance::kept(&private).unwrap(), Some(Provenance::Adopted));
        private.set(PROVENANCE, 7).unwrap();
        assert!(Provenance::kept(&private).is_err(), "nothing is deleted by a record that cannot be read");
        let told = |forced| Provenance::adopted("role a", "Its roles: b.", forced, AttributePath::root());
        assert!(
            told(false).detail.starts_with("Role a existed before")
                && told(false).detail.contains("Its roles: b. A destroy leaves")
        );
        assert!(told(true).detail.contains("A destroy deletes it"));
    }
}
