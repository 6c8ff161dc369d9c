//! How to reach one Vault, as the caller gives it. Reading no environment and no file is the point of this module.

use crate::redacted::SecretText;

/// How to reach Vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Its address, `https://host:8200`.
    pub address: String,
    /// The namespace (Vault Enterprise, `OpenBao`).
    pub namespace: Option<String>,
    /// The only authorities that may sign Vault's certificate, PEM; without it those of the system.
    pub ca_cert_pem: Option<String>,
    /// The name that Vault's certificate must have, where it is not the host.
    pub tls_server_name: Option<String>,
    /// Do not check Vault's certificate.
    pub skip_tls_verify: bool,
    /// Where tokens come from.
    pub tokens: Tokens,
}

/// Where the tokens of requests come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tokens {
    /// There is none: only what Vault tells everybody can be asked.
    #[default]
    None,
    /// A token of the user's. It is neither renewed nor revoked.
    Given(SecretText),
    /// A login with a JWT.
    Jwt {
        /// Where the auth method is mounted.
        mount: String,
        /// The role.
        role: String,
        /// The JWT.
        jwt: SecretText,
    },
    /// A login by `AppRole`.
    AppRole {
        /// Where the auth method is mounted.
        mount: String,
        /// The role id.
        role_id: String,
        /// The secret id; some roles need none.
        secret_id: Option<SecretText>,
    },
}
