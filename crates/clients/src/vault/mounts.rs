//! Auth methods as mounts: list, look, enable, tune, move, disable.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer::Answer;
use super::error::{Cause, Error};
use super::request::{Verb, body};
use super::send::why;
use super::{Client, null_is_default};
use crate::call::Call;

/// How often a move is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// An auth method that is mounted.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Mount {
    /// Its type, `jwt`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What its owner says about it.
    #[serde(default, deserialize_with = "null_is_default")]
    pub description: String,
    /// The mark by which identities know it. It is no credential.
    #[serde(default, deserialize_with = "null_is_default")]
    pub accessor: String,
    /// How it is tuned.
    #[serde(default, deserialize_with = "null_is_default")]
    pub config: Tune,
}

impl Mount {
    /// Reads an answer with all auth methods, by path without slashes at their ends.
    ///
    /// # Errors
    /// [`Cause::Answer`] when it is none.
    pub fn all(answer: &Answer) -> Result<BTreeMap<String, Self>, Cause> {
        let methods: Option<BTreeMap<String, Self>> = answer.told()?;
        let named = methods.unwrap_or_default().into_iter();
        Ok(named.map(|(path, mount)| (path.trim_end_matches('/').to_owned(), mount)).collect())
    }
}

/// How an auth method is tuned. For a write, what is `None` stays as it is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct Tune {
    /// Seconds that a token lives by default; zero is the system's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_lease_ttl: Option<i64>,
    /// Seconds that a token lives at most; zero is the system's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_lease_ttl: Option<i64>,
    /// `unauth` shows the mount to everybody; `hidden`, or empty, does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_visibility: Option<String>,
    /// What tokens it issues: `default-service`, `default-batch`, `service`, `batch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Keys of requests that the audit log shows as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_non_hmac_request_keys: Option<Vec<String>>,
    /// Keys of answers that the audit log shows as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_non_hmac_response_keys: Option<Vec<String>>,
    /// Headers of requests that are given to the plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passthrough_request_headers: Option<Vec<String>>,
    /// Headers that the plugin may set in answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_response_headers: Option<Vec<String>>,
    /// What its owner says about it; only for a write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How a move ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remount {
    /// It is done.
    Done,
    /// Vault could not do it; why stands in its own log only.
    Failed,
}

impl Client {
    /// All auth methods by path, without slashes at their ends.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn auth_methods(&self, call: &Call) -> Result<BTreeMap<String, Mount>, Error> {
        let operation = Verb::Read.at("sys/auth");
        let answer = self.send(call, &operation, Verb::Read, None).await?;
        Mount::all(&answer).map_err(|cause| Error::new(&operation, cause))
    }

    /// The auth method at a path; `None` when there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn auth_method(&self, call: &Call, path: &str) -> Result<Option<Mount>, Error> {
        let operation = Verb::Read.at(&format!("sys/auth/{path}"));
        match self.send(call, &operation, Verb::Read, None).await {
            Ok(answer) => answer.told().map_err(|cause| Error::new(&operation, cause)),
            // "No auth engine at …" is a 400; older ones say 404.
            Err(error) if error.is_not_found() || error.refusal().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The accessor of the auth method at a path, by the question that Vault answers to everybody who has a right below it;
    /// `None` when there is none, or when this token is not told.
    pub async fn auth_accessor(&self, call: &Call, path: &str) -> Option<String> {
        let operation = Verb::Read.at(&format!("sys/internal/ui/mounts/auth/{path}"));
        let answer = self.send(call, &operation, Verb::Read, None).await.ok()?;
        let mount: Mount = answer.told().ok().flatten()?;
        Some(mount.accessor).filter(|accessor| !accessor.is_empty())
    }

    /// Mounts an auth method.
    ///
    /// # Errors
    /// [`Cause::Refused`] when something is mounted there already, and the rest.
    pub async fn enable_auth(
        &self,
        call: &Call,
        path: &str,
        kind: &str,
        description: &str,
        tune: &Tune,
    ) -> Result<(), Error> {
        let body = body(&json!({"type": kind, "description": description, "config": tune}));
        let operation = Verb::SudoWrite.at(&format!("sys/auth/{path}"));
        self.send(call, &operation, Verb::SudoWrite, Some(&body)).await.map(drop)
    }

    /// Changes description and tuning; what is `None` in `tune` stays.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn tune_auth(&self, call: &Call, path: &str, tune: &Tune) -> Result<(), Error> {
        let operation = Verb::Write.at(&format!("sys/mounts/auth/{path}/tune"));
        let body = body(tune);
        self.send(call, &operation, Verb::Write, Some(&body)).await.map(drop)
    }

    /// Unmounts an auth method, with all its roles, and revokes every token that it issued. Already gone is success.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn disable_auth(&self, call: &Call, path: &str) -> Result<(), Error> {
        let operation = Verb::SudoDelete.at(&format!("sys/auth/{path}"));
        match self.send(call, &operation, Verb::SudoDelete, None).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map(drop),
        }
    }

    /// Moves an auth method and waits until it is there. Vault revokes every token that it issued.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn move_auth(
        &self,
        call: &Call,
        from: &str,
        to: &str,
        mut progress: impl FnMut(&str) + Send,
    ) -> Result<Remount, Error> {
        #[derive(Deserialize)]
        struct Begun {
            migration_id: String,
        }
        #[derive(Deserialize)]
        struct Status {
            migration_info: Info,
        }
        #[derive(Deserialize)]
        struct Info {
            status: String,
        }
        let operation = Verb::SudoWrite.at("sys/remount");
        let none = || Cause::Answer { line: 1, column: 1 };
        let body = body(&json!({"from": format!("auth/{from}"), "to": format!("auth/{to}")}));
        let answer = self.send(call, &operation, Verb::SudoWrite, Some(&body)).await?;
        let begun: Option<Begun> = answer.told().map_err(|cause| Error::new(&operation, cause))?;
        // Older ones are done when they answer.
        let Some(Begun { migration_id }) = begun else { return Ok(Remount::Done) };
        let look = Verb::Read.at(&format!("sys/remount/status/{migration_id}"));
        loop {
            let answer = self.send(call, &look, Verb::Read, None).await?;
            let status: Option<Status> = answer.told().map_err(|cause| Error::new(&look, cause))?;
            let status = status.ok_or_else(|| Error::new(&look, none()))?.migration_info.status;
            match status.as_str() {
                "success" => return Ok(Remount::Done),
                "failure" => return Ok(Remount::Failed),
                other => progress(&format!("waiting: Vault moves auth/{from} to auth/{to} ({other})")),
            }
            let pause = call.run(tokio::time::sleep(LOOK)).await;
            pause.map_err(|ended| Error::new(&look, why(ended, Some(format!("the move is {status}")))))?;
        }
    }
}
