//! The other sources of keys, and what is said when Vault cannot use them.

use std::time::Duration;

use acceptance_tests::kubectl::OpenKeys;
use acceptance_tests::{Part, Signer, Tailnet};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

#[test]
fn a_url_that_vault_cannot_use_is_explained() {
    let _discovery = Part::Discovery.exclusive();
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "url"), workspace(&vault));
    let server = acceptance_tests::kubeconfig::api_server(acceptance_tests::Testbed::get().kubeconfig());
    let jwks = format!("https://{server}/openid/v1/jwks");
    let authority = acceptance_tests::kubeconfig::authority();
    let of = |url: &str, more: &str| auth(path.name(), &format!("  keys = \"url\"\n  jwks_url = \"{url}\"\n{more}"));
    let closed = format!("https://127.0.0.1:{}/keys", acceptance_tests::Proxy::free_port());
    let vaults_own = format!("{}/v1/sys/health", vault.address());
    for (hcl, words) in [
        (of("https://does-not-exist.invalid/keys", ""), "does not resolve"),
        (of(&closed, ""), "connection refused"),
        (of(&vaults_own, ""), "not signed by an authority that is trusted"),
    ] {
        workspace.hcl(&hcl);
        workspace.apply().fails().error(&["Vault cannot use jwks_url", words, "keys = \"cluster\""]);
        assert_eq!(workspace.addresses(), [AUTH], "what was mounted is known, and made anew by the next apply");
    }
    let encoded = format!("  jwks_ca_pem = base64decode(\"{authority}\")");
    workspace.hcl(&of(&jwks, &encoded));
    let refused = workspace.apply().fails();
    refused.error(&["Vault cannot use jwks_url", "anonymous access is off", "keys = \"cluster\""]);

    // The two ways of the guide, as it shows them. The second one needs what the cluster just refused.
    let namespace = Namespace::made("vault");
    let (jwt, role) = (token(&namespace), role(namespace.name(), "  token_policies = [\"a\"]"));
    workspace.plant(&jwt);
    std::fs::write(workspace.path().join("cluster-ca.crt"), BASE64_STANDARD.decode(&authority).unwrap()).unwrap();
    let example = |name: &str| {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/vault-outside").join(name);
        let text = std::fs::read_to_string(file).unwrap();
        let own = text.replace("\"jwt\"", &format!("\"{}\"", path.name()));
        let own = own.replace("https://k8s.example.ts.net:6443/openid/v1/jwks", &jwks);
        own.replace("https://k8s.example.ts.net:6443", &issuer()) + &role
    };
    let _open = OpenKeys::to_everybody(path.name());
    for name in ["cluster.tf", "url.tf"] {
        workspace.hcl(&example(name));
        workspace.apply().succeeds();
        assert_eq!(login(&vault, path.name(), "one", &jwt).0, 200, "{name}");
        workspace.plan().succeeds().changes_nothing();
    }
    assert_eq!(path.config().unwrap()["jwks_url"], json!(jwks));
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);
}

#[test]
fn a_name_that_a_ghost_holds_and_a_discovery_of_another_issuer_are_explained() {
    let vault = Vault::shared();
    let (path, workspace, tailnet) = (Path::free(&vault, "ghost"), Workspace::new(), Tailnet::start());
    let (file, key) = workspace.secret_file("api-key");
    tailnet.world().access.key(&key);
    let ghost = tailnet.ghost("k8s", &["tag:k8s"], Duration::from_hours(1));
    tailnet.joins("k8s", &["tag:k8s"]);
    let device = tailnet.world().devices[0].clone();
    let name = format!("{}.{}", device.label, device.domain);
    let tailscale = format!("tailscale = {{\n  base_url = \"{}\"\n  api_key_file = \"{file}\"\n}}", tailnet.url());
    workspace.provider(&format!("{}\n{tailscale}", vault.block(&workspace)));
    let url = |arguments: &str| auth(path.name(), arguments);
    workspace.hcl(&url(&format!("  keys = \"url\"\n  jwks_url = \"https://{name}:6443/openid/v1/jwks\"")));
    let holds = format!("a stale device holds {name}");
    workspace.apply().fails().error(&[
        "Vault cannot use jwks_url",
        "does not resolve",
        &holds,
        &ghost,
        "k8s-1",
        "tazlab_tailnet_cleanup",
        "keys = \"cluster\"",
    ]);
    // Vault as an issuer: its discovery document names no such address.
    workspace.hcl(&url(&format!(
        "  keys = \"discovery\"\n  oidc_discovery_url = \"{}/v1/identity/oidc\"\n  oidc_discovery_ca_pem = file(\"{}\")",
        vault.address().replace("127.0.0.1", "localhost"),
        vault.authority().display()
    )));
    workspace.apply().fails().error(&[
        "Vault cannot use oidc_discovery_url",
        "the document has the issuer",
        vault.address(),
    ]);
    workspace.destroy().succeeds();
}

