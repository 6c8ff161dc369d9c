//! Explanations, from evidence that Vault and a cluster could have given.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tazlab_clients::vault::{JwtConfig, JwtRole};
use tazlab_jwk::Jwks;
use tazlab_jwk::token::Token;

use super::evidence::{Evidence, Seen};
use super::explain::{Claim, Obstacle, explain};

mod demands;
mod doors;
mod refusals;

const NOW: i64 = 1_800_000_000;
const JWKS: &str = include_str!("../../../../crates/jwk/src/tests/keys.json");

fn token(change: &Value) -> Token {
    let mut claims = json!({
        "iss": "https://k8s:6443", "sub": "system:serviceaccount:monitoring:grafana", "aud": ["https://vault:8200"],
        "iat": NOW - 1, "nbf": NOW - 1, "exp": NOW + 599,
        "kubernetes.io": {"namespace": "monitoring", "serviceaccount": {"name": "grafana"}},
    });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let keys = Jwks::parse(JWKS).unwrap();
    let header = json!({"alg": "RS256", "kid": keys.keys[0].id()});
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    Token::read(&format!("{}.{}.c2ln", part(&header), part(&claims))).unwrap()
}

/// Evidence of a login that would work.
fn evidence() -> Evidence {
    let keys = Jwks::parse(JWKS).unwrap();
    // As Vault gives them back: without the newline at the end.
    let trusted = keys.keys[..2].iter().map(|jwk| jwk.key.to_pem().trim().to_owned()).collect();
    Evidence {
        mount: "jwt".to_owned(),
        role_name: "grafana".to_owned(),
        token: token(&json!({})),
        audiences: vec!["https://vault:8200".to_owned()],
        is_denied: false,
        is_verified: false,
        now: Some(NOW),
        config: Seen::There(JwtConfig {
            bound_issuer: "https://k8s:6443".to_owned(),
            jwt_validation_pubkeys: trusted,
            ..JwtConfig::default()
        }),
        role: Seen::There(role(&json!({}))),
        roles: None,
        mounted: None,
        cluster: Some(keys),
    }
}

fn role(change: &Value) -> JwtRole {
    let mut role = json!({
        "role_type": "jwt", "user_claim": "sub", "bound_audiences": ["https://vault:8200"],
        "bound_subject": "system:serviceaccount:monitoring:grafana", "groups_claim": "", "bound_claims_type": "string",
        "bound_claims": {"/kubernetes.io/namespace": ["monitoring", "other"]}, "token_bound_cidrs": null,
    });
    for (name, value) in change.as_object().unwrap() {
        role[name] = value.clone();
    }
    serde_json::from_value(role).unwrap()
}

fn claims(evidence: &Evidence) -> Vec<Claim> {
    explain(evidence).claims
}

fn obstacles(evidence: &Evidence) -> Vec<String> {
    explain(evidence).obstacles.iter().map(Obstacle::line).collect()
}

/// The one claim that is not met.
fn missed(evidence: &Evidence) -> Claim {
    let mut missed: Vec<Claim> = claims(evidence).into_iter().filter(|claim| !claim.met).collect();
    assert_eq!(missed.len(), 1, "{missed:#?}");
    missed.remove(0)
}

fn with_token(change: &Value) -> Evidence {
    Evidence { token: token(change), ..evidence() }
}

fn with_role(change: &Value) -> Evidence {
    Evidence { role: Seen::There(role(change)), ..evidence() }
}

fn with_config(change: impl FnOnce(&mut JwtConfig)) -> Evidence {
    let mut evidence = evidence();
    let Seen::There(config) = &mut evidence.config else { panic!() };
    change(config);
    evidence
}

#[test]
fn a_token_that_meets_everything_misses_nothing() {
    let found = claims(&evidence());
    let names: Vec<&str> = found.iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(names, ["kid", "alg", "nbf", "exp", "iss", "sub", "aud", "/kubernetes.io/namespace"]);
    assert!(found.iter().all(|claim| claim.met), "{found:#?}");
    assert!(obstacles(&evidence()).is_empty());
}

