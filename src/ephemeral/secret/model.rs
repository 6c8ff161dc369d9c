//! The attributes.

use std::collections::BTreeMap;

use tazlab_redacted::SecretText;
use tf_plugin::framework::validation::not_empty;
use tf_plugin::framework::value::{Datum, Value};

tf_plugin::model! {
    /// The contents of a Kubernetes Secret that exists, for write-only arguments, providers and provisioners. They are
    /// read at each plan and at each apply, and are stored nowhere.
    pub struct Secret {
        /// The namespace of the Secret.
        pub namespace: Value<String> => required().check(not_empty()),
        /// The name of the Secret. It is an error if the Secret does not exist.
        pub name: Value<String> => required().check(not_empty()),
        /// Any value. While it is unknown, the Secret is not read: set it to an attribute of what creates the Secret in
        /// the same run, such as `tazlab_bootstrap_secret.oauth.uid`.
        pub after: Value<Datum> => optional(),
        /// The contents that are text (UTF-8), by key.
        pub data: Value<BTreeMap<String, SecretText>> => computed().sensitive(),
        /// All contents in base64, by key.
        pub data_base64: Value<BTreeMap<String, SecretText>> => computed().sensitive(),
    }
}
