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

#[test]
fn a_client_certificate_logs_in_and_authorities_may_lie_in_a_folder() {
    let (vault, workspace) = (Vault::start(), Workspace::without_cluster(""));
    let audit = Audit::of(&vault);
    let made = |name: &str| {
        let (key, certificate) =
            (workspace.source(&format!("{name}.key"), ""), workspace.source(&format!("{name}.crt"), ""));
        let subject = format!("/CN={name}");
        let _ = acceptance_tests::signer::openssl(
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                &subject,
                "-addext",
                "extendedKeyUsage=clientAuth",
                "-keyout",
                &key,
                "-out",
                &certificate,
            ],
            b"",
        );
        let pem = std::fs::read_to_string(&key).unwrap();
        pem.lines().filter(|line| line.len() == 64).for_each(|line| workspace.plant(line));
        (certificate, key)
    };
    let (certificate, key) = made("ci");
    let (_, others) = made("other");
    vault.write("sys/auth/cert", &json!({"type": "cert"}));
    vault.write("sys/policies/acl/all", &json!({"policy": "path \"*\" { capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\", \"sudo\"] }"}));
    let trusted = std::fs::read_to_string(&certificate).unwrap();
    vault.write("auth/cert/certs/ci", &json!({"certificate": trusted, "token_policies": ["all"], "token_ttl": "60s"}));
    let folder = workspace.sources().join("authorities");
    std::fs::create_dir(&folder).unwrap();
    std::fs::copy(vault.authority(), folder.join("vault.crt")).unwrap();
    let block = |login: &str| {
        let (address, folder) = (vault.address(), folder.display());
        format!(
            "vault = {{\n  address = \"{address}\"\n  ca_cert_dir = \"{folder}\"\n  auth_cert = {{\n    {login}\n  }}\n}}"
        )
    };
    let by = |key: &str| format!("client_certificate_file = \"{certificate}\"\n    client_key_file = \"{key}\"");
    workspace.provider_block(&block(&by(&key)));
    let public = json!([acceptance_tests::Signer::new("ES256").public_key()]);
    workspace.hcl(&auth(
        "jwt",
        &format!("  keys = \"pem\"\n  bound_issuer = \"https://i\"\n  validation_pubkeys = {public}"),
    ));
    workspace.apply().succeeds();
    workspace.provider_block(&block(&format!("role = \"ci\"\n    {}", by(&key))));
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(audit.answered("auth/token/revoke-self"), audit.answered("auth/cert/login"), "each was revoked");
    assert_eq!(all_are_dead(&vault, &audit.issued()), 2);

    workspace.provider_block(&block(&format!("role = \"nobody\"\n    {}", by(&key))));
    workspace.plan().fails().error(&["the login at auth/cert failed"]);
    workspace.provider_block(&block(&by(&others)));
    workspace.plan().fails().error(&["auth_cert.client_key", "does not belong to client_certificate"]);
    workspace.provider_block(&block(&by(&certificate)));
    workspace.plan().fails().error(&["auth_cert.client_key", "not the PEM of a private key"]);
    std::fs::write(folder.join("empty"), "").unwrap();
    workspace.provider_block(&block(&by(&key)));
    workspace.plan().fails().error(&["ca_cert_dir", "has no PEM certificate"]);
    std::fs::remove_file(folder.join("empty")).unwrap();
    workspace.destroy().succeeds();
    audit.plant(&workspace);
}
