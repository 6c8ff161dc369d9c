//! The proposals that are easily wrong, one by one.

use super::*;

const SUBJECT: &str = "system:serviceaccount:monitoring:grafana";

/// The claims that are not met: name, hint and fix.
fn told(evidence: &Evidence) -> Vec<(String, String, String)> {
    let missed = claims(evidence).into_iter().filter(|claim| !claim.met);
    missed.map(|claim| (claim.name, claim.hint.unwrap_or_default(), claim.fix)).collect()
}

fn only(evidence: &Evidence) -> (String, String) {
    let told = told(evidence);
    assert_eq!(told.len(), 1, "{told:#?}");
    (told[0].1.clone(), told[0].2.clone())
}

/// A role without the bounds of the others, but with these.
fn bound(change: &Value) -> Evidence {
    let mut role = json!({"bound_subject": "", "bound_claims": {}});
    for (name, value) in change.as_object().unwrap() {
        role[name] = value.clone();
    }
    with_role(&role)
}

#[test]
fn a_claim_that_is_deeper_is_named_by_its_pointer_and_never_taken_out_of_the_bounds() {
    let flat = json!({"bound_claims": {
        "kubernetes.io/namespace": "monitoring",
        "kubernetes.io/serviceaccount/service-account.name": "grafana",
    }});
    let whole = "bound_claims = { \"/kubernetes.io/namespace\" = [\"monitoring\"], \"/kubernetes.io/serviceaccount/name\" = [\"grafana\"] } in the role";
    let told = told(&bound(&flat));
    assert_eq!(told.len(), 2, "{told:#?}");
    for (name, hint, fix) in told {
        assert!(hint.contains("the token has it at /kubernetes.io/"), "{name}: {hint}");
        // What is pasted replaces the argument: each line has all of it.
        assert_eq!(fix, whole, "{name}");
    }
    for key in
        ["kubernetes.io.namespace", "/kubernetes.io.namespace", "namespace", "/kubernetes.io/serviceaccount/namespace"]
    {
        let (hint, fix) = only(&bound(&json!({"bound_claims": {key: ["monitoring"]}})));
        assert!(hint.contains("/kubernetes.io/namespace"), "{key}: {hint}");
        // The namespace alone would let in its other ServiceAccounts, who did not get in before.
        let claims = "bound_claims = { \"/kubernetes.io/namespace\" = [\"monitoring\"] }";
        assert_eq!(fix, format!("bound_subject = \"{SUBJECT}\" and {claims} in the role"), "{key}");
        // Where the subject is bound already nothing has to come along.
        let (_, fix) = only(&bound(&json!({"bound_subject": SUBJECT, "bound_claims": {key: ["monitoring"]}})));
        assert_eq!(fix, format!("{claims} in the role"), "{key}");
    }
    // Somebody else's: where it is is told, and nobody is let in who was not meant.
    let (hint, fix) = only(&bound(&json!({"bound_claims": {"kubernetes.io/namespace": "elsewhere"}})));
    assert!(hint.contains("at /kubernetes.io/namespace") && hint.contains("says monitoring there"), "{hint}");
    assert!(
        fix.contains("leave that role as it is") && fix.contains(&format!("bound_subject = \"{SUBJECT}\"")),
        "{fix}"
    );
    // A pod may be called as anybody likes.
    let pod = token(&json!({"kubernetes.io": {
        "namespace": "monitoring", "serviceaccount": {"name": "grafana"}, "pod": {"name": "web"},
    }}));
    let evidence = Evidence { token: pod, ..bound(&json!({"bound_claims": {"name": "web"}})) };
    let (_, fix) = only(&evidence);
    assert!(!fix.contains("pod"), "{fix}");
}

#[test]
fn an_object_is_no_claim_and_what_is_in_it_is_named() {
    let (hint, fix) = only(&bound(&json!({"bound_claims": {"/kubernetes.io/serviceaccount": "grafana"}})));
    assert!(hint.contains("an object"), "{hint}");
    assert!(fix.contains("{ \"/kubernetes.io/serviceaccount/name\" = [\"grafana\"] }"), "{fix}");
}

