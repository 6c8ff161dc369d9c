//! A JSON Web Token's header and claims, read without checking the signature: to explain to its owner what it says, never to
//! decide whom to let in.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// What a token says of itself.
#[derive(Clone, PartialEq)]
pub struct Token {
    /// The id of the key that signed it (`kid`).
    pub key_id: Option<String>,
    /// The algorithm (`alg`).
    pub algorithm: String,
    claims: Map<String, Value>,
}

/// A text that is no token. The text itself is not repeated: whoever has it may log in with it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is not a JSON Web Token: it must be three parts of base64url, of which the first two are JSON objects")]
pub struct TokenError;

#[derive(Deserialize)]
struct Header {
    kid: Option<String>,
    alg: String,
}

impl Token {
    /// Reads a token.
    ///
    /// # Errors
    /// [`TokenError`] when the text is none.
    pub fn read(text: &str) -> Result<Self, TokenError> {
        let parts: Vec<&str> = text.trim().split('.').collect();
        let [header, claims, _signature] = parts[..] else { return Err(TokenError) };
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError);
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| TokenError)?;
        let claims = serde_json::from_slice(&decode(claims)?).map_err(|_| TokenError)?;
        Ok(Self { key_id: header.kid, algorithm: header.alg, claims })
    }

    /// A token with these claims, which nobody signed.
    #[must_use]
    pub fn of_claims(claims: Map<String, Value>) -> Self {
        Self { key_id: None, algorithm: String::new(), claims }
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The same token with other claims, which nobody signed.
    #[must_use]
    pub fn with_claims(&self, claims: Map<String, Value>) -> Self {
        Self { claims, ..self.clone() }
    }

    /// A claim at the top by its name, whatever is in that. Null counts as absent, as in Vault.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.claims.get(name).filter(|value| !value.is_null())
    }

    /// A claim by its name, or by a JSON pointer where it begins with `/`, as Vault has them. A name that has a `/` at its
    /// beginning cannot be asked for otherwise, there as here.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        let Some(pointer) = name.strip_prefix('/') else { return self.member(name) };
        let mut parts = pointer.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
        let mut found = self.claims.get(&parts.next()?)?;
        for part in parts {
            found = match found {
                Value::Object(members) => members.get(&part)?,
                Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(found).filter(|found| !found.is_null())
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claim(name)?.as_str()
    }

    /// Whom it is for (`aud`), which may be one text or a list.
    #[must_use]
    pub fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A time claim (`iat`, `nbf`, `exp`) in seconds since 1970.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a time that an f64 cannot hold is none that matters")]
    pub fn seconds(&self, name: &str) -> Option<i64> {
        let number = self.claims.get(name)?;
        number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))
    }
}

impl fmt::Debug for Token {
    /// Claims may be personal.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Token").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
