//! What Vault answers: a success with what it holds, or a refusal by its status.

use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Cause, Operation};

/// An answer that is a success.
pub struct Answer {
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

/// Vault's words in an answer that is no success. Whatever else stands before Vault answers in its own form, which is not
/// repeated.
#[must_use]
pub fn refusal(body: &[u8]) -> Vec<String> {
    serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.errors).unwrap_or_default()
}

impl Answer {
    /// The answer with this body.
    #[must_use]
    pub fn new(body: Bytes) -> Self {
        Self { body }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<Envelope<T>, Cause> {
        if self.body.is_empty() {
            return Ok(Envelope { data: None, auth: None, warnings: None });
        }
        serde_json::from_slice(&self.body).map_err(|error| Cause::Answer { line: error.line(), column: error.column() })
    }

    /// The answer's `data`; `None` when there is none.
    ///
    /// # Errors
    /// [`Cause::Answer`] with the place, when it is no such thing.
    pub fn data<T: DeserializeOwned>(&self) -> Result<Option<T>, Cause> {
        Ok(self.read()?.data)
    }

    /// The answer's `auth`, with the warnings beside it.
    pub(super) fn auth<T: DeserializeOwned>(&self) -> Result<(T, Vec<String>), Cause> {
        let Envelope { auth, warnings, .. } = self.read()?;
        Ok((auth.ok_or(Cause::Answer { line: 1, column: 1 })?, warnings.unwrap_or_default()))
    }

    /// What Vault wants the user to know.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.read::<serde::de::IgnoredAny>().ok().and_then(|answer| answer.warnings).unwrap_or_default()
    }
}

/// What an answer that is no success means, as far as it can be told from its status.
pub(super) fn refused(operation: &Operation, code: u16, messages: Vec<String>, wait: Option<Duration>) -> Cause {
    match code {
        400 => Cause::Refused { messages },
        403 if operation.capabilities.is_empty() => Cause::LoginDenied { path: operation.path.clone() },
        403 => Cause::PermissionDenied { path: operation.path.clone(), capabilities: operation.capabilities },
        404 => Cause::NotFound { messages },
        412 | 429 | 503 => Cause::Overloaded { code, messages, retry_after: wait },
        // Not sent on, or sent on for ever.
        307 | 308 | 472 | 473 => Cause::Standby { address: String::new(), code },
        301..=303 => Cause::Moved { address: String::new(), code, to: None },
        _ => Cause::Api { code, messages },
    }
}
