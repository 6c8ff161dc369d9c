//! The public keys of what a cluster signs its tokens with: the files of `--service-account-signing-key-file` and
//! `--service-account-key-file`, private or public.
//!
//! Of a private key only its public half leaves this module. What is decoded on the way is wiped.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p521::elliptic_curve::sec1::ToEncodedPoint;
use tazlab_redacted::{SecretBytes, SecretText};
use thiserror::Error;
use x509_parser::der_parser::Oid;
use x509_parser::der_parser::ber::{BerObject, BerObjectContent};
use x509_parser::der_parser::parse_der;

use super::key::{Curve, KeyError, PublicKey};
use super::pem::{PemError, is_label};

const BEGIN: &str = "-----BEGIN ";

/// A text that has no key which a cluster signs with. Nothing of it is repeated but the labels of its PEM blocks.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SigningKeyError {
    /// There is no block, or nothing but parameters.
    #[error("it has no PEM block with a key (-----BEGIN RSA PRIVATE KEY-----), and is not base64 of one")]
    NoBlock,
    /// One block is not a key.
    #[error("PEM block {number}: {problem}")]
    Block {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        problem: BlockProblem,
    },
}

/// What is wrong with one PEM block.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BlockProblem {
    /// The block has no end, or is no base64.
    #[error("it is cut off or damaged")]
    Damaged,
    /// A passphrase protects it.
    #[error(
        "the private key is encrypted with a passphrase, and the API server reads none that is. Decrypt it (openssl pkey), or give the public key (openssl pkey -pubout)"
    )]
    Encrypted,
    /// Its content is not what its label says.
    #[error("{label:?} cannot be read as DER")]
    Der {
        /// What stands after BEGIN.
        label: String,
    },
    /// Another kind of block.
    #[error("{label:?} has no key")]
    Label {
        /// What stands after BEGIN.
        label: String,
    },
    /// Kubernetes does not sign with it.
    #[error("Kubernetes signs with RSA keys and with EC keys on P-256, P-384 and P-521, and not with {found}")]
    Algorithm {
        /// The object identifier, or the name.
        found: String,
    },
    /// The numbers are no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It is no public key, or no certificate.
    #[error(transparent)]
    Public(PemError),
}

/// The public keys of one or more signing keys, each once, in their order: PEM blocks (PKCS #1, PKCS #8, SEC 1, public keys,
/// certificates), or base64 of such a text.
///
/// # Errors
/// [`SigningKeyError`] when there is none, or when one of the blocks is not such a key.
pub fn signing_keys(text: &SecretText) -> Result<Vec<PublicKey>, SigningKeyError> {
    if text.expose().contains(BEGIN) {
        return of_pem(text.expose());
    }
    let decoded = decoded(text.expose()).ok_or(SigningKeyError::NoBlock)?;
    of_pem(std::str::from_utf8(decoded.expose()).map_err(|_| SigningKeyError::NoBlock)?)
}

fn of_pem(text: &str) -> Result<Vec<PublicKey>, SigningKeyError> {
    let mut keys: Vec<PublicKey> = Vec::new();
    for (at, piece) in text.split(BEGIN).skip(1).enumerate() {
        let key = of_block(piece).map_err(|problem| SigningKeyError::Block { number: at + 1, problem })?;
        keys.extend(key.filter(|key| !keys.contains(key)));
    }
    if keys.is_empty() { Err(SigningKeyError::NoBlock) } else { Ok(keys) }
}

/// The key of a block, given from behind its BEGIN; parameters, which openssl writes before an EC key, are none.
fn of_block(piece: &str) -> Result<Option<PublicKey>, BlockProblem> {
    let (label, rest) = piece.split_once("-----").filter(|(label, _)| is_label(label)).ok_or(BlockProblem::Damaged)?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----")).ok_or(BlockProblem::Damaged)?;
    if label == "ENCRYPTED PRIVATE KEY" || body.contains("ENCRYPTED") {
        return Err(BlockProblem::Encrypted);
    }
    let der = || decoded(body).ok_or(BlockProblem::Damaged);
    let key = match label {
        "EC PARAMETERS" => return Ok(None),
        "RSA PRIVATE KEY" => rsa(der()?.expose(), 1),
        "RSA PUBLIC KEY" => rsa(der()?.expose(), 0),
        "EC PRIVATE KEY" => sec1(der()?.expose(), None),
        "PRIVATE KEY" => pkcs8(der()?.expose()),
        "PUBLIC KEY" | "CERTIFICATE" => {
            let block = SecretText::new(format!("{BEGIN}{label}-----{body}-----END {label}-----\n"));
            PublicKey::from_pem(block.expose()).map(Some).map_err(BlockProblem::Public)
        }
        _ => return Err(BlockProblem::Label { label: label.to_owned() }),
    };
    let key = key?.ok_or_else(|| BlockProblem::Der { label: label.to_owned() })?;
    if key.algorithms() == ["EdDSA"] {
        return Err(BlockProblem::Algorithm { found: key.to_string() });
    }
    Ok(Some(key))
}

