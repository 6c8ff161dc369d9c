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

#[test]
fn a_private_key_in_a_jwks_document_is_refused_without_quoting_it() {
    let workspace = Workspace::without_cluster("");
    let (secret, id) = (workspace.secret(), workspace.secret());
    let keys = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
    let read = |file: &str| {
        workspace.hcl(&format!("output \"pem\" {{\n  value = provider::tazlab::jwks_to_pem(file(\"{file}\"))\n}}\n"));
        workspace.terraform(&["plan", "-json", "-out", "saved.plan"])
    };
    for (name, document) in [
        ("set", format!(r#"{{"keys":[{{{keys},"kid":"{id}","d":"{secret}"}}]}}"#)),
        ("key", format!(r#"{{{keys},"d":"{secret}"}}"#)),
        ("shared", format!(r#"{{"keys":[{{"kty":"oct","k":"{secret}"}}]}}"#)),
        ("pem", format!("-----BEGIN RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----\n")),
    ] {
        let file = workspace.source(name, document);
        read(&file).fails().error(&["it is private", "rotate", "public half"]);
    }
    // Control: the public half.
    let file = workspace.source("public", format!(r#"{{"keys":[{{{keys},"kid":"a"}}]}}"#));
    read(&file).succeeds();
}
