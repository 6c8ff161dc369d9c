//! The signature: is the key that signed the token among those that the mount checks with?

use super::evidence::Evidence;
use super::explain::{By, Claim};
use crate::clients::vault::JwtConfig;
use crate::jwk::PublicKey;

/// What mount and token say of the key; `None` where the mount fetches its keys itself and so knows them at most as well.
pub(super) fn signature(evidence: &Evidence, config: &JwtConfig) -> Option<Claim> {
    let id = evidence.token.key_id.as_deref().unwrap_or_default();
    let signed = evidence.cluster.as_ref().and_then(|keys| keys.find(id)).map(|jwk| &jwk.key);
    let says = match signed {
        Some(key) => format!("key {id} ({})", described(key)),
        None if evidence.cluster.is_none() => format!("key {id}"),
        None => format!("key {id}, which is not among the cluster's own"),
    };
    if config.jwt_validation_pubkeys.is_empty() {
        return None;
    }
    let read = config.jwt_validation_pubkeys.iter().map(|pem| PublicKey::from_pem(pem));
    let trusted: Vec<PublicKey> = read.filter_map(Result::ok).collect();
    let each = trusted.iter().map(|key| format!("key {} ({})", key.kubernetes_id(), described(key)));
    let demanded = each.collect::<Vec<_>>().join(" or ");
    let met = match signed {
        Some(key) => trusted.contains(key),
        // Kubernetes derives the id from the key, so that the id alone tells it.
        None => trusted.iter().any(|key| key.kubernetes_id() == id),
    };
    let hint = (!met).then(|| "the mount has keys of another cluster, or from before a rotation".to_owned());
    Some(Claim {
        name: "kid".to_owned(),
        token: says,
        demanded,
        by: By::Mount,
        met,
        hint,
        fix: "keys = \"cluster\" on the mount, which takes the cluster's own keys and follows their rotation"
            .to_owned(),
    })
}

fn described(key: &PublicKey) -> String {
    format!("{key}, SHA-256 {}", key.fingerprint())
}

/// Where the mount fetches its keys from, if it does.
pub(super) fn fetched_from(config: &JwtConfig) -> Option<&str> {
    [&config.jwks_url, &config.oidc_discovery_url].into_iter().find(|url| !url.is_empty()).map(String::as_str)
}