/// Base64 with white space anywhere in it.
fn decoded(text: &str) -> Option<SecretBytes> {
    // In one go: a text that grows leaves copies behind.
    let mut plain = String::with_capacity(text.len());
    plain.extend(text.chars().filter(|character| !character.is_ascii_whitespace()));
    let plain = SecretText::new(plain);
    BASE64_STANDARD.decode(plain.expose()).ok().map(SecretBytes::new)
}

type Found = Result<Option<PublicKey>, BlockProblem>;

/// The members of a sequence with nothing after it; they borrow from `der`.
fn sequence(der: &[u8]) -> Option<Vec<BerObject<'_>>> {
    let (rest, object) = parse_der(der).ok()?;
    match object.content {
        BerObjectContent::Sequence(members) if rest.is_empty() => Some(members),
        _ => None,
    }
}

/// A positive whole number.
fn number<'a>(members: &[BerObject<'a>], at: usize) -> Option<&'a [u8]> {
    match members.get(at)?.content {
        BerObjectContent::Integer(digits) if digits.first().is_some_and(|first| *first < 0x80) => Some(digits),
        _ => None,
    }
}

fn octets<'a>(members: &[BerObject<'a>], at: usize) -> Option<&'a [u8]> {
    match members.get(at)?.content {
        BerObjectContent::OctetString(octets) => Some(octets),
        _ => None,
    }
}

/// PKCS #1: modulus and exponent, behind a version where the key is private.
fn rsa(der: &[u8], at: usize) -> Found {
    let Some(members) = sequence(der) else { return Ok(None) };
    let (Some(modulus), Some(exponent)) = (number(&members, at), number(&members, at + 1)) else { return Ok(None) };
    Ok(Some(PublicKey::rsa(modulus, exponent)?))
}

/// RFC 5915: the private number, and the curve where no frame around it names that.
fn sec1(der: &[u8], curve: Option<Curve>) -> Found {
    let Some(members) = sequence(der) else { return Ok(None) };
    let Some(scalar) = octets(&members, 1) else { return Ok(None) };
    let curve = if let Some(curve) = curve {
        curve
    } else {
        let tagged = members.get(2).and_then(|parameters| parameters.as_slice().ok());
        let Some((_, parameters)) = tagged.and_then(|tagged| parse_der(tagged).ok()) else { return Ok(None) };
        curve_of(&parameters)?
    };
    public_half(curve, scalar).map(Some)
}

/// RFC 5208: the algorithm, and the key in its own form.
fn pkcs8(der: &[u8]) -> Found {
    let Some(members) = sequence(der) else { return Ok(None) };
    let Some(key) = octets(&members, 2) else { return Ok(None) };
    let Some(Ok(algorithm)) = members.get(1).map(BerObject::as_sequence) else { return Ok(None) };
    let named = algorithm.first().and_then(|oid| oid.as_oid().ok()).map(Oid::to_id_string);
    match named.as_deref() {
        Some("1.2.840.113549.1.1.1") => rsa(key, 1),
        Some("1.2.840.10045.2.1") => {
            let Some(parameters) = algorithm.get(1) else { return Ok(None) };
            sec1(key, Some(curve_of(parameters)?))
        }
        Some("1.3.101.112") => Err(BlockProblem::Algorithm { found: "Ed25519".to_owned() }),
        Some(other) => Err(BlockProblem::Algorithm { found: format!("the algorithm {other}") }),
        None => Ok(None),
    }
}

fn curve_of(parameters: &BerObject<'_>) -> Result<Curve, BlockProblem> {
    let named = parameters.as_oid().map(Oid::to_id_string).unwrap_or_default();
    Curve::named(&named).ok_or_else(|| BlockProblem::Algorithm { found: format!("the curve {named}") })
}

/// The point that belongs to a private number.
fn public_half(curve: Curve, scalar: &[u8]) -> Result<PublicKey, BlockProblem> {
    let significant = scalar.get(scalar.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    let width = curve.width();
    let no_key = || BlockProblem::Key(KeyError::Scalar { curve });
    let missing = width.checked_sub(significant.len()).ok_or_else(no_key)?;
    let mut padded = Vec::with_capacity(width);
    padded.resize(missing, 0);
    padded.extend_from_slice(significant);
    let padded = SecretBytes::new(padded);
    let point = match curve {
        Curve::P256 => {
            let key = p256::SecretKey::from_slice(padded.expose()).map_err(|_| no_key())?;
            key.public_key().to_encoded_point(false).as_bytes().to_vec()
        }
        Curve::P384 => {
            let key = p384::SecretKey::from_slice(padded.expose()).map_err(|_| no_key())?;
            key.public_key().to_encoded_point(false).as_bytes().to_vec()
        }
        Curve::P521 => {
            let key = p521::SecretKey::from_slice(padded.expose()).map_err(|_| no_key())?;
            key.public_key().to_encoded_point(false).as_bytes().to_vec()
        }
    };
    Ok(PublicKey::ec_point(curve, &point)?)
}
