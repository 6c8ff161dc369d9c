//! One request and its retries: from bytes to an answer or a typed error. What Vault means by a refusal is asked of Vault
//! itself, never read out of its words.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::RETRY_AFTER;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::connection::{Connection, sendable};
use super::error::{Cause, Error, Operation};
use super::{Client, session};
use crate::clients::backoff::{TRIES, asked, backoff};
use crate::clients::call::{Call, Ended};
use crate::clients::reach::Unreachable;
use crate::redacted::SecretText;

/// How long a single request may take where the caller's deadline is further away.
const REQUEST: Duration = Duration::from_secs(30);

/// What a request does, as far as sending it differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Read,
    List,
    /// Makes or changes something.
    Write,
    Delete,
    /// A write or delete at a path that Vault protects further.
    SudoWrite,
    SudoDelete,
    /// A write that needs no token.
    Login,
}

impl Verb {
    fn reads(self) -> bool {
        matches!(self, Self::Read | Self::List)
    }

    fn method(self) -> Method {
        match self {
            Self::Read | Self::List => Method::GET,
            Self::Write | Self::SudoWrite | Self::Login => Method::POST,
            Self::Delete | Self::SudoDelete => Method::DELETE,
        }
    }

    /// What is done at `path`, as errors tell it.
    pub(super) fn at(self, path: &str) -> Operation {
        let (verb, capabilities): (_, &'static [&'static str]) = match self {
            Self::Read => ("read", &["read"]),
            Self::List => ("list", &["list"]),
            Self::Write => ("write", &["create", "update"]),
            Self::Delete => ("delete", &["delete"]),
            Self::SudoWrite => ("write", &["create", "update", "sudo"]),
            Self::SudoDelete => ("delete", &["delete", "sudo"]),
            Self::Login => ("log in at", &[]),
        };
        Operation { verb, path: path.to_owned(), capabilities }
    }
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct What<'a> {
    pub(super) operation: &'a Operation,
    pub(super) verb: Verb,
    pub(super) body: Option<&'a [u8]>,
    pub(super) query: Option<&'a str>,
    pub(super) namespace: Option<&'a str>,
}

impl<'a> What<'a> {
    pub(super) fn plain(operation: &'a Operation, verb: Verb, body: Option<&'a [u8]>) -> Self {
        Self { operation, verb, body, query: None, namespace: None }
    }

    pub(super) fn within(self, namespace: Option<&'a str>) -> Self {
        Self { namespace, ..self }
    }
}

/// An answer that is a success.
pub(super) struct Answer {
    body: Bytes,
}

/// What stands around every answer.
#[derive(Deserialize)]
struct Envelope<T> {
    data: Option<T>,
    auth: Option<T>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<String>,
}

impl Answer {
    fn read<T: DeserializeOwned>(&self) -> Result<Envelope<T>, Cause> {
        if self.body.is_empty() {
            return Ok(Envelope { data: None, auth: None, warnings: None });
        }
        serde_json::from_slice(&self.body).map_err(|error| Cause::Answer { line: error.line(), column: error.column() })
    }

    /// The answer's `data`.
    pub(super) fn data<T: DeserializeOwned>(&self) -> Result<Option<T>, Cause> {
        Ok(self.read()?.data)
    }

    /// The answer's `auth`, with the warnings beside it.
    pub(super) fn auth<T: DeserializeOwned>(&self) -> Result<(T, Vec<String>), Cause> {
        let Envelope { auth, warnings, .. } = self.read()?;
        Ok((auth.ok_or(Cause::Answer { line: 1, column: 1 })?, warnings.unwrap_or_default()))
    }

    /// What Vault wants the user to know.
    pub(super) fn warnings(&self) -> Vec<String> {
        self.read::<serde::de::IgnoredAny>().ok().and_then(|answer| answer.warnings).unwrap_or_default()
    }
}

