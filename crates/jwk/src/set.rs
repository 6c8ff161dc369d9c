//! A JWKS document (RFC 7517, section 5): the keys that sign, with their ids, and what was left out and why.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use thiserror::Error;

use super::key::{Curve, KeyError, PublicKey};

/// The specification forbids padding; some servers pad all the same.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One key of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// Its id (`kid`), which the header of each token names.
    pub id: Option<String>,
    /// The algorithm that it is for (`alg`), such as RS256.
    pub algorithm: Option<String>,
    /// The key.
    pub key: PublicKey,
}

impl Jwk {
    /// Its id, or the one that Kubernetes would give it.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.key.kubernetes_id())
    }
}

/// A key that cannot sign a token, which the specification says to pass over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Why it is passed over, in words.
    pub why: String,
}

/// The keys of a JWKS document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jwks {
    /// Those that sign.
    pub keys: Vec<Jwk>,
    /// Those that were passed over: for encryption, or of a type that no token is signed with.
    pub skipped: Vec<Skipped>,
}

/// A text that is no JWKS. The text itself is not repeated.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum JwksError {
    /// It is no JSON.
    #[error("this is not JSON (line {line}, column {column})")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It is JSON of another form.
    #[error("this is not a JWKS: it must be an object with a list \"keys\"")]
    Form,
    /// One key is broken.
    #[error("key {}{}: {problem}", index + 1, id.as_ref().map(|id| format!(" ({:?})", beginning(id))).unwrap_or_default())]
    Key {
        /// Where in the list, from 0.
        index: usize,
        /// Its id, where it has one.
        id: Option<String>,
        /// What is wrong.
        problem: KeyProblem,
    },
    /// It holds the private half of a key, or a shared secret. Nothing of it is repeated, not even its id.
    #[error(
        "{}it is private: whoever has it can sign tokens that are believed. Only its signer may have it: replace (rotate) it, and give the public half only, without the members \"d\", \"p\", \"q\", \"dp\", \"dq\", \"qi\", \"oth\" and \"k\"",
        index.map(|index| format!("key {}: ", index + 1)).unwrap_or_default()
    )]
    Private {
        /// Where in the list, from 0; none where the document is no list of keys.
        index: Option<usize>,
    },
    /// There is no key that signs.
    #[error("it has no key that signs tokens{}", listed(skipped))]
    NoKeys {
        /// What was passed over.
        skipped: Vec<Skipped>,
    },
}

