//! `tazlab_cluster_jwks`: the keys that a cluster signs its tokens with, and the issuer that its tokens name.

mod model;

use async_trait::async_trait;
use tazlab_jwk::{Jwks, JwksError};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::data_source::{DataSource, Findings};
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::value::Value;

use crate::cluster::Failure;
use crate::configured::Configured;

/// The data source.
#[derive(Clone, Copy, Debug)]
pub struct ClusterJwks;

#[async_trait]
impl DataSource for ClusterJwks {
    type Data = Configured;
    type Model = model::ClusterJwks;

    const NAME: &'static str = "tazlab_cluster_jwks";

    async fn read(&self, context: &Context<Configured>, _: Self::Model) -> Result<Self::Model, Diagnostics> {
        let cluster = &context.provider()?.cluster;
        let (keys, discovery) = tokio::join!(
            cluster.look(context, |client, call| async move { client.jwks(&call).await }),
            cluster.look(context, |client, call| async move { client.discovery(&call).await }),
        );
        let issuer = discovery.map(|discovery| discovery.issuer);
        let (model, findings) = seen(keys, issuer);
        findings.tell(context, "The keys of the cluster's tokens have problems");
        Ok(model)
    }
}

/// What two answers of the cluster mean.
fn seen(document: Result<String, Failure>, issuer: Result<String, Failure>) -> (model::ClusterJwks, Findings) {
    let mut findings = Findings::default();
    let keys = match &document {
        Ok(document) => match Jwks::parse(document) {
            Ok(keys) => Some(keys),
            Err(error) => {
                findings.problem(format!("The cluster's JWKS cannot be read: {error}"));
                None
            }
        },
        Err(failure) => {
            findings.problem(format!("Cannot read the cluster's keys: {failure}"));
            None
        }
    };
    if let Some(keys) = keys.as_ref().filter(|keys| keys.keys.is_empty()) {
        let none = JwksError::NoKeys { skipped: keys.skipped.clone() };
        findings.problem(format!("The cluster's JWKS cannot be used: {none}"));
    }
    match &issuer {
        Ok(issuer) if issuer.contains(',') => findings.problem(format!(
            "The issuer {issuer:?} contains a comma: one value of --service-account-issuer has two issuers, and every token has both as one text"
        )),
        Ok(_) => {}
        // One cause is told once.
        Err(failure) if failure.is_unreachable() && document.is_err() => {}
        Err(failure) => findings.problem(format!("Cannot read the cluster's issuer: {failure}")),
    }
    let issuer = issuer.ok();
    let summary = match (&keys, &issuer) {
        (Some(keys), Some(issuer)) => format!(
            "{} of {issuer}: {}",
            if keys.keys.len() == 1 { "1 key".to_owned() } else { format!("{} keys", keys.keys.len()) },
            keys.keys.iter().map(|jwk| format!("{} ({})", jwk.id(), jwk.key)).collect::<Vec<_>>().join(", ")
        ),
        _ => findings.first().unwrap_or_default().to_owned(),
    };
    let model = model::ClusterJwks {
        issuer: issuer.map_or(Value::Null, Value::Value),
        key_ids: listed(keys.as_ref(), tazlab_jwk::Jwk::id),
        public_keys_pem: listed(keys.as_ref(), |jwk| jwk.key.to_pem()),
        keys: listed(keys.as_ref(), |jwk| model::Key::from(jwk)),
        // A document that cannot be read may hold anything, a private key above all.
        jwks: document.ok().filter(|_| keys.is_some()).into(),
        ready: findings.ready(),
        problems: findings.problems(),
        summary: Value::Value(summary),
    };
    (model, findings)
}

/// Null where nothing was seen: an empty list would say that the cluster has no keys.
fn listed<T>(keys: Option<&Jwks>, of: impl Fn(&tazlab_jwk::Jwk) -> T) -> Value<Vec<T>> {
    keys.map_or(Value::Null, |keys| Value::Value(keys.keys.iter().map(of).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tf_plugin::framework::model::AttributeValue;

    const KEYS: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn read(document: Result<&str, Failure>, issuer: Result<&str, Failure>) -> model::ClusterJwks {
        let (model, _) = seen(document.map(ToOwned::to_owned), issuer.map(ToOwned::to_owned));
        assert!(model.encode().is_wholly_known());
        model
    }

    #[test]
    fn keys_and_issuer_are_told() {
        let model = read(Ok(KEYS), Ok("https://a"));
        assert_eq!(model.ready.as_ref_option(), Some(&true));
        assert_eq!(model.summary.as_deref_option(), Some("1 key of https://a: one (Ed25519)"));
        let keys = model.keys.as_ref_option().unwrap();
        assert_eq!(keys[0].id.as_deref_option(), Some("one"));
        assert_eq!(model.public_keys_pem.as_ref_option().unwrap()[0], *keys[0].public_key_pem.as_ref_option().unwrap());
    }

    #[test]
    fn what_cannot_be_seen_is_null_and_one_problem() {
        let gap = || Failure::Unknown("kubernetes.host".to_owned());
        let model = read(Err(gap()), Err(gap()));
        assert_eq!(model.ready.as_ref_option(), Some(&false));
        assert!(model.keys.is_null() && model.issuer.is_null());
        let problems = model.problems.as_ref_option().unwrap();
        assert!(problems.len() == 1 && problems[0].contains("kubernetes.host is not known yet"), "{problems:?}");
    }

    #[test]
    fn a_document_that_is_none_no_keys_and_two_issuers_in_one_are_problems() {
        for (document, issuer, words) in [
            ("<html>", "https://a", "not JSON"),
            (r#"{"keys":[]}"#, "https://a", "no key that signs"),
            (
                r#"{"keys":[{"kty":"RSA","use":"enc","kid":"e"}]}"#,
                "https://a",
                "no key that signs tokens: \"e\" is for another use",
            ),
            (KEYS, "https://a,https://b", "contains a comma"),
        ] {
            let model = read(Ok(document), Ok(issuer));
            let problems = model.problems.as_ref_option().unwrap();
            assert!(problems.len() == 1 && problems[0].contains(words), "{problems:?}");
            assert_eq!(model.ready.as_ref_option(), Some(&false));
        }
    }

    #[test]
    fn a_private_key_that_the_cluster_shows_is_not_stored() {
        let shown = KEYS.replace(r#""x""#, r#""d":"secret-canary","x""#);
        let model = read(Ok(&shown), Ok("https://a"));
        assert!(model.jwks.is_null() && model.ready.as_ref_option() == Some(&false));
        assert!(!format!("{:?}", model.encode()).contains("canary"));
        assert!(read(Ok(KEYS), Ok("https://a")).jwks.as_deref_option() == Some(KEYS));
    }
}
