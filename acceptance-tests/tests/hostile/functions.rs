//! Secrets in the arguments of functions, whose hashes Terraform writes into the plan file.

use acceptance_tests::Workspace;

#[test]
fn a_patch_with_the_clusters_secrets_is_refused_without_quoting_them() {
    let workspace = Workspace::without_cluster("");
    let (token, key) = (workspace.secret(), workspace.secret());
    let patch =
        format!("machine:\n  token: {token}\ncluster:\n  ca:\n    crt: \"\"\n    key: {key}\n  typo: {token}\n");
    let file = workspace.source("patch.yaml", &patch);
    let operations = format!("[{{\"op\": \"add\", \"path\": \"/cluster/secret\", \"value\": \"{key}\"}}]");
    let json = workspace.source("patch.json", operations);
    let checked = |path: &str| {
        workspace.hcl(&format!(
            "output \"patch\" {{\n  value = provider::tazlab::talos_checked_patch(file(\"{path}\"))\n}}\n"
        ));
        workspace.terraform(&["plan", "-json", "-out", "saved.plan"])
    };
    let failed = checked(&file).fails();
    failed.error(&["line 2, column 10, machine.token", "line 6, column 10, cluster.ca.key", "talos_machine_secrets"]);
    checked(&json).fails().error(&["cluster.secret", "plan file"]);
    // The control: the same patch without them.
    let plain = workspace.source("plain.yaml", "machine:\n  nodeLabels:\n    token: no-secret\n");
    checked(&plain).succeeds();
}