/// What is wrong with one key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyProblem {
    /// It is no object, or a member is no text.
    #[error("it is not an object with text members")]
    Form,
    /// A member is missing.
    #[error("it has no {0:?}")]
    Missing(&'static str),
    /// A member is no base64url.
    #[error("{0:?} is not base64url")]
    Encoding(&'static str),
    /// The numbers are no key.
    #[error("{0}")]
    Key(#[from] KeyError),
}

fn listed(skipped: &[Skipped]) -> String {
    let told = |one: &Skipped| format!("{:?} {}", one.id.as_deref().map_or("without id", beginning), one.why);
    let mut each: Vec<String> = skipped.iter().take(LISTED).map(told).collect();
    if skipped.len() > LISTED {
        each.push(format!("and {} more", skipped.len() - LISTED));
    }
    if each.is_empty() { String::new() } else { format!(": {}", each.join("; ")) }
}

/// More keys than this are counted, not listed.
const LISTED: usize = 10;

/// How much of a text of the document is repeated, in bytes.
const QUOTED: usize = 64;

/// The beginning of a text: a server may send as much as it likes.
fn beginning(text: &str) -> &str {
    text.get(..text.floor_char_boundary(QUOTED)).unwrap_or_default()
}

/// Members that only the private half of a key has (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Does a key stand here, or below, with a private member that is not empty?
fn is_private(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(members) => {
            let is_empty = |member: &serde_json::Value| {
                member.is_null()
                    || member.as_str().is_some_and(str::is_empty)
                    || member.as_array().is_some_and(Vec::is_empty)
            };
            let holds = |name: &&str| members.get(*name).is_some_and(|member| !is_empty(member));
            (members.contains_key("kty") && PRIVATE.iter().any(holds)) || members.values().any(is_private)
        }
        serde_json::Value::Array(items) => items.iter().any(is_private),
        _ => false,
    }
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

/// The members that are looked at: no private one is even read.
#[derive(Deserialize)]
struct Member {
    kty: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    /// What it may do. Of another form than the specification's list it says nothing.
    #[serde(default)]
    key_ops: serde_json::Value,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwks {
    /// Reads a JWKS document.
    ///
    /// # Errors
    /// [`JwksError`] when it is none, or when a key in it is broken.
    pub fn parse(json: &str) -> Result<Self, JwksError> {
        if super::pem::is_private(json) {
            return Err(JwksError::Private { index: None });
        }
        let value: serde_json::Value = serde_json::from_str(json)
            .map_err(|error| JwksError::Json { line: error.line(), column: error.column() })?;
        // Before anything else is said of it: of a private key nothing is repeated.
        if is_private(&value) {
            let keys = value.get("keys").and_then(serde_json::Value::as_array);
            return Err(JwksError::Private { index: keys.and_then(|keys| keys.iter().position(is_private)) });
        }
        let document = Document::deserialize(value).map_err(|_| JwksError::Form)?;
        let mut set = Self::default();
        for (index, value) in document.keys.into_iter().enumerate() {
            let member = Member::deserialize(value).map_err(|_| JwksError::Key {
                index,
                id: None,
                problem: KeyProblem::Form,
            })?;
            let broken = |problem| JwksError::Key { index, id: member.kid.clone(), problem };
            match key(&member).map_err(broken)? {
                Ok(key) => set.keys.push(Jwk { id: member.kid, algorithm: member.alg, key }),
                Err(why) => set.skipped.push(Skipped { id: member.kid, why }),
            }
        }
        Ok(set)
    }

    /// Reads a JWKS document of which a key is needed.
    ///
    /// # Errors
    /// [`JwksError`] when it is none, when a key in it is broken, or when none of its keys signs tokens.
    pub fn of_signers(json: &str) -> Result<Self, JwksError> {
        let set = Self::parse(json)?;
        if set.keys.is_empty() { Err(JwksError::NoKeys { skipped: set.skipped }) } else { Ok(set) }
    }

    /// The key with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Jwk> {
        self.keys.iter().find(|jwk| jwk.id.as_deref() == Some(id))
    }

    /// The keys without their ids.
    #[must_use]
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.keys.iter().map(|jwk| jwk.key.clone()).collect()
    }
}

/// Algorithms that encrypt, by how their names begin (RFC 7518, section 4.1, and what came after it): a key for one of them
/// signs nothing, and whoever has its other half may be somebody else than who signs.
const ENCRYPTING: [&str; 6] = ["RSA1_5", "RSA-OAEP", "ECDH-", "HPKE-", "PBES2-", "dir"];

/// Why the document itself says that this key checks no signature (RFC 7517, sections 4.2 to 4.4).
fn other_purpose(member: &Member) -> Option<String> {
    if let Some(usage) = member.usage.as_deref().filter(|usage| *usage != "sig") {
        return Some(format!("is for another use than signing ({:?})", beginning(usage)));
    }
    if let Some(named) = member.key_ops.as_array().filter(|named| named.iter().all(|one| one != "verify")) {
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        return Some(format!("is not for verifying (key_ops [{}])", named.join(", ")));
    }
    let algorithm = member.alg.as_deref().filter(|name| {
        ENCRYPTING.iter().any(|begin| name.starts_with(begin)) || (name.starts_with('A') && name.ends_with("KW"))
    })?;
    Some(format!("is for encryption ({algorithm:?})"))
}

/// The key, or why it is passed over.
fn key(member: &Member) -> Result<Result<PublicKey, String>, KeyProblem> {
    if let Some(purpose) = other_purpose(member) {
        return Ok(Err(purpose));
    }
    let bytes = |name: &'static str, text: &Option<String>| {
        let text = text.as_deref().ok_or(KeyProblem::Missing(name))?;
        BASE64_URL.decode(text).map_err(|_| KeyProblem::Encoding(name))
    };
    let curve = || member.crv.as_deref().ok_or(KeyProblem::Missing("crv"));
    Ok(Ok(match member.kty.as_deref().ok_or(KeyProblem::Missing("kty"))? {
        "RSA" => PublicKey::rsa(&bytes("n", &member.n)?, &bytes("e", &member.e)?)?,
        "EC" => {
            let curve = match curve()? {
                "P-256" => Curve::P256,
                "P-384" => Curve::P384,
                "P-521" => Curve::P521,
                other => return Ok(Err(format!("is on a curve that no token is signed on ({:?})", beginning(other)))),
            };
            PublicKey::ec(curve, &bytes("x", &member.x)?, &bytes("y", &member.y)?)?
        }
        "OKP" => match curve()? {
            "Ed25519" => PublicKey::ed25519(&bytes("x", &member.x)?)?,
            other => return Ok(Err(format!("is on a curve that no token is signed on ({:?})", beginning(other)))),
        },
        other => return Ok(Err(format!("is of a type that no token is signed with ({:?})", beginning(other)))),
    }))
}
