//! The attributes.

use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::Value;

use super::explain;
use crate::cluster::account::ServiceAccount;

tf_plugin::model! {
    /// Tries whether a ServiceAccount can log in to Vault: requests a token of it from the cluster, logs in with the
    /// token, and revokes what it got. When Vault refuses, it explains the refusal, one line for each claim: what the
    /// token has, what mount or role require, and the HCL that would fix it.
    ///
    /// What it finds is never an error: add a `postcondition` or a `check` on `ready`. While settings of the provider
    /// are not known yet, `ready` is `false` and `problems` has the reason.
    pub struct VaultJwtLogin {
        /// The path of the mount. Defaults to `jwt`.
        pub mount: Value<String> => optional().default("jwt").check(not_empty()),
        /// The former name of `mount`.
        pub auth_path: Value<String> => optional().replaced_by("mount"),
        /// A namespace below the provider's own (Vault Enterprise), which has the auth method.
        pub namespace: Value<String> => optional().check(not_empty()),
        /// The role to log in with.
        pub role: Value<String> => required().check(not_empty()),
        /// The ServiceAccount whose token is used.
        pub service_account: Value<ServiceAccount> => required(),
        /// The former name of `audiences`, which is a list.
        pub audience: Value<String> => optional().replaced_by("audiences"),
        /// The audiences of the token. Defaults to the API server's.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// Whether the login works and its policies exist.
        pub ready: Value<bool> => computed(),
        /// The problems, one line each. Empty if there are none.
        pub problems: Value<Vec<String>> => computed(),
        /// A summary in one line.
        pub summary: Value<String> => computed(),
        /// The policies of the issued token. Null without a login.
        pub policies: Value<Vec<String>> => computed(),
        /// The TTL of the issued token, in seconds. Null without a login.
        pub token_ttl: Value<i64> => computed(),
        /// After a refusal: what Vault compares, as far as the provider's own token may read what is required.
        pub claims: Value<Vec<Claim>> => computed(),
    }
}

tf_plugin::model! {
    /// One comparison of Vault.
    pub struct Claim {
        /// The claim, such as `iss`; `kid` and `alg` are in the token's header.
        pub name: Value<String> => computed(),
        /// The value in the token.
        pub token: Value<String> => computed(),
        /// The required value.
        pub demanded: Value<String> => computed(),
        /// What requires it: `mount`, `role` or `clock`.
        pub by: Value<String> => computed(),
        /// Whether the token fulfils it.
        pub met: Value<bool> => computed(),
        /// A common mistake that explains the difference. Null otherwise.
        pub hint: Value<String> => computed(),
        /// The HCL that would fix it. Null if it is fulfilled.
        pub fix: Value<String> => computed(),
    }
}

impl From<explain::Claim> for Claim {
    fn from(claim: explain::Claim) -> Self {
        let maybe = |text: Option<String>| text.map_or(Value::Null, Value::Value);
        Self {
            name: Value::Value(claim.name),
            token: Value::Value(claim.token),
            demanded: Value::Value(claim.demanded),
            by: Value::Value(claim.by.word().to_owned()),
            met: Value::Value(claim.met),
            hint: maybe(claim.hint),
            fix: maybe(Some(claim.fix).filter(|_| !claim.met)),
        }
    }
}
