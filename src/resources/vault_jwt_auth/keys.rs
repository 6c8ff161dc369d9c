//! Which keys Vault is to hold. Compared as sets of public keys, whatever their form.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use tazlab_clients::vault::JwtConfig;
use tazlab_jwk::{Jwks, PublicKey};
use tf_plugin::framework::context::Context;
use tf_plugin::framework::model::Set;
use tf_plugin::framework::value::Value;

use super::errors::VaultJwtAuthError as Error;
use super::model::VaultJwtAuth as Model;
use crate::configured::Configured;

/// The name of [`Remembered`] in private state.
pub(super) const REMEMBERED: &str = "keys";

/// Fingerprints of public keys, kept from one apply to the next: which of the keys that Vault holds are the cluster's own,
/// and which are kept for tokens in flight.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Remembered {
    pub(super) current: BTreeSet<String>,
    pub(super) previous: BTreeSet<String>,
}

/// The keys that Vault holds. What is no key cannot be compared and is replaced by the next write.
pub(super) fn held(config: &JwtConfig) -> Vec<PublicKey> {
    config.jwt_validation_pubkeys.iter().filter_map(|pem| PublicKey::from_pem(pem).ok()).collect()
}

/// The keys of `validation_pubkeys`.
pub(super) fn given(model: &Model) -> Result<Vec<PublicKey>, Error> {
    let pems = model.validation_pubkeys.as_ref_option().map(Vec::as_slice).unwrap_or_default();
    let read = pems.iter().enumerate();
    read.map(|(index, pem)| PublicKey::from_pem(pem).map_err(|problem| Error::Pem { index, problem })).collect()
}

/// The cluster's keys, within `connect_timeout`.
pub(super) async fn looked_up(context: &Context<Configured>) -> Result<Vec<PublicKey>, Error> {
    let provider = context.provider().map_err(Error::Unconfigured)?;
    let document = provider.cluster.look(context, |client, call| async move { client.jwks(&call).await }).await?;
    parsed(&document)
}

/// The cluster's keys, once the API server is ready.
pub(super) async fn waited_for(context: &Context<Configured>) -> Result<Vec<PublicKey>, Error> {
    let provider = context.provider().map_err(Error::Unconfigured)?;
    let ask = || async {
        let document = provider.cluster.ask(context, |client, call| async move { client.jwks(&call).await }).await?;
        parsed(&document)
    };
    provider.cluster.work(context, ask).await
}

fn parsed(document: &str) -> Result<Vec<PublicKey>, Error> {
    Ok(Jwks::of_signers(document).map_err(Error::NotKeys)?.public_keys())
}

/// The cluster's keys with those that are kept for tokens in flight, and what is to be remembered of them.
pub(super) fn kept(
    cluster: Vec<PublicKey>,
    held: &[PublicKey],
    remembered: Option<&Remembered>,
    keep: bool,
) -> (Vec<PublicKey>, Remembered) {
    let current: BTreeSet<String> = cluster.iter().map(PublicKey::fingerprint).collect();
    let before = match remembered {
        Some(remembered) if remembered.current == current => remembered.previous.clone(),
        Some(remembered) => remembered.current.clone(),
        // Imported: what Vault holds was valid until now.
        None => held.iter().map(PublicKey::fingerprint).collect(),
    };
    let mut keys = cluster;
    let mut previous = BTreeSet::new();
    if keep {
        for key in held {
            let fingerprint = key.fingerprint();
            if before.contains(&fingerprint) && !current.contains(&fingerprint) && previous.insert(fingerprint) {
                keys.push(key.clone());
            }
        }
    }
    (keys, Remembered { current, previous })
}

/// The keys' ids and fingerprints, as the attributes have them.
pub(super) fn attributes(keys: &[PublicKey]) -> (Value<Set<String>>, Value<Set<String>>) {
    let set = |of: fn(&PublicKey) -> String| {
        let all: BTreeSet<String> = keys.iter().map(of).collect();
        Value::Value(Set(all.into_iter().collect()))
    };
    (set(PublicKey::kubernetes_id), set(PublicKey::fingerprint))
}
