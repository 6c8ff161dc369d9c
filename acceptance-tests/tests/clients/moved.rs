//! Objects of `hashicorp/kubernetes` and `hashicorp/vault` come over by `moved` blocks. Neither provider can be downloaded
//! here: the state files are written by hand, attribute by attribute as the documentation of their schemas lists them
//! (kubernetes 2.38, vault 5.3), and a small provider stands in for each, since the client starts one for every provider
//! that a state names. It is asked for its schema, and for nothing else.

use std::fs;

use super::*;

const STAND_IN: &str = env!("CARGO_BIN_EXE_notebook");

/// One instance in a state file.
fn instance(kind: &str, name: &str, provider: &str, version: i64, attributes: &Value) -> Value {
    let provider = format!("provider[\"{}/hashicorp/{provider}\"]", Client::under_test().registry());
    json!({"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": [
        {"schema_version": version, "attributes": attributes, "sensitive_attributes": [], "private": "bnVsbA=="}]})
}

fn kubernetes_secret(kind: &str, name: &str, namespace: &str, data: &Value, uid: &str) -> Value {
    let metadata = json!({"annotations": {}, "generate_name": "", "generation": 0, "labels": {"app": "x"}, "name": name,
                          "namespace": namespace, "resource_version": "1", "uid": uid});
    let attributes = json!({"binary_data": null, "binary_data_wo": null, "binary_data_wo_revision": null, "data": data,
                            "data_wo": null, "data_wo_revision": null, "id": format!("{namespace}/{name}"),
                            "immutable": false, "metadata": [metadata], "timeouts": null, "type": "Opaque",
                            "wait_for_service_account_token": true});
    instance(kind, name, "kubernetes", 0, &attributes)
}

fn vault_jwt_auth_backend(path: &str, accessor: &str, secret: &str) -> Value {
    let attributes = json!({"accessor": accessor, "bound_issuer": ISSUER, "default_role": "", "description": "by hand",
                            "disable_remount": false, "id": path, "jwks_ca_pem": "", "jwks_pairs": null, "jwks_url": "",
                            "jwt_supported_algs": null, "jwt_validation_pubkeys": [PUBLIC_KEY], "local": false,
                            "namespace": null, "namespace_in_state": true, "oidc_client_id": "",
                            "oidc_client_secret": secret, "oidc_discovery_ca_pem": "", "oidc_discovery_url": "",
                            "oidc_response_mode": "", "oidc_response_types": null, "path": path,
                            "provider_config": null, "tune": [], "type": "jwt"});
    instance("vault_jwt_auth_backend", "cluster", "vault", 0, &attributes)
}

fn vault_jwt_auth_backend_role(path: &str, name: &str) -> Value {
    let attributes = json!({"allowed_redirect_uris": null, "backend": path, "bound_audiences": ["vault"],
                            "bound_claims": null, "bound_claims_type": "string",
                            "bound_subject": "system:serviceaccount:a:default", "claim_mappings": null,
                            "clock_skew_leeway": 0, "disable_bound_claims_parsing": false, "expiration_leeway": 0,
                            "groups_claim": "", "id": format!("auth/{path}/role/{name}"), "max_age": 0,
                            "namespace": null, "not_before_leeway": 0, "oidc_scopes": null, "role_name": name,
                            "role_type": "jwt", "token_bound_cidrs": null, "token_explicit_max_ttl": 0,
                            "token_max_ttl": 0, "token_no_default_policy": false, "token_num_uses": 0, "token_period": 0,
                            "token_policies": ["a"], "token_ttl": 0, "token_type": "default", "user_claim": "sub",
                            "user_claim_json_pointer": false, "verbose_oidc_logging": false});
    instance("vault_jwt_auth_backend_role", "one", "vault", 1, &attributes)
}

/// The blocks that take over, and the `moved` blocks that say so.
fn hcl(namespace: &str, path: &str, files: &[String; 2]) -> String {
    let secret = |name: &str, kind: &str, file: &str| {
        format!(
            "resource \"tazlab_bootstrap_secret\" \"{name}\" {{\n  namespace = \"{namespace}\"\n  name = \"{name}\"\n  labels = {{ app = \"x\" }}\n  files = {{ key = \"{file}\" }}\n}}\nmoved {{\n  from = {kind}.{name}\n  to = tazlab_bootstrap_secret.{name}\n}}\n"
        )
    };
    let vault = trust(path, "")
        + r"
moved {
  from = vault_jwt_auth_backend.cluster
  to   = tazlab_vault_jwt_auth.cluster
}

moved {
  from = vault_jwt_auth_backend_role.one
  to   = tazlab_vault_jwt_role.one
}
";
    secret("first", "kubernetes_secret", &files[0]) + &secret("second", "kubernetes_secret_v1", &files[1]) + &vault
}

