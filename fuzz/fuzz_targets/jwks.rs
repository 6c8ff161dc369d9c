//! Any text as a JWKS, as PEM, as a token: no panic; and a key that was read survives being written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazlab_jwk::token::Token;
use tazlab_jwk::{Jwks, PublicKey};

fuzz_target!(|text: &str| {
    let _ = Token::read(text);
    if let Ok(key) = PublicKey::from_pem(text) {
        assert_eq!(PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(&key));
    }
    for key in Jwks::parse(text).unwrap_or_default().public_keys() {
        assert_eq!(PublicKey::from_pem(&key.to_pem()), Ok(key));
    }
});