/// The path with everything encoded that has a meaning in a URL.
pub(super) fn encoded(path: &str) -> String {
    use std::fmt::Write;
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// What an answer that is no success means, as far as it can be told from its status.
pub(super) fn refused(operation: &Operation, code: u16, messages: Vec<String>, wait: Option<Duration>) -> Cause {
    match code {
        400 => Cause::Refused { messages },
        403 => Cause::PermissionDenied { path: operation.path.clone(), capabilities: operation.capabilities },
        404 => Cause::NotFound { messages },
        412 | 429 | 503 => Cause::Overloaded { code, messages, retry_after: wait },
        // Not sent on, or sent on for ever.
        301 | 302 | 303 | 307 | 308 | 472 | 473 => Cause::Standby { address: String::new(), code },
        _ => Cause::Api { code, messages },
    }
}

impl Connection {
    /// Sends a request once.
    pub(super) async fn once(&self, what: What<'_>, token: Option<&SecretText>) -> Result<Answer, Cause> {
        let What { operation, verb, body, query, namespace } = what;
        let ready = self.ready().await?;
        let mut url = ready.url(&encoded(&operation.path))?;
        url.set_query(if verb == Verb::List { Some("list=true") } else { query });
        let mut request = ready.http.request(verb.method(), url).header("X-Vault-Request", "true");
        if let Some(token) = token {
            request = request.header("X-Vault-Token", sendable(token)?);
        }
        if let Some(namespace) = namespace {
            self.has_namespaces(namespace).await?;
            request = request.header("X-Vault-Namespace", namespace);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_vec());
        }
        let exchange = self.exchange(async {
            let answer = request.send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
        });
        let limited = tokio::time::timeout(REQUEST, exchange).await;
        let exchanged = limited.map_err(|_| Cause::Unreachable {
            address: self.settings.address.clone(),
            reason: Unreachable::TimedOut,
        })?;
        let (status, headers, body) = exchanged.map_err(|error| self.unreachable(&error))?;
        if status.is_success() {
            return Ok(Answer { body });
        }
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        // Whatever else stands before Vault answers in its own form, which is not repeated.
        let messages = serde_json::from_slice::<Refusal>(&body).map(|refusal| refusal.errors).unwrap_or_default();
        Err(self.addressed(refused(operation, status.as_u16(), messages, seconds.map(Duration::from_secs))))
    }

    pub(super) fn addressed(&self, cause: Cause) -> Cause {
        match cause {
            Cause::Standby { code, .. } => Cause::Standby { address: self.settings.address.clone(), code },
            other => other,
        }
    }
}

/// How long to wait before try number `done + 1`; `None` when it would be wrong or useless.
///
/// A write is repeated only when Vault surely did not act on it: it refused the connection, or answered 412, 429, 503
/// or as a standby. A read is repeated after a broken connection and a failure of Vault's own, too.
fn pause(cause: &Cause, reads: bool, done: u32) -> Option<Duration> {
    if done >= TRIES {
        return None;
    }
    match cause {
        Cause::Overloaded { retry_after: Some(time), .. } => Some(asked(*time)),
        Cause::Overloaded { .. } | Cause::Standby { .. } | Cause::Unreachable { reason: Unreachable::Refused, .. } => {
            Some(backoff(done))
        }
        Cause::Unreachable { reason: Unreachable::Reset, .. } | Cause::Api { code: 500 | 502 | 504, .. } if reads => {
            Some(backoff(done))
        }
        _ => None,
    }
}

pub(super) fn why(ended: Ended, last: Option<String>) -> Cause {
    match ended {
        Ended::Stopped => Cause::Stopped,
        Ended::TimedOut => Cause::TimedOut { last },
    }
}

impl Client {
    /// Sends a request until it is answered, repeating what is safe to repeat.
    pub(super) async fn send(
        &self,
        call: &Call,
        operation: &Operation,
        verb: Verb,
        body: Option<&[u8]>,
    ) -> Result<Answer, Error> {
        self.send_what(call, What::plain(operation, verb, body)).await
    }

    /// The same with a query.
    pub(super) async fn read_with(&self, call: &Call, operation: &Operation, query: &str) -> Result<Answer, Error> {
        let query = Some(query).filter(|query| !query.is_empty());
        self.send_what(call, What { query, ..What::plain(operation, Verb::Read, None) }).await
    }

