//! Vault's words, as they may be repeated: without the token and whatever else the request held, and never all that somebody
//! chose to send.

use reqwest::Url;
use serde_json::Value;
use tazlab_redacted::SecretText;

use super::settings::Tokens;
use crate::address::origin;
use crate::repeats::Needles;
use crate::scrub::Scrubber;

/// How many messages of one answer are repeated.
const MESSAGES: usize = 20;

/// How much of each, in characters.
const QUOTED: usize = 2000;

/// Words about one request.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    messages: Scrubber,
    /// A host is written in lower case, whatever was sent.
    hosts: Scrubber,
    whole: Needles,
}

impl Words {
    /// Words about a request with these secrets.
    pub(super) fn about<'a>(secrets: impl IntoIterator<Item = &'a SecretText>) -> Self {
        let secrets: Vec<&SecretText> = secrets.into_iter().collect();
        let lower = secrets.iter().map(|secret| SecretText::new(secret.expose().to_ascii_lowercase()));
        let lower: Vec<SecretText> = lower.collect();
        Self {
            messages: Scrubber::new(secrets.iter().map(|secret| secret.expose().as_bytes())),
            hosts: Scrubber::new(lower.iter().map(|secret| secret.expose().as_bytes())),
            whole: Needles::of(secrets.iter().map(|secret| secret.expose().as_bytes())),
        }
    }

    /// The messages that may be repeated. They are cut last: half a secret is harder to find.
    pub(super) fn repeated(&self, messages: &[String]) -> Vec<String> {
        let scrub = |message: &String| self.messages.scrub(message).chars().take(QUOTED).collect();
        messages.iter().take(MESSAGES).map(scrub).collect()
    }

    /// The origin of a URL that a server names.
    pub(super) fn origin(&self, url: &Url) -> String {
        self.hosts.scrub(&origin(url))
    }

    /// Does a text of this answer hold one of the secrets as a whole? It would go where everybody reads it.
    pub(super) fn are_in(&self, answer: &Value) -> bool {
        self.whole.are_in(answer)
    }
}

/// What of the settings is secret in whatever Vault says, also long after it was sent.
pub(super) fn secrets_of(tokens: &Tokens) -> Vec<SecretText> {
    match tokens {
        Tokens::None | Tokens::Certificate { .. } => Vec::new(),
        Tokens::Given(token) => vec![token.clone()],
        Tokens::Jwt { jwt, .. } => vec![jwt.clone()],
        // The role's id is a name, which other words may hold.
        Tokens::AppRole { secret_id, .. } => secret_id.iter().cloned().collect(),
    }
}
