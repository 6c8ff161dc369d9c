//! `keys = "signing_key"`: the cluster is trusted by the key that it will sign with, before there is a cluster.
//!
//! The key is read where it is new, and only its public half is kept: from that, everything else is done without it. Whether the
//! cluster signs with it in the end is compared, where the cluster answers, and never waited for.

use tazlab_jwk::{PublicKey, differ, signing_keys};
use tazlab_redacted::SecretText;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::resource::Plan;
use tf_plugin::framework::value::Value;

use super::errors::VaultJwtAuthError as Error;
use super::keys;
use super::model::VaultJwtAuth as Model;
use crate::configured::Configured;

/// What `keys` calls it.
pub(super) const SOURCE: &str = "signing_key";

/// The public keys that a plan knows; those of a key that is read again are for its warnings only, since apply reads it again
/// and may find another one.
pub(super) fn plan(plan: &mut Plan<Model>) -> Result<Option<Vec<PublicKey>>, Error> {
    if plan.planned.keys.is_unknown() {
        plan.planned.public_keys = Value::Unknown;
        return Ok(None);
    }
    if plan.planned.source() != SOURCE {
        plan.planned.public_keys = Value::Null;
        return Ok(None);
    }
    if let Some(stored) = stored(plan.prior.as_ref(), &plan.planned) {
        return stored.map(Some);
    }
    plan.planned.public_keys = Value::Unknown;
    plan.needs_update = true;
    if plan.config.signing_key_wo.is_unknown() {
        return Ok(None);
    }
    given(&plan.config.signing_key_wo).map(Some)
}

/// The public keys that Vault is to hold after this apply.
pub(super) fn applied(prior: Option<&Model>, planned: &Model, config: &Model) -> Result<Vec<PublicKey>, Error> {
    stored(prior, planned).unwrap_or_else(|| given(&config.signing_key_wo))
}

/// The public keys in the state, where they are those of the key of this version. A refresh changes neither, whatever somebody
/// did in Vault.
fn stored(prior: Option<&Model>, planned: &Model) -> Option<Result<Vec<PublicKey>, Error>> {
    let prior = prior.filter(|prior| {
        prior.signing_key_wo_version.as_ref_option() == planned.signing_key_wo_version.as_ref_option()
            && !planned.signing_key_wo_version.is_unknown()
    })?;
    let pems = prior.public_keys.as_ref_option()?;
    let read = |pem: &String| PublicKey::from_pem(pem).map_err(Error::Stored);
    Some(pems.iter().map(read).collect())
}

fn given(key: &Value<SecretText>) -> Result<Vec<PublicKey>, Error> {
    let key = key.as_ref_option().ok_or(Error::NoSigningKey)?;
    signing_keys(key).map_err(Error::SigningKey)
}

/// Warns where the cluster publishes other keys than these. A cluster that does not exist, does not answer, or shows its keys
/// to nobody, is none of this resource's business.
pub(super) async fn compare(context: &Context<Configured>, ours: &[PublicKey]) {
    let Ok(provider) = context.provider() else { return };
    if provider.cluster.is_named().is_err() {
        return;
    }
    match keys::looked_up(context).await {
        Ok(theirs) => {
            if let Some(warning) = difference(ours, &theirs) {
                context.warn(warning);
            }
        }
        Err(error) => tracing::debug!(%error, "the cluster's keys are not compared with the signing key"),
    }
}

fn difference(ours: &[PublicKey], theirs: &[PublicKey]) -> Option<Diagnostic> {
    let difference = differ(theirs, ours);
    if difference.is_none() {
        return None;
    }
    let named = |keys: &[PublicKey]| keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>().join(", ");
    let mut detail = format!(
        "signing_key_wo has the fingerprints {}; the cluster that the provider reaches publishes {}.",
        named(ours),
        named(theirs)
    );
    if !difference.goes.is_empty() {
        detail += " Vault refuses every token that the cluster signs with a key that is not in signing_key_wo. If the cluster's key was replaced, set signing_key_wo to it and increase signing_key_wo_version; keep the previous key after it until its tokens have expired.";
    }
    if !difference.comes.is_empty() {
        detail += " Vault accepts tokens of a key that the cluster does not publish. This is expected while the key is being rotated; otherwise remove it from signing_key_wo, or check the kubernetes block of the provider.";
    }
    let warning = Diagnostic::warning("The cluster has other signing keys", detail);
    Some(warning.at(AttributePath::new("signing_key_wo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> PublicKey {
        PublicKey::ed25519(&[byte; 32]).unwrap()
    }

    #[test]
    fn a_difference_has_both_fingerprints_and_a_constant_summary() {
        let (old, new) = (key(1), key(2));
        assert!(difference(&[old.clone(), new.clone()], &[new.clone(), old.clone()]).is_none());
        let told = |ours: &[PublicKey], theirs: &[PublicKey]| {
            let warning = difference(ours, theirs).unwrap();
            assert_eq!(warning.summary, "The cluster has other signing keys");
            warning.detail
        };
        let (one, two) = (std::slice::from_ref(&old), std::slice::from_ref(&new));
        let other = told(one, two);
        assert!(other.contains(&old.fingerprint()) && other.contains(&new.fingerprint()), "{other}");
        assert!(other.contains("refuses every token") && other.contains("does not publish"), "{other}");
        let early = told(&[old.clone(), new.clone()], one);
        assert!(!early.contains("refuses every token") && early.contains("being rotated"), "{early}");
        let late = told(one, &[old.clone(), new.clone()]);
        assert!(late.contains("refuses every token") && !late.contains("does not publish"), "{late}");
    }
}