    async fn send_what(&self, call: &Call, what: What<'_>) -> Result<Answer, Error> {
        let (connection, what) = (self.connection(), what.within(self.namespace()));
        let request = |token: Option<SecretText>| async move { connection.once(what, token.as_ref()).await };
        self.repeated(call, what.operation, what.verb, request).await
    }

    /// Does `attempt` until it succeeds, as often as `verb` may be done.
    pub(super) async fn repeated<T, F>(
        &self,
        call: &Call,
        operation: &Operation,
        verb: Verb,
        attempt: impl Fn(Option<SecretText>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Cause>>,
    {
        let fail = |cause| Error::new(operation, cause);
        let (mut done, mut last, mut logged_in_again) = (0, None, false);
        loop {
            let began = Instant::now();
            let token = match verb {
                Verb::Login => Ok(None),
                _ => call.run(self.token()).await.map_err(|ended| fail(why(ended, last.clone())))?.map(Some),
            };
            let outcome = match &token {
                Ok(token) => call.run(attempt(token.clone())).await,
                Err(_) => Ok(Err(Cause::NoToken)),
            };
            let cause = match (token, outcome) {
                (_, Ok(Ok(answer))) => return Ok(answer),
                (Err(cause), _) => cause,
                (Ok(token), Ok(Err(cause))) => {
                    let explained = call.run(self.explained(cause, token.as_ref())).await;
                    explained.map_err(|ended| fail(why(ended, last.clone())))?
                }
                (_, Err(ended)) => return Err(fail(why(ended, last))),
            };
            // A token of our own that is not known any more: log in again, once.
            if matches!(cause, Cause::BadToken) && !logged_in_again && self.session().forget(began).await {
                logged_in_again = true;
                continue;
            }
            done += 1;
            let Some(pause) = pause(&cause, verb.reads(), done).filter(|pause| call.has(*pause)) else {
                return Err(fail(cause));
            };
            tracing::debug!(%operation, %cause, ?pause, "trying again");
            last = Some(cause.to_string());
            call.run(tokio::time::sleep(pause)).await.map_err(|ended| fail(why(ended, last.clone())))?;
        }
    }

    async fn token(&self) -> Result<SecretText, Cause> {
        session::token(self).await
    }

    async fn explained(&self, cause: Cause, token: Option<&SecretText>) -> Cause {
        match (cause, token) {
            (Cause::PermissionDenied { .. }, Some(token))
                if !self.connection().knows(token, self.namespace()).await =>
            {
                Cause::BadToken
            }
            (cause, _) => self.connection().state(cause).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_not_repeated_after_it_may_have_arrived() {
        let unreachable = |reason| Cause::Unreachable { address: String::new(), reason };
        let busy = |code| Cause::Overloaded { code, messages: Vec::new(), retry_after: None };
        for cause in [unreachable(Unreachable::Refused), busy(412), busy(429), busy(503)] {
            assert!(pause(&cause, false, 1).is_some(), "{cause}");
            assert!(pause(&cause, false, TRIES).is_none(), "{cause}");
        }
        for cause in [unreachable(Unreachable::Reset), Cause::Api { code: 502, messages: Vec::new() }] {
            assert!(pause(&cause, false, 1).is_none(), "{cause}");
            assert!(pause(&cause, true, 1).is_some(), "{cause}");
        }
        let sealed = Cause::Sealed { address: String::new() };
        assert!(pause(&sealed, true, 1).is_none() && pause(&Cause::BadToken, true, 1).is_none());
    }

    #[test]
    fn vault_is_given_the_time_that_it_asks_for() {
        let asked = Duration::from_secs(3);
        let busy = Cause::Overloaded { code: 429, messages: Vec::new(), retry_after: Some(asked) };
        assert!(pause(&busy, false, 1).is_some_and(|wait| wait >= asked));
    }

    #[test]
    fn paths_keep_their_slashes_and_nothing_else_that_means_something() {
        assert_eq!(encoded("auth/jwt/role/a b?c#d%e"), "auth/jwt/role/a%20b%3Fc%23d%25e");
    }
}
