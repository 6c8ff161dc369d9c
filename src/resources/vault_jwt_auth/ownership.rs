//! Whose a mount is: what of it speaks for this cluster, and what for another one. Nothing is read or written here.
//!
//! A write replaces the whole configuration. A recreated cluster and another one look alike by their issuer, which many
//! clusters share: only a key in common, or the word of the user, tells them apart.

use std::collections::BTreeSet;

use tazlab_clients::vault::{JwtConfig, Mount};
use tazlab_jwk::PublicKey;

use super::config::{is_met, source};
use super::keys::{self, Remembered};
use super::model::VaultJwtAuth as Model;
use crate::cluster::rebirth;

/// What a mount trusts, compared with what it is to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Nobody yet: it was never configured.
    Nobody,
    /// The same issuer by a key, or a source of keys, in common.
    Same,
    /// The same issuer by other keys: this cluster before it was recreated, or another one.
    Unclear,
    /// Another issuer, or keys from another kind of source.
    Other,
}

/// Compares the configuration of a mount with the one that is to replace it.
pub(super) fn compare(live: Option<&JwtConfig>, desired: &JwtConfig) -> Trust {
    let Some(live) = live.filter(|live| live.is_configured()) else { return Trust::Nobody };
    if is_met(desired, live) {
        return Trust::Same;
    }
    let kind = |config: &JwtConfig| source(config, "");
    if live.bound_issuer != desired.bound_issuer || kind(live) != kind(desired) || desired.bound_issuer.is_empty() {
        return Trust::Other;
    }
    let same_source = match kind(desired) {
        Some("url") => live.jwks_url == desired.jwks_url && live.jwks_pairs == desired.jwks_pairs,
        Some("discovery") => live.oidc_discovery_url == desired.oidc_discovery_url,
        _ => share_a_key(&keys::held(live), &keys::held(desired)),
    };
    if same_source { Trust::Same } else { Trust::Unclear }
}

/// Does something say that a mount without a key in common is ours all the same: the user by `force_conflicts`, or by changed
/// `triggers` of this resource, which this state has written before? A signing key that the configuration brings says nothing of
/// whose a mount with other keys is.
pub(super) fn is_claimed(planned: &Model, prior: Option<&Model>) -> bool {
    let recreated = prior.is_some_and(|prior| rebirth::is_announced(&prior.triggers, &planned.triggers));
    planned.takes_over() || recreated
}

/// May the keys that were read through the API server be another cluster's than those that this resource put into the mount?
/// So it looks when neither the mount nor the last apply has one of them.
pub(super) fn is_another_cluster(
    planned: &Model,
    prior: &Model,
    cluster: &[PublicKey],
    live: Option<&JwtConfig>,
    remembered: Option<&Remembered>,
) -> bool {
    // A source that the configuration names is the user's own word.
    if planned.source() != "cluster" || prior.source() != "cluster" {
        return false;
    }
    let Some(live) = live.filter(|live| live.is_configured()) else { return false };
    let before: BTreeSet<&String> =
        remembered.into_iter().flat_map(|keys| keys.current.iter().chain(&keys.previous)).collect();
    let is_known = cluster.iter().any(|key| before.contains(&key.fingerprint()));
    !is_known && !share_a_key(cluster, &keys::held(live))
}

/// Is this the mount that the state speaks of? A path is given away again, an accessor never.
pub(super) fn is_recorded(model: &Model, mount: &Mount) -> bool {
    let accessor = model.accessor.as_deref_option().filter(|accessor| !accessor.is_empty());
    accessor == Some(&mount.accessor) && model.r#type.as_deref_option() == Some(&mount.kind)
}

fn share_a_key(one: &[PublicKey], other: &[PublicKey]) -> bool {
    let known: BTreeSet<String> = one.iter().map(PublicKey::fingerprint).collect();
    other.iter().any(|key| known.contains(&key.fingerprint()))
}
