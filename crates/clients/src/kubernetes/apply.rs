//! How a server-side apply is asked for: its query and its body. What comes of it is `Client::apply`'s.

use serde::Serialize;
use serde_json::Value;

/// A resource version that no object has: etcd counts from 1, one a write, and this is the last that it could count to.
const NOBODYS_VERSION: &str = "9223372036854775807";

/// How to apply.
#[allow(clippy::struct_excessive_bools, reason = "each is a parameter of the request")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apply {
    /// Take fields over from other managers instead of failing with [`Cause::FieldConflict`](super::Cause::FieldConflict).
    pub force: bool,
    /// Let the server check everything and write nothing.
    pub dry_run: bool,
    /// Refuse fields that the kind does not have, instead of dropping them.
    pub strict: bool,
    /// The object must not exist: else [`Cause::Changed`](super::Cause::Changed), or `FieldConflict` where others own fields
    /// of it, and nothing is written.
    ///
    /// Server-side apply has no such parameter. The request carries a resource version that no object has: the API server
    /// compares it with that of an object that exists, in the transaction that writes it, and drops it from one that it
    /// creates. A server that does otherwise shows it by [`Applied::created`](super::Applied::created).
    pub create_only: bool,
}

impl Apply {
    /// The query of a request of this field manager.
    pub(super) fn query(self, manager: &str) -> String {
        format!(
            "fieldManager={manager}&force={}{}{}",
            self.force,
            if self.dry_run { "&dryRun=All" } else { "" },
            if self.strict { "&fieldValidation=Strict" } else { "" }
        )
    }

    /// The body of a request that applies this object. JSON is YAML, so it is what the patch type promises.
    pub(super) fn body<T: Serialize>(self, object: &T) -> serde_json::Result<Vec<u8>> {
        if !self.create_only {
            return serde_json::to_vec(object);
        }
        let mut object = serde_json::to_value(object)?;
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("resourceVersion".to_owned(), NOBODYS_VERSION.into());
        }
        serde_json::to_vec(&object)
    }
}
