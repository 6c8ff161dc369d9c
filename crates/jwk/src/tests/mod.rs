//! Keys that openssl made, and what is no key.

mod properties;
mod signing;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::token::Token;
use super::*;

const JWKS: &str = include_str!("keys.json");
/// The same keys, as `openssl pkey -pubout` writes them.
const PEM: &str = include_str!("keys.pem");

fn pems() -> Vec<String> {
    PEM.split_inclusive("-----END PUBLIC KEY-----\n").map(ToOwned::to_owned).collect()
}

#[test]
fn every_kind_of_key_becomes_the_pem_that_openssl_writes() {
    assert_eq!(jwks_to_pem(JWKS).unwrap(), pems());
    let kinds: Vec<String> = Jwks::parse(JWKS).unwrap().keys.iter().map(|jwk| jwk.key.to_string()).collect();
    for jwk in Jwks::parse(JWKS).unwrap().keys {
        assert_eq!(jwk.algorithm.as_deref(), jwk.key.algorithms().first().copied());
    }
    assert_eq!(kinds, ["RSA 2048", "EC P-256", "EC P-384", "EC P-521", "Ed25519"]);
}

#[test]
fn pem_and_jwk_of_one_key_are_equal_and_have_the_id_that_kubernetes_gives() {
    let set = Jwks::parse(JWKS).unwrap();
    for (jwk, pem) in set.keys.iter().zip(pems()) {
        let key = PublicKey::from_pem(&pem).unwrap();
        assert_eq!(key, jwk.key);
        // The fixture's ids were made as Kubernetes makes them, from openssl's DER.
        assert_eq!(Some(key.kubernetes_id()), jwk.id);
        assert_eq!(set.find(&jwk.id()), Some(jwk));
    }
    // As `openssl pkey -pubin -outform DER | sha256sum` says.
    let known = "c4014731a6bd614ff7db786030318389cea224670c18e5b96d0ad5746ac6631c";
    assert_eq!(set.keys[0].key.fingerprint(), known);
}

#[test]
fn a_certificate_and_a_compressed_point_hold_the_same_key() {
    let key = &Jwks::parse(JWKS).unwrap().keys[1].key;
    assert_eq!(PublicKey::from_pem(include_str!("certificate.pem")).as_ref(), Ok(key));
    assert_eq!(PublicKey::from_pem(include_str!("compressed.pem")).as_ref(), Ok(key));
    // Vault gives keys back without the newline at their end, and people indent them.
    let indented = pems()[1].trim().replace('\n', "\r\n    ");
    assert_eq!(PublicKey::from_pem(&indented).as_ref(), Ok(key));
}

#[test]
fn what_is_no_public_key_is_told_apart_and_never_repeated() {
    let private = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    let two = PEM.split_inclusive("-----END PUBLIC KEY-----\n").take(2).collect::<String>();
    let cut = &pems()[0][..200];
    let label = |label: &str| label.to_owned();
    for (text, error) in [
        ("", PemError::NoBlock),
        ("hello", PemError::NoBlock),
        (private, PemError::Private),
        (include_str!("pkcs1.pem"), PemError::Pkcs1),
        (&two, PemError::Trailing),
        (cut, PemError::Damaged { label: label("PUBLIC KEY") }),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", PemError::Der { label: label("PUBLIC KEY") }),
        ("-----BEGIN X-----\nAAAA\n-----END X-----", PemError::Label { label: label("X") }),
    ] {
        let found = PublicKey::from_pem(text).unwrap_err();
        assert!(!found.to_string().contains("c2Vj"));
        assert_eq!(found, error, "{text}");
    }
}

fn set(keys: &Value) -> Result<Jwks, JwksError> {
    Jwks::parse(&json!({ "keys": keys }).to_string())
}