#[test]
fn both_sides_of_a_wrong_key_are_told_with_id_and_fingerprint() {
    let keys = Jwks::parse(JWKS).unwrap();
    let claim = missed(&with_config(|config| drop(config.jwt_validation_pubkeys.remove(0))));
    for (told, jwk) in [(&claim.token, &keys.keys[0]), (&claim.demanded, &keys.keys[1])] {
        assert!(told.contains(&jwk.id()) && told.contains(&jwk.key.fingerprint()), "{told}");
    }
    // Without the cluster's own keys the id tells it.
    let alone = Evidence { cluster: None, ..evidence() };
    assert!(claims(&alone)[0].met, "{:?}", claims(&alone)[0]);
}

#[test]
fn where_the_mount_fetches_its_keys_the_key_is_what_is_left_to_blame() {
    let fetched = |change: &Value| {
        let mut evidence = with_config(|config| {
            config.jwt_validation_pubkeys.clear();
            config.jwks_url = "https://keys".to_owned();
        });
        evidence.token = token(change);
        missed(&evidence)
    };
    let claim = fetched(&json!({}));
    assert_eq!((claim.name.as_str(), claim.demanded.as_str()), ("kid", "one of the keys of https://keys"));
    assert_eq!(fetched(&json!({"iss": "https://other"})).name, "iss");
}

#[test]
fn what_is_missing_or_hidden_is_said_before_any_claim() {
    let told = |change: &dyn Fn(&mut Evidence)| {
        let mut evidence = evidence();
        change(&mut evidence);
        obstacles(&evidence).join("\n")
    };
    let some = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    assert!(told(&|evidence| evidence.config = Seen::Missing).contains("tazlab_vault_jwt_auth"));
    let missing = told(&|evidence| {
        evidence.role = Seen::Missing;
        evidence.roles = some(&["grafana-consumer", "other"]);
    });
    assert!(missing.contains("has grafana-consumer, other") && missing.contains("name = \"grafana\""), "{missing}");
    let none = told(&|evidence| {
        evidence.role = Seen::Missing;
        evidence.roles = some(&[]);
    });
    assert!(none.contains("has no roles"), "{none}");
    let hidden = told(&|evidence| evidence.role = Seen::Hidden("permission denied".to_owned()));
    assert!(hidden.contains("not known: permission denied"), "{hidden}");
    assert!(
        told(&|evidence| evidence.role = Seen::There(role(&json!({"role_type": "oidc"}))))
            .contains("role_type = \"jwt\"")
    );
    let bound = |is_denied: bool| {
        told(&|evidence: &mut Evidence| {
            evidence.is_denied = is_denied;
            evidence.role = Seen::There(role(&json!({"token_bound_cidrs": ["10.0.0.0/8"]})));
        })
    };
    assert!(bound(true).contains("10.0.0.0/8"), "{}", bound(true));
    assert_eq!(bound(false), "", "Vault answers something else only where the network was right");
}

#[test]
fn an_auth_method_that_was_never_configured_is_kept_where_it_has_no_roles() {
    let told = |mounted: Option<&str>, roles: Option<&[&str]>| {
        let roles = roles.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
        let mounted = mounted.map(ToOwned::to_owned);
        obstacles(&Evidence { config: Seen::Missing, mounted, roles, ..evidence() }).join("\n")
    };
    for kept in [told(None, None), told(Some("jwt"), Some(&[]))] {
        assert!(kept.contains("with mount = \"jwt\" and keys = \"cluster\""), "{kept}");
    }
    // Configured, it would let in whomever these name, and nobody got in before.
    for other in [told(Some("jwt"), Some(&["a"])), told(Some("oidc"), None), told(Some("approle"), None)] {
        assert!(other.contains("with another path and keys = \"cluster\""), "{other}");
    }
}
