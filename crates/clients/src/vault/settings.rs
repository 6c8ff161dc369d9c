//! How to reach one Vault, as the caller gives it. Reading no environment and no file is the point of this module.

use tazlab_redacted::SecretText;

use crate::address::Address;

/// How to reach Vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Its address, `https://host:8200`. It may hold the user and password of a proxy before Vault.
    pub address: Address,
    /// The namespace (Vault Enterprise, `OpenBao`).
    pub namespace: Option<String>,
    /// The only authorities that may sign Vault's certificate, PEM; without it those of the system.
    pub ca_cert_pem: Option<String>,
    /// The name that Vault's certificate must have, where it is not the host.
    pub tls_server_name: Option<String>,
    /// Do not check Vault's certificate.
    pub skip_tls_verify: bool,
    /// The certificate that is shown to servers that want one, and its key, both PEM.
    pub client_certificate: Option<ClientCertificate>,
    /// Headers that go with every request, such as a gateway before Vault wants them.
    pub headers: Vec<(String, SecretText)>,
    /// Where tokens come from.
    pub tokens: Tokens,
}

/// A client's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, with those between it and its authority, PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub key: SecretText,
}

/// A setting that weakens what protects the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// Vault's certificate is not checked: whoever is on the way is believed, and given the token.
    NotVerified,
    /// Nothing is encrypted: whoever is on the way reads the token.
    InClear,
}

impl Settings {
    /// What weakens them. What stays on this machine is no exposure. Without a token, too, credentials go over the connection:
    /// those of the logins that data sources and ephemeral resources try.
    #[must_use]
    pub fn exposures(&self) -> Vec<Exposure> {
        let is_plain = self.address.is_plain();
        let mut found = Vec::new();
        if self.skip_tls_verify && !is_plain {
            found.push(Exposure::NotVerified);
        }
        if is_plain && !self.address.is_loopback() {
            found.push(Exposure::InClear);
        }
        found
    }
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
    /// A login with the certificate of the settings.
    Certificate {
        /// Where the auth method is mounted.
        mount: String,
        /// The role; without one Vault tries all.
        name: Option<String>,
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
