//! Spelling, claims, durations and warnings of a role, without a Vault.

mod doors;

use tazlab_clients::vault::JwtRole;
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::schema::all_null;

use super::*;
use crate::vault::Provenance;

fn model(arguments: &[(&str, Datum)]) -> Model {
    let attributes = Model::attributes();
    let nothing = all_null(&attributes);
    let Datum::Object(mut entries) = settle(&attributes, &nothing, nothing.clone()) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(entries.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    decode(Datum::Object(entries)).unwrap()
}

fn texts(values: &[&str]) -> Datum {
    Datum::Set(values.iter().map(|value| (*value).into()).collect())
}

#[test]
fn what_vault_gives_back_keeps_the_users_spelling() {
    let written = model(&[
        ("name", "a".into()),
        ("user_claim", "sub".into()),
        ("token_ttl", "86400".into()),
        ("token_max_ttl", "0".into()),
        ("token_policies", texts(&["b", "a"])),
        ("user_claim_json_pointer", false.into()),
    ]);
    let mut seen = written.clone();
    role::observe(&mut seen, &role::desired(&written));
    assert_eq!(seen.encode(), written.encode());
    let mut live = role::desired(&written);
    live.token_ttl = 3600;
    live.token_policies = Vec::new();
    live.groups_claim = "groups".to_owned();
    role::observe(&mut seen, &live);
    assert_eq!(seen.token_ttl.as_deref_option(), Some("1h"));
    assert!(seen.token_policies.is_null());
    assert_eq!(seen.groups_claim.as_deref_option(), Some("groups"));
    // What somebody made of it by hand is a difference, and not to be overlooked.
    assert_eq!(seen.role_type.as_deref_option(), Some("jwt"));
    live.role_type = "oidc".to_owned();
    role::observe(&mut seen, &live);
    assert_eq!(seen.role_type.as_deref_option(), Some("oidc"));
}

#[test]
fn a_claim_may_be_one_value_or_a_list_and_no_text() {
    let mut seen = model(&[]);
    let live = JwtRole {
        bound_claims: [
            ("a".to_owned(), serde_json::json!("x")),
            ("b".to_owned(), serde_json::json!(["y", 1])),
            ("c".to_owned(), serde_json::json!(true)),
        ]
        .into(),
        ..role::desired(&seen)
    };
    role::observe(&mut seen, &live);
    let claims = seen.bound_claims.as_ref_option().unwrap();
    assert_eq!(
        (&claims["a"].0, &claims["b"].0, &claims["c"].0),
        (&vec!["x".to_owned()], &vec!["1".to_owned(), "y".to_owned()], &vec!["true".to_owned()])
    );
}

#[test]
fn equal_durations_are_no_change() {
    let prior = model(&[("token_ttl", "24h".into()), ("token_period", "1h".into())]);
    let mut planned = model(&[("token_ttl", "86400".into()), ("token_period", "2h".into())]);
    role::keep_spelling(&mut planned, &prior);
    assert_eq!(
        (planned.token_ttl.as_deref_option(), planned.token_period.as_deref_option()),
        (Some("24h"), Some("2h"))
    );
}

#[test]
fn what_is_hardly_meant_is_told() {
    let summaries = |arguments: &[(&str, Datum)]| -> Vec<String> {
        warnings::of(&model(arguments)).into_iter().map(|warning| warning.attribute.to_string()).collect()
    };
    assert_eq!(
        summaries(&[("bound_subject", "system:serviceaccount:a:*".into())]),
        ["token_policies", "bound_audiences", "bound_subject"]
    );
    let good = [("token_policies", texts(&["a"])), ("bound_audiences", texts(&["v"])), ("bound_subject", "s".into())];
    assert_eq!(summaries(&good), [""; 0]);
    let claims = Datum::Map([("sub".to_owned(), texts(&["system:*"]))].into());
    assert!(summaries(&[("bound_claims", claims.clone())]).contains(&"bound_claims".to_owned()));
    assert!(
        !summaries(&[("bound_claims", claims), ("bound_claims_type", "glob".into())])
            .contains(&"bound_claims".to_owned())
    );
}

#[test]
fn a_role_is_deleted_by_the_record_or_where_it_is_what_was_written() {
    let block =
        |force: bool| model(&[("name", "a".into()), ("user_claim", "sub".into()), ("force_conflicts", force.into())]);
    let written = role::desired(&block(false));
    let other = JwtRole { bound_subject: "system:serviceaccount:other:a".to_owned(), ..written.clone() };
    let stays = |provenance, live: &JwtRole, force| delete::not_ours(&block(force), provenance, live);
    assert_eq!(stays(Some(Provenance::Made), &written, false), None);
    assert_eq!(stays(Some(Provenance::Made), &other, false), None, "what somebody changed is still ours");
    let adopted = stays(Some(Provenance::Adopted), &written, false).unwrap();
    assert!(adopted.contains("existed before") && adopted.contains("force_conflicts = true"), "{adopted}");
    assert_eq!(stays(None, &written, false), None, "imported, or written by an earlier version");
    assert!(stays(None, &other, false).unwrap().contains("system:serviceaccount:other:a"));
    for provenance in [None, Some(Provenance::Adopted)] {
        assert_eq!(stays(provenance, &other, true), None, "the user says so");
    }
}

#[test]
fn where_a_login_may_come_from_is_a_bound() {
    let role = |from: &[&str]| JwtRole {
        token_bound_cidrs: from.iter().map(|one| (*one).to_owned()).collect(),
        ..role::desired(&model(&[("user_claim", "sub".into())]))
    };
    assert!(role::bounds(&role(&["10.0.0.1/32"])) == role::bounds(&role(&["10.0.0.1"])));
    assert!(role::bounds(&role(&["10.0.0.1"])) != role::bounds(&role(&[])));
    assert!(role::described(&role(&["10.0.0.1"])).contains("token_bound_cidrs 10.0.0.1"));
}

/// Attribute and detail of each warning but those of policies and audiences.
fn doubts(arguments: &[(&str, Datum)]) -> Vec<(String, String)> {
    let found =
        warnings::of(&model(arguments)).into_iter().map(|warning| (warning.attribute.to_string(), warning.detail));
    found.filter(|(attribute, _)| !matches!(attribute.as_str(), "token_policies" | "bound_audiences")).collect()
}

fn claims(all: &[(&str, &str)]) -> (&'static str, Datum) {
    ("bound_claims", Datum::Map(all.iter().map(|(name, value)| ((*name).to_owned(), texts(&[value]))).collect()))
}

#[test]
fn a_doubt_says_what_kind_of_pattern_it_is_and_proposes_what_is_meant() {
    let glob = ("bound_claims_type", Datum::from("glob"));
    let audience = ("bound_audiences", texts(&["vault"]));
    for (arguments, attribute, words) in [
        (
            vec![("bound_subject", "system:serviceaccount:a:*".into())],
            "bound_subject",
            "a glob pattern: it matches no ServiceAccount. Patterns belong in bound_claims with bound_claims_type = \"glob\". Write: bound_claims = { \"sub\" = [\"system:serviceaccount:a:*\"] } and bound_claims_type = \"glob\" in the role, and remove bound_subject from it.",
        ),
        (vec![("bound_subject", "system:serviceaccount:a:.*".into())], "bound_subject", "a regular expression"),
        (vec![("bound_subject", "^system:serviceaccount:a:b$".into())], "bound_subject", "a regular expression"),
        (vec![("bound_subject", "system:serviceaccount:a:b?".into())], "bound_subject", "a shell pattern"),
        (
            vec![("bound_subject", "system:serviceaccount:*".into())],
            "bound_subject",
            "it would let in every ServiceAccount: name who is meant.",
        ),
        (
            vec![
                ("bound_subject", "system:serviceaccount:a:*".into()),
                glob.clone(),
                claims(&[("sub", "system:serviceaccount:a:*")]),
            ],
            "bound_subject",
            "clear one of the two. Write: remove bound_subject from the role.",
        ),
        (
            vec![claims(&[("sub", "system:serviceaccount:a:*")])],
            "bound_claims",
            "Write: bound_claims_type = \"glob\" in the role.",
        ),
        (vec![claims(&[("/kubernetes.io/namespace", "*")])], "bound_claims", "it would let in every ServiceAccount"),
        (
            vec![glob.clone(), claims(&[("sub", "system:serviceaccount:a:.*")])],
            "bound_claims",
            "a regular expression, which Vault does not support",
        ),
        (vec![glob.clone(), claims(&[("/kubernetes.io/namespace", "(a|b)")])], "bound_claims", "a regular expression"),
        (
            vec![claims(&[("kubernetes.io/namespace", "apps"), ("/kubernetes.io/serviceaccount/name", "web")])],
            "bound_claims",
            "Write: bound_claims = { \"/kubernetes.io/namespace\" = [\"apps\"], \"/kubernetes.io/serviceaccount/name\" = [\"web\"] } in the role.",
        ),
        (
            vec![audience.clone(), claims(&[("kubernetes.io/serviceaccount/service-account.name", "web")])],
            "bound_claims",
            "{ \"/kubernetes.io/serviceaccount/name\" = [\"web\"] }",
        ),
    ] {
        let found = doubts(&arguments);
        assert!(found.len() == 1 && found[0].0 == attribute && found[0].1.contains(words), "{arguments:?}: {found:?}");
    }
    let user = |claim: &str| doubts(&[("user_claim", claim.into()), ("bound_subject", "s".into())]);
    assert!(
        user("/kubernetes.io/serviceaccount/uid")[0].1.contains("Write: user_claim_json_pointer = true in the role.")
    );
    let written = "user_claim = \"/kubernetes.io/serviceaccount/name\" and user_claim_json_pointer = true in the role";
    assert!(user("kubernetes.io/serviceaccount/name")[0].1.contains(written));
}

#[test]
fn what_may_be_meant_is_no_doubt() {
    let glob = ("bound_claims_type", Datum::from("glob"));
    for arguments in [
        // Other issuers have other subjects and claims.
        vec![("bound_subject", "repo:a/b:ref:refs/heads/(main)?".into())],
        vec![claims(&[("namespace", "apps"), ("email", "a+b@example.net"), ("project.id", "^1$")])],
        vec![glob.clone(), claims(&[("host", "*.example.*"), ("sub", "system:serviceaccount:a:web.*")])],
        // Tokens of long ago have this at the top, and no audience.
        vec![claims(&[("kubernetes.io/serviceaccount/namespace", "apps")])],
        vec![glob, claims(&[("sub", "system:serviceaccount:*:web"), ("/kubernetes.io/namespace", "a*")])],
        vec![claims(&[("/sub", "system:serviceaccount:a:b")])],
        vec![("bound_subject", Datum::unknown())],
        vec![("user_claim", "/kubernetes.io/serviceaccount/uid".into()), ("user_claim_json_pointer", true.into())],
    ] {
        assert_eq!(doubts(&arguments), [], "{arguments:?}");
    }
    // While a bound is not known nobody can say what is left.
    let found = doubts(&[("bound_subject", "system:serviceaccount:a:*".into()), ("bound_claims", Datum::unknown())]);
    assert!(found.len() == 1 && !found[0].1.contains("Write:"), "{found:?}");
}
