//! The examples of the documentation, as they stand, with their imports.

use super::*;

fn example(path: &str) -> String {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/resources");
    std::fs::read_to_string(examples.join(path)).unwrap()
}

/// Runs the `terraform import` of an example's script.
fn import(workspace: &Workspace, path: &str) {
    let script = example(path);
    let line = script.lines().find_map(|line| line.strip_prefix("terraform ")).unwrap();
    workspace.terraform(&line.split(' ').collect::<Vec<_>>()).succeeds();
}

#[test]
fn all_of_them_work() {
    // Their path is "jwt": a Vault of their own.
    let vault = Vault::start();
    let trust = workspace(&vault);
    trust.hcl(&example("tazlab_vault_jwt_auth/resource.tf"));
    trust.apply().succeeds();
    trust.plan().succeeds().changes_nothing();
    let config = vault.read("auth/jwt/config").unwrap();
    assert_eq!(config["bound_issuer"], json!(issuer()), "the example's issuer is that of a kind cluster");
    assert_eq!(config["jwt_validation_pubkeys"].as_array().unwrap().len(), 1);

    let role = workspace(&vault);
    role.hcl(&example("tazlab_vault_jwt_role/resource.tf"));
    role.apply().succeeds();
    role.plan().succeeds().changes_nothing();
    let bound = vault.read("auth/jwt/role/backup").unwrap()["bound_claims"].clone();
    assert_eq!(bound["/kubernetes.io/namespace"], json!(["backup-*"]));
    role.terraform(&["state", "rm", "tazlab_vault_jwt_role.backup"]).succeeds();
    import(&role, "tazlab_vault_jwt_role/import.sh");
    role.apply().succeeds();
    role.plan().succeeds().changes_nothing();
    role.destroy().succeeds();

    trust.terraform(&["state", "rm", "tazlab_vault_jwt_auth.cluster"]).succeeds();
    import(&trust, "tazlab_vault_jwt_auth/import.sh");
    trust.apply().succeeds();
    trust.plan().succeeds().changes_nothing();
    trust.destroy().succeeds();
    assert_eq!(vault.read("sys/auth/jwt"), None);
}
