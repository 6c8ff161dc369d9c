//! Between the arguments and what Vault holds: the mount, its tuning, its configuration. An argument that means what
//! Vault says keeps its spelling.

use tazlab_clients::vault::{JwtConfig, Mount, Tune, without_credentials, without_user_info};
use tazlab_jwk::{PublicKey, differ, is_private};
use tf_plugin::framework::model::Set;
use tf_plugin::framework::value::Value;

use super::errors::VaultJwtAuthError as Error;
use super::keys;
use super::model::{Tune as TuneModel, VaultJwtAuth as Model};
use super::signing_key::SOURCE;
use crate::vault::duration;

/// The configuration that the arguments describe, with these keys.
pub(super) fn desired(model: &Model, keys: &[PublicKey]) -> JwtConfig {
    let text = |value: &Value<String>| value.as_ref_option().cloned().unwrap_or_default();
    let mut algorithms = model.jwt_supported_algs.as_ref_option().map(|set| set.0.clone()).unwrap_or_default();
    algorithms.sort();
    let mut config = JwtConfig {
        bound_issuer: text(&model.bound_issuer),
        default_role: text(&model.default_role).to_lowercase(),
        jwt_supported_algs: algorithms,
        ..JwtConfig::default()
    };
    match model.source() {
        "url" => {
            config.jwks_url = text(&model.jwks_url);
            config.jwks_ca_pem = text(&model.jwks_ca_pem);
        }
        "discovery" => {
            config.oidc_discovery_url = text(&model.oidc_discovery_url);
            config.oidc_discovery_ca_pem = text(&model.oidc_discovery_ca_pem);
        }
        _ => config.jwt_validation_pubkeys = keys.iter().map(PublicKey::to_pem).collect(),
    }
    config
}

/// Does Vault hold what is desired?
pub(super) fn is_met(desired: &JwtConfig, live: &JwtConfig) -> bool {
    let plain = |config: &JwtConfig| {
        let mut algorithms = config.jwt_supported_algs.clone();
        algorithms.sort();
        let trimmed = |text: &str| text.trim().to_owned();
        (
            (config.bound_issuer.clone(), config.default_role.clone(), algorithms),
            (config.jwks_url.clone(), trimmed(&config.jwks_ca_pem), config.jwks_pairs.clone()),
            (config.oidc_discovery_url.clone(), trimmed(&config.oidc_discovery_ca_pem)),
        )
    };
    let all_read = keys::held(live).len() == live.jwt_validation_pubkeys.len();
    plain(desired) == plain(live) && all_read && differ(&keys::held(live), &keys::held(desired)).is_none()
}

/// Where a configuration has its keys from, as the argument `keys` names it.
pub(super) fn source(config: &JwtConfig, stored: &str) -> Option<&'static str> {
    if !config.jwt_validation_pubkeys.is_empty() {
        Some(match stored {
            "cluster" => "cluster",
            SOURCE => SOURCE,
            _ => "pem",
        })
    } else if !config.jwks_url.is_empty() || !config.jwks_pairs.is_empty() {
        Some("url")
    } else if !config.oidc_discovery_url.is_empty() {
        Some("discovery")
    } else {
        None
    }
}

/// Issuer and source of keys, in words.
pub(super) fn described(config: &JwtConfig) -> String {
    let issuer = if config.bound_issuer.is_empty() {
        "no bound_issuer".to_owned()
    } else {
        format!("bound_issuer {:?}", config.bound_issuer)
    };
    let keys = match source(config, "") {
        Some("url") => {
            let one = Some(&config.jwks_url).filter(|url| !url.is_empty()).map(|url| without_credentials(url));
            format!("keys of {}", one.as_deref().unwrap_or("several URLs"))
        }
        Some("discovery") => format!("keys of {}", without_credentials(&config.oidc_discovery_url)),
        Some(_) => {
            let ids: Vec<String> = keys::held(config).iter().map(PublicKey::kubernetes_id).collect();
            format!("the public keys {}", ids.join(", "))
        }
        None => "no keys".to_owned(),
    };
    format!("{issuer} and {keys}")
}

/// A configuration that lets people log in is not written over, unless the block says so.
pub(super) fn spare_logins(planned: &Model, live: Option<&JwtConfig>) -> Result<(), Error> {
    match live.filter(|live| live.is_interactive() && !planned.takes_over()) {
        Some(live) => Err(Error::Interactive { id: planned.id(), client: live.oidc_client_id.clone() }),
        None => Ok(()),
    }
}

