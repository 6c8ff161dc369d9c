//! The attributes.

use tazlab_redacted::SecretText;
use tf_plugin::framework::duration;
use tf_plugin::framework::validation::{Check, is_duration, not_empty};
use tf_plugin::framework::value::Value;

tf_plugin::model! {
    /// A token of a Kubernetes ServiceAccount, by its token API. It is made at each plan and at each apply, is
    /// stored nowhere, and ends by itself: Kubernetes offers no way to take it back.
    pub struct ServiceAccountToken {
        /// The namespace of the ServiceAccount.
        pub namespace: Value<String> => required().check(not_empty()),
        /// The name of the ServiceAccount.
        pub name: Value<String> => required().check(not_empty()),
        /// Whom the token is for. Without it, for the API server itself.
        pub audiences: Value<Vec<String>> => optional().check(not_empty()).check(not_empty().each()),
        /// How long it is asked to last, such as `"1h"`; `"10m"` (default) is the least that Kubernetes takes. The API
        /// server may shorten it.
        pub expiration: Value<String> => optional().default("10m").check(is_duration()).check(at_least_ten_minutes()),
        /// The token.
        pub token: Value<SecretText> => computed().sensitive(),
        /// When it ends (RFC 3339).
        pub expires_at: Value<String> => computed(),
    }
}

fn at_least_ten_minutes() -> Check {
    Check::text(|text| match duration::parse(text) {
        Ok(lasts) if lasts.as_secs() < 600 => {
            Err(format!("{text:?} is less than \"10m\", which is the least that Kubernetes takes."))
        }
        // What is no duration is said by another check.
        _ => Ok(()),
    })
}
