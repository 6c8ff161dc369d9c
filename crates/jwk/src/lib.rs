//! JSON Web Keys: what a cluster signs its tokens with, as PEM and as sets that can be compared. Pure.
//!
//! A key is the same key whatever it was read from: a JWK, a PEM public key, a certificate, its private half. Signatures are checked by whoever
//! is shown a token, not here.

mod der;
mod difference;
mod key;
mod pem;
mod set;
mod signing;
#[cfg(test)]
mod tests;
pub mod token;

pub use difference::{Difference, differ};
pub use key::{Curve, KeyError, PublicKey};
pub use pem::{PemError, is_private};
pub use set::{Jwk, Jwks, JwksError, KeyProblem, Skipped};
pub use signing::{BlockProblem, SigningKeyError, signing_keys};

/// The keys of a JWKS document as PEM public keys, in its order: what Vault's `jwt_validation_pubkeys` takes.
///
/// # Errors
/// [`JwksError`] when the text is no JWKS, when one of its keys is broken, or when it holds no key that signs.
pub fn jwks_to_pem(json: &str) -> Result<Vec<String>, JwksError> {
    Ok(Jwks::of_signers(json)?.keys.iter().map(|jwk| jwk.key.to_pem()).collect())
}
