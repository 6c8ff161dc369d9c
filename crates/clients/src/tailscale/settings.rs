//! How a tailnet's API is reached: address, tailnet, credential.

use tazlab_redacted::SecretText;

use crate::address::Address;

/// The way to one tailnet.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://api.tailscale.com`, or a self-hosted control plane's address.
    pub base_url: Address,
    /// The tailnet; `-` is the credential's own.
    pub tailnet: String,
    /// What to log in with.
    pub credential: Credential,
}

/// What to log in with.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An API access token.
    ApiKey(SecretText),
    /// An OAuth client.
    OAuth {
        /// Its id.
        id: SecretText,
        /// Its secret.
        secret: SecretText,
        /// What a token is asked for; nothing asks for all that the client may.
        scopes: Vec<String>,
    },
    /// A token of another identity provider (workload identity federation).
    Identity {
        /// The id of the federated client.
        id: SecretText,
        /// The token.
        token: SecretText,
    },
}
