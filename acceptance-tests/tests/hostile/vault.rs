//! The way to Vault: proxies, redirects, certificates, echoes, giant answers, variables.

use acceptance_tests::web::{Heard, Reply};
use acceptance_tests::{FakeVault, Proxy, Signer, Web, Workspace};
use serde_json::json;

const AUTH: &str = "tazlab_vault_jwt_auth.cluster";

/// An auth method whose keys need no cluster.
fn auth(workspace: &Workspace) {
    std::fs::write(workspace.path().join("key.pem"), Signer::new("ES256").public_key()).unwrap();
    workspace.hcl(
        "resource \"tazlab_vault_jwt_auth\" \"cluster\" {\n  keys = \"pem\"\n  bound_issuer = \"https://one.k8s.test\"\n  validation_pubkeys = [file(\"key.pem\")]\n  jwt_supported_algs = [\"ES256\"]\n}\n",
    );
}

fn with_auth(arguments: &str) -> Workspace {
    let workspace = Workspace::without_cluster(arguments);
    auth(&workspace);
    workspace
}

/// Everything of a request is thrown back as an error of Vault's own.
fn echo(heard: &Heard) -> Reply {
    let said = format!("{} {} {}", heard.target, heard.head, heard.body);
    Reply::of(400, &json!({"errors": [said, heard.header("x-vault-token"), heard.body]}).to_string())
}

#[test]
fn an_http_proxy_is_never_shown_what_goes_to_this_machine() {
    let vault = FakeVault::plain();
    // It plays Vault: what it invents would be believed.
    let proxy = Web::plain(|_| Reply::json(&json!({"data": {"type": "jwt", "accessor": "invented", "config": {}}})));
    let proxied = |workspace: &Workspace| {
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            workspace.environment(name, &proxy.url());
        }
    };
    let port = vault.web.address().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost"] {
        let workspace = with_auth("");
        workspace.provider_block(&vault.block_at(&workspace, &format!("http://{host}:{port}"), ""));
        proxied(&workspace);
        let applied = workspace.apply().succeeds();
        assert_eq!(applied.warnings(), [""; 0], "what stays here is no exposure");
        workspace.plan().succeeds().changes_nothing();
        workspace.destroy().succeeds();
        assert_eq!(vault.mount("jwt"), None);
    }
    assert_eq!(proxy.lines(), [""; 0]);

    // Control: another machine is reached by the proxy, and the token in clear is told in each run.
    let workspace = with_auth("");
    workspace.provider_block(&vault.block_at(&workspace, "http://vault.test:8200", ""));
    proxied(&workspace);
    let applied = workspace.apply();
    applied.warning(&["The connection to Vault is not encrypted", "http://vault.test:8200", "in clear"]);
    assert!(proxy.lines().iter().any(|line| line.contains("http://vault.test:8200/v1/")), "{:?}", proxy.lines());
}

