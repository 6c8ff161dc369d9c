//! What all objects in Vault share: how Vault is reached when its settings may not be known yet, how long is waited, who
//! an object belongs to, what a refusal means. It knows no object.

mod access;
pub mod duration;
mod exposure;
mod failure;
mod ownership;
mod reach;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tazlab_clients::vault::Client;
use tf_plugin::framework::outage::Outage;
use tf_plugin::framework::validation::{Check, matches};
use tokio::sync::OnceCell;

pub use access::{Access, AppRole, Jwt, Unverified, bare};
pub use failure::Failure;

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
    matches(
        r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$",
        "the path of an auth method: letters, digits, '-', '_', '.' and '/' within, without \"auth/\" before it",
    )
}
