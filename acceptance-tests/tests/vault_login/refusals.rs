//! Every refusal, by a real Vault of real tokens, and what the explanation says of it.

use acceptance_tests::Signer;
use acceptance_tests::signer::openssl;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::server::serve;
use super::*;

/// The one claim that is not met.
fn missed(found: &Value) -> &Value {
    let claims = found["claims"].as_array().unwrap_or_else(|| panic!("{found}"));
    let missed: Vec<&Value> = claims.iter().filter(|claim| claim["met"] == false).collect();
    assert_eq!(missed.len(), 1, "{found}");
    missed[0]
}

/// The URL of a server that serves this key.
fn serving(public_key: &str) -> String {
    let modulus = String::from_utf8(openssl(&["rsa", "-pubin", "-noout", "-modulus"], public_key.as_bytes())).unwrap();
    let digits: Vec<char> = modulus.trim().trim_start_matches("Modulus=").chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    let modulus: Vec<u8> = digits.chunks(2).map(byte).collect();
    let key = json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "foreign", "e": "AQAB", "n": BASE64_URL_SAFE_NO_PAD.encode(modulus)});
    assert_eq!(tazlab_jwk::jwks_to_pem(&json!({"keys": [key]}).to_string()).unwrap()[0], public_key);
    serve(move |_| (200, json!({"keys": [key]})))
}

