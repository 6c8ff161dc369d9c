//! Logins, and what a token can do with itself.

use std::time::Duration;

use rustify::Endpoint;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tazlab_redacted::SecretText;
use vaultrs::api::token::requests::RevokeTokenSelfRequest;

use super::Client;
use super::answer::{Answer, secret};
use super::error::{Cause, Error};
use super::operation::Operation;
use super::request::{Verb, What, body};
use super::words::Words;
use crate::call::Call;

/// No token is believed to live longer: beyond, no clock counts.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

/// A token and what came with it.
#[derive(Clone, Debug)]
pub struct Auth {
    /// The token.
    pub token: SecretText,
    /// Its accessor, which can revoke it: as secret as the token in logs and state.
    pub accessor: SecretText,
    /// All its policies.
    pub policies: Vec<String>,
    /// How long it lives; zero for ever.
    pub lease: Duration,
    /// Can it be renewed?
    pub renewable: bool,
    /// What Vault wants the user to know.
    pub warnings: Vec<String>,
}

/// What a new token shall be.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// Its policies; without any those of its parent.
    pub policies: Vec<String>,
    /// How long it lives; without it Vault's default.
    pub ttl: Option<Duration>,
    /// How long it lives at most, renewals included.
    pub explicit_max_ttl: Option<Duration>,
    /// Can it be renewed?
    pub renewable: bool,
    /// What Vault's audit log calls it.
    pub display_name: Option<String>,
}

#[derive(Deserialize)]
struct AuthAnswer {
    #[serde(deserialize_with = "secret")]
    client_token: SecretText,
    #[serde(default, deserialize_with = "secret")]
    accessor: SecretText,
    #[serde(default)]
    policies: Option<Vec<String>>,
    #[serde(default)]
    lease_duration: u64,
    #[serde(default)]
    renewable: bool,
}

impl Auth {
    /// Reads the answer of a login.
    ///
    /// # Errors
    /// [`Cause::Answer`] when it is none.
    pub fn read(answer: &Answer) -> Result<Self, Cause> {
        let (auth, warnings): (AuthAnswer, _) = answer.auth()?;
        let policies = auth.policies.unwrap_or_default();
        let issued = Words::about([&auth.client_token, &auth.accessor]);
        if answer.repeats(&policies) || policies.iter().any(|policy| issued.are_in(&json!(policy))) {
            return Err(Cause::Repeats);
        }
        let warnings = issued.repeated(&warnings);
        Ok(Self {
            token: auth.client_token,
            accessor: auth.accessor,
            policies,
            lease: Duration::from_secs(auth.lease_duration).min(LONGEST),
            renewable: auth.renewable,
            warnings,
        })
    }
}

impl Client {
    /// Logs in with a JWT. The token is the caller's to revoke.
    ///
    /// # Errors
    /// [`Cause::Refused`] with Vault's words when it does not accept the JWT or the role, and the rest.
    pub async fn login_jwt(&self, call: &Call, mount: &str, role: &str, jwt: &SecretText) -> Result<Auth, Error> {
        let operation = login_at(mount);
        self.repeated(call, &operation, Verb::Login, |_| self.jwt_login_once(mount, role, jwt)).await
    }

    /// Logs in by `AppRole`. The token is the caller's to revoke.
    ///
    /// # Errors
    /// As [`Client::login_jwt`].
    pub async fn login_approle(
        &self,
        call: &Call,
        mount: &str,
        role_id: &str,
        secret_id: Option<&SecretText>,
    ) -> Result<Auth, Error> {
        let operation = login_at(mount);
        self.repeated(call, &operation, Verb::Login, |_| self.approle_login_once(mount, role_id, secret_id)).await
    }

