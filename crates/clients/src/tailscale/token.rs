//! The access token: got when it is first needed, kept, renewed before it ends and after a refusal.

use std::sync::PoisonError;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tazlab_redacted::{SecretBytes, SecretText};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::course::{Patience, why};
use super::error::{Cause, Error, Operation};
use super::request::{Answer, Body, Request};
use super::secrets::basic;
use super::settings::Credential;
use crate::call::Call;

/// A token is renewed so long before it ends, or at half of a life that is shorter than twice this.
const BEFORE: Duration = Duration::from_mins(1);

/// How long a token lasts where the server does not say.
const USUAL: Duration = Duration::from_hours(1);

/// No token is believed to last longer.
const LONGEST: Duration = Duration::from_hours(24);

/// A token in use.
#[derive(Clone, Debug)]
struct Token {
    text: SecretText,
    renew_at: Instant,
    generation: u64,
}

/// A login that got no answer.
#[derive(Clone, Debug)]
struct Absent {
    at: Instant,
    /// How long the server was waited for.
    outage: Duration,
    cause: Cause,
}

/// The token of a client.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    current: Mutex<Option<Token>>,
    /// How the last login ended for which nobody was there.
    absent: std::sync::Mutex<Option<Absent>>,
    /// The generation that was refused last: a token of it is not used again.
    refused: std::sync::atomic::AtomicU64,
    /// The scopes of the current token, where the server said.
    scope: std::sync::Mutex<Option<String>>,
}

/// What is to be done for a request to be let in.
pub(super) enum Authorization<'a> {
    /// This is shown to the server; it is of this generation.
    Ready(HeaderValue, u64),
    /// There is no token yet: whoever asked logs in.
    LogIn(Login<'a>),
}

/// A login that is to be made. Until its end everybody else waits for it.
pub(super) struct Login<'a> {
    /// What is sent.
    pub(super) request: Request,
    tokens: &'a Tokens,
    current: MutexGuard<'a, Option<Token>>,
    generation: u64,
    patience: Patience,
    asked_at: Instant,
}

impl Login<'_> {
    /// Keeps the token of the answer, and gives what to show and of which generation it is.
    pub(super) fn end(mut self, answered: Result<Answer, Error>) -> Result<(HeaderValue, u64), Error> {
        let answer = answered.inspect_err(|error| self.tokens.note(error, self.patience))?;
        let granted: Granted =
            serde_json::from_slice(answer.body.expose()).map_err(|error| self.request.fail(Cause::answer(&error)))?;
        let life = granted.expires_in.map_or(USUAL, Duration::from_secs).min(LONGEST);
        let token = Token {
            text: SecretText::new(granted.access_token),
            renew_at: self.asked_at + life - BEFORE.min(life / 2),
            generation: self.generation,
        };
        *self.tokens.scope.lock().unwrap_or_else(PoisonError::into_inner) =
            granted.scope.filter(|scope| !scope.is_empty());
        let value = header("Bearer", &token.text)?;
        *self.current = Some(token);
        Ok((value, self.generation))
    }
}

