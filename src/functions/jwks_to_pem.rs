//! `provider::tazlab::jwks_to_pem(json)`: a cluster's keys in the form that Vault takes.

use tazlab_jwk::jwks_to_pem;
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct JwksToPem;

impl Function for JwksToPem {
    fn name(&self) -> &'static str {
        "jwks_to_pem"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new("json", Type::String, "The JWKS document.")],
            variadic: None,
            returns: Type::list(Type::String),
            summary: "Turns a JWKS document into PEM public keys.",
            description: "Turns the keys of a JWKS document (`kubectl get --raw /openid/v1/jwks`) into PEM public keys, in the order of the document: what Vault's `jwt_validation_pubkeys` accepts. Supports RSA, EC on P-256, P-384 and P-521, and Ed25519. Keys that sign no tokens are ignored, as RFC 7517 requires: `use` other than `sig`, `key_ops` without `verify`, algorithms of encryption (`RSA-OAEP`, `ECDH-ES` and their like), other types. A broken key, or a document without any key that signs, is an error that names the ignored keys and why. A document that holds a private key or a shared secret (`d`, `p`, `q`, `k` and their like) is refused and not quoted: replace such a key, and pass the public half only. For a cluster that can be reached `tazlab_cluster_jwks` reads the document itself.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let [Datum::String(json)] = &arguments[..] else {
            return Err(FunctionError::argument(0, "The JWKS document must be text."));
        };
        match jwks_to_pem(json) {
            Ok(keys) => Ok(Datum::List(keys.into_iter().map(Datum::from).collect())),
            Err(error) => Err(FunctionError::argument(0, format!("No keys can be read from this document: {error}."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_as_a_list_and_what_is_none_is_told() {
        let keys = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        let Datum::List(pem) = JwksToPem.call(vec![keys.into()]).unwrap() else { panic!() };
        assert!(pem[0].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----\nMCowBQ"), "{pem:?}");
        let error = JwksToPem.call(vec!["[]".into()]).unwrap_err();
        assert!(error.text.contains("\"keys\"") && error.argument == Some(0), "{}", error.text);
        let private = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"canary","x":"canary","d":"canary"}]}"#;
        let error = JwksToPem.call(vec![private.into()]).unwrap_err();
        assert!(error.text.contains("rotate") && !error.text.contains("canary"), "{}", error.text);
        let encrypting = keys.replace("\"kty\"", "\"kid\":\"e\",\"key_ops\":[\"deriveKey\"],\"kty\"");
        let error = JwksToPem.call(vec![encrypting.as_str().into()]).unwrap_err();
        assert!(error.text.contains("no key that signs") && error.text.contains("deriveKey"), "{}", error.text);
    }
}
