//! Keys of a test's own, and tokens that they sign, by openssl: a cluster's part where the real one has one kind of key only, or
//! a clock that is right.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Runs openssl; gives what it prints.
///
/// # Panics
/// When it fails.
#[must_use]
pub fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl must be in PATH: `make testbed-up` installs it");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

/// A private key and the algorithm of its signatures.
#[derive(Debug)]
pub struct Signer {
    algorithm: &'static str,
    folder: tempfile::TempDir,
}

impl Signer {
    /// The algorithms of signatures that a key can be made for.
    pub const ALGORITHMS: [&'static str; 5] = ["RS256", "ES256", "ES384", "ES512", "EdDSA"];

    /// A new key.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new(algorithm: &'static str) -> Self {
        let signer = Self { algorithm, folder: tempfile::tempdir().unwrap() };
        let curve;
        let kind: &[&str] = match (algorithm, signer.curve()) {
            (_, Some((name, ..))) => {
                curve = format!("ec_paramgen_curve:{name}");
                &["-algorithm", "EC", "-pkeyopt", &curve]
            }
            ("EdDSA", None) => &["-algorithm", "ed25519"],
            _ => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        };
        let _ = openssl(&[&["genpkey", "-out", &signer.path("key")], kind].concat(), b"");
        signer
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        path.to_str().expect("a path that is text").to_owned()
    }

    /// The curve, its digest, and the bytes of one number of a signature.
    fn curve(&self) -> Option<(&'static str, &'static str, usize)> {
        match self.algorithm {
            "ES256" => Some(("P-256", "-sha256", 32)),
            "ES384" => Some(("P-384", "-sha384", 48)),
            "ES512" => Some(("P-521", "-sha512", 66)),
            _ => None,
        }
    }

    /// The file with the private key, PEM (PKCS #8).
    #[must_use]
    pub fn private_key_file(&self) -> String {
        self.path("key")
    }

    /// The public key, PEM.
    ///
    /// # Panics
    /// When openssl fails.
    #[must_use]
    pub fn public_key(&self) -> String {
        String::from_utf8(openssl(&["pkey", "-in", &self.path("key"), "-pubout"], b"")).unwrap()
    }

    /// A token with these claims, and the key id that Kubernetes would give.
    ///
    /// # Panics
    /// When openssl fails.
    #[must_use]
    pub fn token(&self, claims: &Value) -> String {
        let id = tazlab_jwk::PublicKey::from_pem(&self.public_key()).unwrap().kubernetes_id();
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": self.algorithm, "kid": id})), part(claims));
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn signature(&self, signed: &[u8]) -> Vec<u8> {
        let key = self.path("key");
        match self.curve() {
            Some((_, digest, width)) => plain(&openssl(&["dgst", digest, "-sign", &key], signed), width),
            None if self.algorithm == "EdDSA" => {
                // It signs in one go, for which it must know the length before.
                std::fs::write(self.path("signed"), signed).unwrap();
                openssl(&["pkeyutl", "-sign", "-rawin", "-inkey", &key, "-in", &self.path("signed")], b"")
            }
            None => openssl(&["dgst", "-sha256", "-sign", &key], signed),
        }
    }
}

/// A signature of two numbers as tokens have it (RFC 7518, section 3.4), out of openssl's DER.
fn plain(der: &[u8], width: usize) -> Vec<u8> {
    // A sequence whose length takes one byte, or two where it is 128 or more.
    let mut rest = if der[1] == 0x81 { &der[3..] } else { &der[2..] };
    let mut signature = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let digits = &number[number.iter().take_while(|byte| **byte == 0).count()..];
        signature.resize(signature.len() + width - digits.len(), 0);
        signature.extend_from_slice(digits);
        rest = after;
    }
    signature
}
