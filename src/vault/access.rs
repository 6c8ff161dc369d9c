//! How to reach Vault, as far as it is known: settings, credentials that may lie in files, and what is missing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tazlab_clients::file::{self, FileError};
use tazlab_clients::vault::{Address, ClientCertificate, Settings, Tokens};
use tazlab_redacted::SecretText;

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
    /// A folder of files with the authorities that may sign Vault's certificate.
    pub ca_cert_dir: Option<PathBuf>,
    /// The authorities that may sign Vault's certificate, PEM.
    pub ca_cert_pem: Option<String>,
    /// The name that Vault's certificate must have.
    pub tls_server_name: Option<String>,
    /// Do not check the certificate; who says so.
    pub skip_tls_verify: Option<Unverified>,
    /// Log in with a JWT.
    pub auth_jwt: Option<Jwt>,
    /// Log in with a ServiceAccount token, by Vault's auth method `kubernetes`.
    pub auth_kubernetes: Option<Jwt>,
    /// Log in with a client certificate.
    pub auth_cert: Option<Certificate>,
    /// Log in by `AppRole`.
    pub auth_approle: Option<AppRole>,
    /// Headers that go with every request.
    pub headers: Vec<(String, SecretText)>,
    /// Variables of the environment that contradict each other, where the block is silent.
    pub contradictions: Vec<&'static str>,
    /// Arguments whose value is not known yet, or empty.
    pub gaps: Vec<String>,
}

/// Who says that Vault's certificate is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// `vault.skip_tls_verify`.
    Block,
    /// This variable of the environment.
    Environment(&'static str),
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

/// A login with a client certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// Where the auth method is mounted.
    pub mount: String,
    /// The role; without one Vault tries all.
    pub role: Option<String>,
    /// The certificate, PEM.
    pub certificate: Credential,
    /// Its key, PEM.
    pub key: Credential,
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
        let ca_cert_pem = match (&self.ca_cert_file, &self.ca_cert_dir) {
            (Some(path), _) => Some(authority("ca_cert_file", path)?),
            (None, Some(folder)) => Some(authorities(folder)?),
            (None, None) => self.ca_cert_pem.clone(),
        };
        let client_certificate = self.auth_cert.as_ref().map(|login| {
            let certificate = login.certificate.read()?.expose().clone();
            Ok::<_, CredentialError>(ClientCertificate { certificate, key: login.key.read()? })
        });
        Ok(Settings {
            address,
            namespace: self.namespace.clone(),
            ca_cert_pem,
            tls_server_name: self.tls_server_name.clone(),
            skip_tls_verify: self.skip_tls_verify.is_some(),
            client_certificate: client_certificate.transpose()?,
            headers: self.headers.clone(),
            tokens: self.tokens()?,
        })
    }

    fn tokens(&self) -> Result<Tokens, CredentialError> {
        Ok(if let Some(login) = self.auth_jwt.as_ref().or(self.auth_kubernetes.as_ref()) {
            Tokens::Jwt { mount: bare(&login.mount), role: login.role.clone(), jwt: login.jwt.read()? }
        } else if let Some(login) = &self.auth_cert {
            Tokens::Certificate { mount: bare(&login.mount), name: login.role.clone() }
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

/// How many files of a folder with authorities are read.
const MOST_AUTHORITIES: usize = 1000;

fn authority(setting: &'static str, path: &Path) -> Result<String, Failure> {
    let unreadable = |source| Failure::Authority { setting, path: path.to_owned(), source: Arc::new(source) };
    Ok(file::read_text(path, file::SMALL).map_err(unreadable)?.expose().clone())
}

/// Every file of the folder, one after another: a file that is not PEM is an error where it is read. What is hidden, and what
/// is a folder itself, is passed over, since a volume of Kubernetes has both.
fn authorities(folder: &Path) -> Result<String, Failure> {
    const SETTING: &str = "ca_cert_dir";
    let unreadable =
        |source| Failure::Authority { setting: SETTING, path: folder.to_owned(), source: Arc::new(source) };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(FileError::Unreadable(error)))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .filter(|path| !path.is_dir())
        .take(MOST_AUTHORITIES)
        .collect();
    paths.sort();
    let mut all = String::new();
    for path in paths {
        let text = authority(SETTING, &path)?;
        if !text.contains("-----BEGIN CERTIFICATE-----") {
            return Err(Failure::NoAuthority { path });
        }
        all += &text;
        all.push('\n');
    }
    if all.is_empty() { Err(Failure::NoAuthority { path: folder.to_owned() }) } else { Ok(all) }
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

    #[test]
    fn a_folder_of_authorities_is_read_as_kubernetes_mounts_it() {
        let folder = tempfile::tempdir().unwrap();
        let access = Access {
            address: Some("https://v:8200".into()),
            ca_cert_dir: Some(folder.path().to_owned()),
            ..Access::default()
        };
        assert!(matches!(access.resolve(), Err(Failure::NoAuthority { .. })), "nothing is in it");
        let pem = |name: &str| format!("-----BEGIN CERTIFICATE-----\n{name}\n-----END CERTIFICATE-----");
        std::fs::create_dir(folder.path().join("..2026_data")).unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join(".hidden"), "nothing").unwrap();
        for name in ["b.crt", "a.pem"] {
            std::fs::write(folder.path().join(name), pem(name)).unwrap();
        }
        let read = access.resolve().unwrap().ca_cert_pem.unwrap();
        assert_eq!(read, format!("{}\n{}\n", pem("a.pem"), pem("b.crt")));
        std::fs::write(folder.path().join("README"), "no certificate").unwrap();
        let told = access.resolve().unwrap_err().to_string();
        assert!(told.contains("README") && told.contains("vault.ca_cert_dir"), "{told}");
    }

    #[test]
    fn a_login_with_a_certificate_reads_both_files_and_one_of_kubernetes_is_one_with_a_jwt() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Credential::File { setting: name.to_owned(), path: folder.path().join(name) };
        let login = Certificate {
            mount: "auth/cert/".to_owned(),
            role: Some("ci".to_owned()),
            certificate: file("certificate"),
            key: file("key"),
        };
        let access = Access { address: Some("https://v:8200".into()), auth_cert: Some(login), ..Access::default() };
        assert!(matches!(access.resolve(), Err(Failure::Credential(_))));
        std::fs::write(folder.path().join("certificate"), "c").unwrap();
        std::fs::write(folder.path().join("key"), "k").unwrap();
        let settings = access.resolve().unwrap();
        assert_eq!(settings.tokens, Tokens::Certificate { mount: "cert".to_owned(), name: Some("ci".to_owned()) });
        assert!(settings.client_certificate.is_some_and(|own| own.certificate == "c" && own.key.is(b"k")));
        let jwt = Jwt { mount: "kubernetes".to_owned(), role: "r".to_owned(), jwt: Credential::Text("j".into()) };
        let access = Access { auth_cert: None, auth_kubernetes: Some(jwt), ..access };
        assert!(matches!(access.resolve().unwrap().tokens, Tokens::Jwt { mount, .. } if mount == "kubernetes"));
    }
}
