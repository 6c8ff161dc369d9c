//! A Vault that is sealed, gone, or has lost everything; a token that may not; a namespace where there are none.

use super::*;

#[test]
fn a_sealed_vault_is_named_and_a_lost_one_is_made_anew() {
    let mut vault = Vault::start();
    let workspace = workspace(&vault);
    let hcl = cluster_auth("jwt", "") + &role("a", "  token_policies = [\"a\"]");
    // In the middle of an apply: what is done by then is kept.
    let header = workspace.source("header", format!("X-Vault-Token: {}", vault.token()));
    let (authority, address) = (vault.authority().display(), vault.address());
    let seal = format!("curl -sf --cacert {authority} -X POST -H @{header} {address}/v1/sys/seal");
    let sealing = format!(
        "resource \"terraform_data\" \"seal\" {{\n  input = tazlab_vault_jwt_auth.cluster.accessor\n  provisioner \"local-exec\" {{\n    command = \"{seal}\"\n  }}\n}}\n"
    );
    let later = "  token_policies = [\"a\"]\n  depends_on = [terraform_data.seal]";
    workspace.hcl(&(cluster_auth("jwt", "") + &sealing + &role("a", later)));
    workspace.apply().fails().error(&["is sealed", "vault operator unseal"]);
    assert_eq!(workspace.addresses(), [AUTH, "terraform_data.seal"]);
    vault.unseal();
    workspace.hcl(&hcl);
    let control = workspace.apply().succeeds();
    assert_eq!(workspace.addresses(), [AUTH, ROLE]);
    vault.seal();
    let planned = workspace.plan().fails();
    planned.waited_at_most(std::time::Duration::from_secs(5), &control);
    planned.error(&["is sealed", "vault operator unseal"]);
    // Between plan and apply: nothing is forgotten.
    vault.unseal();
    workspace.hcl(&hcl.replace("[\"a\"]", "[\"b\"]"));
    workspace.terraform(&["plan", "-out", "saved"]).succeeds();
    vault.seal();
    workspace.terraform(&["apply", "-json", "saved"]).fails().error(&["is sealed"]);
    assert_eq!(workspace.addresses(), [AUTH, ROLE]);
    vault.unseal();
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();

    vault.stop();
    workspace.plan().fails().error(&["is unreachable", "connection refused"]);
    let destroyed = workspace.terraform(&["destroy", "-json", "-auto-approve", "-refresh=false"]).fails();
    destroyed.waited_at_most(std::time::Duration::from_secs(5), &control);
    destroyed.error(&["is unreachable", "connection refused"]);
    assert_eq!(workspace.addresses(), [AUTH, ROLE]);
    vault.start_again();
    let planned = workspace.plan().succeeds();
    let mut changes = planned.changes();
    changes.sort();
    assert_eq!(changes, [("create".to_owned(), AUTH.to_owned()), ("create".to_owned(), ROLE.to_owned())]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn a_token_that_may_not_is_told_which_capability_it_lacks() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "denied"), Workspace::new());
    let mount = path.name();
    let token = vault.token_with(&format!(
        "path \"sys/auth/{mount}\" {{ capabilities = [\"read\", \"create\", \"update\", \"delete\", \"sudo\"] }}\npath \"auth/{mount}/config\" {{ capabilities = [\"read\"] }}"
    ));
    workspace.provider(&vault.block_with(&workspace, &token));
    workspace.hcl(&cluster_auth(mount, ""));
    let needed = format!("path \"auth/{mount}/config\" {{ capabilities = [\"create\", \"update\"] }}");
    workspace.apply().fails().error(&["permission denied", &needed]);
    workspace.provider(&vault.block_with(&workspace, "hvs.never-was-one"));
    workspace.plan().fails().error(&["the token is not valid at this Vault"]);

    // What the documentation names is enough.
    let rights = [
        (format!("sys/auth/{mount}"), json!(["create", "read", "update", "delete", "sudo"])),
        (format!("sys/mounts/auth/{mount}/tune"), json!(["update"])),
        (format!("auth/{mount}/config"), json!(["read", "update"])),
        (format!("auth/{mount}/role"), json!(["list"])),
        (format!("auth/{mount}/role/one"), json!(["create", "read", "update", "delete"])),
    ];
    let policy = rights.map(|(path, may)| format!("path \"{path}\" {{ capabilities = {may} }}\n")).concat();
    workspace.provider(&vault.block_with(&workspace, &vault.token_with(&policy)));
    let role = role("a", "  token_policies = [\"a\"]");
    for description in ["one", "two"] {
        workspace.hcl(&(cluster_auth(mount, &format!("  description = \"{description}\"")) + &role));
        workspace.apply().succeeds();
        workspace.plan().succeeds().changes_nothing();
    }
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);
}

#[test]
fn what_is_wrong_with_the_way_to_vault_is_told() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "way"), Workspace::new());
    workspace.plant(vault.token());
    let file = workspace.source("vault-token", vault.token());
    workspace.hcl(&auth(path.name(), "  keys = \"pem\"\n  validation_pubkeys = [file(\"key\")]"));
    let pem = include_str!("../../../crates/jwk/src/tests/keys.pem");
    let end = "-----END PUBLIC KEY-----\n";
    let first = format!("{}{end}", pem.split(end).next().unwrap());
    std::fs::write(workspace.path().join("key"), first).unwrap();
    let block = |address: &str, more: &str| {
        format!("vault = {{\n  address = \"{address}\"\n  token_file = \"{file}\"\n{more}\n}}")
    };
    let authority = format!("  ca_cert_file = \"{}\"", vault.authority().display());
    let port = vault.address().rsplit(':').next().unwrap();
    let fresh = Vault::not_initialized();
    for (arguments, words) in [
        (
            block(vault.address(), ""),
            vec!["not signed by an authority that is trusted", "it was signed by", "ca_cert_file"],
        ),
        (block("https://no-such-vault.invalid:8200", &authority), vec!["does not resolve"]),
        (
            block(vault.address(), &format!("{authority}\n  tls_server_name = \"other.test\"")),
            vec!["is for other names", "127.0.0.1"],
        ),
        (
            block(vault.address(), &format!("{authority}\n  namespace = \"team\"")),
            vec!["has no namespaces", "namespace = \"team\""],
        ),
        (block(fresh.address(), ""), vec!["is not initialized", "vault operator init"]),
        ("vault = {}".to_owned(), vec!["No Vault is configured", "VAULT_ADDR"]),
        (format!("vault = {{\n  address = \"{}\"\n{authority}\n}}", vault.address()), vec!["no token is configured"]),
    ] {
        workspace.provider(&arguments);
        workspace.apply().fails().error(&words);
        assert_eq!(path.mount(), None, "{arguments}");
    }
    // A name of the certificate for an address that it does not have.
    workspace.provider(&block(
        &format!("https://127.0.0.1:{port}"),
        &format!("{authority}\n  tls_server_name = \"localhost\""),
    ));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
}
