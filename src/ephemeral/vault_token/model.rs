//! The attributes.

use tazlab_redacted::SecretText;
use tf_plugin::framework::validation::{is_duration, not_empty};
use tf_plugin::framework::value::Value;

use crate::cluster::account::ServiceAccount;

tf_plugin::model! {
    /// A Vault token that lives as long as Terraform needs it: it is made at each plan and at each apply, renewed while it is
    /// needed, revoked when the last thing that refers to it is done, and stored nowhere.
    pub struct VaultToken {
        /// Log in as a ServiceAccount of the cluster.
        pub jwt: Value<Jwt> => optional().exactly_one_with(&["approle", "child"]),
        /// Log in by AppRole.
        pub approle: Value<AppRole> => optional(),
        /// Make a child of the provider's own token.
        pub child: Value<Child> => optional(),
        /// A namespace below the provider's own (Vault Enterprise), in which the token is made.
        pub namespace: Value<String> => optional().check(not_empty()),
        /// The token.
        pub token: Value<SecretText> => computed().sensitive(),
        /// Its accessor, by which it can be looked up and revoked.
        pub accessor: Value<SecretText> => computed().sensitive(),
        /// All its policies.
        pub policies: Value<Vec<String>> => computed(),
        /// How long it lives without being renewed, in seconds; 0 for ever.
        pub token_ttl: Value<i64> => computed(),
        /// Is it renewed while it is needed?
        pub renewable: Value<bool> => computed(),
    }
}

tf_plugin::model! {
    /// A login as a ServiceAccount.
    pub struct Jwt {
        /// Where the auth method is mounted; `jwt` is the default.
        pub auth_path: Value<String> => optional().default("jwt").check(not_empty()),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// Whose token is used.
        pub service_account: Value<ServiceAccount> => required(),
        /// Whom that token is for. Without it and without `audiences` it is for the API server itself.
        pub audience: Value<String> => optional().conflicts_with(&["audiences"]).check(not_empty()),
        /// Whom that token is for, where there are several.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
    }
}

tf_plugin::model! {
    /// A login by AppRole.
    pub struct AppRole {
        /// Where the auth method is mounted; `approle` is the default.
        pub auth_path: Value<String> => optional().default("approle").check(not_empty()),
        /// The role id.
        pub role_id: Value<String> => required().check(not_empty()),
        /// The secret id; some roles need none. May be ephemeral.
        pub secret_id: Value<SecretText> => optional().sensitive().conflicts_with(&["secret_id_file"]),
        /// A file with the secret id. `~` is the home folder.
        pub secret_id_file: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// A child of the provider's own token.
    pub struct Child {
        /// Its policies, which its parent must have too unless that is root. Without any it has those of its parent.
        pub policies: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// How long it lives without being renewed; `"1h"` is the default. It also bounds how long it survives a Terraform that
        /// was killed.
        pub ttl: Value<String> => optional().default("1h").check(is_duration()),
        /// How long it lives at most, renewals included. Without it as long as Vault allows.
        pub explicit_max_ttl: Value<String> => optional().check(is_duration()),
        /// What Vault's audit log calls it.
        pub display_name: Value<String> => optional().check(not_empty()),
    }
}
