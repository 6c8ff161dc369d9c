//! Vault tokens among the contents that expire soon, and the provider's own.

use acceptance_tests::Vault;
use serde_json::json;

use super::*;

/// A token that was given 30 days, of which an hour is left.
fn nearly_over(vault: &Vault, workspace: &Workspace) -> String {
    let made = vault.write("auth/token/create", &json!({"policies": ["default"], "ttl": "720h"}));
    let token = made["auth"]["client_token"].as_str().unwrap().to_owned();
    workspace.plant(&token);
    vault.write("auth/token/renew", &json!({"token": token, "increment": "3600"}));
    token
}

#[test]
fn a_written_token_that_expires_soon_is_a_warning_and_what_cannot_be_looked_up_too() {
    let (namespace, workspace, vault) = (Namespace::made("tokens"), Workspace::new(), Vault::start());
    workspace.provider(&vault.block(&workspace));
    let token = nearly_over(&vault, &workspace);
    let file = workspace.source("token", &token);
    workspace.hcl(&one_file(&namespace, &file, "  check_vault_tokens = [\"key\"]"));
    workspace.plan().succeeds().warning(&["A Vault token expires soon", "The token of key \"key\" expires in "]);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["key"], token.as_bytes());

    vault.write("auth/token/revoke", &json!({"token": token}));
    let unchecked = workspace.plan().succeeds().changes_nothing();
    unchecked.warning(&["Cannot check a Vault token", "has expired or is unknown"]);
    workspace.hcl(&one_file(&namespace, &file, ""));
    let quiet = workspace.plan().succeeds();
    assert!(!quiet.warnings().concat().contains("token"), "{quiet}");
}

#[test]
fn the_providers_own_token_that_expires_soon_is_a_warning() {
    let (namespace, workspace, vault) = (Namespace::made("owntoken"), Workspace::new(), Vault::start());
    let token = nearly_over(&vault, &workspace);
    let file = workspace.source("token", &token);
    workspace.hcl(&one_file(&namespace, &file, "  check_vault_tokens = [\"key\"]"));
    workspace.provider(&vault.block_with(&workspace, &token));
    workspace.plan().succeeds().warning(&["A Vault token expires soon", "The Vault token of the provider expires in "]);
    // The root token does not expire.
    workspace.provider(&vault.block(&workspace));
    let told = workspace.plan().succeeds().warnings().concat();
    assert!(!told.contains("The Vault token of the provider"), "{told}");
}
