//! Signing keys in every form that openssl, kubeadm and Talos write. The forms of openssl itself are tested where a real API
//! server reads them (`acceptance-tests/tests/vault/signing_key.rs`).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use p521::elliptic_curve::sec1::ToEncodedPoint;
use proptest::prelude::*;

use super::super::der::{NULL, SEQUENCE, unsigned, value};
use super::*;
use tazlab_redacted::SecretText;

const OCTETS: u8 = 0x04;
const OID_RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
const OID_P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];

fn block(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}

fn read(text: &str) -> Result<Vec<PublicKey>, SigningKeyError> {
    signing_keys(&SecretText::from(text))
}

/// An RSA modulus, and the private key around it: its other numbers are nobody's business here.
fn rsa() -> (PublicKey, Vec<u8>) {
    let modulus: Vec<u8> = (0..256_u16).map(|at| if at == 0 { 0xc1 } else { (at % 251) as u8 | 1 }).collect();
    let rest = unsigned(&[7]);
    let parts = [unsigned(&[0]), unsigned(&modulus), unsigned(&[1, 0, 1]), rest.clone(), rest];
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    (PublicKey::rsa(&modulus, &[1, 0, 1]).unwrap(), value(SEQUENCE, &parts))
}

/// A private number and the key that belongs to it on each curve.
fn ec() -> Vec<(PublicKey, Vec<u8>, &'static [u8])> {
    let scalar = |width: usize| [&[0, 0][..], &vec![0x11; width - 2]].concat();
    let one = p256::SecretKey::from_slice(&scalar(32)).unwrap().public_key().to_encoded_point(false);
    let two = p384::SecretKey::from_slice(&scalar(48)).unwrap().public_key().to_encoded_point(false);
    let three = p521::SecretKey::from_slice(&scalar(66)).unwrap().public_key().to_encoded_point(false);
    vec![
        (PublicKey::ec_point(Curve::P256, one.as_bytes()).unwrap(), scalar(32), OID_P256),
        (PublicKey::ec_point(Curve::P384, two.as_bytes()).unwrap(), scalar(48), OID_P384),
        (PublicKey::ec_point(Curve::P521, three.as_bytes()).unwrap(), scalar(66), OID_P521),
    ]
}

fn sec1(scalar: &[u8], curve: Option<&[u8]>) -> Vec<u8> {
    let tagged = curve.map(|oid| value(0xa0, &[oid])).unwrap_or_default();
    value(SEQUENCE, &[&unsigned(&[1]), &value(OCTETS, &[scalar]), &tagged])
}

fn pkcs8(oid: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[&unsigned(&[0]), &value(SEQUENCE, &[oid, parameters]), &value(OCTETS, &[key])])
}

#[test]
fn a_private_key_of_every_form_gives_its_public_half() {
    let (key, pkcs1) = rsa();
    let rsa_forms = [
        block("RSA PRIVATE KEY", &pkcs1),
        block("PRIVATE KEY", &pkcs8(OID_RSA, NULL, &pkcs1)),
        key.to_pem(),
        // Windows' line ends, and an indented heredoc.
        block("RSA PRIVATE KEY", &pkcs1).replace('\n', "\r\n    "),
    ];
    for form in &rsa_forms {
        assert_eq!(read(form).unwrap(), std::slice::from_ref(&key), "{form}");
    }
    for (key, scalar, oid) in ec() {
        let short = scalar.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
        for form in [
            block("EC PRIVATE KEY", &sec1(&scalar, Some(oid))),
            block("EC PRIVATE KEY", &sec1(&short, Some(oid))),
            block("PRIVATE KEY", &pkcs8(OID_EC, oid, &sec1(&scalar, None))),
            // As `openssl ecparam -genkey` writes it.
            block("EC PARAMETERS", oid) + &block("EC PRIVATE KEY", &sec1(&scalar, Some(oid))),
            key.to_pem(),
        ] {
            assert_eq!(read(&form).unwrap(), std::slice::from_ref(&key), "{form}");
        }
    }
    assert_eq!(read(include_str!("pkcs1.pem")).map(|keys| keys.len()), Ok(1), "a public key of PKCS #1");
    assert_eq!(read(include_str!("certificate.pem")).unwrap(), [Jwks::parse(JWKS).unwrap().keys[1].key.clone()]);
}

