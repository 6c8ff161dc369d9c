//! The attributes.

use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::Value;

use super::explain;
use crate::cluster::account::ServiceAccount;

tf_plugin::model! {
    /// Proves that a ServiceAccount can log in to Vault: asks the cluster for a token of it, logs in with the token, and revokes
    /// what it got. Where Vault refuses, it says why, one line a claim: what the token says, what mount or role demand, and the
    /// HCL that would make them meet.
    ///
    /// It never fails because of what it finds: add a `postcondition` on `self.ready`. While settings of the provider are not
    /// known yet it is not ready and says so.
    pub struct VaultJwtLogin {
        /// Where the auth method is mounted; `jwt` is the default.
        pub auth_path: Value<String> => optional().default("jwt").check(not_empty()),
        /// A namespace below the provider's own (Vault Enterprise), in which the auth method is.
        pub namespace: Value<String> => optional().check(not_empty()),
        /// The role to log in with.
        pub role: Value<String> => required().check(not_empty()),
        /// Whose token it is.
        pub service_account: Value<ServiceAccount> => required(),
        /// Whom the token is for. Without it and without `audiences` the token is for the API server itself.
        pub audience: Value<String> => optional().conflicts_with(&["audiences"]).check(not_empty()),
        /// Whom the token is for, where there are several.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// Did the login work, and do its policies exist?
        pub ready: Value<bool> => computed(),
        /// What is wrong, if anything is.
        pub problems: Value<Vec<String>> => computed(),
        /// One line.
        pub summary: Value<String> => computed(),
        /// The policies that came out of the login. Null when there was none.
        pub policies: Value<Vec<String>> => computed(),
        /// How long what came out of the login lasts, in seconds. Null when there was no login.
        pub token_ttl: Value<i64> => computed(),
        /// After a refusal: each thing that Vault looks at, as far as the provider's own token may see what is demanded.
        pub claims: Value<Vec<Claim>> => computed(),
    }
}

tf_plugin::model! {
    /// One thing that Vault looks at.
    pub struct Claim {
        /// The claim, such as `iss`; `kid` and `alg` stand in the token's header.
        pub name: Value<String> => computed(),
        /// What the token says.
        pub token: Value<String> => computed(),
        /// What is demanded.
        pub demanded: Value<String> => computed(),
        /// Who demands it: `mount`, `role` or `clock`.
        pub by: Value<String> => computed(),
        /// Do they meet?
        pub met: Value<bool> => computed(),
        /// How they miss each other, where it is a slip that many have made. Null otherwise.
        pub hint: Value<String> => computed(),
        /// What would make them meet. Null where they do.
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