#[test]
fn a_pattern_of_the_wrong_kind_is_called_by_its_name() {
    for (kind, value, words) in [
        ("string", "mon*", "is a glob pattern, and a pattern needs bound_claims_type"),
        ("string", "mon.*", "is a regular expression, which Vault does not support"),
        ("glob", "^mon.*$", "is a regular expression"),
        ("glob", "(monitoring|other)", "is a regular expression"),
        ("glob", "monitorin?", "is a shell pattern"),
        ("string", "{monitoring,other}", "is a shell pattern"),
    ] {
        let role = json!({"bound_claims_type": kind, "bound_claims": {"/kubernetes.io/namespace": [value]}});
        let (hint, fix) = only(&bound(&role));
        assert!(hint.contains(words), "{value}: {hint}");
        let claims = "bound_claims = { \"/kubernetes.io/namespace\" = [\"monitoring\"] }";
        assert_eq!(fix, format!("bound_subject = \"{SUBJECT}\" and {claims} in the role"), "{value}");
        // Bound to this one, the role would refuse those of the other namespace, who log in by it.
        let role = json!({"bound_claims_type": kind, "bound_claims": {"/kubernetes.io/namespace": [value, "kept"]}});
        let (hint, fix) = only(&bound(&role));
        assert!(hint.contains(words) && fix.contains("leave that role as it is"), "{value}: {hint} {fix}");
    }
    for (value, words) in [
        ("system:serviceaccount:monitoring:*", "a glob pattern: patterns belong in bound_claims"),
        ("system:serviceaccount:monitoring:.*", "a regular expression, which Vault does not support"),
        ("system:serviceaccount:monitoring:grafan?", "a shell pattern, which Vault does not support"),
    ] {
        let (hint, fix) = only(&bound(&json!({"bound_subject": value})));
        assert!(hint.contains(words), "{value}: {hint}");
        assert_eq!(fix, format!("bound_subject = \"{SUBJECT}\" in the role"), "{value}");
    }
    // A number is no text, whatever it looks like.
    let (hint, _) =
        only(&Evidence { token: token(&json!({"level": 5})), ..bound(&json!({"bound_claims": {"level": "5"}})) });
    assert!(hint.contains("a number"), "{hint}");
}

#[test]
fn two_bounds_of_the_subject_that_disagree_are_cleared_and_not_written_anew() {
    let glob = |subject: &str, pattern: &str| {
        bound(&json!({"bound_subject": subject, "bound_claims_type": "glob", "bound_claims": {"sub": pattern}}))
    };
    for subject in ["system:serviceaccount:monitoring:*", "system:serviceaccount:monitoring:prometheus"] {
        let (hint, fix) = only(&glob(subject, "system:serviceaccount:monitoring:*"));
        assert!(hint.contains("disagree") && hint.contains("system:serviceaccount:monitoring:*"), "{hint}");
        assert_eq!(fix, "remove bound_subject from the role", "{subject}");
    }
    // Cleared, these would let in everybody, or whom bound_subject kept out.
    for (subject, pattern) in [
        ("system:serviceaccount:monitoring:prometheus", "*"),
        ("system:serviceaccount:monitoring:prometheus", "system:serviceaccount:*"),
        ("system:serviceaccount:monitoring:*", "system:serviceaccount:*"),
    ] {
        let (_, fix) = only(&glob(subject, pattern));
        assert!(!fix.contains("remove") && fix.contains(&format!("bound_subject = \"{SUBJECT}\"")), "{subject}: {fix}");
    }
}

#[test]
fn where_nothing_else_keeps_strangers_out_the_subject_comes_along() {
    let pinned = format!("bound_subject = \"{SUBJECT}\"");
    for (change, fix) in [
        (json!({"groups_claim": "groups"}), format!("{pinned} in the role, and remove groups_claim from it")),
        (json!({"user_claim": "email"}), format!("user_claim = \"sub\" and {pinned} in the role")),
        (
            json!({"bound_audiences": []}),
            format!("bound_audiences = [\"https://vault:8200\"] and {pinned} in the role"),
        ),
        (
            json!({"claim_mappings": {"/kubernetes.io/serviceaccount": "account"}}),
            format!("{pinned} in the role, and remove claim_mappings from it"),
        ),
        (
            json!({"bound_claims": {"/kubernetes.io/namespace": "*"}}),
            format!("{pinned} and bound_claims = {{ \"/kubernetes.io/namespace\" = [\"monitoring\"] }} in the role"),
        ),
        // This one says who is meant.
        (json!({"bound_subject": SUBJECT, "groups_claim": "groups"}), "remove groups_claim from the role".to_owned()),
    ] {
        assert_eq!(only(&bound(&change)).1, fix, "{change}");
    }
}

#[test]
fn an_audience_is_asked_for_as_the_role_has_it_and_never_the_api_servers_own() {
    let (_, fix) = only(&bound(&json!({"bound_subject": SUBJECT, "bound_audiences": ["vault", "other"]})));
    assert_eq!(fix, "audiences = [\"vault\"] where the token is requested");
    let own = Evidence {
        token: token(&json!({"aud": ["https://k8s:6443"]})),
        audiences: Vec::new(),
        ..bound(&json!({"bound_subject": SUBJECT, "bound_audiences": []}))
    };
    let (_, fix) = only(&own);
    assert_eq!(
        fix,
        "bound_audiences = [\"vault\"] in the role, and audiences = [\"vault\"] where the token is requested"
    );
}

