//! The arguments and attributes of `tazlab_vault_jwt_auth`.

use tazlab_redacted::SecretText;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, integer_between, is_url, names_no_user, not_empty, one_of};
use tf_plugin::framework::value::Value;

use super::signing_key::SOURCE;
use crate::cluster::rebirth::Triggers;
use crate::vault::duration::is_span;
use crate::vault::{JWT_TYPES, is_item, is_mount, is_public};

fn is_source() -> Check {
    is_url("^https?://[^/?#]+", "a URL such as \"https://host:6443/openid/v1/jwks\"")
}

tf_plugin::model! {
    /// An auth method in Vault that trusts a cluster: a token of one of its ServiceAccounts can log in at a role
    /// (`tazlab_vault_jwt_role`).
    ///
    /// With `keys = "cluster"` the cluster's public keys are read through its API server and stored in Vault. They are
    /// compared as sets of keys at every plan: a rotated signing key is a planned update. Vault needs no connectivity
    /// to the cluster and no public endpoint.
    ///
    /// With `keys = "signing_key"` the cluster need not exist: Vault trusts the key that the cluster will sign its tokens
    /// with, and accepts its first token.
    ///
    /// A mount that exists and is not configured is adopted, and so is one with the same `bound_issuer` that has a key in
    /// common with this configuration, or no roles. Any other mount may be another cluster's and is an error that lists
    /// its roles: see `force_conflicts` and `triggers`. An adopted mount is a warning at create, and stays mounted at a
    /// destroy, unless `force_conflicts = true` is in the state; an imported one is unmounted.
    pub struct VaultJwtAuth {
        /// The path of the mount, without `auth/` before it. Defaults to `"jwt"`. Changing this moves the mount, which
        /// revokes every token that it issued: see `allow_remount`.
        pub mount: Value<String> => optional().default("jwt").check(is_mount()),
        /// The former name of `mount`.
        pub path: Value<String> => optional().replaced_by("mount"),
        /// `"jwt"` or `"oidc"`: two names of one plugin. Defaults to `"jwt"`. Changing this forces replacement.
        pub r#type: Value<String> => optional().default("jwt").requires_replace().check(one_of(JWT_TYPES)),
        /// The description in `vault auth list`. Defaults to none.
        pub description: Value<String> => optional().default(""),
        /// A namespace below the provider's own (Vault Enterprise, OpenBao). Changing this forces replacement.
        pub namespace: Value<String> => optional().requires_replace().check(not_empty()),
        /// The issuer (`iss`) that tokens must have, compared exactly: the cluster's `--service-account-issuer`. Use
        /// one that no other cluster has: the default, `https://kubernetes.default.svc.cluster.local`, is the same in
        /// most clusters.
        pub bound_issuer: Value<String> => optional().check(not_empty()),
        /// The role of a login that does not name one.
        pub default_role: Value<String> => optional().check(not_empty()),
        /// Algorithms of signatures that are accepted, such as `["RS256", "ES256"]`. Defaults to every algorithm of asymmetric keys.
        pub jwt_supported_algs: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// Where the keys come from: `"cluster"` (through the API server, with the provider's `kubernetes` settings), `"url"`
        /// (`jwks_url`, fetched by Vault), `"discovery"` (`oidc_discovery_url`, fetched by Vault), `"pem"`
        /// (`validation_pubkeys`) or `"signing_key"` (`signing_key_wo`, which needs no cluster).
        pub keys: Value<String> => required().check(one_of(&["cluster", "url", "discovery", "pem", SOURCE])),
        /// For `keys = "url"`: where Vault fetches the keys.
        pub jwks_url: Value<String> => optional().check(is_source()).check(names_no_user()),
        /// For `keys = "url"`: the authorities that may sign the certificate of the server of `jwks_url`, PEM. Defaults
        /// to those of Vault's system.
        pub jwks_ca_pem: Value<String> => optional().requires(&["jwks_url"]).check(not_empty()).check(is_public()),
        /// For `keys = "discovery"`: the issuer's URL, without `/.well-known/openid-configuration`.
        pub oidc_discovery_url: Value<String> => optional().check(is_source()).check(names_no_user()),
        /// For `keys = "discovery"`: the authorities that may sign the certificate of the server of
        /// `oidc_discovery_url`, PEM. Defaults to those of Vault's system.
        pub oidc_discovery_ca_pem: Value<String> => optional().requires(&["oidc_discovery_url"]).check(not_empty())
            .check(is_public()),
        /// For `keys = "pem"`: public keys or certificates, PEM.
        pub validation_pubkeys: Value<Vec<String>> => optional().check(not_empty()).check(is_public().each()),
        /// For `keys = "signing_key"`: the key that the cluster signs ServiceAccount tokens with
        /// (`--service-account-signing-key-file`), RSA or EC on P-256, P-384 or P-521: PEM, private or public, or base64
        /// of PEM. Several keys may follow one another, as during a rotation. It is read at create and when
        /// `signing_key_wo_version` changes, and may be null otherwise; only its public half is stored (`public_keys`).
        pub signing_key_wo: Value<SecretText> => optional().sensitive().write_only().requires(&["signing_key_wo_version"]),
        /// For `keys = "signing_key"`: a number that says which `signing_key_wo` this is. Increase it to have the key read
        /// again.
        pub signing_key_wo_version: Value<i64> => optional().check(integer_between(0, i64::MAX)),
        /// For `keys = "cluster"`: whether to keep the keys that were valid before a rotation until the next one, so
        /// that tokens in use stay valid. Defaults to `false`.
        pub keep_previous_keys: Value<bool> => optional().default(false),
        /// Tuning of the mount. What is not set is not changed.
        pub tune: Value<Tune> => optional(),
        /// The roles that may exist when this resource is destroyed. Any other role fails the plan of the destroy.
        pub managed_roles: Value<Set<String>> => optional(),
        /// Whether to refuse to unmount while roles exist that `managed_roles` does not name. Defaults to `true`.
        pub prevent_unmount_with_roles: Value<bool> => optional().default(true),
        /// Whether a changed `mount` is allowed. Defaults to `false`. Vault revokes every token that the mount issued,
        /// and clients must log in at the new path.
        pub allow_remount: Value<bool> => optional().default(false),
        /// Adopt a mount that trusts another issuer, has another kind of key source, or has roles and no key in common
        /// with this configuration; and overwrite one that also serves interactive logins (`oidc_client_id`), which
        /// then stop working. Defaults to `false`. Clients that log in there with other keys are locked out. A mount
        /// that existed before this resource is unmounted by a destroy only with it.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place. Set something that changes whenever the
        /// cluster is recreated: a change distinguishes its new keys from those of another cluster.
        pub triggers: Triggers => optional(),
        /// How long operations may take. `create` and `update` default to `"10m"` (with `keys = "cluster"` they wait
        /// for the API server), `delete` to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The accessor of the mount, by which Vault's identities refer to it.
        pub accessor: Value<String> => computed().use_state_for_unknown(),
        /// For `keys = "signing_key"`: the public keys of `signing_key_wo`, PEM. What differs from them in Vault is
        /// repaired without the key. Null for other sources of keys.
        pub public_keys: Value<Vec<String>> => computed().use_state_for_unknown(),
        /// The ids of the keys that Vault holds, as Kubernetes derives them. Empty where Vault fetches the keys itself.
        pub key_ids: Value<Set<String>> => computed(),
        /// SHA-256 of the keys that Vault holds, in hexadecimal. Empty where Vault fetches the keys itself.
        pub key_fingerprints: Value<Set<String>> => computed(),
    }
}