    /// Makes a token that is the child of this client's own.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn create_token(&self, call: &Call, new: &NewToken) -> Result<Auth, Error> {
        let mut wanted = json!({"renewable": new.renewable});
        if let Some(fields) = wanted.as_object_mut() {
            let seconds = |time: Duration| json!(format!("{}s", time.as_secs()));
            let mut set = |name: &str, value: Option<serde_json::Value>| {
                if let Some(value) = value {
                    fields.insert(name.to_owned(), value);
                }
            };
            set("policies", (!new.policies.is_empty()).then(|| json!(new.policies)));
            set("ttl", new.ttl.map(seconds));
            set("explicit_max_ttl", new.explicit_max_ttl.map(seconds));
            set("display_name", new.display_name.as_ref().map(|name| json!(name)));
        }
        let operation = Verb::Write.at("auth/token/create");
        let answer = self.send(call, &operation, Verb::Write, Some(&body(&wanted))).await?;
        let made = Auth::read(&answer).map(|auth| self.noted(auth));
        made.map_err(|cause| Error::new(&operation, cause))
    }

    /// Renews this client's own token.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn renew_self(&self, call: &Call) -> Result<Auth, Error> {
        let operation = Verb::Write.at("auth/token/renew-self");
        let answer = self.send(call, &operation, Verb::Write, Some(&body(&json!({})))).await?;
        Auth::read(&answer).map_err(|cause| Error::new(&operation, cause))
    }

    /// Revokes this client's own token, with everything that it made. One that is not valid any more is revoked.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn revoke_self(&self, call: &Call) -> Result<(), Error> {
        let operation = Verb::Write.at("auth/token/revoke-self");
        let revoke = |token: Option<SecretText>| async move {
            match token {
                Some(token) => self.revoke_once(&token).await,
                None => Err(Cause::NoToken),
            }
        };
        match self.repeated(call, &operation, Verb::Write, revoke).await {
            Err(error) if matches!(*error.cause, Cause::BadToken) => Ok(()),
            other => other,
        }
    }

    pub(super) async fn jwt_login_once(&self, mount: &str, role: &str, jwt: &SecretText) -> Result<Auth, Cause> {
        #[derive(Serialize)]
        struct Login<'a> {
            role: &'a str,
            jwt: &'a str,
        }
        self.log_in_once(mount, &Login { role, jwt: jwt.expose() }, &[jwt]).await
    }

    pub(super) async fn approle_login_once(
        &self,
        mount: &str,
        role_id: &str,
        secret_id: Option<&SecretText>,
    ) -> Result<Auth, Cause> {
        #[derive(Serialize)]
        struct Login<'a> {
            role_id: &'a str,
            secret_id: &'a str,
        }
        let text = secret_id.map_or("", |secret| secret.expose().as_str());
        let role = SecretText::from(role_id);
        let secrets: Vec<&SecretText> = secret_id.into_iter().chain([&role]).collect();
        self.log_in_once(mount, &Login { role_id, secret_id: text }, &secrets).await
    }

    /// The certificate itself is shown in the handshake.
    pub(super) async fn certificate_login_once(&self, mount: &str, name: Option<&str>) -> Result<Auth, Cause> {
        let login = name.map_or_else(|| json!({}), |name| json!({"name": name}));
        self.log_in_once(mount, &login, &[]).await
    }

    async fn log_in_once(&self, mount: &str, login: &impl Serialize, secrets: &[&SecretText]) -> Result<Auth, Cause> {
        let (operation, body) = (login_at(mount), body(login));
        let what = What { secrets, ..What::plain(&operation, Verb::Login, Some(&body)) };
        let answer = self.connection().once(what.within(self.namespace()), None).await?;
        Ok(self.noted(Auth::read(&answer)?))
    }

    /// Whatever this Vault says from now on is repeated without the token.
    fn noted(&self, auth: Auth) -> Auth {
        self.connection().note_issued(&auth.token);
        self.connection().note_issued(&auth.accessor);
        auth
    }

    pub(super) async fn revoke_once(&self, token: &SecretText) -> Result<(), Cause> {
        let operation = Verb::Write.at(RevokeTokenSelfRequest::default().path().trim().trim_start_matches('/'));
        let what = What::plain(&operation, Verb::Write, None).within(self.namespace());
        self.connection().once(what, Some(token)).await.map(drop)
    }
}

fn login_at(mount: &str) -> Operation {
    Verb::Login.at(&format!("auth/{mount}/login"))
}
