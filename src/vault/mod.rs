//! What all objects in Vault share: how Vault is reached when its settings may not be known yet, how long is waited, who
//! an object belongs to, what a refusal means. It knows no object.

mod access;
pub mod duration;
mod exposure;
mod failure;
pub mod login;
mod ownership;
mod reach;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tazlab_clients::vault::Client;
use tazlab_jwk::is_private;
use tf_plugin::framework::outage::Outage;
use tf_plugin::framework::validation::Check;
use tokio::sync::OnceCell;

pub use access::{Access, AppRole, Certificate, Jwt, Unverified, bare};
pub use failure::Failure;
pub use ownership::Provenance;

/// The Vault of a provider configuration.
#[derive(Debug)]
pub struct Vault {
    access: Access,
    client: OnceCell<Client>,
    /// How long refresh, plan and delete wait for an answer.
    pub connect_timeout: Duration,
    outage: Outage<Failure>,
    written: ownership::Written,
    /// Was the user warned of what the settings expose?
    warned: AtomicBool,
}

impl Vault {
    /// The Vault that `access` leads to. Reads nothing and dials nothing.
    #[must_use]
    pub fn new(access: Access, connect_timeout: Duration) -> Self {
        Self {
            access,
            client: OnceCell::new(),
            connect_timeout,
            outage: Outage::default(),
            written: ownership::Written::default(),
            warned: AtomicBool::new(false),
        }
    }

    /// The namespace of the provider configuration.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.access.namespace.as_deref()
    }

    /// The end of the process: revokes the login that gave the token.
    pub async fn end(&self) {
        if let Some(client) = self.client.get() {
            client.end().await;
        }
    }
}

/// The types of auth method that check JWTs: two names of one plugin.
pub const JWT_TYPES: &[&str] = &["jwt", "oidc"];

/// The part of an identity that most Vaults have none of: its name and what it is.
pub const NAMESPACE: (&str, &str) = ("namespace", "The namespace below the provider's own, where it is in one.");

/// Does an auth method of this type check JWTs?
#[must_use]
pub fn checks_jwts(kind: &str) -> bool {
    JWT_TYPES.contains(&kind)
}

/// Certificates and public keys are stored in the state; a private key beside them, as many `.pem` files have one, must not be.
#[must_use]
pub fn is_public() -> Check {
    Check::text(public)
}

fn public(text: &str) -> Result<(), String> {
    if is_private(text) {
        let problem = "It holds a private key, which would be stored in the state: give the certificate or the public key only. If it was stored anywhere already, replace (rotate) the key.";
        return Err(problem.to_owned());
    }
    Ok(())
}

/// An item of one of Vault's lists, as Vault keeps it.
#[must_use]
pub fn is_item() -> Check {
    Check::text(|text| match text.trim() {
        "" => Err("It must not be empty.".to_owned()),
        trimmed if trimmed == text => Ok(()),
        trimmed => Err(format!("Vault cuts off the white space around {text:?}: write {trimmed:?}.")),
    })
}

/// Paths of auth methods, and names in them, as a URL and Vault take them.
#[must_use]
pub fn is_mount() -> Check {
    Check::text(mount)
}

fn mount(text: &str) -> Result<(), String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    // A URL takes `..` for the place above: another path of Vault's API.
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(is_plain);
    if text.split('/').all(is_part) {
        return Ok(());
    }
    Err(format!(
        "{text:?} is not the path of an auth method: letters, digits, '-', '_', '.' and '/' within, without \"auth/\" before it, and no part \".\" or \"..\"."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_else() {
        for text in ["", "/jwt", "jwt/", "a//b", "..", "a/../../mounts/secret", "a/./b", "a b", "a%2e"] {
            assert!(mount(text).is_err(), "{text}");
        }
        for text in ["jwt", "team/jwt", "a.b", "...", "a-b_c"] {
            assert!(mount(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_private_key_is_refused_and_not_quoted() {
        let pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\ncanary";
        let told = public(pem).unwrap_err();
        assert!(told.contains("rotate") && !told.contains("canary"), "{told}");
        assert_eq!(public("-----BEGIN CERTIFICATE-----"), Ok(()));
    }
}
