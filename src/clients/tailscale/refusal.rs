//! From a status and a body to why the server refuses.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use super::error::{Cause, Operation};

/// How much of a body that is not the API's own is quoted.
const QUOTED: usize = 200;

/// The cause behind an answer that is no success.
pub(super) fn refusal(
    operation: &Operation,
    status: StatusCode,
    message: String,
    retry_after: Option<Duration>,
    granted: Option<String>,
) -> Cause {
    let code = status.as_u16();
    match code {
        429 | 503 => Cause::Overloaded { code, retry_after },
        400..=499 if *operation == Operation::LogIn => Cause::Login { code, message },
        401 => Cause::Unauthorized { message },
        403 => Cause::Forbidden { scope: operation.scope(), granted, message },
        404 => Cause::NotFound { message },
        501 => Cause::Outside { message },
        _ => Cause::Api { code, message },
    }
}

/// The server's words: the API's own form, or the first bytes of what else it sent.
pub(super) fn message(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
        #[serde(default)]
        data: Option<Vec<Part>>,
    }
    #[derive(Deserialize)]
    struct Part {
        #[serde(default)]
        user: String,
        #[serde(default)]
        errors: Vec<String>,
    }
    if let Ok(Refusal { message, data }) = serde_json::from_slice(body) {
        let parts = data.unwrap_or_default();
        let parts: Vec<String> =
            parts.iter().map(|part| format!("{}: {}", part.user, part.errors.join(", "))).collect();
        return if parts.is_empty() { message } else { format!("{message} ({})", parts.join("; ")) };
    }
    let text = String::from_utf8_lossy(body.get(..QUOTED).unwrap_or(body)).into_owned();
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect::<String>().trim().into()
}
