//! The examples of the documentation, as they stand, with their imports.

use super::*;

const EXAMPLES_ISSUER: &str = "https://homelab.k8s.example.net";

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
    // The example's issuer is one that a single cluster has; the testbed's is kubeadm's default.
    let text = example("tazlab_vault_jwt_auth/resource.tf");
    assert!(text.contains(EXAMPLES_ISSUER), "{text}");
    trust.hcl(&text.replace(EXAMPLES_ISSUER, &issuer()));
    trust.apply().succeeds();
    trust.plan().succeeds().changes_nothing();
    let config = vault.read("auth/jwt/config").unwrap();
    assert_eq!(config["bound_issuer"], json!(issuer()));
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