#[test]
fn several_keys_stand_after_one_another_each_once_and_all_may_be_in_base64() {
    let (old, pkcs1) = rsa();
    let (new, scalar, oid) = ec().remove(0);
    let private = block("EC PRIVATE KEY", &sec1(&scalar, Some(oid)));
    let both = format!("the new one\n{private}the old one\n{}{}", block("RSA PRIVATE KEY", &pkcs1), new.to_pem());
    assert_eq!(read(&both).unwrap(), [new.clone(), old.clone()]);
    let encoded = BASE64_STANDARD.encode(&both);
    // As Talos writes a bundle, and as base64(1) wraps it.
    let wrapped: Vec<String> =
        encoded.as_bytes().chunks(76).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
    for text in [encoded.clone(), wrapped.join("\n") + "\n"] {
        assert_eq!(read(&text).unwrap(), [new.clone(), old.clone()]);
    }
}

#[test]
fn what_the_api_server_would_not_sign_with_is_told_and_never_repeated() {
    let (_, pkcs1) = rsa();
    let (_, scalar, oid) = ec().remove(0);
    let sound = block("RSA PRIVATE KEY", &pkcs1);
    let canary = BASE64_STANDARD.encode("canary");
    let encrypted = format!(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n{canary}\n-----END RSA PRIVATE KEY-----"
    );
    let cases = [
        (String::new(), "no PEM block"),
        ("hunter2-canary".to_owned(), "no PEM block"),
        (block("EC PARAMETERS", oid), "no PEM block"),
        (BASE64_STANDARD.encode("canary"), "no PEM block"),
        (sound[..200].to_owned(), "block 1: it is cut off"),
        (format!("{sound}-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----"), "block 2: it is cut off"),
        (block("ENCRYPTED PRIVATE KEY", b"canary"), "passphrase"),
        (encrypted, "passphrase"),
        (block("PRIVATE KEY", b"canary"), "cannot be read as DER"),
        (block("EC PRIVATE KEY", &sec1(&scalar, None)), "cannot be read as DER"),
        (block("EC PRIVATE KEY", &sec1(&scalar, Some(&[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a]))), "1.3.132.0.10"),
        (block("EC PRIVATE KEY", &sec1(&[0; 32], Some(oid))), "not a key on the curve P-256"),
        (block("EC PRIVATE KEY", &sec1(&[1; 40], Some(oid))), "not a key on the curve P-256"),
        (block("PRIVATE KEY", &pkcs8(OID_ED25519, &[], &value(OCTETS, &[&[7; 32]]))), "and not with Ed25519"),
        (PublicKey::ed25519(&[7; 32]).unwrap().to_pem(), "and not with Ed25519"),
        (block("OPENSSH PRIVATE KEY", b"canary"), "\"OPENSSH PRIVATE KEY\" has no key"),
        (block("CERTIFICATE REQUEST", b"canary"), "has no key"),
    ];
    for (text, words) in cases {
        let error = read(&text).unwrap_err();
        assert!(error.to_string().contains(words), "{error} for {text}");
        let told = format!("{error} {error:?}");
        assert!(!told.contains("canary") && !told.contains(&canary), "{told}");
    }
}

proptest! {
    #[test]
    fn no_signing_key_makes_the_reader_panic(
        label in "(RSA PRIVATE KEY|EC PRIVATE KEY|PRIVATE KEY|PUBLIC KEY|CERTIFICATE|X)",
        content in proptest::collection::vec(any::<u8>(), 0..200),
        text in any::<String>(),
    ) {
        let _ = read(&block(&label, &content));
        let _ = read(&text);
        let _ = read(&format!("-----BEGIN {text}-----END {text}"));
    }

    #[test]
    fn a_damaged_private_key_is_read_or_refused(at in 0_usize..300, byte in any::<u8>()) {
        let (_, mut pkcs1) = rsa();
        if let Some(place) = pkcs1.get_mut(at) { *place = byte; }
        let _ = read(&block("RSA PRIVATE KEY", &pkcs1));
        let (_, scalar, oid) = ec().remove(2);
        let mut sec1 = sec1(&scalar, Some(oid));
        if let Some(place) = sec1.get_mut(at) { *place = byte; }
        let _ = read(&block("EC PRIVATE KEY", &sec1));
    }
}