/// Takes over into `model` what Vault says.
pub(super) fn observe(model: &mut Model, mount: &Mount, config: Option<&JwtConfig>) {
    model.accessor = Value::Value(mount.accessor.clone());
    model.r#type = Value::Value(mount.kind.clone());
    model.description = Value::Value(mount.description.clone());
    if let Some(tune) = model.tune.as_ref_option() {
        model.tune = Value::Value(tuned(tune, &mount.config));
    }
    let nothing = JwtConfig::default();
    let config = config.unwrap_or(&nothing);
    let stored = model.source().to_owned();
    model.keys = source(config, &stored).map_or(Value::Null, |kind| Value::Value(kind.to_owned()));
    let held = keys::held(config);
    (model.key_ids, model.key_fingerprints) = keys::attributes(&held);
    text(&mut model.bound_issuer, &config.bound_issuer, |a, b| a == b);
    text(&mut model.default_role, &config.default_role, |a, b| a.to_lowercase() == b);
    // A login that somebody else wrote into a URL does not belong in state.
    text(&mut model.jwks_url, &without_user_info(&config.jwks_url), |a, b| a == b);
    text(&mut model.jwks_ca_pem, public(&config.jwks_ca_pem), |a, b| a.trim() == b.trim());
    text(&mut model.oidc_discovery_url, &without_user_info(&config.oidc_discovery_url), |a, b| a == b);
    text(&mut model.oidc_discovery_ca_pem, public(&config.oidc_discovery_ca_pem), |a, b| a.trim() == b.trim());
    list(&mut model.jwt_supported_algs, &config.jwt_supported_algs);
    if !matches!(stored.as_str(), "cluster" | SOURCE) {
        let same = keys::given(model).is_ok_and(|given| differ(&given, &held).is_none());
        if !same || held.len() != config.jwt_validation_pubkeys.len() {
            let pems: Vec<String> = config.jwt_validation_pubkeys.iter().map(|pem| public(pem).to_owned()).collect();
            model.validation_pubkeys = if pems.is_empty() { Value::Null } else { Value::Value(pems) };
        }
    }
}

/// What may be stored of a text that Vault holds and somebody else wrote: never a private key.
fn public(text: &str) -> &str {
    if is_private(text) { "(a private key)" } else { text }
}

/// The value that means what Vault says stays, else it becomes Vault's; an empty one is null.
fn text(argument: &mut Value<String>, live: &str, same: impl Fn(&str, &str) -> bool) {
    if !same(argument.as_deref_option().unwrap_or_default(), live) {
        *argument = if live.is_empty() { Value::Null } else { Value::Value(live.to_owned()) };
    }
}

fn list(argument: &mut Value<Set<String>>, live: &[String]) {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    let stored = argument.as_ref_option().map(|set| sorted(&set.0)).unwrap_or_default();
    if stored != sorted(live) {
        *argument = if live.is_empty() { Value::Null } else { Value::Value(Set(sorted(live))) };
    }
}

/// The arguments of `tune` with Vault's values; those that are left out are Vault's own business.
fn tuned(stored: &TuneModel, live: &Tune) -> TuneModel {
    let time = |stored: &Value<String>, live: Option<i64>| match stored.as_deref_option().map(duration::seconds) {
        Some(seconds) if seconds != Some(live.unwrap_or_default()) => {
            Value::Value(duration::text(live.unwrap_or_default()))
        }
        _ => stored.clone(),
    };
    let word = |stored: &Value<String>, live: &Option<String>| match stored {
        Value::Value(_) => live.clone().filter(|live| !live.is_empty()).map_or(Value::Null, Value::Value),
        other => other.clone(),
    };
    let words = |stored: &Value<Set<String>>, live: &Option<Vec<String>>| {
        let mut kept = stored.clone();
        if !kept.is_null() {
            let empty = stored.as_ref_option().is_some_and(|set| set.0.is_empty());
            list(&mut kept, live.as_deref().unwrap_or_default());
            if kept.is_null() && empty {
                return stored.clone();
            }
        }
        kept
    };
    TuneModel {
        default_lease_ttl: time(&stored.default_lease_ttl, live.default_lease_ttl),
        max_lease_ttl: time(&stored.max_lease_ttl, live.max_lease_ttl),
        listing_visibility: word(&stored.listing_visibility, &live.listing_visibility),
        token_type: word(&stored.token_type, &live.token_type),
        audit_non_hmac_request_keys: words(&stored.audit_non_hmac_request_keys, &live.audit_non_hmac_request_keys),
        audit_non_hmac_response_keys: words(&stored.audit_non_hmac_response_keys, &live.audit_non_hmac_response_keys),
        passthrough_request_headers: words(&stored.passthrough_request_headers, &live.passthrough_request_headers),
        allowed_response_headers: words(&stored.allowed_response_headers, &live.allowed_response_headers),
    }
}

/// The tuning that the arguments describe.
pub(super) fn tuning(model: &Model) -> Tune {
    let Some(tune) = model.tune.as_ref_option() else { return Tune::default() };
    let time = |value: &Value<String>| value.as_deref_option().and_then(duration::seconds);
    let words = |value: &Value<Set<String>>| value.as_ref_option().map(|set| set.0.clone());
    Tune {
        default_lease_ttl: time(&tune.default_lease_ttl),
        max_lease_ttl: time(&tune.max_lease_ttl),
        listing_visibility: tune.listing_visibility.as_ref_option().cloned(),
        token_type: tune.token_type.as_ref_option().cloned(),
        audit_non_hmac_request_keys: words(&tune.audit_non_hmac_request_keys),
        audit_non_hmac_response_keys: words(&tune.audit_non_hmac_response_keys),
        passthrough_request_headers: words(&tune.passthrough_request_headers),
        allowed_response_headers: words(&tune.allowed_response_headers),
        description: None,
    }
}

/// What of description and tuning Vault does not hold yet, if anything.
pub(super) fn retuning(model: &Model, mount: &Mount) -> Option<Tune> {
    let mut wanted = tuning(model);
    let description = model.description.as_deref_option().unwrap_or_default();
    if description != mount.description {
        wanted.description = Some(description.to_owned());
    }
    let stored = model.tune.as_ref_option();
    let differs = stored.is_some_and(|tune| {
        use tf_plugin::framework::model::AttributeValue;
        tuned(tune, &mount.config).encode() != tune.encode()
    });
    (differs || wanted.description.is_some()).then_some(wanted)
}