#[test]
fn nothing_is_destroyed_nothing_is_written_anew_and_no_secret_comes_over() {
    let (vault, namespace) = (Vault::shared(), Namespace::made("moved"));
    let mount = Mount::made(&vault, "moved", &["one"]);
    let workspace = workspace(&vault);
    let works = || {
        let state = workspace.state_file();
        workspace.stand_ins(&[("hashicorp/kubernetes", STAND_IN), ("hashicorp/vault", STAND_IN)]);
        let files = ["first", "second"].map(|name| {
            let (file, secret) = workspace.secret_file(name);
            let literal = format!("--from-literal=key={secret}");
            kubectl::succeeds(&["create", "secret", "generic", name, "-n", namespace.name(), &literal]);
            kubectl::succeeds(&["label", "secret", name, "-n", namespace.name(), "app=x"]);
            (file, secret)
        });
        let uid = |name: &str| namespace.secret(name).unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
        let uids = ["first", "second"].map(uid);
        let data = |n: usize| json!({"key": files[n].1});
        let client_secret = workspace.secret();
        let resources = [
            kubernetes_secret("kubernetes_secret", "first", namespace.name(), &data(0), &uids[0]),
            kubernetes_secret("kubernetes_secret_v1", "second", namespace.name(), &data(1), &uids[1]),
            vault_jwt_auth_backend(&mount.1, &mount.accessor(), &client_secret),
            vault_jwt_auth_backend_role(&mount.1, "one"),
        ];
        let old = json!({"version": 4, "terraform_version": Client::under_test().version, "serial": 1,
                         "lineage": "5f2c1a3e-0000-4000-8000-000000000001", "outputs": {}, "resources": resources});
        fs::write(&state, old.to_string()).unwrap();
        assert!(!workspace.leaks().is_empty(), "the search finds what the old state holds");

        workspace.hcl(&hcl(namespace.name(), &mount.1, &[files[0].0.clone(), files[1].0.clone()]));
        let (accessor, role) = (mount.accessor(), vault.read(&format!("auth/{}/role/one", mount.1)));
        let planned = workspace.plan().succeeds();
        let actions = planned.changes();
        assert!(actions.iter().all(|(action, _)| matches!(action.as_str(), "move" | "update")), "{actions:?}");
        assert_eq!(actions.len(), 4, "{planned}");
        workspace.apply().succeeds();
        // The client keeps the old state beside the new one: that is the last place.
        fs::remove_file(workspace.path().join("terraform.tfstate.backup")).unwrap();
        assert_eq!(workspace.leaks(), [""; 0]);
        let kept = fs::read_to_string(&state).unwrap();
        assert!(kept.contains("tazlab_bootstrap_secret") && !kept.contains("kubernetes_secret"), "{kept}");

        assert_eq!(["first", "second"].map(uid), uids);
        assert_eq!(namespace.contents("first")["key"], files[0].1.as_bytes());
        assert_eq!((mount.accessor(), vault.read(&format!("auth/{}/role/one", mount.1))), (accessor, role));
        workspace.plan().succeeds().changes_nothing();
        workspace.destroy().succeeds();
        assert_eq!(namespace.secret("first"), None, "it is ours now");
        assert_eq!(vault.read(&format!("sys/auth/{}", mount.1)), None);
    };
    shows(Capability::MovedTypes, works, || panic!("{:?} is older than what the provider needs", Client::under_test()));
}

#[test]
fn what_cannot_be_taken_over_is_said() {
    let (vault, workspace) = (Vault::shared(), Workspace::new());
    workspace.provider(&vault.block(&workspace));
    workspace.stand_ins(&[("hashicorp/vault", STAND_IN)]);
    let mut role = vault_jwt_auth_backend_role("jwt", "one");
    role["instances"][0]["attributes"]["role_type"] = json!("oidc");
    let old = json!({"version": 4, "terraform_version": Client::under_test().version, "serial": 1,
                     "lineage": "5f2c1a3e-0000-4000-8000-000000000002", "outputs": {}, "resources": [role]});
    fs::write(workspace.state_file(), old.to_string()).unwrap();
    let block = "resource \"tazlab_vault_jwt_role\" \"one\" {\n  name = \"one\"\n  user_claim = \"sub\"\n  bound_audiences = [\"vault\"]\n}\n";
    workspace.hcl(&format!(
        "{block}moved {{\n  from = vault_jwt_auth_backend_role.one\n  to = tazlab_vault_jwt_role.one\n}}\n"
    ));
    workspace.plan().fails().error(&["auth/jwt/role/one", "interactive logins"]);
}
