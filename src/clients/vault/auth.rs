//! Logins, and what a token can do with itself.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use vaultrs::error::ClientError;

use super::answer::{Answer, refused};
use super::error::{Cause, Error};
use super::request::{Verb, What, encoded};
use super::{Client, Operation};
use crate::clients::call::Call;
use crate::redacted::SecretText;

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
    client_token: String,
    #[serde(default)]
    accessor: String,
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
        Ok(Self {
            token: auth.client_token.into(),
            accessor: auth.accessor.into(),
            policies: auth.policies.unwrap_or_default(),
            lease: Duration::from_secs(auth.lease_duration),
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
        let mut body = json!({"renewable": new.renewable});
        if let Some(fields) = body.as_object_mut() {
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
        let body = body.to_string();
        let answer = self.send(call, &operation, Verb::Write, Some(body.as_bytes())).await?;
        Auth::read(&answer).map_err(|cause| Error::new(&operation, cause))
    }

    /// Renews this client's own token.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn renew_self(&self, call: &Call) -> Result<Auth, Error> {
        let operation = Verb::Write.at("auth/token/renew-self");
        let answer = self.send(call, &operation, Verb::Write, Some(b"{}")).await?;
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
        let body = json!({"role": role, "jwt": jwt.expose()}).to_string();
        let operation = login_at(mount);
        let what = What::plain(&operation, Verb::Login, Some(body.as_bytes()));
        let answer = self.connection().once(what.within(self.namespace()), None).await?;
        Auth::read(&answer)
    }

    pub(super) async fn approle_login_once(
        &self,
        mount: &str,
        role_id: &str,
        secret_id: Option<&SecretText>,
    ) -> Result<Auth, Cause> {
        let connection = self.connection();
        let vault = connection.vaultrs(self.namespace(), None).await?;
        let secret_id = secret_id.map_or("", |secret| secret.expose().as_str());
        let mount = encoded(mount);
        let login = connection.exchange(vaultrs::auth::approle::login(&vault, &mount, role_id, secret_id)).await;
        let auth = login.map_err(|error| self.of_vaultrs(&login_at(&mount), &error))?;
        Ok(Auth {
            token: auth.client_token.into(),
            accessor: auth.accessor.into(),
            policies: auth.policies,
            lease: Duration::from_secs(auth.lease_duration),
            renewable: auth.renewable,
            warnings: Vec::new(),
        })
    }

    pub(super) async fn revoke_once(&self, token: &SecretText) -> Result<(), Cause> {
        let connection = self.connection();
        let vault = connection.vaultrs(self.namespace(), Some(token)).await?;
        let revoked = connection.exchange(vaultrs::token::revoke_self(&vault)).await;
        revoked.map_err(|error| self.of_vaultrs(&Verb::Write.at("auth/token/revoke-self"), &error))
    }

    /// The cause of a failure of vaultrs, which keeps status and words of Vault and the transport's error chain.
    pub(super) fn of_vaultrs(&self, operation: &Operation, error: &ClientError) -> Cause {
        let connection = self.connection();
        match error {
            ClientError::APIError { code, errors } => {
                connection.addressed(refused(operation, *code, errors.clone(), None))
            }
            ClientError::RestClientError { source: rustify::errors::ClientError::ServerResponseError { code, .. } } => {
                connection.addressed(refused(operation, *code, Vec::new(), None))
            }
            ClientError::RestClientError { source: rustify::errors::ClientError::ResponseParseError { .. } }
            | ClientError::JsonParseError { .. }
            | ClientError::ResponseEmptyError
            | ClientError::ResponseDataEmptyError => Cause::Answer { line: 1, column: 1 },
            other => connection.unreachable(other),
        }
    }
}

fn login_at(mount: &str) -> Operation {
    Verb::Login.at(&format!("auth/{mount}/login"))
}
