//! The token of requests: given, or got by a login that is renewed for the life of the process and revoked at its end.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;
use tazlab_redacted::SecretText;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::auth::Auth;
use super::error::Cause;
use super::request::{REQUEST, Verb, What, body};
use super::settings::Tokens;
use super::{Client, Inner};
use crate::reach::Unreachable;

/// A renewal that fails is tried again after this.
const AGAIN: Duration = Duration::from_secs(5);

/// How long the revocation at the end may take: Terraform kills a plugin that does not end within 2 s.
const REVOCATION: Duration = Duration::from_secs(1);

/// Where the token comes from, and the login that is at work.
pub(super) struct Session {
    tokens: Tokens,
    login: Arc<Mutex<Option<Login>>>,
}

struct Login {
    token: SecretText,
    since: Instant,
    /// `None` for a token that does not expire.
    expires: Option<Instant>,
    /// Ends the renewal with the login.
    _renewal: DropGuard,
}

impl Session {
    pub(super) fn new(tokens: Tokens) -> Self {
        Self { tokens, login: Arc::default() }
    }

    /// Is it a token that somebody else has made, and not a login of our own?
    pub(super) fn is_given(&self) -> bool {
        matches!(self.tokens, Tokens::Given(_))
    }

    /// Forgets a login that Vault does not know any more; one that is newer than `before` is somebody else's new try and
    /// stays. Can there be another one at all?
    pub(super) async fn forget(&self, before: Instant) -> bool {
        let mut login = self.login.lock().await;
        if login.as_ref().is_some_and(|login| login.since <= before) {
            *login = None;
        }
        !matches!(self.tokens, Tokens::None | Tokens::Given(_))
    }
}

/// The token for a request; logs in where there is none yet.
pub(super) async fn token(client: &Client) -> Result<SecretText, Cause> {
    let session = client.session();
    match &session.tokens {
        Tokens::None => return Err(Cause::NoToken),
        Tokens::Given(token) => return Ok(token.clone()),
        Tokens::Jwt { .. } | Tokens::AppRole { .. } | Tokens::Certificate { .. } => {}
    }
    let login = Arc::clone(&session.login).lock_owned().await;
    if let Some(current) = login.as_ref().filter(|login| login.expires.is_none_or(|end| Instant::now() < end)) {
        return Ok(current.token.clone());
    }
    // A login that was begun is let finish, though nobody may wait for it any more: what comes out of it is revoked at the
    // end, and a token that nobody knows of is not.
    let done = tokio::spawn(log_in(client.clone(), login)).await;
    done.unwrap_or_else(|_| Err(Cause::Request { problem: "the login was broken off".to_owned() }))
}

async fn log_in(client: Client, mut login: OwnedMutexGuard<Option<Login>>) -> Result<SecretText, Cause> {
    let (mount, auth) = match &client.session().tokens {
        Tokens::Jwt { mount, role, jwt } => (mount, limited(&client, client.jwt_login_once(mount, role, jwt)).await),
        Tokens::AppRole { mount, role_id, secret_id } => {
            (mount, limited(&client, client.approle_login_once(mount, role_id, secret_id.as_ref())).await)
        }
        Tokens::Certificate { mount, name } => {
            (mount, limited(&client, client.certificate_login_once(mount, name.as_deref())).await)
        }
        Tokens::None | Tokens::Given(_) => return Err(Cause::NoToken),
    };
    let auth = auth.map_err(|cause| match cause {
        Cause::Refused { .. } | Cause::LoginDenied { .. } | Cause::NotFound { .. } | Cause::Answer { .. } => {
            Cause::Login { mount: mount.clone(), cause: Box::new(cause) }
        }
        // No login brings this about, and what is done about it is the same for every request.
        cause => cause,
    })?;
    tracing::debug!(mount, lease = ?auth.lease, renewable = auth.renewable, "logged in to Vault");
    let end = CancellationToken::new();
    let since = Instant::now();
    let expires = (!auth.lease.is_zero()).then(|| since + auth.lease);
    if auth.renewable && expires.is_some() {
        tokio::spawn(renew(Arc::downgrade(&client.0), auth.lease, end.clone()));
    }
    *login = Some(Login { token: auth.token.clone(), since, expires, _renewal: end.drop_guard() });
    Ok(auth.token)
}

async fn limited(client: &Client, login: impl Future<Output = Result<Auth, Cause>>) -> Result<Auth, Cause> {
    let address = || client.address();
    let silent = |_| Cause::Unreachable { address: address(), reason: Unreachable::TimedOut };
    tokio::time::timeout(REQUEST, login).await.map_err(silent)?
}

/// Renews the login at two thirds of its time, for as long as it can be renewed. When it cannot, it runs out and the
/// next request logs in again.
async fn renew(client: Weak<Inner>, lease: Duration, end: CancellationToken) {
    let mut wait = lease * 2 / 3;
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let Some(client) = client.upgrade().map(Client) else { return };
        let (token, expires) = {
            let login = client.session().login.lock().await;
            let Some(login) = login.as_ref() else { return };
            (login.token.clone(), login.expires)
        };
        // The lock is not held meanwhile: requests go on with the token that they have.
        let renewed = client.renew_once(&token).await;
        let left = expires.map(|end| end.saturating_duration_since(Instant::now())).unwrap_or_default();
        wait = match renewed {
            // Near its largest time a token is renewed for less and less: let it run out.
            Ok(Auth { lease, .. }) if lease > AGAIN => {
                let mut login = client.session().login.lock().await;
                if let Some(login) = login.as_mut().filter(|login| login.token == token) {
                    login.expires = Some(Instant::now() + lease);
                }
                lease * 2 / 3
            }
            Ok(_) => return,
            Err(cause) => {
                tracing::warn!(%cause, "the login to Vault could not be renewed");
                if left <= AGAIN {
                    return;
                }
                AGAIN
            }
        };
    }
}

/// Revokes the login, if there is one. Its failure is only logged: the token runs out by itself.
pub(super) async fn end(client: &Client) {
    let revoke = async {
        let Some(login) = client.session().login.lock().await.take() else { return Ok(false) };
        client.revoke_once(&login.token).await.map(|()| true)
    };
    match tokio::time::timeout(REVOCATION, revoke).await {
        Ok(Ok(true)) => tracing::debug!("the login to Vault is revoked"),
        Ok(Ok(false)) => {}
        Ok(Err(cause)) => tracing::warn!(%cause, "the login to Vault could not be revoked"),
        Err(_) => tracing::warn!("the login to Vault could not be revoked in time"),
    }
}

impl Client {
    async fn renew_once(&self, token: &SecretText) -> Result<Auth, Cause> {
        let operation = Verb::Write.at("auth/token/renew-self");
        let nothing = body(&json!({}));
        let what = What::plain(&operation, Verb::Write, Some(&nothing)).within(self.namespace());
        let answer = self.connection().once(what, Some(token)).await?;
        Auth::read(&answer)
    }
}
