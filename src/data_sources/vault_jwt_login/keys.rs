//! The signature: is the key that signed the token among those that the mount checks with?

use tazlab_clients::vault::JwtConfig;
use tazlab_jwk::PublicKey;

use super::evidence::Evidence;
use super::explain::{By, Claim};
use super::mount::{Whose, is_by_issuer, trusted, whose};
use crate::vault::login::advice::{Advice, Change};

/// What mount and token say of the key; `None` where the mount fetches its keys itself and so knows them at most as well.
pub(super) fn signature(evidence: &Evidence, config: &JwtConfig) -> Option<Claim> {
    if config.jwt_validation_pubkeys.is_empty() {
        return None;
    }
    let id = evidence.token.key_id.as_deref().unwrap_or_default();
    let trusted = trusted(config);
    let each = trusted.iter().map(|key| format!("key {} ({})", key.kubernetes_id(), described(key)));
    let met = match signed_with(evidence) {
        Some(key) => trusted.contains(key),
        // Kubernetes derives the id from the key, so that the id alone tells it.
        None => trusted.iter().any(|key| key.kubernetes_id() == id),
    };
    let hint = (!met).then(|| "the mount has keys of another cluster, or from before a rotation".to_owned());
    Some(claim(evidence, config, each.collect::<Vec<_>>().join(" or "), met, hint))
}

/// The same of a mount that fetches its keys, where everything else meets: then it is the key.
pub(super) fn by_elimination(evidence: &Evidence, config: &JwtConfig) -> Option<Claim> {
    let url = [&config.jwks_url, &config.oidc_discovery_url].into_iter().find(|url| !url.is_empty())?;
    let hint =
        "everything else matches, so the keys that Vault gets from there are of another cluster, outdated, or missing";
    Some(claim(evidence, config, format!("one of the keys of {url}"), false, Some(hint.to_owned())))
}

fn claim(evidence: &Evidence, config: &JwtConfig, demanded: String, met: bool, hint: Option<String>) -> Claim {
    let id = evidence.token.key_id.as_deref().unwrap_or_default();
    let says = match signed_with(evidence) {
        Some(key) => format!("key {id} ({})", described(key)),
        None if evidence.cluster.is_none() => format!("key {id}"),
        None => format!("key {id}, which is not among the cluster's own"),
    };
    // The cluster's keys in another cluster's mount would open all of its roles to this one.
    let is_ours =
        matches!(whose(evidence, config), Whose::Ours | Whose::Shared) || is_by_issuer(&evidence.token, config);
    let keys = evidence.cluster.iter().flat_map(|set| &set.keys).map(|jwk| jwk.key.to_pem()).collect();
    let change = if is_ours { Change::ClusterKeys(keys) } else { Change::OwnMount };
    Claim::of("kid", says, demanded, By::Mount, met).hinted(hint).advised(Advice::plain(change))
}

/// The cluster's key that signed the token.
fn signed_with(evidence: &Evidence) -> Option<&PublicKey> {
    let id = evidence.token.key_id.as_deref()?;
    evidence.cluster.as_ref()?.find(id).map(|jwk| &jwk.key)
}

fn described(key: &PublicKey) -> String {
    format!("{key}, SHA-256 {}", key.fingerprint())
}
