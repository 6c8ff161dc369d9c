//! What a role demands, what the token says, and what mends it.

use super::super::explain::By;
use super::*;

#[test]
fn each_demand_is_told_with_what_the_token_says_and_what_mends_it() {
    let pattern = json!({"bound_claims": {"/kubernetes.io/namespace": "mon*"}});
    for (evidence, name, by, hint, fix) in [
        (
            with_token(&json!({"iss": "https://k8s:6443/"})),
            "iss",
            By::Mount,
            "slash",
            "bound_issuer = \"https://k8s:6443/\"",
        ),
        (with_token(&json!({"iss": "https://k8s:6443,https://b"})), "iss", By::Mount, "several in one", "bound_issuer"),
        (
            with_role(&json!({"bound_subject": "system:serviceaccount:monitoring:*"})),
            "sub",
            By::Role,
            "glob",
            "bound_subject = \"system:serviceaccount:monitoring:grafana\"",
        ),
        (
            with_role(&json!({"bound_audiences": ["https://vault"]})),
            "aud",
            By::Role,
            "port",
            "audiences = [\"https://vault\"] where the token is requested",
        ),
        (
            with_role(&json!({"bound_audiences": ["https://vault:8200,other"]})),
            "aud",
            By::Role,
            "as a list",
            "bound_audiences = [\"https://vault:8200\"]",
        ),
        (with_role(&json!({"bound_audiences": null})), "aud", By::Role, "refuses every login", "bound_audiences"),
        (
            with_role(&pattern),
            "/kubernetes.io/namespace",
            By::Role,
            "glob",
            "\"/kubernetes.io/namespace\" = [\"monitoring\"]",
        ),
        (
            with_role(&json!({"bound_claims": {"team": "a"}})),
            "team",
            By::Role,
            "at any depth",
            "in place of \"team\": bound_claims = { \"/kubernetes.io/namespace\" = [\"monitoring\"], \"/kubernetes.io/serviceaccount/name\" = [\"grafana\"] } in the role",
        ),
        (with_role(&json!({"user_claim": "email"})), "email", By::Role, "", "user_claim = \"sub\""),
        (
            with_role(&json!({"user_claim": "/kubernetes.io/namespace"})),
            "/kubernetes.io/namespace",
            By::Role,
            "",
            "user_claim",
        ),
        (
            with_role(&json!({"groups_claim": "groups"})),
            "groups",
            By::Role,
            "have no groups",
            "remove groups_claim from the role",
        ),
        (
            with_config(|config| config.jwt_supported_algs = vec!["ES256".to_owned()]),
            "alg",
            By::Mount,
            "",
            "[\"ES256\", \"RS256\"]",
        ),
        (
            with_config(|config| drop(config.jwt_validation_pubkeys.remove(0))),
            "kid",
            By::Mount,
            "another cluster",
            "keys = \"cluster\"",
        ),
        (
            with_token(&json!({"nbf": NOW + 200, "iat": NOW + 200, "exp": NOW + 800})),
            "nbf",
            By::Clock,
            "200 s behind",
            "NTP",
        ),
        (
            with_token(&json!({"nbf": NOW - 700, "iat": NOW - 700, "exp": NOW - 100})),
            "exp",
            By::Clock,
            "700 s ahead",
            "NTP",
        ),
    ] {
        let claim = missed(&evidence);
        assert_eq!((claim.name.as_str(), claim.by), (name, by), "{claim:?}");
        assert!(claim.hint.as_deref().unwrap_or_default().contains(hint), "{claim:?}");
        assert!(claim.fix.contains(fix), "{claim:?}");
        let line = claim.line();
        assert!(line.contains(&claim.token) && line.contains(&claim.demanded) && line.contains(&claim.fix), "{line}");
    }
}

#[test]
fn a_role_may_demand_patterns_pointers_and_leeway() {
    for evidence in [
        with_role(&json!({"bound_claims_type": "glob", "bound_claims": {"sub": "system:serviceaccount:*:grafana"}})),
        with_role(&json!({"user_claim": "/kubernetes.io/serviceaccount/name", "user_claim_json_pointer": true})),
        Evidence {
            role: Seen::There(role(&json!({"clock_skew_leeway": 500}))),
            ..with_token(&json!({"nbf": NOW + 400}))
        },
        with_token(&json!({"aud": "https://vault:8200"})),
        with_token(&json!({"aud": ["other", "https://vault:8200"]})),
    ] {
        assert!(claims(&evidence).iter().all(|claim| claim.met), "{:#?}", claims(&evidence));
    }
    let strict =
        Evidence { role: Seen::There(role(&json!({"clock_skew_leeway": -1}))), ..with_token(&json!({"nbf": NOW + 1})) };
    assert_eq!(missed(&strict).name, "nbf");
}
