//! The arguments that all Services of the operator have.

use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, matches, not_empty};
use tf_plugin::framework::value::Value;

use super::super::rebirth::Triggers;

/// A name that a device may ask for: one label (tailscale, `util/dnsname`, `ValidLabel`).
#[must_use]
pub fn is_host() -> Check {
    matches(
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a name as devices have it: at most 63 lower-case letters, digits and '-', without the tailnet's domain",
    )
}

/// A tag as policies write it.
fn is_tag() -> Check {
    matches("^tag:[A-Za-z][A-Za-z0-9-]*$", "a tag, such as \"tag:k8s\"")
}

/// The value of a label.
#[must_use]
pub fn is_proxy_class() -> Check {
    matches(
        r"^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$",
        "the name of a ProxyClass: lower-case letters, digits, '-' and '.', at most 63",
    )
}

tf_plugin::model! {
    /// What all of them have.
    pub struct Shared {
        /// The tags of the proxy's device. Defaults to the operator's default tags. The operator's credential must own
        /// them.
        pub tags: Value<Set<String>> => optional().check(not_empty()).check(is_tag().each()),
        /// The `ProxyClass` of the proxy's pods.
        pub proxy_class: Value<String> => optional().check(is_proxy_class()),
        /// Take ownership of fields from other field managers instead of failing. Defaults to `false`.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Whether to remove the operator's finalizer from a deleted Service when the operator has not removed it
        /// within `timeouts.delete`. Defaults to `false`. The proxy and its device then stay: the operator does not delete
        /// them when it runs again.
        pub force_finalizer: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and create whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take, including the wait for the operator. `create` and `update` default to `"10m"`,
        /// `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid of the Service.
        pub uid: Value<String> => computed(),
    }
}

impl Shared {
    /// May fields be taken over from others?
    #[must_use]
    pub fn forces_conflicts(&self) -> bool {
        self.force_conflicts.as_ref_option().copied().unwrap_or_default()
    }

    /// May the finalizer be taken off?
    #[must_use]
    pub fn forces_finalizer(&self) -> bool {
        self.force_finalizer.as_ref_option().copied().unwrap_or_default()
    }

    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self {
            tags: Value::Null,
            proxy_class: Value::Null,
            force_conflicts: Value::Null,
            force_finalizer: Value::Null,
            triggers: Value::Null,
            timeouts: Value::Null,
            uid: Value::Null,
        }
    }
}
