//! How to reach Vault, as far as it is known: settings, credentials that may lie in files, and what is missing.

use std::path::PathBuf;
use std::sync::Arc;

use tazlab_clients::file;
use tazlab_clients::vault::{Address, Settings, Tokens};

use super::Failure;
use crate::credential::{Credential, CredentialError};

/// The way to Vault; all absent where nothing configures it.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// `https://host:8200`.
    pub address: Option<Address>,
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
    /// Do not check the certificate; who says so.
    pub skip_tls_verify: Option<Unverified>,
    /// Log in with a JWT.
    pub auth_jwt: Option<Jwt>,
    /// Log in by `AppRole`.
    pub auth_approle: Option<AppRole>,
    /// Arguments whose value is not known yet, or empty.
    pub gaps: Vec<String>,
}

/// Who says that Vault's certificate is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// `vault.skip_tls_verify`.
    Block,
    /// `VAULT_SKIP_VERIFY`.
    Environment,
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

impl Access {
    /// The settings of a client, with what lies in files. Blocks: not for the threads that serve.
    pub(super) fn resolve(&self) -> Result<Settings, Failure> {
        let address = self.address.clone().ok_or(Failure::NotConfigured)?;
        let ca_cert_pem = match &self.ca_cert_file {
            None => self.ca_cert_pem.clone(),
            Some(path) => {
                let unreadable = |source| Failure::Authority { path: path.clone(), source: Arc::new(source) };
                Some(file::read_text(path, file::SMALL).map_err(unreadable)?.expose().clone())
            }
        };
        Ok(Settings {
            address,
            namespace: self.namespace.clone(),
            ca_cert_pem,
            tls_server_name: self.tls_server_name.clone(),
            skip_tls_verify: self.skip_tls_verify.is_some(),
            tokens: self.tokens()?,
        })
    }

    fn tokens(&self) -> Result<Tokens, CredentialError> {
        Ok(if let Some(login) = &self.auth_jwt {
            Tokens::Jwt { mount: bare(&login.mount), role: login.role.clone(), jwt: login.jwt.read()? }
        } else if let Some(login) = &self.auth_approle {
            let secret_id = login.secret_id.as_ref().map(Credential::read).transpose()?;
            Tokens::AppRole { mount: bare(&login.mount), role_id: login.role_id.clone(), secret_id }
        } else if let Some(token) = &self.token {
            Tokens::Given(token.read()?)
        } else {
            Tokens::None
        })
    }
}

/// The path of an auth method without what people write around it: `jwt`, `jwt/` and `auth/jwt` are one.
#[must_use]
pub fn bare(path: &str) -> String {
    let path = path.trim_matches('/');
    path.strip_prefix("auth/").unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_three_spellings() {
        for path in ["jwt", "jwt/", "auth/jwt", "auth/jwt/", "/auth/jwt"] {
            assert_eq!(bare(path), "jwt", "{path}");
        }
        assert_eq!(bare("auth/team/jwt"), "team/jwt");
    }

    #[test]
    fn what_lies_in_files_is_read_when_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let (authority, token) = (folder.path().join("ca"), folder.path().join("token"));
        let access = Access {
            address: Some("https://v:8200".into()),
            ca_cert_file: Some(authority.clone()),
            token: Some(Credential::File { setting: "vault.token_file".to_owned(), path: token.clone() }),
            ..Access::default()
        };
        assert!(matches!(access.resolve(), Err(Failure::Authority { .. })));
        std::fs::write(authority, "pem").unwrap();
        assert!(matches!(access.resolve(), Err(Failure::Credential(_))));
        std::fs::write(token, "s.token\n").unwrap();
        let settings = access.resolve().unwrap();
        assert_eq!(settings.tokens, Tokens::Given("s.token".into()));
        assert_eq!(settings.ca_cert_pem.as_deref(), Some("pem"));
        assert!(matches!(Access::default().resolve(), Err(Failure::NotConfigured)));
    }
}
