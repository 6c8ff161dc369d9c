//! How to reach and log in to Vault.

use std::path::PathBuf;

use crate::credential::Credential;

/// Vault's settings; all absent where nothing configures it.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    /// `https://host:8200`.
    pub address: Option<String>,
    /// The token, from the configuration, `VAULT_TOKEN` or `~/.vault-token`.
    pub token: Option<Credential>,
    /// The namespace (Enterprise).
    pub namespace: Option<String>,
    /// The authorities that may sign Vault's certificate, as a file.
    pub ca_cert_file: Option<PathBuf>,
    /// The authorities that may sign Vault's certificate, PEM.
    pub ca_cert_pem: Option<String>,
    /// The name that Vault's certificate must have.
    pub tls_server_name: Option<String>,
    /// Do not check the certificate.
    pub skip_tls_verify: bool,
    /// Log in with a JWT.
    pub auth_jwt: Option<Jwt>,
    /// Log in by `AppRole`.
    pub auth_approle: Option<AppRole>,
    /// Arguments whose value is not known yet, or empty.
    pub gaps: Vec<String>,
}

/// A login with a JWT.
#[derive(Clone, Debug)]
pub struct Jwt {
    /// Where the auth method is mounted.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The JWT.
    pub jwt: Credential,
}

/// A login by `AppRole`.
#[derive(Clone, Debug)]
pub struct AppRole {
    /// Where the auth method is mounted.
    pub mount: String,
    /// The role id.
    pub role_id: String,
    /// The secret id; some roles need none.
    pub secret_id: Option<Credential>,
}
