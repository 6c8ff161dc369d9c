//! One Vault: connection, logins, JWT auth methods and their roles, KV version 2, policies, typed errors.
//!
//! [`Client::new`] costs nothing: the server is dialled with the first call, and all calls share one connection where it
//! speaks HTTP/2. Every call takes a [`Call`], which bounds it, retries included. What vaultrs does without losing what
//! Vault says is done by vaultrs, the rest by requests of our own on the same connection; see
//! `docs/design/vault-client.md`. Tokens and accessors appear in no error and no log.

mod answer;
mod auth;
mod certificate;
mod connection;
mod distrust;
mod error;
mod health;
mod jwt;
mod keys_url;
mod kv;
mod kv_newest;
mod lookup;
mod mounts;
mod operation;
mod policies;
mod presented;
mod redirect;
mod request;
mod send;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod transport;
mod words;

use std::sync::Arc;

pub use super::address::{Address, without_credentials, without_user_info};
pub use super::call::Call;
pub use super::reach::Unreachable;
pub use answer::{Answer, refusal, secret};
pub use auth::{Auth, NewToken};
pub use distrust::Distrust;
pub use error::{Cause, Error};
pub use health::Health;
pub use jwt::{JwtConfig, JwtRole};
pub use keys_url::{UrlProblem, discovery_url, try_discovery_url, try_keys_url};
pub use kv::{Kv, KvField, KvSecret};
pub use kv_newest::{KvNewest, KvWritten};
pub use lookup::TokenLife;
pub use mounts::{Mount, Remount, Tune};
pub use operation::Operation;
pub use presented::Presented;
pub use settings::{ClientCertificate, Exposure, Settings, Tokens};

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use connection::Connection;
use request::Verb;
use session::Session;

use tazlab_redacted::SecretText;

/// A Vault and a token for it. Clones share connection and login.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    connection: Arc<Connection>,
    session: Arc<Session>,
    namespace: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.connection().settings.address).finish()
    }
}

impl Client {
    /// A client for these settings. Reads nothing and dials nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let session = Arc::new(Session::new(settings.tokens.clone()));
        let namespace = settings.namespace.clone();
        Self(Arc::new(Inner { connection: Arc::new(Connection::new(settings)), session, namespace }))
    }

    /// The same Vault, connection and token in a namespace below that of the settings.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> Self {
        let base = self.connection().settings.namespace.as_deref().map(|base| base.trim_matches('/'));
        let name = namespace.trim_matches('/');
        let namespace = base.map_or_else(|| name.to_owned(), |base| format!("{base}/{name}"));
        let inner = Inner {
            connection: Arc::clone(&self.0.connection),
            session: Arc::clone(&self.0.session),
            namespace: Some(namespace),
        };
        Self(Arc::new(inner))
    }

    /// The same Vault in a namespace below that of the settings, where one is named.
    #[must_use]
    pub fn within(&self, namespace: Option<&str>) -> Self {
        namespace.map_or_else(|| self.clone(), |namespace| self.in_namespace(namespace))
    }

    /// The same Vault, connection and namespace with another token, which is neither renewed nor revoked by itself.
    #[must_use]
    pub fn with_token(&self, token: SecretText) -> Self {
        let inner = Inner {
            connection: Arc::clone(&self.0.connection),
            session: Arc::new(Session::new(Tokens::Given(token))),
            namespace: self.0.namespace.clone(),
        };
        Self(Arc::new(inner))
    }

    /// Its address, as it may be printed.
    #[must_use]
    pub fn address(&self) -> String {
        self.connection().settings.address.origin()
    }

    /// How the settings give away what they should protect.
    #[must_use]
    pub fn exposures(&self) -> Vec<Exposure> {
        self.connection().settings.exposures()
    }

    /// Revokes the login that gave the token, within a second; a token that was given stays. Called once, at the end of
    /// the process.
    pub async fn end(&self) {
        session::end(self).await;
    }

    /// Reads what stands at a path; `None` when nothing does.
    async fn read_optional<T: DeserializeOwned>(&self, call: &Call, path: &str) -> Result<Option<T>, Error> {
        let operation = Verb::Read.at(path);
        match self.send(call, &operation, Verb::Read, None).await {
            Ok(answer) => answer.told().map_err(|cause| Error::new(&operation, cause)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn connection(&self) -> &Connection {
        &self.0.connection
    }

    fn namespace(&self) -> Option<&str> {
        self.0.namespace.as_deref()
    }

    fn session(&self) -> &Session {
        &self.0.session
    }
}

/// Vault writes an absent list or text as null.
fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
