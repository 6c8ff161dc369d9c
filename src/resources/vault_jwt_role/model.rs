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
        if name.is_empty() || name.contains(['/', '?', '#', '%']) || name.chars().any(char::is_whitespace) {
            return Err(format!(
                "{name:?} is no name of a role: it cannot be empty or hold '/', '?', '#', '%' or white space."
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
    /// with other bounds is not taken over unless `force_conflicts` says so, or it is imported.
    pub struct VaultJwtRole {
        /// Where the auth method is mounted (default `"jwt"`). A change makes the role anew.
        pub path: Value<String> => optional().default("jwt").requires_replace().check(is_mount()),
        /// The name, in lower case. A change makes the role anew.
        pub name: Value<String> => required().requires_replace().check(is_name()),
        /// A namespace below the provider's own (Vault Enterprise, OpenBao). A change makes the role anew.
        pub namespace: Value<String> => optional().requires_replace().check(not_empty()),
        /// The kind of role: `"jwt"` (default), the only one that takes tokens without a browser. One that somebody made an
        /// `"oidc"` role is shown as changed, and made a `"jwt"` role again.
        pub role_type: Value<String> => optional().default("jwt").check(one_of(&["jwt"])),
        /// The claim that names who logs in, such as `"sub"`.
        pub user_claim: Value<String> => required().check(not_empty()),
        /// Is `user_claim` a JSON pointer, such as `"/kubernetes.io/serviceaccount/uid"`? Without it, no.
        pub user_claim_json_pointer: Value<bool> => optional(),
        /// Audiences of which a token must have one. Every ServiceAccount token has an audience, so without this
        /// argument Vault refuses them all.
        pub bound_audiences: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// The `sub` that a token must have, exactly: `"system:serviceaccount:<namespace>:<name>"`. For patterns use
        /// `bound_claims` with `bound_claims_type = "glob"`.
        pub bound_subject: Value<String> => optional().check(not_empty()),
        /// Claims that a token must have, each with one of these values. A key may be a JSON pointer, such as
        /// `"/kubernetes.io/namespace"`.
        pub bound_claims: Value<BTreeMap<String, Set<String>>> => optional().check(not_empty()).check(not_empty().each()),
        /// How `bound_claims` are compared: `"string"` (default) or `"glob"`.
        pub bound_claims_type: Value<String> => optional().default("string").check(one_of(&["string", "glob"])),
        /// Claims that become metadata of the token: claim to name.
        pub claim_mappings: Value<BTreeMap<String, String>> => optional().check(not_empty()),
        /// The claim that holds the groups of who logs in.
        pub groups_claim: Value<String> => optional().check(not_empty()),
        /// How long after its end a JWT is still accepted, such as `"30s"`; `"-1s"` for not at all. Vault's default is 150 s.
        pub expiration_leeway: Value<String> => optional().check(is_leeway()),
        /// How long before its beginning a JWT is accepted already; `"-1s"` for not at all. Vault's default is 150 s.
        pub not_before_leeway: Value<String> => optional().check(is_leeway()),
        /// How far the clocks of cluster and Vault may differ; `"-1s"` for not at all. Vault's default is 60 s.
        pub clock_skew_leeway: Value<String> => optional().check(is_leeway()),
        /// Let Vault log what each login brought. Without it, no: tokens are in it, and it is not for production.
        pub verbose_oidc_logging: Value<bool> => optional(),
        /// Policies of the token.
        pub token_policies: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// How long the token lives, such as `"24h"`, equal to `"86400"`. Without it the mount's default.
        pub token_ttl: Value<String> => optional().check(is_span()),
        /// How long the token lives at most, renewals included. Without it the mount's maximum.
        pub token_max_ttl: Value<String> => optional().check(is_span()),
        /// How long the token lives at most, whatever mount or system say.
        pub token_explicit_max_ttl: Value<String> => optional().check(is_span()),
        /// The period of a token that can be renewed for ever, as long as it is renewed within the period.
        pub token_period: Value<String> => optional().check(is_span()),
        /// How often the token can be used; without it as often as one likes.
        pub token_num_uses: Value<i64> => optional().check(integer_between(0, i64::MAX)),
        /// Addresses (CIDR) from which one may log in and use the token.
        pub token_bound_cidrs: Value<Set<String>> => optional().check(not_empty()).check(is_item().each()),
        /// Leave the policy `default` out of the token. Without it, it is in.
        pub token_no_default_policy: Value<bool> => optional(),
        /// What kind of token is issued: `"default"` (the mount's), `"service"` or `"batch"`.
        pub token_type: Value<String> => optional()
            .check(one_of(&["default", "service", "batch"])),
        /// Take over a role that exists with other bounds instead of failing (default `false`).
        pub force_conflicts: Value<bool> => optional().default(false),
        /// How long operations may take; each defaults to `"1m"`.
        pub timeouts: Value<Timeouts> => optional(),
    }
}

impl VaultJwtRole {
    /// `auth/<mount>/role/<name>`.
    pub(super) fn id(&self) -> String {
        format!("auth/{}/role/{}", self.mount(), self.role_name())
    }

    pub(super) fn mount(&self) -> &str {
        self.path.as_deref_option().unwrap_or_default()
    }

    pub(super) fn role_name(&self) -> &str {
        self.name.as_deref_option().unwrap_or_default()
    }

    pub(super) fn namespace_name(&self) -> Option<&str> {
        self.namespace.as_deref_option()
    }
}
