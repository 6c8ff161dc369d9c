//! The attributes.

use tazlab_redacted::SecretText;
use tf_plugin::framework::duration;
use tf_plugin::framework::validation::{Check, is_duration, not_empty};
use tf_plugin::framework::value::Value;

tf_plugin::model! {
    /// A token of a Kubernetes ServiceAccount, from the TokenRequest API. It is issued at each plan and at each apply,
    /// is stored nowhere, and expires by itself: Kubernetes cannot revoke it.
    pub struct ServiceAccountToken {
        /// The namespace of the ServiceAccount.
        pub namespace: Value<String> => required().check(not_empty()),
        /// The name of the ServiceAccount.
        pub name: Value<String> => required().check(not_empty()),
        /// Audiences of the token. Defaults to the API server's.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// The requested lifetime, such as `"1h"`. Defaults to `"10m"`, the minimum that Kubernetes accepts. The API
        /// server may shorten it.
        pub expiration: Value<String> => optional().default("10m").check(is_duration()).check(at_least_ten_minutes()),
        /// The token.
        pub token: Value<SecretText> => computed().sensitive(),
        /// When it expires (RFC 3339).
        pub expires_at: Value<String> => computed(),
    }
}

fn at_least_ten_minutes() -> Check {
    Check::text(|text| match duration::parse(text) {
        Ok(lasts) if lasts.as_secs() < 600 => {
            Err(format!("{text:?} is less than \"10m\", the minimum that Kubernetes accepts."))
        }
        // What is no duration is said by another check.
        _ => Ok(()),
    })
}
