//! The arguments and attributes of `tazlab_vault_jwt_auth`.

use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, is_url, names_no_user, not_empty, one_of};
use tf_plugin::framework::value::Value;

use crate::cluster::rebirth::Triggers;
use crate::vault::duration::is_span;
use crate::vault::{JWT_TYPES, is_item, is_mount};

fn is_source() -> Check {
    is_url("^https?://[^/?#]+", "a URL such as \"https://host:6443/openid/v1/jwks\"")
}

tf_plugin::model! {
    /// An auth method in Vault that trusts a cluster: whoever shows a token of one of its ServiceAccounts can log in at a
    /// role (`tazlab_vault_jwt_role`).
    ///
    /// With `keys = "cluster"` the cluster's public keys are read through its API server and stored in Vault. They are
    /// compared as sets of keys at every plan: a rotated signing key is a planned update. Vault needs no way to the cluster
    /// and no public endpoint.
    ///
    /// A mount that exists and is not configured is adopted, and so is one with the same `bound_issuer` that has a key in
    /// common with this configuration, or no roles. Any other mount may be another cluster's and is an error that lists
    /// its roles: see `force_conflicts` and `triggers`.
    pub struct VaultJwtAuth {
        /// Where it is mounted (default `"jwt"`), without `auth/` before it. A change moves the mount, which revokes every token
        /// that it issued: see `allow_remount`.
        pub path: Value<String> => optional().default("jwt").check(is_mount()),
        /// `"jwt"` (default) or `"oidc"`: two names of one plugin. A change makes the mount anew.
        pub r#type: Value<String> => optional().default("jwt").requires_replace().check(one_of(JWT_TYPES)),
        /// What stands beside it in `vault auth list` (default: nothing).
        pub description: Value<String> => optional().default(""),
        /// A namespace below the provider's own (Vault Enterprise, OpenBao). A change makes the mount anew.
        pub namespace: Value<String> => optional().requires_replace().check(not_empty()),
        /// The issuer (`iss`) that tokens must have, letter by letter: the cluster's `--service-account-issuer`. Use one that no
        /// other cluster has: the default, `https://kubernetes.default.svc.cluster.local`, is the same in most clusters.
        pub bound_issuer: Value<String> => optional().check(not_empty()),
        /// The role of a login that names none.
        pub default_role: Value<String> => optional().check(not_empty()),
        /// Algorithms of signatures that are accepted, such as `["RS256", "ES256"]`; without them RS256 alone.
        pub jwt_supported_algs: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// Where the keys come from: `"cluster"` (through the API server, with the provider's `kubernetes` settings), `"url"`
        /// (`jwks_url`, fetched by Vault), `"discovery"` (`oidc_discovery_url`, fetched by Vault) or `"pem"`
        /// (`validation_pubkeys`).
        pub keys: Value<String> => required().check(one_of(&["cluster", "url", "discovery", "pem"])),
        /// For `keys = "url"`: where Vault fetches the keys.
        pub jwks_url: Value<String> => optional().check(is_source()).check(names_no_user()),
        /// For `keys = "url"`: the authorities that may sign the certificate of the server of `jwks_url`, PEM. Without it, those that
        /// Vault's own system trusts.
        pub jwks_ca_pem: Value<String> => optional().requires(&["jwks_url"]).check(not_empty()),
        /// For `keys = "discovery"`: the issuer's URL, without `/.well-known/openid-configuration`.
        pub oidc_discovery_url: Value<String> => optional().check(is_source()).check(names_no_user()),
        /// For `keys = "discovery"`: the authorities that may sign the certificate of the server of `oidc_discovery_url`, PEM. Without
        /// it, those that Vault's own system trusts.
        pub oidc_discovery_ca_pem: Value<String> => optional().requires(&["oidc_discovery_url"]).check(not_empty()),
        /// For `keys = "pem"`: public keys or certificates, PEM.
        pub validation_pubkeys: Value<Vec<String>> => optional().check(not_empty()),
        /// For `keys = "cluster"`: keep the keys that were valid before a rotation until the next one, so that tokens in flight
        /// stay valid (default `false`).
        pub keep_previous_keys: Value<bool> => optional().default(false),
        /// How the mount is tuned. What is left out stays as it is.
        pub tune: Value<Tune> => optional(),
        /// All roles that may be there when this resource is destroyed: any other role makes the plan of the destroy an error.
        pub managed_roles: Value<Set<String>> => optional(),
        /// Refuse to unmount while roles are left that `managed_roles` does not name (default `true`).
        pub prevent_unmount_with_roles: Value<bool> => optional().default(true),
        /// Allow a changed `path` (default `false`): Vault revokes every token that the mount issued, and clients must log
        /// in at the new path.
        pub allow_remount: Value<bool> => optional().default(false),
        /// Adopt a mount that trusts another issuer, has another kind of key source, or has roles and no key in common with
        /// this configuration; and write over one that also serves interactive logins (`oidc_client_id`), which then end
        /// (default `false`). Whoever logs in there by other keys is locked out.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// Arbitrary values that, when changed, update the resource in place. Set something that changes whenever the cluster is
        /// recreated: a change is what tells its new keys from those of another cluster.
        pub triggers: Triggers => optional(),
        /// How long operations may take; create and update default to `"10m"` (with `keys = "cluster"` they wait for the API
        /// server), delete to `"2m"`.
        pub timeouts: Value<Timeouts> => optional(),
        /// The mark by which Vault's identities know the mount.
        pub accessor: Value<String> => computed().use_state_for_unknown(),
        /// The ids of the keys that Vault holds, as Kubernetes derives them. Empty where Vault fetches the keys itself.
        pub key_ids: Value<Set<String>> => computed(),
        /// SHA-256 of the keys that Vault holds, in hexadecimal. Empty where Vault fetches the keys itself.
        pub key_fingerprints: Value<Set<String>> => computed(),
    }
}

tf_plugin::model! {
    /// How the mount is tuned.
    pub struct Tune {
        /// How long a token lives by default, such as `"1h"`.
        pub default_lease_ttl: Value<String> => optional().check(is_span()),
        /// How long a token lives at most, renewals included, such as `"24h"`.
        pub max_lease_ttl: Value<String> => optional().check(is_span()),
        /// `"unauth"` shows the mount to everybody, `"hidden"` does not.
        pub listing_visibility: Value<String> => optional().check(one_of(&["unauth", "hidden"])),
        /// What kind of token is issued: `"default-service"`, `"default-batch"` (where the role does not say), `"service"` or `"batch"`.
        pub token_type: Value<String> => optional()
            .check(one_of(&["default-service", "default-batch", "service", "batch"])),
        /// Keys of requests that the audit log shows as they are.
        pub audit_non_hmac_request_keys: Value<Set<String>> => optional(),
        /// Keys of answers that the audit log shows as they are.
        pub audit_non_hmac_response_keys: Value<Set<String>> => optional(),
        /// Headers of requests that are given to the plugin.
        pub passthrough_request_headers: Value<Set<String>> => optional(),
        /// Headers that the plugin may set in answers.
        pub allowed_response_headers: Value<Set<String>> => optional(),
    }
}

impl VaultJwtAuth {
    /// `auth/<path>`.
    pub(super) fn id(&self) -> String {
        format!("auth/{}", self.mount())
    }

    pub(super) fn mount(&self) -> &str {
        self.path.as_deref_option().unwrap_or_default()
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