tf_plugin::model! {
    /// Tuning of the mount.
    pub struct Tune {
        /// The default TTL of a token, such as `"1h"`.
        pub default_lease_ttl: Value<String> => optional().check(is_span()),
        /// The maximum TTL of a token, renewals included, such as `"24h"`.
        pub max_lease_ttl: Value<String> => optional().check(is_span()),
        /// `"unauth"` lists the mount without a token, `"hidden"` does not.
        pub listing_visibility: Value<String> => optional().check(one_of(&["unauth", "hidden"])),
        /// The type of token that is issued: `"default-service"`, `"default-batch"` (unless the role sets it),
        /// `"service"` or `"batch"`.
        pub token_type: Value<String> => optional()
            .check(one_of(&["default-service", "default-batch", "service", "batch"])),
        /// Keys of requests that the audit log shows in clear.
        pub audit_non_hmac_request_keys: Value<Set<String>> => optional(),
        /// Keys of responses that the audit log shows in clear.
        pub audit_non_hmac_response_keys: Value<Set<String>> => optional(),
        /// Headers of requests that are passed to the plugin.
        pub passthrough_request_headers: Value<Set<String>> => optional(),
        /// Headers that the plugin may set in responses.
        pub allowed_response_headers: Value<Set<String>> => optional(),
    }
}

impl VaultJwtAuth {
    /// `auth/<mount>`.
    pub(super) fn id(&self) -> String {
        format!("auth/{}", self.mount())
    }

    pub(super) fn mount(&self) -> &str {
        self.mount.as_deref_option().unwrap_or_default()
    }

    pub(super) fn namespace_name(&self) -> Option<&str> {
        self.namespace.as_deref_option()
    }

    pub(super) fn source(&self) -> &str {
        self.keys.as_deref_option().unwrap_or_default()
    }

    /// Those of these roles that `managed_roles` does not name. Vault keeps names in lower case.
    pub(super) fn strangers(&self, roles: Vec<String>) -> Vec<String> {
        let managed = self.managed_roles.as_ref_option().map(|set| set.0.as_slice()).unwrap_or_default();
        roles.into_iter().filter(|role| !managed.iter().any(|name| name.to_lowercase() == *role)).collect()
    }

    pub(super) fn takes_over(&self) -> bool {
        self.force_conflicts.as_ref_option() == Some(&true)
    }
}
