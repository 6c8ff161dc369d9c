//! Keys that stay, ownership and checks of an auth method, without a Vault.

use std::collections::BTreeSet;

use tazlab_clients::vault::JwtConfig;
use tazlab_jwk::{Jwks, PublicKey};
use tf_plugin::framework::diagnostics::Diagnostic;
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::private::Private;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::keys::{Remembered, kept};
use super::ownership::{Trust, compare};
use super::*;

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
fn a_mount_is_ours_by_a_key_in_common_and_not_by_its_issuer() {
    let (a, b) = (key(1), key(2));
    let cluster = model(&[("keys", "cluster".into()), ("bound_issuer", "https://i".into())]);
    let desired = config::desired(&cluster, std::slice::from_ref(&a));
    assert_eq!(compare(None, &desired), Trust::Nobody);
    assert_eq!(compare(Some(&JwtConfig::default()), &desired), Trust::Nobody);
    assert_eq!(compare(Some(&desired), &desired), Trust::Same);
    let rotating = config::desired(&cluster, &[b.clone(), a.clone()]);
    assert_eq!(compare(Some(&rotating), &desired), Trust::Same);
    let foreign = config::desired(&cluster, std::slice::from_ref(&b));
    assert_eq!(compare(Some(&foreign), &desired), Trust::Unclear, "the same issuer by other keys");
    let other = JwtConfig { bound_issuer: "https://other".to_owned(), ..desired.clone() };
    assert_eq!(compare(Some(&other), &desired), Trust::Other);
    let url = |url: &str| {
        let issuer = "https://i".to_owned();
        JwtConfig { jwks_url: url.to_owned(), bound_issuer: issuer, ..JwtConfig::default() }
    };
    assert_eq!(compare(Some(&url("https://x")), &desired), Trust::Other, "another kind of key source");
    assert_eq!(compare(Some(&url("https://x")), &url("https://y")), Trust::Unclear);
    let named = JwtConfig { default_role: "r".to_owned(), ..url("https://x") };
    assert_eq!(compare(Some(&named), &url("https://x")), Trust::Same);
    let anonymous = model(&[("keys", "cluster".into())]);
    let (ours, theirs) = (config::desired(&anonymous, &[a]), config::desired(&anonymous, &[b]));
    assert_eq!(compare(Some(&theirs), &ours), Trust::Other, "without an issuer the keys must be the same");
    assert_eq!(compare(Some(&ours), &ours), Trust::Same);
}

#[test]
fn another_cluster_is_one_that_neither_the_mount_nor_the_last_apply_knows() {
    let (a, b, c) = (key(1), key(2), key(3));
    let cluster = model(&[("keys", "cluster".into()), ("bound_issuer", "https://i".into())]);
    let holds = |keys: &[PublicKey]| config::desired(&cluster, keys);
    let wrote = |keys: &[PublicKey]| Remembered { current: fingerprints(keys), ..Remembered::default() };
    let other = |now: &PublicKey, live: &JwtConfig, wrote: &Remembered| {
        ownership::is_another_cluster(&cluster, &cluster, std::slice::from_ref(now), Some(live), Some(wrote))
    };
    let (one, two) = (std::slice::from_ref(&a), std::slice::from_ref(&b));
    assert!(other(&c, &holds(one), &wrote(one)));
    assert!(!other(&a, &holds(one), &wrote(one)));
    assert!(!other(&b, &holds(&[a.clone(), b.clone()]), &wrote(one)), "a rotation that Vault has seen");
    assert!(!other(&a, &holds(two), &wrote(one)), "somebody else wrote over our own: that is drift");
    let before = Remembered { previous: fingerprints(two), ..wrote(one) };
    assert!(!other(&b, &holds(one), &before));
    assert!(!other(&c, &JwtConfig::default(), &wrote(one)), "nobody is locked out of what trusts nobody");
    // What the user names is the user's word.
    let pem = model(&[("keys", "pem".into()), ("bound_issuer", "https://i".into())]);
    let now = std::slice::from_ref(&c);
    assert!(!ownership::is_another_cluster(&pem, &pem, now, Some(&holds(one)), None));
    assert!(!ownership::is_another_cluster(&cluster, &pem, now, Some(&holds(one)), None), "imported");
}

#[test]
fn force_or_changed_triggers_claim_a_mount() {
    let triggers = |text: &str| ("triggers", Datum::Map([("cluster".to_owned(), text.into())].into()));
    let block = |text: &str| model(&[triggers(text)]);
    assert!(!ownership::is_claimed(&block("1"), None), "a create has no triggers that changed");
    assert!(!ownership::is_claimed(&block("1"), Some(&block("1"))));
    assert!(ownership::is_claimed(&block("2"), Some(&block("1"))));
    assert!(ownership::is_claimed(&model(&[("force_conflicts", true.into())]), None));
}

#[test]
fn only_the_mount_that_the_state_names_is_the_resources() {
    let mount = |accessor: &str, kind: &str| {
        let json = serde_json::json!({"type": kind, "accessor": accessor});
        serde_json::from_value::<tazlab_clients::vault::Mount>(json).unwrap()
    };
    let stored = |accessor: Datum| model(&[("accessor", accessor), ("type", "jwt".into())]);
    assert!(ownership::is_recorded(&stored("a".into()), &mount("a", "jwt")));
    for (accessor, live) in [
        ("a".into(), mount("b", "jwt")),
        ("a".into(), mount("a", "userpass")),
        (Datum::Null, mount("a", "jwt")),
        (Datum::unknown(), mount("a", "jwt")),
        ("".into(), mount("", "jwt")),
    ] {
        assert!(!ownership::is_recorded(&stored(accessor), &live), "{live:?}");
    }
}

