//! Why Vault lets a JWT in, or does not, and what may be changed: what a role demands of a token's claims, the kinds of patterns that
//! people write, where a claim is, and proposals that open the door to nobody else.
//!
//! It reads nothing and asks nobody. What an explanation looks like is the data source's.

pub mod advice;
pub mod claims;
pub mod demands;
pub mod hcl;
pub mod pattern;
#[cfg(test)]
pub mod tests;

/// The algorithms of signatures that Vault takes where the mount names none (vault-plugin-auth-jwt `path_login.go`, since v0.10).
pub const ALGORITHMS: [&str; 10] =
    ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"];
