//! The attributes.

use tazlab_jwk::Jwk;
use tf_plugin::framework::value::Value;

tf_plugin::model! {
    /// The keys with which a Kubernetes cluster signs the tokens of its ServiceAccounts, and the issuer of these
    /// tokens. They are read through the API server with the provider's own credentials, so that they are available
    /// where anonymous access is disabled and nobody else reaches the API server.
    pub struct ClusterJwks {
        /// The keys in the order of the cluster's JWKS. Null when they could not be read.
        pub keys: Value<Vec<Key>> => computed(),
        /// The keys as PEM, for `validation_pubkeys` of `tazlab_vault_jwt_auth` and for other verifiers. Null when they
        /// could not be read.
        pub public_keys_pem: Value<Vec<String>> => computed(),
        /// The ids of the keys. Null when they could not be read.
        pub key_ids: Value<Vec<String>> => computed(),
        /// The exact issuer (`iss`) of every token. Null when it could not be read.
        pub issuer: Value<String> => computed(),
        /// The JWKS document as the cluster serves it. Null when it could not be read.
        pub jwks: Value<String> => computed(),
        /// Whether keys and issuer were read and are valid.
        pub ready: Value<bool> => computed(),
        /// The problems, one line each. Empty if there are none.
        pub problems: Value<Vec<String>> => computed(),
        /// A summary in one line.
        pub summary: Value<String> => computed(),
    }
}

tf_plugin::model! {
    /// A key.
    pub struct Key {
        /// Its id (`kid`), which is in the header of each token that it signed.
        pub id: Value<String> => computed(),
        /// The algorithm (`alg`), such as `RS256`. Null if the cluster does not report it.
        pub algorithm: Value<String> => computed(),
        /// The type of the key, such as `RSA 2048` or `EC P-256`.
        pub kind: Value<String> => computed(),
        /// SHA-256 of the key's DER, in hexadecimal: what `openssl pkey -pubin -outform DER | sha256sum` prints.
        pub fingerprint: Value<String> => computed(),
        /// The key as PEM.
        pub public_key_pem: Value<String> => computed(),
    }
}

impl From<&Jwk> for Key {
    fn from(jwk: &Jwk) -> Self {
        Self {
            id: Value::Value(jwk.id()),
            algorithm: jwk.algorithm.clone().map_or(Value::Null, Value::Value),
            kind: Value::Value(jwk.key.to_string()),
            fingerprint: Value::Value(jwk.key.fingerprint()),
            public_key_pem: Value::Value(jwk.key.to_pem()),
        }
    }
}
