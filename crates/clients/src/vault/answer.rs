//! What Vault answers: a success with what it holds, or a refusal by its status.

use std::time::Duration;

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use tazlab_redacted::{SecretBytes, SecretText};

use super::error::Cause;
use super::operation::Operation;
use super::words::Words;

/// An answer that is a success. It may hold a token or a secret, so it is wiped.
pub struct Answer {
    body: SecretBytes,
    /// What Vault says to the user is repeated without what it was given.
    words: Words,
}

/// What stands around every answer.
#[derive(serde::Deserialize)]
struct Envelope<T> {
    data: Option<T>,
    auth: Option<T>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(serde::Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<String>,
}

/// Vault's words in an answer that is no success. Whatever else stands before Vault answers in its own form, which is not
/// repeated.
#[must_use]
pub fn refusal(body: &[u8]) -> Vec<String> {
    serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.errors).unwrap_or_default()
}

/// Is this a 404 of Vault's own, and about what is below the path? What stands before Vault has a page of its own, and where
/// nothing is mounted Vault says so.
pub(super) fn is_absence(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Absence {
        errors: Option<Vec<serde::de::IgnoredAny>>,
        // That of a version that was deleted has its metadata.
        data: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Absence>(body).is_ok_and(|answer| match answer.errors {
        Some(errors) => errors.is_empty(),
        None => answer.data.is_some(),
    })
}

/// Does the body have a `data` that is not null?
pub(super) fn holds_data(body: &SecretBytes) -> bool {
    serde_json::from_slice::<Envelope<serde::de::IgnoredAny>>(body.expose()).is_ok_and(|answer| answer.data.is_some())
}

impl Answer {
    /// The answer with this body.
    #[must_use]
    pub fn new(body: SecretBytes) -> Self {
        Self { body, words: Words::default() }
    }

    /// The answer to a request that held these secrets.
    pub(super) fn to(body: SecretBytes, words: Words) -> Self {
        Self { body, words }
    }

    fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<Envelope<T>, Cause> {
        if self.body.is_empty() {
            return Ok(Envelope { data: None, auth: None, warnings: None });
        }
        serde_json::from_slice(self.body.expose())
            .map_err(|error| Cause::Answer { line: error.line(), column: error.column() })
    }

    /// The answer's `data`; `None` when there is none.
    ///
    /// # Errors
    /// [`Cause::Answer`] with the place, when it is no such thing.
    pub fn data<'a, T: Deserialize<'a>>(&'a self) -> Result<Option<T>, Cause> {
        Ok(self.read()?.data)
    }

    /// The same of what is stored or shown: where a credential of the request is repeated in it, it is not used.
    ///
    /// # Errors
    /// [`Cause::Repeats`], and as [`Answer::data`].
    pub(super) fn told<T: DeserializeOwned>(&self) -> Result<Option<T>, Cause> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let answer: Envelope<Value> = self.read()?;
        if answer.data.is_some_and(|data| self.words.are_in(&data)) {
            return Err(Cause::Repeats);
        }
        self.data()
    }

    /// Whether these texts repeat a credential of the request.
    pub(super) fn repeats(&self, texts: &[String]) -> bool {
        texts.iter().any(|text| self.words.are_in(&Value::from(text.as_str())))
    }

    /// The answer's `auth`, with the warnings beside it.
    pub(super) fn auth<'a, T: Deserialize<'a>>(&'a self) -> Result<(T, Vec<String>), Cause> {
        let Envelope { auth, warnings, .. } = self.read()?;
        let warnings = self.words.repeated(&warnings.unwrap_or_default());
        Ok((auth.ok_or(Cause::Answer { line: 1, column: 1 })?, warnings))
    }

    /// What Vault wants the user to know.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let warnings = self.read::<serde::de::IgnoredAny>().ok().and_then(|answer| answer.warnings);
        self.words.repeated(&warnings.unwrap_or_default())
    }
}

/// Reads a text that is secret.
///
/// # Errors
/// When it is no text.
pub fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretText, D::Error> {
    String::deserialize(from).map(SecretText::new)
}

/// What an answer that is no success means, as far as it can be told from its status.
pub(super) fn refused(operation: &Operation, code: u16, messages: Vec<String>, wait: Option<Duration>) -> Cause {
    match code {
        400 => Cause::Refused { messages },
        403 if operation.capabilities.is_empty() => Cause::LoginDenied { path: operation.path.clone() },
        403 => Cause::PermissionDenied { path: operation.path.clone(), capabilities: operation.capabilities },
        404 => Cause::NotFound { messages, absent: false },
        412 | 429 | 503 => Cause::Overloaded { code, messages, retry_after: wait },
        // Not sent on, or sent on for ever.
        307 | 308 | 472 | 473 => Cause::Standby { address: String::new(), code },
        301..=303 => Cause::Moved { address: String::new(), code, to: None },
        _ => Cause::Api { code, messages },
    }
}