#[test]
fn what_is_no_key_set_says_what_it_is() {
    assert_eq!(Jwks::parse("{\n  no"), Err(JwksError::Json { line: 2, column: 3 }));
    assert_eq!(Jwks::parse("[]"), Err(JwksError::Form));
    assert_eq!(Jwks::parse(r#"{"keys": {}}"#), Err(JwksError::Form));
    assert!(matches!(jwks_to_pem(r#"{"keys": []}"#), Err(JwksError::NoKeys { .. })));
    let problem = |key: Value| match set(&json!([key])) {
        Err(JwksError::Key { index: 0, problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    assert_eq!(problem(json!("x")), KeyProblem::Form);
    assert_eq!(problem(json!({"kid": "a"})), KeyProblem::Missing("kty"));
    assert_eq!(problem(json!({"kty": "RSA", "n": "AQAB"})), KeyProblem::Missing("e"));
    assert_eq!(problem(json!({"kty": "RSA", "n": "+/", "e": "AQAB"})), KeyProblem::Encoding("n"));
    assert_eq!(
        problem(json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})),
        KeyProblem::Key(KeyError::Modulus { bits: 17 })
    );
    let point = json!({"kty": "EC", "crv": "P-256", "x": BASE64_URL_SAFE_NO_PAD.encode([1; 32]), "y": BASE64_URL_SAFE_NO_PAD.encode([1; 32])});
    assert_eq!(problem(point), KeyProblem::Key(KeyError::Point { curve: Curve::P256 }));
    let named = set(&json!([{"kty": "OKP", "crv": "Ed25519", "kid": "short", "x": "AQAB"}])).unwrap_err().to_string();
    assert_eq!(named, "key 1 (\"short\"): x has 3 bytes instead of 32");
}

#[test]
fn keys_that_sign_nothing_are_passed_over_and_counted() {
    let mut keys = serde_json::from_str::<Value>(JWKS).unwrap()["keys"].clone();
    keys[0]["use"] = "enc".into();
    let others = [json!({"kty": "oct", "kid": "o"}), json!({"kty": "EC", "crv": "secp256k1"})];
    keys.as_array_mut().unwrap().extend(others);
    let found = set(&keys).unwrap();
    assert_eq!((found.keys.len(), found.skipped.len()), (4, 3));
    let error = jwks_to_pem(&json!({"keys": [keys[0], keys[5]]}).to_string()).unwrap_err().to_string();
    assert!(error.contains("\"enc\"") && error.contains("\"oct\""), "{error}");
}

#[test]
fn a_document_with_a_private_key_is_refused_and_nothing_of_it_is_repeated() {
    let mut rsa = serde_json::from_str::<Value>(JWKS).unwrap()["keys"][0].clone();
    rsa["kid"] = "kid-canary".into();
    let with = |name: &str, value: Value| {
        let mut key = rsa.clone();
        key[name] = value;
        key
    };
    for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        let key = with(name, "secret-canary".into());
        let public = serde_json::from_str::<Value>(JWKS).unwrap()["keys"][1].clone();
        let error = jwks_to_pem(&json!({"keys": [public, key]}).to_string()).unwrap_err();
        assert_eq!(error, JwksError::Private { index: Some(1) }, "{name}");
        let told = error.to_string();
        assert!(told.starts_with("key 2: it is private") && told.contains("rotate") && told.contains("public half"));
        assert!(!told.contains("canary"), "{told}");
        // Not in the form of a set, and of a use or type that is passed over.
        let alone = jwks_to_pem(&key.to_string()).unwrap_err();
        assert!(alone == JwksError::Private { index: None } && !alone.to_string().contains("canary"), "{alone}");
        let mut other = key.clone();
        (other["use"], other["kty"]) = ("enc".into(), "kty-canary".into());
        assert!(matches!(set(&json!([other])), Err(JwksError::Private { index: Some(0) })), "{name}");
        assert!(matches!(jwks_to_pem(&json!({"keys": {"a": [other]}}).to_string()), Err(JwksError::Private { .. })));
    }
    assert!(matches!(set(&json!([with("oth", json!([{"r": "x"}]))])), Err(JwksError::Private { .. })));
    assert!(matches!(set(&json!([{"kty": "oct", "k": "c2VjcmV0"}])), Err(JwksError::Private { .. })));
    let pem = "-----BEGIN EC PARAMETERS-----\nx\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\ncanary";
    assert_eq!(jwks_to_pem(&format!("{pem}\n-----END EC PRIVATE KEY-----")), Err(JwksError::Private { index: None }));
    // Controls: what is empty is not there, and the same names elsewhere mean something else.
    assert!(set(&json!([with("d", Value::Null), with("p", "".into()), with("oth", json!([]))])).is_ok());
    assert!(set(&json!([with("x5t", json!({"d": "public"}))])).is_ok());
}

#[test]
fn a_private_key_is_told_wherever_in_the_text_it_is() {
    let public = &pems()[0];
    let private = "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----\n";
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\ncanary";
    let pgp = "-----BEGIN PGP PRIVATE KEY BLOCK-----\ncanary\n-----END PGP PRIVATE KEY BLOCK-----";
    for text in
        [private.to_owned(), format!("{public}{private}"), format!("{private}{public}"), encrypted.into(), pgp.into()]
    {
        let error = PublicKey::from_pem(&text).unwrap_err();
        assert_eq!(error, PemError::Private, "{text}");
        assert!(error.to_string().contains("rotate") && !error.to_string().contains("canary"), "{error}");
    }
    // What stands in the place of a label is not repeated either.
    for text in ["-----BEGIN canary-----\nAAAA\n-----END canary-----", "-----BEGIN PUBLIC KEY canary-----"] {
        assert_eq!(PublicKey::from_pem(text), Err(PemError::NoBlock), "{text}");
    }
}

#[test]
fn of_a_long_text_the_beginning_is_repeated() {
    let long = "x".repeat(1 << 20);
    let keys: Vec<Value> = (0..30).map(|_| json!({"kty": long, "kid": long})).collect();
    let told = jwks_to_pem(&json!({ "keys": keys }).to_string()).unwrap_err().to_string();
    assert!(told.len() < 4096 && told.contains("and 20 more"), "{}", told.len());
    let told = set(&json!([{"kty": "RSA", "kid": long}])).unwrap_err().to_string();
    assert!(told.len() < 256, "{}", told.len());
}

#[test]
fn a_key_for_encryption_is_no_key_that_vault_trusts() {
    let key = serde_json::from_str::<Value>(JWKS).unwrap()["keys"][0].clone();
    let changed = |change: &Value| {
        let mut key = key.clone();
        for name in ["use", "alg"] {
            key.as_object_mut().unwrap().remove(name);
        }
        for (name, value) in change.as_object().unwrap() {
            key[name] = value.clone();
        }
        set(&json!([key])).unwrap()
    };
    for (change, why) in [
        (json!({"use": "enc"}), "\"enc\""),
        (json!({"use": "tls"}), "\"tls\""),
        (json!({"key_ops": ["encrypt", "wrapKey"]}), "key_ops [\"encrypt\", \"wrapKey\"]"),
        (json!({"key_ops": ["deriveKey"], "use": "sig"}), "deriveKey"),
        (json!({"key_ops": ["sign"]}), "sign"),
        (json!({"key_ops": []}), "key_ops []"),
        (json!({"alg": "RSA-OAEP"}), "RSA-OAEP"),
        (json!({"alg": "RSA-OAEP-256", "use": "sig"}), "RSA-OAEP-256"),
        (json!({"alg": "RSA1_5"}), "RSA1_5"),
        (json!({"alg": "ECDH-ES"}), "ECDH-ES"),
        (json!({"alg": "ECDH-ES+A256KW"}), "ECDH-ES+A256KW"),
        (json!({"alg": "A128GCMKW"}), "A128GCMKW"),
    ] {
        let found = changed(&change);
        assert_eq!((found.keys.len(), found.skipped.len()), (0, 1), "{change}");
        assert!(found.skipped[0].why.contains(why), "{change}: {}", found.skipped[0].why);
    }
    for change in [
        json!({}),
        json!({"use": "sig"}),
        json!({"key_ops": ["verify"]}),
        json!({"key_ops": ["sign", "verify"], "alg": "PS256"}),
        json!({"alg": "RS256"}),
        // Of no form that the specification knows: it says nothing.
        json!({"key_ops": "verify"}),
    ] {
        assert_eq!(changed(&change).keys.len(), 1, "{change}");
    }
    // One that is broken is not read where it signs nothing.
    assert_eq!(set(&json!([{"kty": "RSA", "use": "enc", "n": "!"}, key])).unwrap().keys.len(), 1);
}

#[test]
fn a_rotation_is_what_comes_and_what_goes() {
    let keys = Jwks::parse(JWKS).unwrap().public_keys();
    let (old, new) = (&keys[..3], &keys[1..]);
    let change = differ(old, new);
    assert_eq!(change.comes, [&keys[3], &keys[4]]);
    assert_eq!(change.goes, [&keys[0]]);
    assert!(differ(old, old.iter().rev().chain(&old[..1]).collect::<Vec<_>>()).is_none());
}

fn token(claims: &Value) -> Token {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    Token::read(&format!("{}.{}.c2ln", part(&json!({"alg": "RS256", "kid": "k"})), part(claims))).unwrap()
}

#[test]
fn claims_are_found_as_vault_finds_them() {
    let claims = json!({
        "iss": "https://a", "aud": ["x", "y"], "exp": 1.5e9, "a/b": 1,
        "kubernetes.io": {"namespace": "ns", "list": [{"~": true}]},
    });
    let found = token(&claims);
    assert_eq!((found.key_id.as_deref(), found.algorithm.as_str()), (Some("k"), "RS256"));
    assert_eq!(found.text("/kubernetes.io/namespace"), Some("ns"));
    assert_eq!(found.claim("/kubernetes.io/list/0/~0"), Some(&json!(true)));
    assert_eq!(found.claim("/a~1b"), Some(&json!(1)));
    assert_eq!((found.claim("/kubernetes.io/none/0"), found.claim("nbf")), (None, None));
    let nothing = token(&json!({"a": null, "b": {"c": null}, "/d": 1}));
    assert_eq!((nothing.claim("a"), nothing.claim("/b/c"), nothing.member("a")), (None, None, None));
    assert_eq!((nothing.claim("/d"), nothing.member("/d")), (None, Some(&json!(1))));
    assert_eq!(found.audiences(), ["x", "y"]);
    assert_eq!(token(&json!({"aud": "x"})).audiences(), ["x"]);
    assert_eq!(found.seconds("exp"), Some(1_500_000_000));
    for text in ["", "a.b", "a.b.c", "..", "bm8.bm8.", "e30.e30.e30"] {
        assert_eq!(Token::read(text), Err(token::TokenError), "{text}");
    }
}