#[test]
fn another_clusters_mount_is_not_opened() {
    let foreign = |change: &dyn Fn(&mut JwtConfig)| {
        let evidence = with_config(|config| {
            config.jwt_validation_pubkeys = vec![tazlab_jwk::PublicKey::ed25519(&[7; 32]).unwrap().to_pem()];
            change(config);
        });
        told(&evidence).into_iter().map(|(_, _, fix)| fix).collect::<Vec<_>>().join("\n")
    };
    let own_mount = "a mount of this cluster's own";
    assert!(foreign(&|config| config.bound_issuer = "https://other:6443".to_owned()).contains(own_mount));
    assert!(foreign(&|config| config.bound_issuer.clear()).contains(own_mount));
    // A rotation: the issuer names this cluster and no other.
    assert!(foreign(&|_| {}).contains("keys = \"cluster\" on the mount"));
    // Another port, path or scheme may be another cluster.
    for issuer in ["https://k8s:6444", "http://k8s:6443", "https://k8s:6443/id/2"] {
        let by_url = with_config(|config| {
            config.jwt_validation_pubkeys.clear();
            config.jwks_url = "https://keys".to_owned();
            config.bound_issuer = issuer.to_owned();
        });
        let (_, fix) = only(&by_url);
        assert!(fix.contains(own_mount) && !fix.contains("bound_issuer"), "{issuer}: {fix}");
        // With no other cluster's key in it, it is this cluster's mount.
        let (_, fix) = only(&with_config(|config| config.bound_issuer = issuer.to_owned()));
        assert!(fix.contains("bound_issuer = \"https://k8s:6443\""), "{issuer}: {fix}");
    }
}

#[test]
fn vault_takes_every_algorithm_where_the_mount_names_none() {
    for algorithm in crate::vault::login::ALGORITHMS {
        let mut evidence = evidence();
        evidence.token.algorithm = algorithm.to_owned();
        assert!(claims(&evidence).iter().all(|claim| claim.met), "{algorithm}");
    }
}

/// The same names in another cluster are somebody else.
#[test]
fn where_a_mount_accepts_other_clusters_a_role_is_bound_to_this_one() {
    let default = "https://kubernetes.default.svc.cluster.local";
    let other = || crate::vault::login::tests::other_key().to_pem();
    let of = |issuer: &str, uid: bool, change: &dyn Fn(&mut JwtConfig)| {
        let Evidence { config: Seen::There(mut config), .. } = evidence() else { panic!() };
        config.bound_issuer.clear();
        change(&mut config);
        let account = if uid { json!({"name": "grafana", "uid": "u-1"}) } else { json!({"name": "grafana"}) };
        let claims = json!({"namespace": "monitoring", "serviceaccount": account});
        let token = token(&json!({"iss": issuer, "kubernetes.io": claims}));
        Evidence { token, config: Seen::There(config), ..bound(&json!({"groups_claim": "groups"})) }
    };
    let subject = format!("bound_subject = \"{SUBJECT}\"");
    let shared: &dyn Fn(&mut JwtConfig) = &|config| config.jwt_validation_pubkeys.push(other());
    let url: &dyn Fn(&mut JwtConfig) = &|config| {
        config.jwt_validation_pubkeys.clear();
        config.jwks_url = "https://keys".to_owned();
    };
    let (_, fix) = only(&of(default, true, &|_| {}));
    assert_eq!(fix, format!("{subject} in the role, and remove groups_claim from it"), "its keys are this cluster's");
    let (_, fix) = only(&of("https://k8s:6443", true, shared));
    assert!(fix.contains(&format!("{subject} and bound_claims = {{ \"iss\" = [\"https://k8s:6443\"] }}")), "{fix}");
    let uid = "bound_claims = { \"/kubernetes.io/serviceaccount/uid\" = [\"u-1\"] }";
    for config in [shared, url] {
        let (_, fix) = only(&of(default, true, config));
        assert!(fix.contains(&format!("{subject} and {uid}")), "{fix}");
        let (_, fix) = only(&of(default, false, config));
        assert!(fix.contains("a mount of this cluster's own"), "{fix}");
    }
    // Vault verified the signature, so the keys at the URL are this cluster's.
    let (_, fix) = only(&Evidence { is_verified: true, ..of(default, true, url) });
    assert!(fix.contains(&subject) && !fix.contains("uid"), "{fix}");
}
