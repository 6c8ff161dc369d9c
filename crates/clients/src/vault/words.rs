//! Vault's words, as they may be repeated: without the token and whatever else the request held, and never all that somebody
//! chose to send.

use tazlab_redacted::SecretText;

use crate::scrub::Scrubber;

/// How many messages of one answer are repeated.
const MESSAGES: usize = 20;

/// How much of each, in characters.
const QUOTED: usize = 2000;

/// Words about one request.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Scrubber);

impl Words {
    /// Words about a request with these secrets.
    pub(super) fn about<'a>(secrets: impl IntoIterator<Item = &'a SecretText>) -> Self {
        Self(Scrubber::new(secrets.into_iter().map(|secret| secret.expose().as_bytes())))
    }

    /// The messages that may be repeated. They are cut last: half a secret is harder to find.
    pub(super) fn repeated(&self, messages: &[String]) -> Vec<String> {
        messages.iter().take(MESSAGES).map(|message| self.0.scrub(message).chars().take(QUOTED).collect()).collect()
    }
}
