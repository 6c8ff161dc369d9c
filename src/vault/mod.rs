//! What all objects in Vault share: how Vault is reached when its settings may not be known yet, how long is waited, who
//! an object belongs to, what a refusal means. It knows no object.

mod access;
mod failure;
mod reach;

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::clients::vault::Client;

pub use access::{Access, AppRole, Jwt, bare};
pub use failure::Failure;

/// The Vault of a provider configuration.
#[derive(Debug)]
pub struct Vault {
    access: Access,
    client: OnceCell<Client>,
    /// How long refresh, plan and delete wait for an answer.
    pub connect_timeout: Duration,
    /// The last time that it could not be reached, so that a thousand objects do not wait one after another.
    unreachable: Mutex<Option<(Instant, Failure)>>,
}

impl Vault {
    /// The Vault that `access` leads to. Reads nothing and dials nothing.
    #[must_use]
    pub fn new(access: Access, connect_timeout: Duration) -> Self {
        Self { access, client: OnceCell::new(), connect_timeout, unreachable: Mutex::new(None) }
    }

    /// Where it is, as far as that is known.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.access.address.as_deref()
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
