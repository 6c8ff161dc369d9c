//! Keys that stay, ownership and checks of an auth method, without a Vault.

use std::collections::BTreeSet;

use super::keys::{Remembered, kept};
use super::*;
use crate::clients::vault::JwtConfig;
use crate::framework::diagnostics::Diagnostic;
use crate::framework::model::{Model as _, decode};
use crate::framework::plan::settle;
use crate::framework::schema::all_null;
use crate::jwk::PublicKey;

fn key(byte: u8) -> PublicKey {
    PublicKey::ed25519(&[byte; 32]).unwrap()
}

fn model(arguments: &[(&str, Datum)]) -> model::VaultJwtAuth {
    let attributes = model::VaultJwtAuth::attributes();
    let nothing = all_null(&attributes);
    let Datum::Object(mut entries) = settle(&attributes, &nothing, nothing.clone()) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(entries.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    decode(Datum::Object(entries)).unwrap()
}

fn fingerprints(keys: &[PublicKey]) -> BTreeSet<String> {
    keys.iter().map(PublicKey::fingerprint).collect()
}

#[test]
fn previous_keys_stay_for_one_more_change() {
    let (a, b, c) = (key(1), key(2), key(3));
    let of = |current: &[PublicKey], previous: &[PublicKey]| Remembered {
        current: fingerprints(current),
        previous: fingerprints(previous),
    };
    let first = of(std::slice::from_ref(&a), &[]);
    let (keys, second) = kept(vec![b.clone()], std::slice::from_ref(&a), Some(&first), true);
    assert_eq!(keys, [b.clone(), a.clone()]);
    assert_eq!(second, of(std::slice::from_ref(&b), std::slice::from_ref(&a)));
    // Nothing has changed since: both stay.
    let (keys, same) = kept(vec![b.clone()], &keys, Some(&second), true);
    assert_eq!((keys.len(), &same), (2, &second));
    // The next change lets the first one go.
    let (keys, _) = kept(vec![c.clone()], &keys, Some(&second), true);
    assert_eq!(keys, [c.clone(), b.clone()]);
    // A key that nobody remembers is nobody's: it goes at once.
    let (keys, _) = kept(vec![b.clone()], &[b.clone(), c.clone()], Some(&second), true);
    assert_eq!(keys, std::slice::from_ref(&b));
    let (keys, _) = kept(vec![b.clone()], &[a], Some(&first), false);
    assert_eq!(keys, [b]);
}

#[test]
fn keys_are_compared_as_keys() {
    let (a, b) = (key(1), key(2));
    let model = model(&[("keys", "cluster".into()), ("bound_issuer", "https://i".into())]);
    let desired = config::desired(&model, &[a.clone(), b.clone()]);
    let mut live = desired.clone();
    // Vault trims, and order means nothing.
    live.jwt_validation_pubkeys = vec![b.to_pem().trim().to_owned(), a.to_pem().trim().to_owned()];
    assert!(config::is_met(&desired, &live));
    live.jwt_validation_pubkeys.push("no key".to_owned());
    assert!(!config::is_met(&desired, &live));
    live.jwt_validation_pubkeys = vec![a.to_pem()];
    assert!(!config::is_met(&desired, &live));
}

#[test]
fn a_mount_is_ours_when_it_is_unconfigured_or_trusts_our_issuer() {
    let (a, b) = (key(1), key(2));
    let cluster = model(&[("keys", "cluster".into()), ("bound_issuer", "https://i".into())]);
    let desired = config::desired(&cluster, std::slice::from_ref(&a));
    assert!(config::is_ours(None, &desired) && config::is_ours(Some(&JwtConfig::default()), &desired));
    let reborn = config::desired(&cluster, std::slice::from_ref(&b));
    assert!(config::is_ours(Some(&reborn), &desired), "the same issuer with new keys is a rebirth");
    let other = JwtConfig { bound_issuer: "https://other".to_owned(), ..reborn.clone() };
    assert!(!config::is_ours(Some(&other), &desired));
    let url = JwtConfig { jwks_url: "https://x".to_owned(), jwt_validation_pubkeys: Vec::new(), ..reborn };
    assert!(!config::is_ours(Some(&url), &desired), "another kind of key source");
    let anonymous = model(&[("keys", "cluster".into())]);
    let (ours, theirs) = (config::desired(&anonymous, &[a]), config::desired(&anonymous, &[b]));
    assert!(!config::is_ours(Some(&theirs), &ours), "without an issuer the keys must be the same");
    assert!(config::is_ours(Some(&ours), &ours));
}

#[test]
fn a_configuration_that_lets_people_log_in_is_written_over_only_when_that_is_said() {
    let live = JwtConfig { oidc_client_id: "browser".to_owned(), ..JwtConfig::default() };
    let block = |force: bool| model(&[("keys", "discovery".into()), ("force_conflicts", force.into())]);
    let error = Diagnostic::from(config::spare_logins(&block(false), Some(&live)).unwrap_err());
    assert!(error.detail.contains("\"browser\"") && error.detail.contains("force_conflicts = true"), "{error:?}");
    assert!(config::spare_logins(&block(true), Some(&live)).is_ok());
    assert!(config::spare_logins(&block(false), Some(&JwtConfig::default())).is_ok());
}

#[test]
fn each_source_needs_its_own_arguments() {
    let problems = |arguments: &[(&str, Datum)]| -> Vec<String> {
        let mut found = Diagnostics::new();
        validate::validate(&model(arguments), &mut found);
        found.into_iter().map(|error| error.summary).collect()
    };
    assert_eq!(problems(&[("keys", "cluster".into())]), [""; 0]);
    assert_eq!(problems(&[("keys", "url".into())]), ["jwks_url is missing"]);
    assert_eq!(
        problems(&[("keys", "cluster".into()), ("jwks_url", "https://x".into())]),
        ["jwks_url does not go with keys"]
    );
    assert_eq!(problems(&[("keys", "pem".into()), ("keep_previous_keys", true.into())]).len(), 2);
}

#[test]
fn a_key_whose_signatures_vault_would_refuse_is_told() {
    let with = |algorithms: Option<&[&str]>| {
        let algorithms =
            algorithms.map_or(Datum::Null, |all| Datum::Set(all.iter().map(|one| (*one).into()).collect()));
        model(&[("keys", "cluster".into()), ("jwt_supported_algs", algorithms)])
    };
    let told = validate::unaccepted(&with(None), &[key(1)]).unwrap().detail;
    assert!(told.contains("Ed25519") && told.contains("takes RS256 only") && told.contains("Add \"EdDSA\""), "{told}");
    assert!(validate::unaccepted(&with(Some(&["ES256"])), &[key(1)]).is_some());
    assert!(validate::unaccepted(&with(Some(&["RS256", "EdDSA"])), &[key(1)]).is_none());
    assert!(validate::unaccepted(&with(None), &[]).is_none());
}

#[test]
fn roles_are_strangers_by_the_names_that_vault_keeps() {
    let roles = || vec!["grafana".to_owned(), "theirs".to_owned()];
    let managed = Datum::Set(vec!["Grafana".into()]);
    assert_eq!(model(&[("managed_roles", managed)]).strangers(roles()), ["theirs"]);
    assert_eq!(model(&[]).strangers(roles()), roles());
}

#[test]
fn an_issuer_with_a_comma_or_a_slash_is_doubtful() {
    let doubts = |issuer: &str| {
        let found = validate::issuer_doubts(&model(&[("keys", "cluster".into()), ("bound_issuer", issuer.into())]));
        found.len()
    };
    assert_eq!((doubts("https://a:6443"), doubts("https://a/"), doubts("https://a,https://b/")), (0, 1, 2));
    assert!(validate::other_issuer("https://a/", "https://a").detail.contains("slash"));
}
