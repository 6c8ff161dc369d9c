//! The other sources of keys, and what is said when Vault cannot use them.

use super::*;

#[test]
fn a_url_that_vault_cannot_use_is_explained() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "url"), workspace(&vault));
    let server = acceptance_tests::workspace::api_server(acceptance_tests::Testbed::get().kubeconfig());
    let jwks = format!("https://{server}/openid/v1/jwks");
    let authority = kubectl::succeeds(&[
        "config",
        "view",
        "--raw",
        "-o",
        "jsonpath={.clusters[0].cluster.certificate-authority-data}",
    ]);
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
    let refused = workspace.apply();
    if refused.code == Some(0) {
        // Where anonymous access is on, the URL works.
        workspace.plan().succeeds().changes_nothing();
    } else {
        refused.error(&["Vault cannot use jwks_url", "anonymous access is off", "keys = \"cluster\""]);
    }
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);
}

#[test]
fn keys_may_be_given_as_pem() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "pem"), workspace(&vault));
    let all = include_str!("../../../src/jwk/tests/keys.pem");
    let end = "-----END PUBLIC KEY-----\n";
    let pems: Vec<String> = all
        .split(end)
        .filter(|part| part.contains("BEGIN"))
        .map(|part| format!("{}{end}", part.trim_start()))
        .collect();
    assert!(pems.len() > 1);
    let of = |pems: &[String]| {
        let list = pems.iter().map(|pem| json!(pem).to_string()).collect::<Vec<_>>().join(", ");
        auth(
            path.name(),
            &format!(
                "  keys = \"pem\"\n  jwt_supported_algs = [\"RS256\", \"ES256\"]\n  validation_pubkeys = [{list}]"
            ),
        )
    };
    workspace.hcl(&of(&pems[..1]));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&of(&["no key".to_owned()]));
    workspace.plan().fails().error(&["Number 1 of validation_pubkeys is no public key"]);
    workspace.hcl(&of(&pems[1..2]));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
}
