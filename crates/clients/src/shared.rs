//! The body of a request that holds a secret, as it is handed to the transport.

use bytes::Bytes;
use tazlab_redacted::SecretBytes;

/// The body, which the transport shares instead of copying it, and wipes with its last use.
pub(super) fn shared(body: &SecretBytes) -> Bytes {
    struct Owner(SecretBytes);
    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            self.0.expose()
        }
    }
    Bytes::from_owner(Owner(body.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_body() {
        let body = SecretBytes::new(b"canary".to_vec());
        assert_eq!(shared(&body), *body.expose());
    }
}
