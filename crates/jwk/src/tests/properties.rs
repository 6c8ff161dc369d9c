//! What holds for every key and every text.

use p521::elliptic_curve::sec1::ToEncodedPoint;
use proptest::prelude::*;

use super::*;

fn rsa() -> impl Strategy<Value = PublicKey> {
    prop::collection::vec(any::<u8>(), 128..260).prop_map(|mut modulus| {
        modulus[0] |= 0x80;
        PublicKey::rsa(&modulus, &[1, 0, 1]).unwrap()
    })
}

fn ec() -> impl Strategy<Value = PublicKey> {
    prop::collection::vec(1_u8..0xff, 66).prop_flat_map(|mut secret| {
        let p256 = p256::SecretKey::from_slice(&secret[..32]).unwrap().public_key().to_encoded_point(true);
        let p384 = p384::SecretKey::from_slice(&secret[..48]).unwrap().public_key().to_encoded_point(true);
        secret[0] = 0;
        let p521 = p521::SecretKey::from_slice(&secret).unwrap().public_key().to_encoded_point(true);
        prop::sample::select(vec![
            PublicKey::ec_point(Curve::P256, p256.as_bytes()).unwrap(),
            PublicKey::ec_point(Curve::P384, p384.as_bytes()).unwrap(),
            PublicKey::ec_point(Curve::P521, p521.as_bytes()).unwrap(),
        ])
    })
}

fn any_key() -> impl Strategy<Value = PublicKey> {
    prop_oneof![rsa(), ec(), any::<[u8; 32]>().prop_map(|key| PublicKey::ed25519(&key).unwrap())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pem_that_was_written_is_read_as_the_same_key(key in any_key()) {
        prop_assert_eq!(PublicKey::from_pem(&key.to_pem()).unwrap(), key);
    }

    #[test]
    fn differences_are_symmetric_and_blind_to_order(
        keys in prop::collection::vec(any_key(), 0..6), split in 0_usize..6, other in 0_usize..6,
    ) {
        let (old, new) = (&keys[..split.min(keys.len())], &keys[other.min(keys.len())..]);
        let (there, back) = (differ(old, new), differ(new, old));
        prop_assert_eq!(&there.comes, &back.goes);
        prop_assert_eq!(&there.goes, &back.comes);
        prop_assert_eq!(there.is_none(), differ(old.iter().rev(), new.iter().rev()).is_none());
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), keys in "\\{\"keys\":\\[\\{\"kty\":\"(RSA|EC|OKP)\",\"crv\":\"P-(256|384|521)\",\"[nxe]\":\"[A-Za-z0-9_-]{0,90}\"\\}\\]\\}") {
        let _ = (Jwks::parse(&text), PublicKey::from_pem(&text), Token::read(&text));
        let _ = jwks_to_pem(&keys);
        let _ = PublicKey::from_pem(&format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"));
    }
}
