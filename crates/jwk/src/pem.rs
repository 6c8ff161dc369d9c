//! Public keys out of PEM: a public key, or a certificate's. As strict as Vault is: one block, and nothing after it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use thiserror::Error;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::key::{Curve, KeyError, PublicKey};

/// PEM that is no public key. The text itself is not repeated: it may be a private key by mistake.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PemError {
    /// There is no block.
    #[error("it has no PEM block (-----BEGIN PUBLIC KEY-----)")]
    NoBlock,
    /// The block has no end, or is no base64.
    #[error("the PEM block {label:?} is cut off or damaged")]
    Damaged {
        /// What stands after BEGIN.
        label: String,
    },
    /// Something follows.
    #[error("something follows the PEM block: give each key by itself")]
    Trailing,
    /// A private key where a public one belongs.
    #[error(
        "this is a private key: whoever has it can sign tokens that are believed. Only its signer may have it: replace (rotate) it, and give the public half only (openssl pkey -pubout)"
    )]
    Private,
    /// The older form of RSA keys, which Vault does not read.
    #[error("this is a PKCS #1 key; convert it with openssl rsa -RSAPublicKey_in -pubout")]
    Pkcs1,
    /// Another kind of block.
    #[error("a PEM block {label:?} has no public key")]
    Label {
        /// What stands after BEGIN.
        label: String,
    },
    /// The content is none.
    #[error("the PEM block {label:?} cannot be read as DER")]
    Der {
        /// What stands after BEGIN.
        label: String,
    },
    /// An algorithm that no token is signed with.
    #[error("keys of the algorithm {algorithm} sign no tokens; RSA, EC P-256, P-384, P-521 and Ed25519 do")]
    Algorithm {
        /// The object identifier, with the curve's where there is one.
        algorithm: String,
    },
    /// The numbers are no key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl PublicKey {
    /// Reads a public key, or the one of a certificate.
    ///
    /// # Errors
    /// [`PemError`] when the text holds anything else.
    pub fn from_pem(text: &str) -> Result<Self, PemError> {
        if is_private(text) {
            return Err(PemError::Private);
        }
        let (label, der) = block(text)?;
        let damaged = || PemError::Der { label: label.to_owned() };
        match label {
            "PUBLIC KEY" => {
                let (rest, info) = SubjectPublicKeyInfo::from_der(&der).map_err(|_| damaged())?;
                if rest.is_empty() { of_info(&info, label) } else { Err(damaged()) }
            }
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                let (_, certificate) = x509_parser::parse_x509_certificate(&der).map_err(|_| damaged())?;
                of_info(certificate.public_key(), label)
            }
            "RSA PUBLIC KEY" => Err(PemError::Pkcs1),
            other => Err(PemError::Label { label: other.to_owned() }),
        }
    }
}

/// Does the text hold a private key, wherever in it, whole or not? Nothing else may then be said of it.
#[must_use]
pub fn is_private(text: &str) -> bool {
    ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"].iter().any(|end| text.contains(end))
}

/// The label and content of the only block.
fn block(text: &str) -> Result<(&str, Vec<u8>), PemError> {
    const DASHES: &str = "-----";
    let (_, after) = text.split_once("-----BEGIN ").ok_or(PemError::NoBlock)?;
    let (label, after) = after.split_once(DASHES).filter(|(label, _)| is_label(label)).ok_or(PemError::NoBlock)?;
    let damaged = || PemError::Damaged { label: label.to_owned() };
    let (body, rest) = after.split_once(&format!("-----END {label}{DASHES}")).ok_or_else(damaged)?;
    if !rest.trim().is_empty() {
        return Err(PemError::Trailing);
    }
    let encoded: String = body.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let der = BASE64_STANDARD.decode(encoded).map_err(|_| damaged())?;
    Ok((label, der))
}

/// What stands after BEGIN is repeated, so it must be a name.
pub(super) fn is_label(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b' ' | b'#');
    text.len() <= 40 && text.bytes().all(is_word)
}

fn of_info(info: &SubjectPublicKeyInfo<'_>, label: &str) -> Result<PublicKey, PemError> {
    let damaged = || PemError::Der { label: label.to_owned() };
    let algorithm = info.algorithm.algorithm.to_id_string();
    let bits = info.subject_public_key.data.as_ref();
    match algorithm.as_str() {
        "1.2.840.113549.1.1.1" => {
            let (rest, key) = RSAPublicKey::from_der(bits).map_err(|_| damaged())?;
            let negative = |number: &[u8]| number.first().is_none_or(|first| *first >= 0x80);
            if !rest.is_empty() || negative(key.modulus) || negative(key.exponent) {
                return Err(damaged());
            }
            Ok(PublicKey::rsa(key.modulus, key.exponent)?)
        }
        "1.2.840.10045.2.1" => {
            let curve = info.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let curve = curve.map(|oid| oid.to_id_string()).unwrap_or_default();
            let Some(known) = Curve::named(&curve) else {
                return Err(PemError::Algorithm { algorithm: format!("{algorithm} {curve}") });
            };
            Ok(PublicKey::ec_point(known, bits)?)
        }
        "1.3.101.112" => Ok(PublicKey::ed25519(bits)?),
        _ => Err(PemError::Algorithm { algorithm }),
    }
}
