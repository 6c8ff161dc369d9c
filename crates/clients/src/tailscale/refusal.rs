//! From a status and a body to why the server refuses.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use super::error::{Cause, Operation};
use crate::scrub::Scrubber;

/// How much of a body that is not the API's own is quoted, in characters.
const QUOTED: usize = 200;

/// How much of the API's own words.
const TOLD: usize = 2000;

/// The server's words, without the secrets that it repeats.
#[derive(Debug)]
pub(super) struct Words {
    text: String,
    /// Are they in the API's own form?
    own: bool,
}

/// The cause behind an answer that is no success.
pub(super) fn refusal(
    operation: &Operation,
    status: StatusCode,
    Words { text: message, own }: Words,
    retry_after: Option<Duration>,
    granted: Option<String>,
) -> Cause {
    let code = status.as_u16();
    match code {
        429 | 503 => Cause::Overloaded { code, retry_after },
        400..=499 if *operation == Operation::LogIn => Cause::Login { code, message },
        401 => Cause::Unauthorized { message },
        403 => Cause::Forbidden { scope: operation.scope(), granted, message },
        // Only the API knows what does not exist. A proxy, or the server of a mistaken base_url, knows no path at all.
        404 if own => Cause::NotFound { message },
        404 => Cause::Foreign { code, message },
        501 => Cause::Outside { message },
        _ => Cause::Api { code, message },
    }
}

/// The server's words: the API's own form, or the first of what else it sent.
pub(super) fn words(body: &[u8], secrets: &Scrubber) -> Words {
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
    let Ok(Refusal { message, data }) = serde_json::from_slice(body) else {
        return Words { text: quote(&String::from_utf8_lossy(body), QUOTED, secrets), own: false };
    };
    let parts = data.unwrap_or_default();
    let parts: Vec<String> = parts.iter().map(|part| format!("{}: {}", part.user, part.errors.join(", "))).collect();
    let text = if parts.is_empty() { message } else { format!("{message} ({})", parts.join("; ")) };
    Words { text: quote(&text, TOLD, secrets), own: true }
}

/// The beginning of a text, in one line. It is cut last: half a secret is not found, and is still half of one.
fn quote(text: &str, most: usize, secrets: &Scrubber) -> String {
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    secrets.scrub(text).chars().take(most).map(plain).collect::<String>().trim().to_owned()
}