#[test]
fn a_redirect_hands_the_token_to_nobody() {
    let stranger = FakeVault::plain();
    for code in [307, 308] {
        let (vault, active) = (FakeVault::plain(), FakeVault::plain());
        let (to, leader) = (stranger.web.url(), active.web.url());
        vault.twist(move |heard| {
            if heard.target == "/v1/sys/leader" {
                return Some(Reply::json(&json!({"ha_enabled": true, "leader_address": leader})));
            }
            Some(Reply::to(code, &format!("{to}{}", heard.target)))
        });
        let workspace = with_auth("");
        workspace.provider_block(&vault.block(&workspace));
        let (ours, theirs) = (vault.web.url(), stranger.web.url());
        workspace.apply().fails().error(&["redirects to", &ours, &theirs, &active.web.url()]);
        assert!(active.web.lines().is_empty() && stranger.web.lines().is_empty(), "{:?}", stranger.web.lines());
        assert!(
            vault
                .web
                .heard()
                .iter()
                .all(|heard| { heard.target != "/v1/sys/leader" || heard.header("x-vault-token").is_empty() })
        );
    }
    // Nor out of TLS, whatever Vault says of its leader.
    let vault = FakeVault::tls();
    let to = stranger.web.url();
    vault.twist(move |heard| {
        let leader = Reply::json(&json!({"ha_enabled": true, "leader_address": to}));
        Some(if heard.target == "/v1/sys/leader" { leader } else { Reply::to(307, &format!("{to}{}", heard.target)) })
    });
    let workspace = with_auth("");
    let authority = workspace.source("ca.pem", vault.web.authority().unwrap());
    let trust = format!("  ca_cert_file = \"{authority}\"");
    workspace.provider_block(&vault.block_at(&workspace, &vault.web.url(), &trust));
    workspace.apply().fails().error(&["redirects to", &vault.web.url(), &stranger.web.url(), "out of TLS"]);
    assert_eq!(stranger.web.lines(), [""; 0]);

    // Control: a standby that names the active node, which has the same token.
    let active = FakeVault::plain();
    let to = active.web.url();
    let standby = Web::plain(move |heard| {
        let leader = Reply::json(&json!({"ha_enabled": true, "leader_address": to}));
        if heard.target == "/v1/sys/leader" { leader } else { Reply::to(307, &format!("{to}{}", heard.target)) }
    });
    let workspace = with_auth("");
    workspace.provider_block(&active.block_at(&workspace, &standby.url(), ""));
    workspace.apply().succeeds();
    assert!(active.mount("jwt").is_some());
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_variable_does_not_defeat_whom_the_block_trusts() {
    let (vault, other) = (FakeVault::tls(), FakeVault::tls());
    let of = |arguments: &str| {
        let workspace = with_auth("");
        workspace.provider_block(&vault.block_at(&workspace, &vault.web.url(), arguments));
        workspace.environment("VAULT_SKIP_VERIFY", "true");
        workspace
    };
    let heard = || vault.web.lines().len();
    let wrong = of("");
    let authority = wrong.source("other.pem", other.web.authority().unwrap());
    wrong.provider_block(&vault.block_at(&wrong, &vault.web.url(), &format!("  ca_cert_file = \"{authority}\"")));
    wrong.apply().fails().error(&["not signed by an authority that is trusted"]);
    of("  skip_tls_verify = false").apply().fails().error(&["not signed by an authority that is trusted"]);
    of("  tls_server_name = \"vault.test\"").apply().fails().error(&["not signed by an authority that is trusted"]);
    assert_eq!(heard(), 0, "nothing was sent");

    // Control: the right authority; and where the block says nothing, the variable does, with a warning in each run.
    let right = of("");
    let authority = right.source("ca.pem", vault.web.authority().unwrap());
    right.provider_block(&vault.block_at(&right, &vault.web.url(), &format!("  ca_cert_file = \"{authority}\"")));
    assert_eq!(right.apply().succeeds().warnings(), [""; 0]);
    right.destroy().succeeds();
    let silent = of("");
    silent.apply().succeeds().warning(&["certificate is not verified", "VAULT_SKIP_VERIFY"]);
    silent.plan().succeeds().changes_nothing().warning(&["certificate is not verified", "VAULT_SKIP_VERIFY"]);
    silent.destroy().succeeds();
}

#[test]
fn what_vault_throws_back_is_not_repeated() {
    let vault = FakeVault::plain();
    let workspace = with_auth("");
    workspace.provider_block(&vault.block(&workspace));
    vault.twist(|heard| Some(echo(heard)));
    let told = workspace.apply().fails();
    assert!(!told.stdout.contains(vault.token()), "{told}");
    // As a warning of a success, too.
    vault.twist(|heard| {
        let said = format!("beware {}", heard.header("x-vault-token"));
        (heard.method == "POST").then(|| Reply::json(&json!({"warnings": [said]})))
    });
    workspace.apply();
    // A login's secret.
    let secret = workspace.secret_file("secret-id");
    let login = format!(
        "auth_approle = {{\n    role_id = \"role-of-the-provider\"\n    secret_id_file = \"{}\"\n  }}",
        secret.0
    );
    workspace.provider_block(&format!("vault = {{\n  address = \"{}\"\n  {login}\n}}", vault.web.url()));
    vault.twist(|heard| Some(echo(heard)));
    let told = workspace.apply().fails();
    told.error(&["the login at auth/approle failed", "(redacted)"]);
    assert!(vault.web.heard().iter().any(|heard| heard.body.contains(&secret.1)), "it was sent");
    // Control.
    vault.behave();
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
}

/// What Vault says of an object is stored: it must not be the token that it was shown.
#[test]
fn what_would_be_stored_holds_no_token() {
    let vault = FakeVault::plain();
    let workspace = with_auth("");
    workspace.provider_block(&vault.block(&workspace));
    workspace.apply().succeeds();
    let encode = |text: &str| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, text);
    for form in
        [|token: &str| token.to_owned(), |token: &str| format!("by {token}."), |token: &str| token.to_lowercase()]
    {
        for place in ["/v1/sys/auth/jwt", "/v1/auth/jwt/config"] {
            vault.twist(move |heard| {
                let said = form(heard.header("x-vault-token"));
                let data = json!({"type": "jwt", "accessor": "auth_jwt_1", "description": said, "bound_issuer": said});
                (heard.method == "GET" && heard.target == place).then(|| Reply::json(&json!({"data": data})))
            });
            workspace.plan().fails().error(&["repeats a credential"]);
        }
    }
    vault.twist(move |heard| {
        let said = encode(&format!("u:{}", heard.header("x-vault-token")));
        let data = json!({"type": "jwt", "accessor": "auth_jwt_1", "description": said});
        (heard.method == "GET" && heard.target == "/v1/sys/auth/jwt").then(|| Reply::json(&json!({"data": data})))
    });
    workspace.plan().fails().error(&["repeats a credential"]);
    // Control: any other description is drift.
    vault.twist(|heard| {
        let data = json!({"type": "jwt", "accessor": "auth_jwt_1", "description": "by hand"});
        (heard.method == "GET" && heard.target == "/v1/sys/auth/jwt").then(|| Reply::json(&json!({"data": data})))
    });
    workspace.plan().succeeds().only("update", AUTH);
}

