//! The arguments of `tazlab_vault_jwt_role`.

use std::collections::BTreeMap;

use tf_plugin::framework::model::Set;
use tf_plugin::framework::timeouts::Timeouts;
use tf_plugin::framework::validation::{Check, integer_between, not_empty, one_of};
use tf_plugin::framework::value::Value;

use crate::vault::duration::{is_leeway, is_span};
use crate::vault::{is_item, is_mount};

/// Vault stores names in lower case.
fn is_name() -> Check {
    Check::text(|name| {
        // A URL takes `..` for the place above: another path of Vault's API.
        let leads_elsewhere = matches!(name, "." | "..");
        if name.is_empty()
            || leads_elsewhere
            || name.contains(['/', '?', '#', '%'])
            || name.chars().any(char::is_whitespace)
        {
            return Err(format!(
                "{name:?} is not the name of a role: it cannot be empty, \".\" or \"..\", or contain '/', '?', '#', '%' or white space."
            ));
        }
        if name.chars().any(char::is_uppercase) {
            return Err(format!("Vault stores names of roles in lower case: write {:?}.", name.to_lowercase()));
        }
        Ok(())
    })
}

tf_plugin::model! {
    /// A role of a JWT auth method in Vault: which ServiceAccounts may log in, and what their tokens may do.
    ///
    /// An argument that is left out has Vault's default, and one that is removed is cleared in Vault. A role that exists
    /// with other bounds is not taken over unless `force_conflicts` says so, or it is imported. A role that existed before
    /// is a warning at create, and stays at a destroy, unless `force_conflicts = true` is in the state.
    pub struct VaultJwtRole {
        /// The path of the mount. Defaults to `"jwt"`. Changing this forces replacement.
        pub mount: Value<String> => optional().default("jwt").requires_replace().check(is_mount()),
        /// The former name of `mount`.
        pub path: Value<String> => optional().replaced_by("mount"),
        /// The name, in lower case. Changing this forces replacement.
        pub name: Value<String> => required().requires_replace().check(is_name()),
        /// A namespace below the provider's own (Vault Enterprise, OpenBao). Changing this forces replacement.
        pub namespace: Value<String> => optional().requires_replace().check(not_empty()),
        /// The type of the role. Defaults to `"jwt"`, the only value: it accepts tokens without a browser. A role that
        /// was changed to `"oidc"` is drift, and changed back.
        pub role_type: Value<String> => optional().default("jwt").check(one_of(&["jwt"])),
        /// The claim that identifies the user, such as `"sub"`.
        pub user_claim: Value<String> => required().check(not_empty()),
        /// Whether `user_claim` is a JSON pointer, such as `"/kubernetes.io/serviceaccount/uid"`. Defaults to `false`.
        pub user_claim_json_pointer: Value<bool> => optional(),
        /// Audiences, of which a token must have one. Every ServiceAccount token has an audience, so without this
        /// argument Vault refuses every token.
        pub bound_audiences: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// The `sub` that a token must have, exactly: `"system:serviceaccount:<namespace>:<name>"`. For patterns use
        /// `bound_claims` with `bound_claims_type = "glob"`.
        pub bound_subject: Value<String> => optional().check(not_empty()),
        /// Claims that a token must have, each with one of these values. A key may be a JSON pointer, such as
        /// `"/kubernetes.io/namespace"`.
        pub bound_claims: Value<BTreeMap<String, Set<String>>> => optional().check(not_empty()).check(not_empty().each()),
        /// How `bound_claims` are compared: `"string"` or `"glob"`. Defaults to `"string"`.
        pub bound_claims_type: Value<String> => optional().default("string").check(one_of(&["string", "glob"])),
        /// Claims that are copied to the metadata of the token: claim to name.
        pub claim_mappings: Value<BTreeMap<String, String>> => optional().check(not_empty()),
        /// The claim that contains the user's groups.
        pub groups_claim: Value<String> => optional().check(not_empty()),
        /// How long a JWT is accepted after it has expired, such as `"30s"`; `"-1s"` for not at all. Vault's default is
        /// 150 s.
        pub expiration_leeway: Value<String> => optional().check(is_leeway()),
        /// How long before its `nbf` a JWT is accepted, such as `"30s"`; `"-1s"` for not at all. Vault's default is 150
        /// s.
        pub not_before_leeway: Value<String> => optional().check(is_leeway()),
        /// The accepted clock skew between cluster and Vault; `"-1s"` for none. Vault's default is 60 s.
        pub clock_skew_leeway: Value<String> => optional().check(is_leeway()),
        /// Whether Vault logs the tokens of each login. Defaults to `false`. The log then contains secrets: do not use
        /// it in production.
        pub verbose_oidc_logging: Value<bool> => optional(),
        /// Policies of the issued token.
        pub token_policies: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// The TTL of the issued token, such as `"24h"`, equal to `"86400"`. Defaults to the mount's.
        pub token_ttl: Value<String> => optional().check(is_span()),
        /// The maximum TTL of the issued token, renewals included. Defaults to the mount's.
        pub token_max_ttl: Value<String> => optional().check(is_span()),
        /// The maximum lifetime of the issued token, which overrides those of the mount and the system.
        pub token_explicit_max_ttl: Value<String> => optional().check(is_span()),
        /// The period of a periodic token, which can be renewed without limit, within each period.
        pub token_period: Value<String> => optional().check(is_span()),
        /// How often the issued token can be used. Unlimited if unset.
        pub token_num_uses: Value<i64> => optional().check(integer_between(0, i64::MAX)),
        /// Addresses (CIDR) from which a login and the issued token are accepted.
        pub token_bound_cidrs: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// Whether to leave the policy `default` out of the issued token. Defaults to `false`.
        pub token_no_default_policy: Value<bool> => optional(),
        /// The type of the issued token: `"default"` (the mount's), `"service"` or `"batch"`.
        pub token_type: Value<String> => optional()
            .check(one_of(&["default", "service", "batch"])),
        /// Adopt a role that exists with other bounds instead of failing, and delete a role that existed before this
        /// resource with the resource. Defaults to `false`: a destroy does not delete such a role, and warns.
        pub force_conflicts: Value<bool> => optional().default(false),
        /// How long operations may take. Each defaults to `"1m"`.
        pub timeouts: Value<Timeouts> => optional(),
    }
}

impl VaultJwtRole {
    /// `auth/<mount>/role/<name>`.
    pub(super) fn id(&self) -> String {
        format!("auth/{}/role/{}", self.mount(), self.role_name())
    }

    pub(super) fn mount(&self) -> &str {
        self.mount.as_deref_option().unwrap_or_default()
    }

    pub(super) fn role_name(&self) -> &str {
        self.name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn namespace_name(&self) -> Option<&str> {
        self.namespace.as_deref_option()
    }
}
