//! One Vault: connection, logins, JWT auth methods and their roles, KV version 2, policies, typed errors.
//!
//! [`Client::new`] costs nothing: the server is dialled with the first call, and all calls share one connection where it
//! speaks HTTP/2. Every call takes a [`Call`], which bounds it, retries included. What vaultrs does without losing what
//! Vault says is done by vaultrs, the rest by requests of our own on the same connection; see
//! `docs/design/vault-client.md`. Tokens and accessors appear in no error and no log.

mod auth;
mod certificate;
mod connection;
mod error;
mod jwt;
mod kv;
mod mounts;
mod policies;
mod send;
mod session;
mod settings;

use std::sync::Arc;

pub use super::call::Call;
pub use super::reach::Unreachable;
pub use auth::{Auth, NewToken, TokenDetails};
pub use certificate::Presented;
pub use error::{Cause, Error, Operation};
pub use jwt::{JwtConfig, JwtRole};
pub use kv::{KvField, KvSecret};
pub use mounts::{Mount, Remount, Tune};
pub use settings::{Settings, Tokens};

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use connection::Connection;
use send::Verb;
use session::Session;

/// A Vault and a token for it. Clones share connection and login.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    connection: Arc<Connection>,
    session: Session,
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
        let session = Session::new(settings.tokens.clone());
        Self::of(Arc::new(Connection::new(settings)), session)
    }

    fn of(connection: Arc<Connection>, session: Session) -> Self {
        Self(Arc::new(Inner { connection, session }))
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.connection().settings.address
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
            Ok(answer) => answer.data().map_err(|cause| Error::new(&operation, cause)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn connection(&self) -> &Connection {
        &self.0.connection
    }

    fn connection_handle(&self) -> Arc<Connection> {
        Arc::clone(&self.0.connection)
    }

    fn session(&self) -> &Session {
        &self.0.session
    }
}

/// Vault writes an absent list or text as null.
fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
