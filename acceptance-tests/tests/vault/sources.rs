//! The other sources of keys, and what is said when Vault cannot use them.

use std::time::Duration;

use acceptance_tests::Tailnet;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

#[test]
fn a_url_that_vault_cannot_use_is_explained() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "url"), workspace(&vault));
    let server = acceptance_tests::kubeconfig::api_server(acceptance_tests::Testbed::get().kubeconfig());
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
    let _open = Open::to_everybody(path.name());
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

/// The cluster's keys, for whoever asks; closed again at the end.
struct Open(String);

impl Open {
    fn to_everybody(name: &str) -> Self {
        let role = "--clusterrole=system:service-account-issuer-discovery";
        kubectl::succeeds(&["create", "clusterrolebinding", name, role, "--group=system:unauthenticated"]);
        Self(name.to_owned())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&["delete", "clusterrolebinding", &self.0]));
    }
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
    let holds = format!("a ghost holds {name}");
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
        "the document names the issuer",
        vault.address(),
    ]);
    workspace.destroy().succeeds();
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
