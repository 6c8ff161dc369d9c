//! The provider's login with the token of a ServiceAccount, at the real auth method for it, which asks the real API server about the token.

use acceptance_tests::audit::{Audit, is_dead, plant_jwt};
use acceptance_tests::kubeconfig;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

/// The right of a namespace's ServiceAccount `default` to ask about tokens, until the end.
struct Delegator(String);

impl Delegator {
    fn of(namespace: &Namespace) -> Self {
        let (name, account) = (namespace.name(), format!("--serviceaccount={}:default", namespace.name()));
        let role = "--clusterrole=system:auth-delegator";
        kubectl::succeeds(&["create", "clusterrolebinding", name, role, &account]);
        Self(name.to_owned())
    }
}

impl Drop for Delegator {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&["delete", "clusterrolebinding", &self.0, "--ignore-not-found"]));
    }
}

#[test]
fn the_token_of_a_service_account_logs_in_where_its_role_is_bound_to_it() {
    let (vault, workspace) = (Vault::with_auth_kubernetes(), Workspace::without_cluster(""));
    let (namespace, other) = (Namespace::made("vault"), Namespace::made("vault-other"));
    let (_asks, audit) = (Delegator::of(&namespace), Audit::of(&vault));
    vault.write("sys/auth/kubernetes", &json!({"type": "kubernetes"}));
    let server = format!("https://{}", kubeconfig::api_server(acceptance_tests::Testbed::get().kubeconfig()));
    let authority = String::from_utf8(BASE64_STANDARD.decode(kubeconfig::authority()).unwrap()).unwrap();
    // Vault is outside of the cluster: whoever logs in asks about its own token.
    let config = json!({"kubernetes_host": server, "kubernetes_ca_cert": authority, "disable_local_ca_jwt": true});
    vault.write("auth/kubernetes/config", &config);
    vault.write("sys/policies/acl/all", &json!({"policy": "path \"*\" { capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\", \"sudo\"] }"}));
    let bound = json!({"bound_service_account_names": ["default"], "bound_service_account_namespaces": [namespace.name()],
        "token_policies": ["all"], "token_ttl": "60s"});
    vault.write("auth/kubernetes/role/ci", &bound);
    let block = |role: &str, namespace: &Namespace| {
        let jwt = kubectl::token(namespace, None);
        plant_jwt(&workspace, &jwt);
        let file = workspace.source(&format!("jwt-{}", namespace.name()), &jwt);
        vault.block_of(&format!("auth_kubernetes = {{\n    role = \"{role}\"\n    jwt_file = \"{file}\"\n  }}"))
    };
    workspace.provider_block(&block("ci", &namespace));
    let public = json!([acceptance_tests::Signer::new("ES256").public_key()]);
    let keys = format!("  keys = \"pem\"\n  bound_issuer = \"https://i\"\n  validation_pubkeys = {public}");
    workspace.hcl(&auth("jwt", &keys));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert!(audit.answered("auth/kubernetes/login") >= 2);
    assert_eq!(audit.answered("auth/token/revoke-self"), audit.answered("auth/kubernetes/login"), "each was revoked");
    for token in audit.issued().iter().filter(|token| *token != vault.token()) {
        assert!(is_dead(&vault, token), "a token lives on");
    }

    workspace.provider_block(&block("ci", &other));
    workspace.plan().fails().error(&["the login at auth/kubernetes failed"]);
    workspace.provider_block(&block("nobody", &namespace));
    workspace.plan().fails().error(&["the login at auth/kubernetes failed", "nobody"]);
    workspace.provider_block(&block("ci", &namespace));
    workspace.destroy().succeeds();
    audit.plant(&workspace);
}
