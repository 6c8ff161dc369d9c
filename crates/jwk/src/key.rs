//! One public key, in the one form in which keys are compared: its canonical `SubjectPublicKeyInfo`.

use std::fmt;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use p521::elliptic_curve::sec1::ToEncodedPoint;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::der;

// Object identifiers as DER has them, tag and length included.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

/// Shorter ones are refused by Go's `crypto/rsa` (1.24 and newer), which is what checks signatures in Vault and Kubernetes.
const LEAST_BITS: usize = 1024;
/// Nobody has longer ones; a limit keeps nonsense small.
const MOST_BITS: usize = 16384;

/// An elliptic curve of JWK's registry that tokens are signed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// NIST P-256 (ES256).
    P256,
    /// NIST P-384 (ES384).
    P384,
    /// NIST P-521 (ES512).
    P521,
}

impl Curve {
    /// Bytes of one coordinate.
    pub(super) fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The curve of an object identifier.
    pub(super) fn named(oid: &str) -> Option<Self> {
        match oid {
            "1.2.840.10045.3.1.7" => Some(Self::P256),
            "1.3.132.0.34" => Some(Self::P384),
            "1.3.132.0.35" => Some(Self::P521),
            _ => None,
        }
    }

    fn identifier(self) -> &'static [u8] {
        match self {
            Self::P256 => P256,
            Self::P384 => P384,
            Self::P521 => P521,
        }
    }

    /// The uncompressed form of a point; `None` where it is none of the curve.
    fn point(self, encoded: &[u8]) -> Option<Vec<u8>> {
        Some(match self {
            Self::P256 => p256::PublicKey::from_sec1_bytes(encoded).ok()?.to_encoded_point(false).as_bytes().to_vec(),
            Self::P384 => p384::PublicKey::from_sec1_bytes(encoded).ok()?.to_encoded_point(false).as_bytes().to_vec(),
            Self::P521 => p521::PublicKey::from_sec1_bytes(encoded).ok()?.to_encoded_point(false).as_bytes().to_vec(),
        })
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

/// Numbers that are no public key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// The RSA modulus is too short or too long.
    #[error("the RSA modulus has {bits} bits; from {LEAST_BITS} to {MOST_BITS} are possible")]
    Modulus {
        /// How long it is.
        bits: usize,
    },
    /// The RSA exponent cannot be one.
    #[error("the RSA exponent is not an odd number from 3 to 2147483647")]
    Exponent,
    /// The point is not on the curve.
    #[error("the point is not on the curve {curve}")]
    Point {
        /// The curve.
        curve: Curve,
    },
    /// The private number belongs to no point of the curve.
    #[error("the private number is not a key on the curve {curve}")]
    Scalar {
        /// The curve.
        curve: Curve,
    },
    /// A part has another length than its type says.
    #[error("{part} has {found} bytes instead of {expected}")]
    Length {
        /// Which part.
        part: &'static str,
        /// What its type says.
        expected: usize,
        /// What was given.
        found: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Rsa { bits: usize },
    Ec(Curve),
    Ed25519,
}

/// A public key. Two are equal when they are the same key, whatever they were read from.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey {
    kind: Kind,
    der: Vec<u8>,
}

impl PublicKey {
    /// An RSA key of big-endian numbers.
    ///
    /// # Errors
    /// [`KeyError`] when the numbers are no RSA key.
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let spare = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        let bits = modulus.len() * 8 - spare;
        if !(LEAST_BITS..=MOST_BITS).contains(&bits) {
            return Err(KeyError::Modulus { bits });
        }
        let value =
            exponent.iter().try_fold(0_i32, |value, byte| value.checked_mul(256)?.checked_add(i32::from(*byte)));
        if !value.is_some_and(|value| value >= 3 && value % 2 == 1) {
            return Err(KeyError::Exponent);
        }
        let key = der::value(der::SEQUENCE, &[&der::unsigned(modulus), &der::unsigned(exponent)]);
        Ok(Self { kind: Kind::Rsa { bits }, der: der::public_key(RSA, der::NULL, &key) })
    }

    /// A key on an elliptic curve, from its coordinates.
    ///
    /// # Errors
    /// [`KeyError`] when they are no point of the curve.
    pub fn ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        for (part, coordinate) in [("x", x), ("y", y)] {
            let expected = curve.width();
            if coordinate.len() != expected {
                return Err(KeyError::Length { part, expected, found: coordinate.len() });
            }
        }
        Self::ec_point(curve, &[&[4], x, y].concat())
    }

    /// A key on an elliptic curve, from a point as SEC 1 writes it, compressed or not.
    pub(super) fn ec_point(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        let point = curve.point(point).ok_or(KeyError::Point { curve })?;
        Ok(Self { kind: Kind::Ec(curve), der: der::public_key(EC, curve.identifier(), &point) })
    }

    /// An Ed25519 key.
    ///
    /// # Errors
    /// [`KeyError`] when it has not 32 bytes.
    pub fn ed25519(key: &[u8]) -> Result<Self, KeyError> {
        if key.len() != 32 {
            return Err(KeyError::Length { part: "x", expected: 32, found: key.len() });
        }
        Ok(Self { kind: Kind::Ed25519, der: der::public_key(ED25519, &[], key) })
    }

    /// The algorithms of signatures that such a key makes (RFC 7518, section 3.1; RFC 8037), the usual one first.
    #[must_use]
    pub fn algorithms(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Rsa { .. } => &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
            Kind::Ec(Curve::P256) => &["ES256"],
            Kind::Ec(Curve::P384) => &["ES384"],
            Kind::Ec(Curve::P521) => &["ES512"],
            Kind::Ed25519 => &["EdDSA"],
        }
    }

    /// The key as DER (`SubjectPublicKeyInfo`).
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The key as PEM (`BEGIN PUBLIC KEY`), with a newline at its end.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let encoded = BASE64_STANDARD.encode(&self.der);
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for (at, character) in encoded.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        pem
    }

    /// SHA-256 of the key's DER in hexadecimal: what `openssl pkey -pubin -outform DER | sha256sum` prints.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use fmt::Write;
        self.digest().iter().fold(String::new(), |mut text, byte| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The key id that Kubernetes gives to a key that it reads from PEM
    /// (kubernetes `pkg/serviceaccount/jwt.go`, `keyIDFromPublicKey`, v1.34).
    #[must_use]
    pub fn kubernetes_id(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.digest())
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }
}

impl fmt::Display for PublicKey {
    /// What kind of key it is: `RSA 2048`, `EC P-256`, `Ed25519`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Rsa { bits } => write!(out, "RSA {bits}"),
            Kind::Ec(curve) => write!(out, "EC {curve}"),
            Kind::Ed25519 => out.write_str("Ed25519"),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PublicKey({self} {})", self.fingerprint())
    }
}

/// A big-endian number without the zeros before it.
fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