#[test]
fn a_login_in_a_url_is_neither_taken_nor_told() {
    use tf_plugin::framework::validation;
    for name in ["jwks_url", "oidc_discovery_url"] {
        let attributes = model::VaultJwtAuth::attributes();
        let nothing = all_null(&attributes);
        let Datum::Object(mut entries) = settle(&attributes, &nothing, nothing.clone()) else { panic!("no object") };
        entries.insert(name.to_owned(), "https://user:hunter2@k8s.test/keys".into());
        entries.insert("keys".to_owned(), "url".into());
        let found: Vec<Diagnostic> = validation::validate(&attributes, &Datum::Object(entries)).into_iter().collect();
        assert!(found.iter().any(|error| error.detail.contains("user name or password")), "{found:?}");
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }
    let live = JwtConfig { jwks_url: "https://user:hunter2@k8s.test/keys?hunter2".to_owned(), ..JwtConfig::default() };
    assert_eq!(config::described(&live), "no bound_issuer and keys of https://k8s.test/keys");
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

fn planned(prior: Option<&[(&str, Datum)]>, planned: &[(&str, Datum)], key: Datum) -> Plan<model::VaultJwtAuth> {
    let config = [planned, &[("signing_key_wo", key)]].concat();
    let mut planned = model(planned);
    // As the host has it where something changes: what is kept, else unknown.
    planned.public_keys = prior.map_or(Value::Unknown, |prior| model(prior).public_keys);
    Plan {
        config: model(&config),
        prior: prior.map(model),
        planned,
        private: Private::default(),
        approved: None,
        requires_replace: Vec::new(),
        changed: true,
        needs_update: false,
        unchanged: false,
    }
}

#[test]
fn a_signing_key_is_read_where_it_is_new_and_needed_nowhere_else() {
    let pem =
        Jwks::of_signers(include_str!("../../../../crates/jwk/src/tests/keys.json")).unwrap().keys[0].key.to_pem();
    let of = |version: i64| vec![("keys", Datum::from("signing_key")), ("signing_key_wo_version", version.into())];
    let stored = |version: i64| [of(version), vec![("public_keys", Datum::List(vec![pem.clone().into()]))]].concat();

    let mut create = planned(None, &of(1), pem.as_str().into());
    assert_eq!(signing_key::plan(&mut create).unwrap().unwrap().len(), 1);
    assert!(create.planned.public_keys.is_unknown() && create.needs_update);
    let later = signing_key::plan(&mut planned(None, &of(1), Datum::unknown())).unwrap();
    assert!(later.is_none(), "an ephemeral value that nobody knows yet");
    let missing = signing_key::plan(&mut planned(None, &of(1), Datum::Null)).unwrap_err();
    assert!(Diagnostic::from(missing).detail.contains("signing_key_wo_version"));

    // The version stays: the key may be away, or be another one, as an ephemeral resource gives it.
    for key in [Datum::Null, Datum::unknown(), "no key at all".into()] {
        let mut same = planned(Some(&stored(1)), &of(1), key);
        assert_eq!(signing_key::plan(&mut same).unwrap().unwrap()[0].to_pem(), pem);
        assert!(!same.needs_update && !same.planned.public_keys.is_unknown());
    }
    // Also where somebody gave the mount another source meanwhile.
    let drifted = [stored(1), vec![("keys", "url".into())]].concat();
    assert!(signing_key::plan(&mut planned(Some(&drifted), &of(1), Datum::Null)).unwrap().is_some());

    let mut rotated = planned(Some(&stored(1)), &of(2), pem.as_str().into());
    assert!(signing_key::plan(&mut rotated).unwrap().is_some());
    assert!(rotated.planned.public_keys.is_unknown() && rotated.needs_update);
    let mut away = planned(Some(&stored(1)), &[("keys", "cluster".into())], Datum::Null);
    assert!(signing_key::plan(&mut away).unwrap().is_none() && away.planned.public_keys.is_null());
}

#[test]
fn a_signing_key_that_is_none_is_told_without_it() {
    let of = [("keys", "signing_key".into()), ("signing_key_wo_version", Datum::from(1))];
    let error = signing_key::plan(&mut planned(None, &of, "canary-key".into())).unwrap_err();
    let told = format!(
        "{error:?} {:?}",
        Diagnostic::from(signing_key::plan(&mut planned(None, &of, "canary-key".into())).unwrap_err())
    );
    assert!(told.contains("no PEM block") && !told.contains("canary"), "{told}");
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
        ["jwks_url conflicts with keys"]
    );
    assert_eq!(problems(&[("keys", "pem".into()), ("keep_previous_keys", true.into())]).len(), 2);
    assert_eq!(problems(&[("keys", "signing_key".into())]), ["signing_key_wo_version is missing"]);
    assert_eq!(
        problems(&[("keys", "cluster".into()), ("signing_key_wo_version", 1.into())]),
        ["signing_key_wo_version conflicts with keys"]
    );
}

#[test]
fn a_key_whose_signatures_vault_would_refuse_is_told() {
    let with = |algorithms: Option<&[&str]>| {
        let algorithms =
            algorithms.map_or(Datum::Null, |all| Datum::Set(all.iter().map(|one| (*one).into()).collect()));
        model(&[("keys", "cluster".into()), ("jwt_supported_algs", algorithms)])
    };
    assert!(validate::unaccepted(&with(None), &[key(1)]).is_none(), "Vault takes every algorithm where none is named");
    let told = validate::unaccepted(&with(Some(&["RS256"])), &[key(1)]).unwrap().detail;
    assert!(
        told.contains("Ed25519") && told.contains("accepts RS256 only") && told.contains("Add \"EdDSA\""),
        "{told}"
    );
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