impl Tokens {
    /// What to show the server, or the login that gets it.
    pub(super) async fn authorization(
        &self,
        credential: &Credential,
        call: &Call,
        patience: Patience,
    ) -> Result<Authorization<'_>, Error> {
        if let Credential::ApiKey(key) = credential {
            return Ok(Authorization::Ready(header("Basic", &basic(key, None))?, 0));
        }
        // Whoever comes first logs in, the others wait for its token, and share its fate where nobody was there: each
        // waiting for the server anew would make an outage as long as there are callers.
        let request = log_in(credential);
        let came = Instant::now();
        let locked = call.run(self.current.lock()).await;
        let current = locked.map_err(|ended| request.fail(why(ended, None)))?;
        let refused = self.refused.load(std::sync::atomic::Ordering::SeqCst);
        if let Some(token) = &*current
            && token.generation > refused
            && Instant::now() < token.renew_at
        {
            return Ok(Authorization::Ready(header("Bearer", &token.text)?, token.generation));
        }
        if let Some(absent) = self.absent_since(came, patience) {
            return Err(request.fail(absent));
        }
        let generation = current.as_ref().map_or(refused, |token| token.generation) + 1;
        let asked_at = Instant::now();
        Ok(Authorization::LogIn(Login { request, tokens: self, current, generation, patience, asked_at }))
    }

    fn note(&self, error: &Error, patience: Patience) {
        if matches!(*error.cause, Cause::Unreachable { .. } | Cause::Silent { .. }) {
            let absent = Absent { at: Instant::now(), outage: patience.outage, cause: (*error.cause).clone() };
            *self.absent.lock().unwrap_or_else(PoisonError::into_inner) = Some(absent);
        }
    }

    /// Has somebody waited in vain since then, as long as `patience` would?
    fn absent_since(&self, came: Instant, patience: Patience) -> Option<Cause> {
        let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        let absent = absent.as_ref().filter(|absent| absent.at > came && absent.outage >= patience.outage);
        absent.map(|absent| absent.cause.clone())
    }

    /// The server refused the token of this generation; `false` where a login makes no other.
    pub(super) fn refuse(&self, credential: &Credential, generation: u64) -> bool {
        self.refused.fetch_max(generation, std::sync::atomic::Ordering::SeqCst);
        !matches!(credential, Credential::ApiKey(_))
    }

    /// The scopes of the current token.
    pub(super) fn scope(&self) -> Option<String> {
        self.scope.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<u64>,
    scope: Option<String>,
}

/// The request that gets a token.
fn log_in(credential: &Credential) -> Request {
    let scope;
    let (path, fields) = match credential {
        Credential::OAuth { id, secret, scopes } => {
            scope = scopes.join(" ");
            let mut fields = vec![
                ("grant_type", "client_credentials"),
                ("client_id", id.expose().as_str()),
                ("client_secret", secret.expose().as_str()),
            ];
            if !scope.is_empty() {
                fields.push(("scope", &scope));
            }
            ("token", fields)
        }
        Credential::Identity { id, token } => {
            ("token-exchange", vec![("client_id", id.expose().as_str()), ("jwt", token.expose().as_str())])
        }
        Credential::ApiKey(_) => ("token", Vec::new()),
    };
    Request::new(Operation::LogIn, Method::POST, &["oauth", path]).body(Body::Form(form(&fields)))
}

/// A form in memory that is wiped, in a buffer that does not grow: one that grows leaves copies behind.
fn form(fields: &[(&str, &str)]) -> SecretBytes {
    let size = fields.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut form = Vec::with_capacity(size);
    for (name, value) in fields {
        if !form.is_empty() {
            form.push(b'&');
        }
        encode(name, &mut form);
        form.push(b'=');
        encode(value, &mut form);
    }
    SecretBytes::new(form)
}

fn encode(text: &str, form: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default();
    for byte in text.bytes() {
        if byte == b' ' {
            form.push(b'+');
        } else if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            form.push(byte);
        } else {
            form.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// A header that no log shows.
fn header(scheme: &str, secret: &SecretText) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("{scheme} {}", secret.expose())).map_err(|_| Error {
        operation: Operation::LogIn,
        cause: Box::new(Cause::Request {
            problem: "the credential has characters that an HTTP header cannot have; is there a line break in it?"
                .to_owned(),
        }),
        uncertain: false,
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded_into_a_buffer_that_does_not_grow() {
        let secret = "tskey-a+b/c &=%é";
        let form = form(&[("client_id", "id"), ("client_secret", secret)]);
        assert_eq!(form.expose(), b"client_id=id&client_secret=tskey-a%2Bb%2Fc+%26%3D%25%C3%A9");
        let size = 3 * ("client_id".len() + 2 + "client_secret".len() + secret.len()) + 4;
        assert_eq!(form.expose().capacity(), size);
    }
}
