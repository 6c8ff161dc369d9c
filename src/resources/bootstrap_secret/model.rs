//! The arguments and attributes of `tazlab_bootstrap_secret`.

use std::collections::BTreeMap;

use tazlab_redacted::SecretText;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, integer_between, matches, not_empty, one_of};
use tf_plugin::framework::value::Value;

use crate::cluster::name::is_not_ours;
use crate::cluster::rebirth::Triggers;

/// Names of Secrets: a DNS subdomain (RFC 1123).
fn is_subdomain() -> Check {
    matches(
        r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
        "a Kubernetes name: lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit",
    )
}

/// Names of namespaces: a DNS label (RFC 1123).
pub(super) fn is_label() -> Check {
    matches(
        "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "a namespace's name: at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
    )
}

/// Keys of a Secret's data, as the API server checks them.
fn is_key() -> Check {
    Check::text(|key| match key {
        "" | "." | ".." => Err("A key of a Secret cannot be empty, \".\" or \"..\".".to_owned()),
        _ if key.len() > 253 => Err("A key of a Secret has at most 253 characters.".to_owned()),
        _ if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) => Ok(()),
        _ => Err(format!("{key:?} is not a key of a Secret. Use letters, digits, '-', '_' and '.'.")),
    })
    .keys()
}

tf_plugin::model! {
    /// A Kubernetes Secret from sources that exist before the cluster does: files, write-only values, environment
    /// variables.
    ///
    /// No secret, and nothing derived from one, is kept in state or plan. Each plan compares the sources with the live
    /// Secret in memory, and shows which keys would change, never their values. A Secret that exists already is
    /// adopted, with a warning; a destroy removes from it what this resource set, and does not delete it. The same
    /// applies when others own keys of the Secret by then. A controller that owns it later (External Secrets, Flux, …)
    /// can adopt it: see `hand_over_to`. An import reads labels, unless they disclose what the Secret contains, and no
    /// annotations: those of the configuration are recorded by the first apply.
    pub struct BootstrapSecret {
        /// The namespace. Changing this forces replacement.
        pub namespace: Value<String> => required().requires_replace().check(is_label()),
        /// The name. Changing this forces replacement.
        pub name: Value<String> => required().requires_replace().check(is_subdomain()),
        /// Whether to create the namespace when it does not exist. Defaults to `false`. A namespace that was created
        /// this way is deleted with the last Secret of this resource type in it, if it is empty by then.
        pub create_namespace: Value<bool> => optional().default(false),
        /// Labels of the namespace, such as `pod-security.kubernetes.io/enforce`. Needs `create_namespace = true`.
        /// Labels are set and never removed.
        pub namespace_labels: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// Labels of the Secret. Labels that others set are kept.
        pub labels: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// Annotations of the Secret. Annotations that others set are kept.
        pub annotations: Value<BTreeMap<String, String>> => optional().check(is_not_ours()),
        /// The type of the Secret. Defaults to `Opaque`. Changing this forces replacement.
        pub r#type: Value<String> => optional().default("Opaque").requires_replace().check(not_empty()),
        /// Whether to forbid later changes of the data. Defaults to `false`. While it is `true`, a change of the data
        /// forces replacement.
        pub immutable: Value<bool> => optional().default(false),
        /// Keys, and the files that have their contents. `~` is the home directory. Exactly one newline at the end of a
        /// file is removed: see `keep_newline`.
        pub files: Value<BTreeMap<String, String>> => optional().check(is_key())
            .at_least_one_with(&["values", "values_wo", "env", "vault"]),
        /// Keys and contents that are never stored, such as ephemeral values. Needs Terraform 1.11 or newer.
        pub values_wo: Value<BTreeMap<String, SecretText>> => optional().sensitive().write_only().check(is_key()),
        /// When set, `values_wo` are written at create, when this number changes, and when a key is missing from the
        /// live Secret. Otherwise they are compared with the live Secret at every plan, and values that are new in
        /// every run are a change in every plan.
        pub values_wo_version: Value<i64> => optional().requires(&["values_wo"]).check(integer_between(0, i64::MAX)),
        /// Keys and contents that are not secret, such as user names: kept in state.
        pub values: Value<BTreeMap<String, String>> => optional().check(is_key()),
        /// Keys, and the environment variables that have their contents.
        pub env: Value<BTreeMap<String, String>> => optional().check(is_key()).check(not_empty().each()),
        /// Keys, and the fields of Vault's KV version 2 that have their contents. A field that is not a string is
        /// written as JSON.
        pub vault: Value<BTreeMap<String, VaultField>> => optional().check(is_key()),
        /// Whether to keep the newline at the end of `files`. Defaults to `false`.
        pub keep_newline: Value<bool> => optional().default(false),
        /// What happens when a source is missing or cannot be read: `"keep"` keeps the key of the live Secret, with a
        /// warning, where nothing must be written; `"error"` always fails, also in the plan before a destroy. Defaults
        /// to `"keep"`.
        pub on_missing_source: Value<String> => optional().default("keep").check(one_of(&["keep", "error"])),
        /// Who may adopt the Secret later: `"external-secrets"`, `"vault-secrets-operator"`, `"kustomize-controller"`,
        /// `"helm-controller"`, the exact name of a field manager, or `"kind:<Kind>"` of an owner. Once one of them
        /// owns the data, nothing is written any more, and a destroy leaves the Secret.
        pub hand_over_to: Value<Set<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// Take ownership of fields from other field managers instead of failing. Defaults to `false`.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place and create whatever is missing in the
        /// cluster. Set something that changes whenever the cluster is recreated.
        pub triggers: Triggers => optional(),
        /// How long operations may take. `create` and `update` default to `"10m"`, `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The uid of the Secret.
        pub uid: Value<String> => computed(),
        /// The keys that the last apply wrote, in one text such as `"clientId, clientSecret"`.
        pub changed_keys: Value<String> => computed(),
        /// Who has adopted the Secret (see `hand_over_to`). Null until somebody has.
        pub owner: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// One field of a secret in Vault.
    pub struct VaultField {
        /// Where the KV engine is mounted.
        pub mount: Value<String> => required().check(not_empty()),
        /// The secret's path below the mount.
        pub path: Value<String> => required().check(not_empty()),
        /// The field.
        pub field: Value<String> => required().check(not_empty()),
        /// The version. Defaults to the newest.
        pub version: Value<i64> => optional().check(integer_between(1, i64::MAX)),
    }
}

impl BootstrapSecret {
    /// `namespace/name`, as far as it is known.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.namespace_name(), self.secret_name())
    }

    pub(super) fn namespace_name(&self) -> &str {
        self.namespace.as_deref_option().unwrap_or_default()
    }

    pub(super) fn secret_name(&self) -> &str {
        self.name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn creates_namespace(&self) -> bool {
        self.create_namespace.as_ref_option().copied().unwrap_or_default()
    }

    pub(super) fn is_strict(&self) -> bool {
        self.on_missing_source.as_deref_option() == Some("error")
    }

    pub(super) fn takers(&self) -> &[String] {
        self.hand_over_to.as_ref_option().map(|set| set.0.as_slice()).unwrap_or_default()
    }
}
