//! One request and its retries: from bytes to an answer or a typed error. What Vault means by a refusal is asked of Vault
//! itself, never read out of its words.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use tazlab_redacted::{SecretBytes, SecretText};
use tokio::time::Instant;

use super::answer::{Answer, holds_data, is_absence, refusal, refused};
use super::connection::Connection;
use super::error::{Cause, Error};
use super::operation::Operation;
use super::request::{REQUEST, Verb, What, encoded};
use super::transport::{Ready, sendable};
use super::words::Words;
use super::{Client, session};
use crate::backoff::{TRIES, asked, backoff};
use crate::call::{Call, Ended};
use crate::reach::Unreachable;
use crate::shared::shared;

/// No server is believed that asks to wait longer.
const LONGEST: Duration = Duration::from_hours(1);

impl Connection {
    /// Sends a request once; where a standby node sends it on, once more to the active one.
    pub(super) async fn once(&self, what: What<'_>, token: Option<&SecretText>) -> Result<Answer, Cause> {
        let ready = self.ready().await?;
        if let Some(namespace) = what.namespace {
            self.has_namespaces(namespace).await?;
        }
        let mut url = ready.url(&encoded(&what.operation.path))?;
        url.set_query(if what.verb == Verb::List { Some("list=true") } else { what.query });
        let issued = self.issued();
        let sent = token.into_iter().chain(what.secrets.iter().copied());
        let words = Words::about(sent.chain(&self.secrets).chain(&issued));
        let limited = tokio::time::timeout(REQUEST, async {
            let answer = self.request(ready, &url, what, token).await?;
            if !matches!(answer.0.as_u16(), 307 | 308) {
                return Ok(answer);
            }
            // Other redirects make a read of a write, and are told.
            let to = self.followed(ready, &url, &answer.1, &words).await?;
            self.request(ready, &to, what, token).await
        });
        let silent = |_| Cause::Unreachable { address: self.settings.address.origin(), reason: Unreachable::TimedOut };
        let (status, headers, body) = limited.await.map_err(silent)??;
        let deleted = what.deleted_is_answer && status == StatusCode::NOT_FOUND && holds_data(&body);
        if status.is_success() || deleted {
            return Ok(Answer::to(body, words));
        }
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST));
        let messages = words.repeated(&refusal(body.expose()));
        let address = self.settings.address.origin();
        Err(match refused(what.operation, status.as_u16(), messages, wait) {
            Cause::Moved { code, .. } => Cause::Moved { address, code, to: pointed_to(&headers, &words) },
            Cause::Standby { code, .. } => Cause::Standby { address, code },
            Cause::NotFound { messages, .. } => Cause::NotFound { messages, absent: is_absence(body.expose()) },
            other => other,
        })
    }

    async fn request(
        &self,
        ready: &Ready,
        url: &Url,
        what: What<'_>,
        token: Option<&SecretText>,
    ) -> Result<(StatusCode, HeaderMap, SecretBytes), Cause> {
        let mut request = ready.request(what.verb.method(), url).header("X-Vault-Request", "true");
        if let Some(token) = token {
            request = request.header("X-Vault-Token", sendable(token)?);
        }
        if let Some(namespace) = what.namespace {
            request = request.header("X-Vault-Namespace", namespace);
        }
        if let Some(body) = what.body {
            request = request.header("Content-Type", "application/json").body(shared(body));
        }
        self.exchange(request, url).await
    }
}

/// The server that an answer points to; the rest of the location is not repeated.
fn pointed_to(headers: &HeaderMap, words: &Words) -> Option<String> {
    let location: Url = headers.get(LOCATION)?.to_str().ok()?.parse().ok()?;
    Some(words.origin(&location))
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
        body: Option<&SecretBytes>,
    ) -> Result<Answer, Error> {
        self.send_what(call, What::plain(operation, verb, body)).await
    }

    /// The same with a query.
    pub(super) async fn read_with(&self, call: &Call, operation: &Operation, query: &str) -> Result<Answer, Error> {
        let query = Some(query).filter(|query| !query.is_empty());
        self.send_what(call, What { query, ..What::plain(operation, Verb::Read, None) }).await
    }

    /// The same without a query, where a deleted version of KV version 2 is an answer, too.
    pub(super) async fn read_deleted_too(&self, call: &Call, operation: &Operation) -> Result<Answer, Error> {
        self.send_what(call, What { deleted_is_answer: true, ..What::plain(operation, Verb::Read, None) }).await
    }

    /// The same for any request.
    pub(super) async fn send_what(&self, call: &Call, what: What<'_>) -> Result<Answer, Error> {
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
            let token = match verb {
                Verb::Login => Ok(None),
                _ => call.run(self.token()).await.map_err(|ended| fail(why(ended, last.clone())))?.map(Some),
            };
            let began = Instant::now();
            let (cause, token) = match token {
                // The login failed.
                Err(cause) => (cause, None),
                Ok(token) => match call.run(attempt(token.clone())).await {
                    Ok(Ok(answer)) => return Ok(answer),
                    Ok(Err(cause)) => (cause, token),
                    Err(ended) => return Err(fail(why(ended, last))),
                },
            };
            let explained = call.run(self.explained(cause, token.as_ref())).await;
            let cause = explained.map_err(|ended| fail(why(ended, last.clone())))?;
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
}
