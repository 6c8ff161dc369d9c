//! A server that answers as OpenBao does (its own program cannot be had here): namespaces without an edition, a version of its own,
//! and the variables that its tools read beside Vault's.

use acceptance_tests::web::Reply;
use acceptance_tests::{FakeVault, Run, Signer, Workspace};
use serde_json::{Value, json};

/// OpenBao's health (`http/sys_health.go`): it does not say `enterprise`, and has namespaces. Requests that are in no namespace, or
/// come without the gateway's header, are refused.
fn openbao(key: &str) -> FakeVault {
    let (server, key) = (FakeVault::plain(), key.to_owned());
    server.twist(move |heard| {
        if heard.header("x-gateway-key") != key {
            return Some(Reply::of(403, &json!({"errors": [format!("no such key: {key}")]}).to_string()));
        }
        if heard.target == "/v1/sys/health" {
            return Some(Reply::json(&json!({"initialized": true, "sealed": false, "standby": false,
                "performance_standby": false, "server_time_utc": 1_796_000_000, "version": "2.7.1",
                "cluster_name": "bao-cluster", "cluster_id": "c"})));
        }
        let lost = heard.header("x-vault-namespace") != "team" && !heard.target.starts_with("/v1/sys/leader");
        lost.then(|| Reply::of(403, &json!({"errors": ["permission denied"]}).to_string()))
    });
    server
}

fn trust() -> String {
    let key = json!(Signer::new("ES256").public_key());
    format!(
        "resource \"tazlab_vault_jwt_auth\" \"cluster\" {{\n  keys = \"pem\"\n  bound_issuer = \"https://i.test\"\n  validation_pubkeys = [{key}]\n}}\n"
    )
}

/// A workspace whose provider has no more of a `vault` block than the gateway's header.
fn workspace(key: &str) -> Workspace {
    let workspace = Workspace::without_cluster("");
    workspace.plant(key);
    let file = workspace.source("gateway-key", key);
    workspace.provider_block(&format!("vault = {{ headers = {{ X-Gateway-Key = file(\"{file}\") }} }}"));
    workspace.hcl(&trust());
    workspace
}

#[test]
fn openbao_is_reached_by_its_own_variables_in_a_namespace_and_behind_a_gateway() {
    let key = acceptance_tests::canary::plant();
    let server = openbao(&key);
    let workspace = workspace(&key);
    workspace.plant(server.token());
    for (name, value) in
        [("BAO_ADDR", server.web.url().as_str()), ("BAO_TOKEN", server.token()), ("BAO_NAMESPACE", "team")]
    {
        workspace.environment(name, value);
    }
    workspace.apply().succeeds();
    assert!(server.mount("jwt").is_some());
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(server.mount("jwt").is_none());
    assert!(
        server.web.heard().iter().all(|heard| heard.header("x-gateway-key") == key),
        "every request has the header"
    );

    // A gateway that repeats what it was sent tells nobody.
    let other = acceptance_tests::canary::plant();
    let wrong = self::workspace(&other);
    let echoing = openbao(&key);
    for (name, value) in [("BAO_ADDR", echoing.web.url().as_str()), ("BAO_TOKEN", server.token())] {
        wrong.environment(name, value);
    }
    let (sent, known) = (other.clone(), echoing.token().to_owned());
    echoing.twist(move |heard| {
        Some(Reply::of(403, &json!({"errors": [format!("{} {sent} {known}", heard.head)]}).to_string()))
    });
    let failed: Run = wrong.apply().fails();
    assert!(!failed.errors().concat().contains(&other), "{failed}");
}

#[test]
fn two_servers_in_the_environment_are_an_error_that_names_both_variables() {
    let key = acceptance_tests::canary::plant();
    let (bao, vault, workspace) = (openbao(&key), FakeVault::plain(), workspace(&key));
    workspace.environment("BAO_ADDR", &bao.web.url());
    workspace.environment("VAULT_ADDR", &vault.web.url());
    workspace.environment("BAO_TOKEN", bao.token());
    workspace.environment("VAULT_TOKEN", vault.token());
    for token in [bao.token(), vault.token()] {
        workspace.plant(token);
    }
    let words = ["VAULT_ADDR and BAO_ADDR", "VAULT_TOKEN and BAO_TOKEN", "unset one"];
    workspace.apply().fails().error(&words);
    assert!(bao.web.heard().is_empty() && vault.web.heard().is_empty(), "nobody is asked");
    assert_eq!(workspace.addresses(), [""; 0]);
    // Control: what nobody needs is nobody's mistake, and what the block says is not contradicted.
    workspace.hcl("");
    workspace.plan().succeeds();
    workspace.hcl(&trust());
    workspace.provider_block(&vault.block(&workspace));
    workspace.apply().succeeds();
    assert!(bao.web.heard().is_empty() && vault.mount("jwt").is_some());
    workspace.destroy().succeeds();
}

/// The login of a pod: its own token at the auth method `kubernetes`, which the testbed's Vault does not have.
#[test]
fn a_login_by_kubernetes_sends_role_and_token_to_its_mount() {
    let (vault, workspace) = (FakeVault::plain(), Workspace::without_cluster(""));
    let (file, jwt) = workspace.secret_file("pod-token");
    workspace.plant(vault.token());
    let block = |more: &str| {
        let url = vault.web.url();
        format!("vault = {{\n  address = \"{url}\"\n  auth_kubernetes = {{\n    role = \"ci\"\n    {more}\n  }}\n}}")
    };
    workspace.provider_block(&block(&format!("jwt_file = \"{file}\"")));
    workspace.hcl(&trust());
    workspace.apply().succeeds();
    let login = |mount: &str| {
        let target = format!("/v1/auth/{mount}/login");
        let heard = vault.web.heard().into_iter().find(|heard| heard.target == target).expect("a login");
        serde_json::from_str::<Value>(&heard.body).unwrap()
    };
    assert_eq!(login("kubernetes"), json!({"role": "ci", "jwt": jwt}));
    workspace.provider_block(&block(&format!("mount = \"k8s\"\n    jwt_file = \"{file}\"")));
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(login("k8s")["role"], "ci");
    // Outside a pod there is no token, and no other one is taken.
    workspace.provider_block(&block(""));
    workspace.environment("VAULT_TOKEN", vault.token());
    workspace
        .plan()
        .fails()
        .error(&["auth_kubernetes.jwt_file", "/var/run/secrets/kubernetes.io/serviceaccount/token"]);
    workspace.provider_block(&block(&format!("jwt_file = \"{file}\"")));
    workspace.destroy().succeeds();
}
