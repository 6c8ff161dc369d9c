//! Checks that need several arguments and neither cluster nor Vault.

use tazlab_jwk::PublicKey;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::model::VaultJwtAuth as Model;
use super::signing_key::SOURCE;
use crate::vault::login::ALGORITHMS;

pub(super) fn validate(config: &Model, found: &mut Diagnostics) {
    let Some(source) = config.keys.as_deref_option() else { return };
    let arguments = [
        ("url", "jwks_url", config.jwks_url.is_null()),
        ("discovery", "oidc_discovery_url", config.oidc_discovery_url.is_null()),
        ("pem", "validation_pubkeys", config.validation_pubkeys.is_null()),
        // The key itself is needed only where its version is new: that is for the plan to say.
        (SOURCE, "signing_key_wo_version", config.signing_key_wo_version.is_null()),
    ];
    for (kind, argument, absent) in arguments {
        if kind == source && absent {
            let detail = format!("keys = {source:?} needs {argument}.");
            found.push(Diagnostic::error(format!("{argument} is missing"), detail).at(AttributePath::new("keys")));
        }
        if kind != source && !absent {
            let detail = format!("{argument} is for keys = {kind:?}, and keys is {source:?}: remove one of them.");
            let error = Diagnostic::error(format!("{argument} conflicts with keys"), detail);
            found.push(error.at(AttributePath::new(argument)));
        }
    }
    let keeps = config.keep_previous_keys.as_ref_option() == Some(&true);
    if keeps && source != "cluster" {
        let detail = "keep_previous_keys needs keys = \"cluster\".";
        let error = Diagnostic::error("keep_previous_keys conflicts with keys", detail);
        found.push(error.at(AttributePath::new("keep_previous_keys")));
    }
}

/// Issuers that are hardly meant.
pub(super) fn issuer_doubts(planned: &Model) -> Vec<Diagnostic> {
    let Some(issuer) = planned.bound_issuer.as_deref_option() else { return Vec::new() };
    let mut found = Vec::new();
    let mut warn = |detail: String| {
        let warning = Diagnostic::warning("The issuer looks wrong", detail);
        found.push(warning.at(AttributePath::new("bound_issuer")));
    };
    if issuer.contains(',') {
        warn(format!(
            "{issuer:?} contains a comma: one value of --service-account-issuer has two issuers, and every token has both as one text. Set the flag of the API server twice, or use one issuer."
        ));
    }
    if issuer.ends_with('/') {
        warn(format!(
            "{issuer:?} ends with a slash. Vault compares exactly: tokens must have this value, including the slash."
        ));
    }
    found
}

/// Keys whose signatures the mount does not accept.
pub(super) fn unaccepted(planned: &Model, keys: &[PublicKey]) -> Option<Diagnostic> {
    if planned.jwt_supported_algs.is_unknown() {
        return None;
    }
    let named: Vec<&str> = planned
        .jwt_supported_algs
        .as_ref_option()
        .map_or(ALGORITHMS.to_vec(), |set| set.0.iter().map(String::as_str).collect());
    let key = keys.iter().find(|key| !key.algorithms().iter().any(|algorithm| named.contains(algorithm)))?;
    let usual = key.algorithms().first()?;
    let detail = format!(
        "Key {} ({key}) signs with {usual}, and the mount accepts {} only: Vault will refuse every token that it signed. Add {usual:?} to jwt_supported_algs.",
        key.kubernetes_id(),
        named.join(", ")
    );
    Some(
        Diagnostic::warning("A key signs with an algorithm that is not accepted", detail)
            .at(AttributePath::new("jwt_supported_algs")),
    )
}

/// The issuer that the cluster says is another one.
pub(super) fn other_issuer(ours: &str, theirs: &str) -> Diagnostic {
    let hint = if ours.trim_end_matches('/') == theirs.trim_end_matches('/') {
        " They differ in the slash at the end."
    } else {
        ""
    };
    let detail = format!(
        "bound_issuer is {ours:?}, and the cluster's tokens have {theirs:?}: Vault will refuse every one of them.{hint}"
    );
    Diagnostic::warning("The cluster has another issuer", detail).at(AttributePath::new("bound_issuer"))
}