#[test]
fn a_private_key_is_refused_and_reaches_no_state() {
    let vault = FakeVault::plain();
    let workspace = with_auth("");
    workspace.provider_block(&vault.block(&workspace));
    let secret = workspace.secret();
    let private = format!("-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n");
    let public = Signer::new("ES256").public_key();
    workspace.variable("pem", &format!("{public}{private}"));
    for arguments in [
        "keys = \"pem\"\n  validation_pubkeys = [var.pem]",
        "keys = \"url\"\n  jwks_url = \"https://k8s.test/keys\"\n  jwks_ca_pem = var.pem",
        "keys = \"discovery\"\n  oidc_discovery_url = \"https://k8s.test\"\n  oidc_discovery_ca_pem = var.pem",
    ] {
        workspace.hcl(&format!(
            "variable \"pem\" {{\n  sensitive = true\n}}\nresource \"tazlab_vault_jwt_auth\" \"cluster\" {{\n  {arguments}\n}}\n"
        ));
        workspace.plan().fails().error(&["private key", "rotate"]);
    }
    // Nor where somebody else has put one into Vault.
    auth(&workspace);
    workspace.apply().succeeds();
    let mut config = vault.config("jwt").unwrap();
    (config["jwt_validation_pubkeys"], config["jwks_ca_pem"]) = (json!([private]), json!(private));
    vault.write_config("jwt", &config);
    workspace.plan().succeeds().only("update", AUTH);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn an_answer_without_an_end_is_not_read_to_it() {
    let vault = FakeVault::plain();
    let workspace = with_auth("");
    workspace.provider_block(&vault.block(&workspace));
    let piece = format!("{{\"data\": \"{}\"}}", "x".repeat(1 << 16));
    for code in [200, 500] {
        let piece = piece.clone();
        vault.twist(move |heard| heard.target.starts_with("/v1/sys/auth/").then(|| Reply::endless(code, &piece)));
        let refused = workspace.apply().fails();
        assert!(refused.took < std::time::Duration::from_mins(1), "{refused}");
        if code == 200 {
            refused.error(&["was not read", " MiB"]);
        }
    }
    vault.behave();
    workspace.apply().succeeds();
    assert_eq!(workspace.addresses(), [AUTH]);
}

#[test]
fn user_and_password_of_an_address_are_not_printed() {
    let vault = FakeVault::plain();
    let workspace = with_auth("vault = {}");
    let (user, password) = (workspace.secret(), workspace.secret());
    let with = |address: &str| address.replace("http://", &format!("http://{user}:{password}@"));
    workspace.environment("VAULT_TOKEN", vault.token());
    workspace.plant(vault.token());
    let closed = format!("http://127.0.0.1:{}", Proxy::free_port());
    workspace.environment("VAULT_ADDR", &with(&closed));
    workspace.apply().fails().error(&["is unreachable", &closed]);
    workspace.environment("VAULT_ADDR", &with(&vault.web.url()));
    vault.twist(|heard| Some(echo(heard)));
    workspace.apply().fails();
    vault.twist(|_| Some(Reply::to(302, "http://elsewhere.test/")));
    workspace.apply().fails().error(&[&vault.web.url(), "http://elsewhere.test"]);
    // What only looks like a URL is not repeated.
    for wrong in ["ftp://{}@vault.test", "{}@vault.test", "{}"] {
        workspace.environment("VAULT_ADDR", &wrong.replace("{}", &format!("{user}:{password}")));
        workspace.apply().fails();
    }
    // Control: whoever stands before Vault gets them.
    vault.behave();
    workspace.environment("VAULT_ADDR", &with(&vault.web.url()));
    workspace.apply().succeeds();
    assert!(vault.web.heard().iter().any(|heard| heard.header("authorization").starts_with("Basic ")));
    workspace.destroy().succeeds();
}

#[test]
fn a_login_in_the_url_of_keys_is_refused_without_being_repeated() {
    let vault = FakeVault::plain();
    let workspace = with_auth("");
    workspace.provider_block(&vault.block(&workspace));
    let secret = workspace.secret();
    // The URL comes from a variable: the configuration itself is searched, too.
    workspace.hcl(
        "variable \"url\" {\n  sensitive = true\n}\nresource \"tazlab_vault_jwt_auth\" \"cluster\" {\n  keys = \"url\"\n  jwks_url = var.url\n}\n",
    );
    workspace.variable("url", &format!("https://user:{secret}@k8s.test/keys"));
    workspace.plan().fails().error(&["user name or password"]);
    workspace.variable("url", "https://k8s.test/keys");
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
}

#[test]
fn a_variable_sends_no_key_of_the_block_to_another_server() {
    let thief = Web::plain(|_| Reply::of(500, ""));
    let workspace = Workspace::without_cluster("");
    let key = workspace.secret();
    let block = |more: &str| format!("tailscale = {{\n  api_key = var.key\n{more}\n}}");
    workspace.hcl(
        "variable \"key\" {\n  sensitive = true\n  ephemeral = true\n}\ndata \"tazlab_tailnet_devices\" \"all\" {}\n",
    );
    workspace.variable("key", &key);
    workspace.provider_block(&block(""));
    workspace.environment("TAILSCALE_BASE_URL", &thief.url());
    let told = workspace.apply();
    let text = format!("{:?}{:?}", told.errors(), told.warnings());
    assert!(text.contains("TAILSCALE_BASE_URL") && text.contains(&thief.url()), "{text}");
    assert_eq!(thief.lines(), [""; 0]);
    // Control: what the block says, is done.
    workspace.provider_block(&block(&format!("  base_url = \"{}\"", thief.url())));
    workspace.apply();
    assert!(!thief.lines().is_empty());
}
