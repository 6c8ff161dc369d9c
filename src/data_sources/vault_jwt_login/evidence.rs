//! What is known when Vault has refused a login: the token's own claims, and what mount and role demand. Plain data, as Vault
//! answers it; `gather` asks for it.

use tazlab_clients::vault::{JwtConfig, JwtRole};
use tazlab_jwk::Jwks;
use tazlab_jwk::token::Token;

/// Something that was looked for in Vault.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen<T> {
    /// It is there.
    There(T),
    /// It is not.
    Missing,
    /// Nobody knows: why, in words.
    Hidden(String),
}

impl<T> Seen<T> {
    pub(super) fn there(&self) -> Option<&T> {
        match self {
            Self::There(found) => Some(found),
            _ => None,
        }
    }
}

/// Everything that an explanation is made of.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// Where the auth method is mounted.
    pub(super) mount: String,
    /// The role's name.
    pub(super) role_name: String,
    /// What the token says.
    pub(super) token: Token,
    /// The audiences that it was asked for; none is the API server's own.
    pub(super) audiences: Vec<String>,
    /// Is Vault's answer "permission denied"? It is to a login from the wrong network, and not to a token that it refuses.
    pub(super) is_denied: bool,
    /// Does Vault's answer show that it verified the signature? It does before it compares a claim.
    pub(super) is_verified: bool,
    /// Vault's clock, in seconds since 1970.
    pub(super) now: Option<i64>,
    /// What is mounted there, where nothing is configured: its type.
    pub(super) mounted: Option<String>,
    /// The mount's configuration.
    pub(super) config: Seen<JwtConfig>,
    /// The role.
    pub(super) role: Seen<JwtRole>,
    /// The names of the mount's roles, where they were listed.
    pub(super) roles: Option<Vec<String>>,
    /// The cluster's keys.
    pub(super) cluster: Option<Jwks>,
}
