//! The arguments and attributes of `tazlab_kept_secret`.

use std::time::Duration;

use jiff::SignedDuration;
use tf_plugin::framework::duration;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, is_duration, not_empty, one_of};
use tf_plugin::framework::value::Value;

use super::decision::Prefer;
use crate::cluster::name::{is_label, is_subdomain};
use crate::cluster::rebirth::Triggers;

/// A path in Vault: nothing that a URL takes for another place.
fn is_path() -> Check {
    Check::text(|text| {
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(char::is_whitespace);
        if text.split('/').all(is_part) {
            return Ok(());
        }
        Err(format!(
            "{text:?} is not a path in Vault, such as \"kept/blog-tls\": it must have no slash at its ends, no empty part, no part \".\" or \"..\", and no white space."
        ))
    })
}

/// The two parts of the API's path are ours to add.
fn is_without_data() -> Check {
    Check::text(|text| {
        if text.starts_with("data/") || text.starts_with("metadata/") {
            return Err(format!(
                "{text:?} begins with a part of the API's path. Write the path as `vault kv get -mount=…` takes it, without \"data/\"."
            ));
        }
        Ok(())
    })
}

tf_plugin::model! {
    /// A Secret that outlives its cluster: a copy in Vault, restored into the next cluster before anything makes a new one.
    ///
    /// For what is limited or lost when a cluster is recreated: certificates of Let's Encrypt (five a week for the same
    /// names), ACME accounts, keys of sealed-secrets. Create restores the Secret from the copy, or copies the live Secret
    /// where no copy exists. Each plan compares both in memory; a live Secret that moved on is a planned update, which
    /// writes Vault only. Destroy copies once more and leaves the Secret and the copy.
    ///
    /// No content, and nothing derived from it, is kept in state or plan; `expires_at` is public.
    pub struct KeptSecret {
        /// The namespace. Changing this forces replacement.
        pub namespace: Value<String> => required().requires_replace().check(is_label()),
        /// The name of the Secret. Exactly one of `name` and `label_selector`. Changing this forces replacement.
        pub name: Value<String> => optional().requires_replace().check(is_subdomain())
            .exactly_one_with(&["label_selector"]),
        /// Keeps all Secrets with these labels instead of one by its name, for Secrets whose names are generated, such as
        /// `"sealedsecrets.bitnami.com/sealed-secrets-key"`. All of them are in one copy. Changing this forces replacement.
        pub label_selector: Value<String> => optional().requires_replace().check(not_empty()),
        /// Whether to create the namespace when it does not exist. Defaults to `false`. A namespace that was created this
        /// way is deleted with the resource only if it is empty by then.
        pub create_namespace: Value<bool> => optional().default(false),
        /// Where the copy is kept. Use one path for one Secret of one cluster.
        pub vault: Value<Place> => required(),
        /// How long a certificate in the copy must still be valid to be restored, such as `"72h"`. Defaults to `"1h"`.
        pub minimum_validity: Value<String> => optional().default("1h").check(is_duration()),
        /// Which one wins where a live Secret and its copy differ and nothing else decides: `"live"` copies the live
        /// Secret, `"copy"` writes the copy over it. A live certificate is never overwritten. Defaults to an error for
        /// Secrets that are not certificates, and to keeping both for certificates.
        pub prefer: Value<String> => optional().check(one_of(&["live", "copy"])),
        /// Whether destroy deletes the copy, with all of its versions, also where the resource is replaced. Must have been
        /// applied before the destroy. Defaults to `false`.
        pub forget_copy: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and restore whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take. `create` and `update` default to `"10m"`, `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The version of the copy in Vault. Null while there is no copy.
        pub kept_version: Value<i64> => computed(),
        /// When that version was written (RFC 3339).
        pub kept_at: Value<String> => computed(),
        /// Whether the last apply restored a Secret from the copy.
        pub restored: Value<bool> => computed(),
        /// When the certificate in the copy expires (RFC 3339), with `label_selector` the first of them. Null where the copy
        /// has no certificate.
        pub expires_at: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// A path of a KV engine of version 2.
    pub struct Place {
        /// Where the KV engine is mounted. Changing this forces replacement.
        pub mount: Value<String> => required().requires_replace().check(is_path()),
        /// The path below the mount. Changing this forces replacement.
        pub path: Value<String> => required().requires_replace().check(is_path()).check(is_without_data()),
    }
}

/// Which Secrets of a namespace are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Named(String),
    Labelled(String),
}

/// What is kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) namespace: String,
    pub(super) which: Which,
    pub(super) mount: String,
    pub(super) path: String,
}

impl Target {
    /// What is kept, for people.
    pub(super) fn title(&self) -> String {
        let Self { namespace, .. } = self;
        match &self.which {
            Which::Named(name) => format!("Secret {namespace}/{name}"),
            Which::Labelled(labels) => format!("Secrets of namespace {namespace} with the labels {labels}"),
        }
    }

    /// Where the copy is, for people.
    pub(super) fn copy(&self) -> String {
        format!("{} of {}", self.path, self.mount)
    }

    /// The path as the API of KV version 2 has it.
    pub(super) fn api_path(&self) -> String {
        format!("{}/data/{}", self.mount, self.path)
    }
}

impl KeptSecret {
    /// What is kept, and where; `None` while that is not known.
    pub(super) fn target(&self) -> Option<Target> {
        let text = |value: &Value<String>| value.as_ref_option().cloned();
        let place = self.vault.as_ref_option()?;
        let which = match (text(&self.name), text(&self.label_selector)) {
            (Some(name), _) => Which::Named(name),
            (None, labels) => Which::Labelled(labels?),
        };
        Some(Target { namespace: text(&self.namespace)?, which, mount: text(&place.mount)?, path: text(&place.path)? })
    }

    pub(super) fn creates_namespace(&self) -> bool {
        self.create_namespace.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn forgets_copy(&self) -> bool {
        self.forget_copy.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn preference(&self) -> Option<Prefer> {
        match self.prefer.as_deref_option() {
            Some("live") => Some(Prefer::Live),
            Some("copy") => Some(Prefer::Copy),
            _ => None,
        }
    }

    /// The validity that a certificate must have left. What does not parse was refused at plan.
    pub(super) fn least_validity(&self) -> SignedDuration {
        let text = self.minimum_validity.as_deref_option().unwrap_or("1h");
        let least = duration::parse(text).unwrap_or(Duration::from_hours(1));
        SignedDuration::try_from(least).unwrap_or(SignedDuration::MAX)
    }
}