#[test]
#[allow(clippy::too_many_lines, reason = "one run of Terraform shows them all")]
fn each_is_explained_claim_by_claim() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let mut site = Site::new(&vault);
    workspace.provider(&vault.block(&workspace));
    let ours = issuer();
    let slash = site.another("slash", &json!({"bound_issuer": format!("{ours}/")}));
    let comma = site.another("comma", &json!({"bound_issuer": format!("{ours},https://other")}));
    let foreign = Signer::new("RS256").public_key();
    let key = site.another("key", &json!({"jwt_validation_pubkeys": [foreign]}));
    let alg = site.another("alg", &json!({"jwt_supported_algs": ["ES256"]}));
    let served = serving(&foreign);
    let url = site.another("url", &json!({"jwt_validation_pubkeys": [], "jwks_url": served}));
    for path in [&slash, &comma, &key, &alg, &url] {
        site.role_at(path, "grafana", &json!({}));
    }
    let (empty, other) = (format!("{}-empty", site.mount), format!("{}-other", site.mount));
    for (path, kind) in [(&empty, "jwt"), (&other, "approle")] {
        site.mounted(path, kind);
        site.others.push(path.clone());
    }
    let subject = site.subject();
    let pattern = subject.replace(ACCOUNT, "*");
    let expression = subject.replace(ACCOUNT, ".*");
    for (name, change) in [
        ("grafana", json!({})),
        ("subject", json!({"bound_subject": subject.replace(ACCOUNT, "other")})),
        ("pattern", json!({"bound_subject": pattern})),
        ("audience", json!({"bound_audiences": ["https://vault.example.net"]})),
        ("one-text", json!({"bound_audiences": [format!("{AUDIENCE},https://other")]})),
        ("no-audience", json!({"bound_audiences": []})),
        ("claim", json!({"bound_claims": {"/kubernetes.io/namespace": ["elsewhere", "nowhere"]}})),
        ("glob", json!({"bound_claims": {"sub": pattern}})),
        ("absent", json!({"bound_claims": {"team": "a"}})),
        ("flat", json!({"bound_claims": {"kubernetes.io/namespace": site.namespace.name()}})),
        ("regex", json!({"bound_claims_type": "glob", "bound_claims": {"sub": expression}})),
        (
            "disagree",
            json!({"bound_subject": subject.replace(ACCOUNT, "other"), "bound_claims_type": "glob", "bound_claims": {"sub": pattern}}),
        ),
        ("user", json!({"user_claim": "email"})),
        ("groups", json!({"groups_claim": "groups"})),
        ("cidr", json!({"token_bound_cidrs": ["192.0.2.0/24"]})),
        ("oidc", json!({"role_type": "oidc", "allowed_redirect_uris": ["http://localhost:8250/oidc/callback"]})),
    ] {
        site.role(name, &change);
    }
    let mount = site.mount.clone();
    let logins = [
        Login::new("slash", &slash, "grafana"),
        Login::new("comma", &comma, "grafana"),
        Login::new("key", &key, "grafana"),
        Login::new("alg", &alg, "grafana"),
        Login::new("subject", &mount, "subject"),
        Login::new("pattern", &mount, "pattern"),
        Login::new("audience", &mount, "audience"),
        Login::new("list", &mount, "grafana").with("audiences = [\"https://a\", \"https://b\"]"),
        Login::new("default_audience", &mount, "grafana").with(""),
        Login::new("one_text", &mount, "one-text"),
        Login::new("no_audience", &mount, "no-audience"),
        Login::new("claim", &mount, "claim"),
        Login::new("glob", &mount, "glob"),
        Login::new("absent", &mount, "absent"),
        Login::new("flat", &mount, "flat"),
        Login::new("regex", &mount, "regex"),
        Login::new("disagree", &mount, "disagree"),
        Login::new("user", &mount, "user"),
        Login::new("groups", &mount, "groups"),
        Login::new("cidr", &mount, "cidr"),
        Login::new("oidc", &mount, "oidc"),
        Login::new("url", &url, "grafana"),
        Login::new("role", &mount, "grafanna"),
        Login::new("no_mount", "nowhere", "grafana"),
        Login::new("empty", &empty, "grafana"),
        Login::new("other", &other, "grafana"),
    ];
    workspace.hcl(&proofs(site.namespace.name(), &logins));
    let applied = workspace.apply().succeeds();
    let found = outputs(&workspace);
    for Login { name, .. } in &logins {
        assert_eq!(found[name]["ready"], json!(false), "{name}: {}", found[name]);
        assert!(found[name]["summary"].as_str().unwrap().starts_with("Vault refuses the login"), "{}", found[name]);
        applied.warning(&[&format!("data.tazlab_vault_jwt_login.{name} "), "Vault refuses the login"]);
    }

    let quoted = |text: &str| format!("\"{text}\"");
    let audience = |text: &str| format!("[{}]", quoted(text));
    for (name, claim, by, token, demanded, hint, fix) in [
        (
            "slash",
            "iss",
            "mount",
            quoted(&ours),
            quoted(&format!("{ours}/")),
            "slash",
            format!("bound_issuer = {}", quoted(&ours)),
        ),
        (
            "comma",
            "iss",
            "mount",
            quoted(&ours),
            quoted(&format!("{ours},https://other")),
            "commas",
            format!("bound_issuer = {}", quoted(&ours)),
        ),
        ("alg", "alg", "mount", "RS256".to_owned(), quoted("ES256"), "", "jwt_supported_algs = [\"RS256\"]".to_owned()),
        (
            "subject",
            "sub",
            "role",
            quoted(&subject),
            quoted(&subject.replace(ACCOUNT, "other")),
            "",
            format!("bound_subject = {}", quoted(&subject)),
        ),
        (
            "pattern",
            "sub",
            "role",
            quoted(&subject),
            quoted(&pattern),
            "glob",
            format!("bound_subject = {}", quoted(&subject)),
        ),
        (
            "audience",
            "aud",
            "role",
            audience(AUDIENCE),
            quoted("https://vault.example.net"),
            "port",
            "audiences = [\"https://vault.example.net\"] where the token is requested".to_owned(),
        ),
        (
            "list",
            "aud",
            "role",
            "[\"https://a\", \"https://b\"]".to_owned(),
            quoted(AUDIENCE),
            "",
            format!("audiences = [{}]", quoted(AUDIENCE)),
        ),
        (
            "one_text",
            "aud",
            "role",
            audience(AUDIENCE),
            quoted(&format!("{AUDIENCE},https://other")),
            "write it as a list",
            format!("bound_audiences = {}", audience(AUDIENCE)),
        ),
        (
            "no_audience",
            "aud",
            "role",
            audience(AUDIENCE),
            "no audience".to_owned(),
            "refuses every login",
            format!("bound_audiences = {}", audience(AUDIENCE)),
        ),
        (
            "claim",
            "/kubernetes.io/namespace",
            "role",
            audience(site.namespace.name()),
            "one of [\"elsewhere\", \"nowhere\"]".to_owned(),
            "",
            format!("bound_subject = {}", quoted(&subject)),
        ),
        (
            "glob",
            "sub",
            "role",
            audience(&subject),
            quoted(&pattern),
            "bound_claims_type",
            "bound_claims = {".to_owned(),
        ),
        (
            "absent",
            "team",
            "role",
            "nothing".to_owned(),
            quoted("a"),
            "at any depth",
            "in place of \"team\"".to_owned(),
        ),
        (
            "flat",
            "kubernetes.io/namespace",
            "role",
            "nothing".to_owned(),
            quoted(site.namespace.name()),
            "at /kubernetes.io/namespace",
            format!(
                "bound_claims = {{ \"/kubernetes.io/namespace\" = {} }} in the role",
                audience(site.namespace.name())
            ),
        ),
        (
            "regex",
            "sub",
            "role",
            audience(&subject),
            quoted(&expression),
            "a regular expression",
            format!("bound_claims = {{ \"sub\" = {} }} in the role", audience(&subject)),
        ),
        (
            "disagree",
            "sub",
            "role",
            quoted(&subject),
            quoted(&subject.replace(ACCOUNT, "other")),
            "disagree",
            "remove bound_subject from the role".to_owned(),
        ),
        (
            "user",
            "email",
            "role",
            "nothing".to_owned(),
            "a text (user_claim)".to_owned(),
            "",
            "user_claim = \"sub\"".to_owned(),
        ),
        (
            "groups",
            "groups",
            "role",
            "nothing".to_owned(),
            "a text or a list of texts (groups_claim)".to_owned(),
            "have no groups",
            "remove groups_claim from the role".to_owned(),
        ),
    ] {
        let missed = missed(&found[name]);
        let said = [&missed["name"], &missed["by"], &missed["token"], &missed["demanded"]];
        assert_eq!(said, [&json!(claim), &json!(by), &json!(token), &json!(demanded)], "{name}");
        assert!(missed["hint"].as_str().unwrap_or_default().contains(hint), "{name}: {missed}");
        assert!(missed["fix"].as_str().unwrap().contains(&fix), "{name}: {missed}");
        let line = problems(&found[name]);
        assert!(
            line.contains(&format!("\n{claim}: the token has {token}, the {by} demands {demanded}")),
            "{name}: {line}"
        );
    }
    assert_eq!(missed(&found["default_audience"])["name"], "aud");
    for (name, words) in [
        (
            "role",
            vec!["Role grafanna does not exist", "absent, audience", "tazlab_vault_jwt_role", "name = \"grafanna\""],
        ),
        (
            "no_mount",
            vec!["Nothing accepts JWTs at auth/nowhere: no auth method is mounted there", "tazlab_vault_jwt_auth"],
        ),
        ("empty", vec!["was never configured", "tazlab_vault_jwt_auth"]),
        ("other", vec!["is of type approle"]),
        ("oidc", vec!["is of type \"oidc\"", "role_type = \"jwt\""]),
        ("cidr", vec!["192.0.2.0/24", "token_bound_cidrs"]),
    ] {
        let told = problems(&found[name]);
        assert!(words.iter().all(|word| told.contains(word)), "{name}: {told}");
    }

    // Keys that Vault fetches: it is the key that is left.
    let url = missed(&found["url"]);
    assert_eq!((&url["name"], &url["by"]), (&json!("kid"), &json!("mount")));
    assert!(url["demanded"].as_str().unwrap().contains(&served), "{url}");

    // Id and fingerprint of both sides.
    let missed = missed(&found["key"]);
    assert_eq!((&missed["name"], &missed["by"]), (&json!("kid"), &json!("mount")));
    for (side, pem) in [("token", &cluster_keys()[0]), ("demanded", &foreign)] {
        let key = tazlab_jwk::PublicKey::from_pem(pem).unwrap();
        let told = missed[side].as_str().unwrap();
        assert!(told.contains(&key.kubernetes_id()) && told.contains(&key.fingerprint()), "{side}: {told}");
    }
    assert!(missed["fix"].as_str().unwrap().contains("keys = \"cluster\""), "{missed}");
}

#[test]
fn what_the_providers_token_may_not_see_is_said_to_be_unknown() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    let site = Site::new(&vault);
    let path = format!("auth/{}/role/grafana", site.mount);
    let token = vault.token_with(&format!("path \"{path}\" {{ capabilities = [\"read\"] }}"));
    workspace.provider(&vault.block_with(&workspace, &token));
    site.role("grafana", &json!({"bound_audiences": ["https://other"]}));
    workspace.hcl(&proofs(site.namespace.name(), &[Login::new("grafana", &site.mount, "grafana")]));
    workspace.apply().succeeds();
    let found = &outputs(&workspace)["grafana"];
    assert_eq!(missed(found)["name"], "aud");
    let told = problems(found);
    let hidden = format!("path \"auth/{}/config\" {{ capabilities = [\"read\"] }}", site.mount);
    assert!(told.contains("what it demands is not known") && told.contains(&hidden), "{told}");
}
