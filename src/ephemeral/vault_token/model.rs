//! The attributes.

use tazlab_redacted::SecretText;
use tf_plugin::framework::validation::{is_duration, not_empty};
use tf_plugin::framework::value::Value;

use crate::cluster::account::ServiceAccount;

tf_plugin::model! {
    /// A Vault token for one run: it is issued at each plan and at each apply, renewed while it is needed, revoked when
    /// the last thing that refers to it is done, and stored nowhere.
    pub struct VaultToken {
        /// Log in as a ServiceAccount of the cluster.
        pub jwt: Value<Jwt> => optional().exactly_one_with(&["approle", "child"]),
        /// Log in with an AppRole.
        pub approle: Value<AppRole> => optional(),
        /// Create a child of the provider's own token.
        pub child: Value<Child> => optional(),
        /// A namespace below the provider's own (Vault Enterprise), in which the token is issued.
        pub namespace: Value<String> => optional().check(not_empty()),
        /// The token.
        pub token: Value<SecretText> => computed().sensitive(),
        /// Its accessor, by which it can be looked up and revoked.
        pub accessor: Value<SecretText> => computed().sensitive(),
        /// All its policies.
        pub policies: Value<Vec<String>> => computed(),
        /// Its TTL in seconds; 0 for unlimited.
        pub token_ttl: Value<i64> => computed(),
        /// Whether it is renewed while it is needed.
        pub renewable: Value<bool> => computed(),
    }
}

tf_plugin::model! {
    /// A login as a ServiceAccount.
    pub struct Jwt {
        /// The path of the mount. Defaults to `jwt`.
        pub mount: Value<String> => optional().default("jwt").check(not_empty()),
        /// The former name of `mount`.
        pub auth_path: Value<String> => optional().replaced_by("mount"),
        /// The role.
        pub role: Value<String> => required().check(not_empty()),
        /// The ServiceAccount whose token is used.
        pub service_account: Value<ServiceAccount> => required(),
        /// The former name of `audiences`, which is a list.
        pub audience: Value<String> => optional().replaced_by("audiences"),
        /// The audiences of that token. Defaults to the API server's.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
    }
}

tf_plugin::model! {
    /// A login by AppRole.
    pub struct AppRole {
        /// The path of the mount. Defaults to `approle`.
        pub mount: Value<String> => optional().default("approle").check(not_empty()),
        /// The former name of `mount`.
        pub auth_path: Value<String> => optional().replaced_by("mount"),
        /// The role id.
        pub role_id: Value<String> => required().check(not_empty()),
        /// The secret id; some roles need none. May be ephemeral.
        pub secret_id: Value<SecretText> => optional().sensitive().conflicts_with(&["secret_id_file"]),
        /// A file with the secret id. `~` is the home directory.
        pub secret_id_file: Value<String> => optional(),
    }
}

tf_plugin::model! {
    /// A child of the provider's own token.
    pub struct Child {
        /// Its policies, which its parent must have too unless that is root. Defaults to those of its parent.
        pub policies: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// Its TTL without renewal. Defaults to `"1h"`. It also bounds how long the token is valid after Terraform was
        /// killed.
        pub ttl: Value<String> => optional().default("1h").check(is_duration()),
        /// Its maximum lifetime, renewals included. Defaults to Vault's limit.
        pub explicit_max_ttl: Value<String> => optional().check(is_duration()),
        /// Its display name in Vault's audit log.
        pub display_name: Value<String> => optional().check(not_empty()),
    }
}
