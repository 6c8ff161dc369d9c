//! The provider's own logins: they give the token, are renewed while the process lives, and are revoked at its end.

use std::collections::BTreeSet;

use acceptance_tests::audit::{Audit, is_dead, plant_jwt};

use super::*;

/// Everything but the root token is dead; gives how many there were.
fn all_are_dead(vault: &Vault, issued: &BTreeSet<String>) -> usize {
    let ours: Vec<&String> = issued.iter().filter(|token| *token != vault.token()).collect();
    for token in &ours {
        assert!(is_dead(vault, token), "a token lives on");
    }
    ours.len()
}

#[test]
fn each_gives_the_token_is_renewed_and_is_revoked_at_the_end() {
    let (vault, namespace, workspace) = (Vault::start(), Namespace::made("vault"), Workspace::new());
    let audit = Audit::of(&vault);
    vault.write("sys/auth/approle", &json!({"type": "approle"}));
    vault.write("sys/policies/acl/all", &json!({"policy": "path \"*\" { capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\", \"sudo\"] }"}));
    // Shorter than the run: it lives on because it is renewed.
    vault.write("auth/approle/role/tf", &json!({"token_policies": ["all"], "token_ttl": "9s"}));
    let role_id = vault.read("auth/approle/role/tf/role-id").unwrap()["role_id"].as_str().unwrap().to_owned();
    let made = vault.write("auth/approle/role/tf/secret-id", &Value::Null);
    let secret = made["data"]["secret_id"].as_str().unwrap().to_owned();
    workspace.plant(&secret);
    let file = workspace.source("secret-id", &secret);
    let approle =
        |secret: &str| vault.block_of(&format!("auth_approle = {{\n    role_id = \"{role_id}\"\n    {secret}\n  }}"));
    workspace.provider(&approle(&format!("secret_id_file = \"{file}\"")));
    let work = "resource \"terraform_data\" \"work\" {\n  input = tazlab_vault_jwt_auth.cluster.accessor\n  provisioner \"local-exec\" {\n    command = \"sleep 10\"\n  }\n}\n";
    let policies = "  token_policies = [\"all\"]\n  depends_on = [terraform_data.work]";
    let trust = cluster_auth("jwt", "") + &role(namespace.name(), policies);
    workspace.hcl(&(trust.clone() + work));
    workspace.apply().succeeds();
    assert!(audit.answered("auth/token/renew-self") >= 1, "it was renewed");
    assert_eq!(audit.answered("auth/token/revoke-self"), audit.answered("auth/approle/login"), "each was revoked");
    assert!(all_are_dead(&vault, &audit.issued()) >= 1);
    workspace.plan().succeeds().changes_nothing();

    // By the very trust that was just made.
    let jwt = token(&namespace);
    plant_jwt(&workspace, &jwt);
    let file = workspace.source("jwt", &jwt);
    workspace.provider(&vault.block_of(&format!("auth_jwt = {{\n    role = \"one\"\n    jwt_file = \"{file}\"\n  }}")));
    workspace.plan().succeeds().changes_nothing();
    assert!(audit.answered("auth/jwt/login") >= 1);
    let logins = audit.answered("auth/approle/login") + audit.answered("auth/jwt/login");
    assert_eq!(audit.answered("auth/token/revoke-self"), logins, "each was revoked");
    assert_eq!(all_are_dead(&vault, &audit.issued()), logins);

    workspace.provider(&approle("secret_id = \"wrong\""));
    workspace.plan().fails().error(&["the login at auth/approle failed", "invalid"]);
    workspace.provider(&approle("mount = \"nowhere\"\n    secret_id = \"wrong\""));
    workspace.plan().fails().error(&["the login at auth/nowhere failed", "no auth method is mounted"]);
    vault.seal();
    workspace.provider(&approle("secret_id = \"wrong\""));
    workspace.plan().fails().error(&["is sealed"]);
    vault.unseal();
    assert!(audit.plant(&workspace) > logins);
}