#[test]
fn keys_of_every_kind_may_be_given_as_pem() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "pem"), workspace(&vault));
    let signers = Signer::ALGORITHMS.map(Signer::new);
    let now = jiff::Timestamp::now().as_second();
    let claims =
        json!({"sub": "system:serviceaccount:a:default", "aud": [AUDIENCE], "iat": now, "nbf": now, "exp": now + 600});
    let tokens: Vec<String> = signers.iter().map(|signer| signer.token(&claims)).collect();
    let pems: Vec<String> = signers.iter().map(Signer::public_key).collect();
    let of = |pems: &[String]| {
        let arguments = format!(
            "  keys = \"pem\"\n  jwt_supported_algs = {}\n  validation_pubkeys = {}",
            json!(Signer::ALGORITHMS),
            json!(pems)
        );
        auth(path.name(), &arguments) + &role("a", "  token_policies = [\"a\"]")
    };
    let let_in = || tokens.iter().map(|token| login(&vault, path.name(), "one", token).0).collect::<Vec<_>>();
    workspace.hcl(&of(&pems));
    workspace.apply().succeeds();
    assert_eq!(let_in(), [200; 5], "{:?}", Signer::ALGORITHMS);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&of(&["no key".to_owned()]));
    workspace.plan().fails().error(&["Number 1 of validation_pubkeys is not a public key"]);
    // In another order they are the same keys; the first one is gone.
    workspace.hcl(&of(&pems[1..].iter().rev().cloned().collect::<Vec<_>>()));
    workspace.apply().succeeds();
    assert_eq!(let_in(), [400, 200, 200, 200, 200]);
    workspace.destroy().succeeds();
}

/// A token that this Vault itself issues, as the identity that logs in by `AppRole`.
fn of_vaults_own(vault: &Vault, workspace: &Workspace) -> String {
    vault.write("identity/oidc/key/own", &json!({"allowed_client_ids": ["*"]}));
    vault.write("identity/oidc/role/own", &json!({"key": "own", "client_id": AUDIENCE}));
    vault.write("sys/auth/approle", &json!({"type": "approle"}));
    let policy = "path \"identity/oidc/token/own\" { capabilities = [\"read\"] }";
    vault.write("sys/policies/acl/own", &json!({"policy": policy}));
    vault.write(
        "auth/approle/role/own",
        &json!({"token_policies": ["own"], "bind_secret_id": false, "token_bound_cidrs": ["127.0.0.1/32"]}),
    );
    let id = vault.read("auth/approle/role/own/role-id").unwrap()["role_id"].clone();
    let (_, entered) = vault.ask_as("", "POST", "auth/approle/login", Some(&json!({"role_id": id})));
    let token = entered["auth"]["client_token"].as_str().unwrap_or_else(|| panic!("{entered}"));
    let (_, issued) = vault.ask_as(token, "GET", "identity/oidc/token/own", None);
    let jwt = issued["data"]["token"].as_str().unwrap_or_else(|| panic!("{issued}"));
    workspace.plant(token);
    workspace.plant(jwt);
    jwt.to_owned()
}

#[test]
fn an_issuer_is_discovered_and_what_people_log_in_by_is_not_written_over() {
    let vault = Vault::start();
    let workspace = workspace(&vault);
    let jwt = of_vaults_own(&vault, &workspace);
    let subject = tazlab_jwk::token::Token::read(&jwt).unwrap().text("sub").unwrap().to_owned();
    let issuer = format!("{}/v1/identity/oidc", vault.address());
    let authority = std::fs::read_to_string(vault.authority()).unwrap();
    let of = |more: &str| {
        let source = format!(
            "  keys = \"discovery\"\n  oidc_discovery_url = \"{issuer}\"\n  oidc_discovery_ca_pem = {}\n  bound_issuer = \"{issuer}\"\n",
            json!(authority)
        );
        let role = role("a", "  token_policies = [\"a\"]").replace("system:serviceaccount:a:default", &subject);
        auth("jwt", &(source + more)) + &role
    };
    workspace.hcl(&of("  default_role = \"ONE\""));
    workspace.apply().succeeds();
    assert_eq!(login(&vault, "jwt", "one", &jwt).0, 200);
    let (code, answer) = vault.ask_as("", "POST", "auth/jwt/login", Some(&json!({"jwt": jwt})));
    assert_eq!(code, 200, "the role of a login that names none: {answer}");
    workspace.plan().succeeds().changes_nothing();

    // People log in here too, with a secret that Vault does not give back: no difference, and no write.
    let secret = workspace.secret();
    let theirs = json!({
        "oidc_discovery_url": issuer, "oidc_discovery_ca_pem": authority, "bound_issuer": issuer, "default_role": "one",
        "oidc_client_id": "browser", "oidc_client_secret": secret,
    });
    vault.write("auth/jwt/config", &theirs);
    let before = vault.read("auth/jwt/config");
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&of(""));
    workspace.plan().fails().error(&["also serves interactive logins", "\"browser\"", "force_conflicts = true"]);
    assert_eq!(vault.read("auth/jwt/config"), before);
    // Nor is it adopted and written by who finds it there.
    let other = self::workspace(&vault);
    other.hcl(&of("  default_role = \"two\""));
    other.apply().fails().error(&["also serves interactive logins"]);
    assert_eq!((vault.read("auth/jwt/config"), other.addresses()), (before, vec![]));
    workspace.hcl(&of("  force_conflicts = true"));
    workspace.apply().succeeds();
    let config = vault.read("auth/jwt/config").unwrap();
    assert_eq!((&config["oidc_client_id"], &config["default_role"]), (&json!(""), &json!("")));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}
