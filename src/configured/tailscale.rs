//! How to reach the Tailscale API.

use crate::credential::Credential;

/// Tailscale's settings; no credential where nothing configures it.
#[derive(Clone, Debug)]
pub struct Tailscale {
    /// The tailnet; `-` is the credential's own.
    pub tailnet: String,
    /// `https://api.tailscale.com`.
    pub base_url: String,
    /// An API access token.
    pub api_key: Option<Credential>,
    /// The OAuth client's id.
    pub oauth_client_id: Option<Credential>,
    /// The OAuth client's secret.
    pub oauth_client_secret: Option<Credential>,
    /// What an OAuth token is asked for.
    pub scopes: Vec<String>,
    /// A token of another identity provider (workload identity federation).
    pub identity_token: Option<Credential>,
    /// Arguments whose value is not known yet, or empty.
    pub gaps: Vec<String>,
}
