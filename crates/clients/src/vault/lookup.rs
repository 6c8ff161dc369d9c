//! How long tokens live, by Vault's own account.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tazlab_redacted::SecretText;

use super::Client;
use super::answer::Answer;
use super::error::{Cause, Error};
use super::request::{Verb, What, body};
use crate::call::Call;

/// How long a token lives. By Vault's clock, which need not be the reader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLife {
    /// What is left; `None` for one that does not expire.
    pub left: Option<Duration>,
    /// What it was given when it was created or renewed last.
    pub given: Duration,
}

impl TokenLife {
    fn read(answer: &Answer) -> Result<Self, Cause> {
        #[derive(Deserialize)]
        struct Found {
            #[serde(default)]
            ttl: u64,
            #[serde(default)]
            creation_ttl: u64,
            expire_time: Option<serde::de::IgnoredAny>,
        }
        let found: Found = answer.data()?.ok_or(Cause::Answer { line: 1, column: 1 })?;
        let left = found.expire_time.map(|_| Duration::from_secs(found.ttl));
        Ok(Self { left, given: Duration::from_secs(found.creation_ttl) })
    }
}

impl Client {
    /// How long this client's own token lives; `None` of a login, which is made again when it ends. This takes one of the token's
    /// uses, where they are limited.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn own_token_life(&self, call: &Call) -> Result<Option<TokenLife>, Error> {
        if !self.session().is_given() {
            return Ok(None);
        }
        let operation = Verb::Read.at("auth/token/lookup-self");
        let answer = self.read_with(call, &operation, "").await?;
        TokenLife::read(&answer).map(Some).map_err(|cause| Error::new(&operation, cause))
    }

    /// How long another token lives.
    ///
    /// # Errors
    /// [`Cause::PermissionDenied`] where Vault does not know that token, and where this client's own may not look tokens up;
    /// and the rest.
    pub async fn token_life(&self, call: &Call, token: &SecretText) -> Result<TokenLife, Error> {
        #[derive(Serialize)]
        struct Lookup<'a> {
            token: &'a str,
        }
        let operation = Verb::Write.at("auth/token/lookup");
        let body = body(&Lookup { token: token.expose() });
        let what = What { secrets: &[token], ..What::plain(&operation, Verb::Write, Some(&body)) };
        let answer = self.send_what(call, what).await?;
        TokenLife::read(&answer).map_err(|cause| Error::new(&operation, cause))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn life(data: &serde_json::Value) -> Result<TokenLife, Cause> {
        TokenLife::read(&Answer::new(json!({"data": data}).to_string().into_bytes().into()))
    }

    #[test]
    fn a_token_without_an_end_lives_for_ever() {
        let seconds = Duration::from_secs;
        // As Vault 1.19 answers about a token and about its root token.
        let ends = json!({"expire_time": "2026-11-30T10:46:31.034301559Z", "ttl": 299, "creation_ttl": 300});
        assert_eq!(life(&ends).unwrap(), TokenLife { left: Some(seconds(299)), given: seconds(300) });
        let never = json!({"expire_time": null, "ttl": 0, "creation_ttl": 0});
        assert_eq!(life(&never).unwrap(), TokenLife { left: None, given: seconds(0) });
        assert!(life(&serde_json::Value::Null).is_err());
    }
}
