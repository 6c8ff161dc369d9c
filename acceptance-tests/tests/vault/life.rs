//! Create, log in, nothing to do, update, drift, repair, move, destroy.

use super::*;

#[test]
fn a_cluster_is_trusted_by_its_own_keys() {
    let vault = Vault::shared();
    let (path, namespace, workspace) = (Path::free(&vault, "life"), Namespace::made("vault"), workspace(&vault));
    let jwt = token(&namespace);
    workspace.plant(&jwt);
    let tune = "  tune = {\n    default_lease_ttl = \"30m\"\n    max_lease_ttl = \"7200\"\n    listing_visibility = \"hidden\"\n    token_type = \"default-service\"\n    audit_non_hmac_request_keys = [\"role\", \"a\"]\n    audit_non_hmac_response_keys = [\"b\"]\n    passthrough_request_headers = [\"X-B\", \"X-A\"]\n    allowed_response_headers = [\"X-C\"]\n  }";
    let described = |text: &str| format!("{tune}\n  description = \"{text}\"");
    let policies = "  token_policies = [\"b\", \"a\"]\n  token_ttl = \"3600\"";
    workspace.hcl(&(cluster_auth(path.name(), &described("one")) + &role(namespace.name(), policies)));
    assert_eq!(workspace.plan().succeeds().warnings(), [""; 0]);
    workspace.apply().succeeds();
    let (code, answer) = login(&vault, path.name(), "one", &jwt);
    assert_eq!((code, &answer["auth"]["lease_duration"]), (200, &json!(3600)), "{answer}");
    assert_eq!(answer["auth"]["policies"], json!(["a", "b", "default"]));
    let mount = path.mount().unwrap();
    assert_eq!((&mount["description"], &mount["config"]["max_lease_ttl"]), (&json!("one"), &json!(7200)));
    let config = &mount["config"];
    assert_eq!((&config["listing_visibility"], &config["token_type"]), (&json!("hidden"), &json!("default-service")));
    assert_eq!(config["passthrough_request_headers"].as_array().unwrap().len(), 2, "{config}");
    let attributes = workspace.attributes(AUTH);
    assert_eq!(attributes["accessor"], mount["accessor"]);
    let keys: Value = serde_json::from_str(&kubectl::succeeds(&["get", "--raw", "/openid/v1/jwks"])).unwrap();
    assert_eq!(attributes["key_ids"], json!([keys["keys"][0]["kid"]]), "ids are those that Kubernetes gives");
    workspace.plan().succeeds().changes_nothing();

    // A duration that means the same is no change, an argument that is removed is cleared, and a role that was made one for
    // browsers by hand takes tokens again.
    let redirects = json!({"role_type": "oidc", "user_claim": "sub", "allowed_redirect_uris": ["http://localhost:8250/oidc/callback"]});
    vault.write(&format!("auth/{}/role/one", path.name()), &redirects);
    workspace.hcl(&(cluster_auth(path.name(), &described("one")) + &role(namespace.name(), "  token_ttl = \"1h\"")));
    let planned = workspace.plan().succeeds().only("update", ROLE);
    planned.warning(&["gives no policies"]);
    workspace.apply().succeeds();
    let one = path.role("one").unwrap();
    assert_eq!((&one["token_policies"], &one["role_type"]), (&json!([]), &json!("jwt")));
    workspace.plan().succeeds().changes_nothing();

    // By hand: the description, the keys, the role.
    vault.write(&format!("sys/mounts/auth/{}/tune", path.name()), &json!({"description": "two"}));
    let other = include_str!("../../../crates/jwk/src/tests/keys.pem");
    let end = "-----END PUBLIC KEY-----";
    let first = format!("{}{end}", other.split(end).next().unwrap());
    vault.write(
        &format!("auth/{}/config", path.name()),
        &json!({"jwt_validation_pubkeys": [first], "bound_issuer": issuer()}),
    );
    vault.delete(&format!("auth/{}/role/one", path.name()));
    assert_eq!(login(&vault, path.name(), "one", &jwt).0, 400);
    let planned = workspace.plan().succeeds();
    let mut changes = planned.changes();
    changes.sort();
    assert_eq!(changes, [("create".to_owned(), ROLE.to_owned()), ("update".to_owned(), AUTH.to_owned())]);
    let id = keys["keys"][0]["kid"].as_str().unwrap();
    planned.warning(&["will change", &format!("keys to be added: {id}"), "keys to be removed: "]);
    workspace.apply().succeeds();
    assert_eq!(login(&vault, path.name(), "one", &jwt).0, 200);
    assert_eq!(path.mount().unwrap()["description"], "one");
    workspace.plan().succeeds().changes_nothing();

    // Half-made: mounted, and the configuration lost with another mount at the same path.
    vault.delete(&format!("sys/auth/{}", path.name()));
    vault.write(&format!("sys/auth/{}", path.name()), &json!({"type": "jwt"}));
    workspace.apply().succeeds();
    assert_eq!(login(&vault, path.name(), "one", &jwt).0, 200);
    workspace.plan().succeeds().changes_nothing();

    // A cluster that does not know the provider any more is no reason to keep what lies in Vault.
    workspace.provider(&format!("{}\n{}", stranger(), vault.block(&workspace)));
    workspace.plan().succeeds().changes_nothing().warning(&["Cannot read the cluster's keys during plan", "401"]);
    // It was mounted by hand, and is left as it is.
    workspace.destroy().succeeds().warning(&["The auth method was not unmounted", "existed before"]);
    assert!(path.mount().is_some() && path.role("one").is_none());
}

/// The cluster, with a credential that it does not know.
fn stranger() -> String {
    acceptance_tests::kubeconfig::block("token = \"nobody\"")
}

#[test]
fn a_changed_path_moves_the_mount_and_revokes_its_tokens_only_when_that_is_allowed() {
    let vault = Vault::shared();
    let (path, other) = (Path::free(&vault, "from"), Path::free(&vault, "to"));
    let (namespace, workspace) = (Namespace::made("vault"), workspace(&vault));
    let jwt = token(&namespace);
    workspace.plant(&jwt);
    let role = role(namespace.name(), "  token_policies = [\"a\"]");
    workspace.hcl(&(cluster_auth(path.name(), "") + &role));
    workspace.apply().succeeds();
    let accessor = path.mount().unwrap()["accessor"].clone();
    let (_, answer) = login(&vault, path.name(), "one", &jwt);
    let before = answer["auth"]["client_token"].as_str().unwrap().to_owned();
    workspace.plant(&before);
    assert_eq!(vault.ask_as(&before, "GET", "auth/token/lookup-self", None).0, 200);

    workspace.hcl(&(cluster_auth(other.name(), "") + &role));
    workspace.plan().fails().error(&["revokes every token", "allow_remount = true"]);
    let moved = cluster_auth(other.name(), "  allow_remount = true") + &role;
    workspace.hcl(&moved);
    vault.write(&format!("sys/auth/{}", other.name()), &json!({"type": "userpass"}));
    workspace.apply().fails().error(&["is in use", "userpass"]);
    assert_eq!(path.mount().unwrap()["accessor"], accessor, "it is where it was");
    vault.delete(&format!("sys/auth/{}", other.name()));
    workspace.apply().succeeds();
    assert_eq!(vault.ask_as(&before, "GET", "auth/token/lookup-self", None).0, 403, "a token from before is dead");
    assert_eq!((path.mount(), &other.mount().unwrap()["accessor"]), (None, &accessor));
    assert_eq!(login(&vault, other.name(), "one", &jwt).0, 200);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(other.mount(), None);
}

#[test]
fn a_block_that_is_renamed_or_replaced_leaves_what_the_other_one_made() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "rename"), workspace(&vault));
    let whole = cluster_auth(path.name(), "") + &role("a", "  token_policies = [\"a\"]");
    workspace.hcl(&whole);
    workspace.apply().succeeds();
    let renamed = whole.replace("\"cluster\" {", "\"other\" {").replace("auth.cluster", "auth.other");
    workspace.hcl(&renamed.replace("\"one\" {", "\"two\" {"));
    // The create and the delete come in any order; in each of them everything is there at the end.
    workspace.apply().succeeds();
    assert!(path.role("one").is_some());
    workspace.plan().succeeds().changes_nothing();
    // What a create found is its own only by the word of the user.
    let forced = renamed.replace("\"one\" {", "\"two\" {");
    workspace.hcl(&forced.replace("{\n", "{\n  force_conflicts = true\n"));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);

    let kept = cluster_auth(path.name(), "")
        + &role("a", "  token_policies = [\"a\"]").replace(
            "  name            = \"one\"\n",
            "  name            = \"one\"\n  lifecycle {\n    create_before_destroy = true\n  }\n",
        );
    workspace.hcl(&kept);
    workspace.apply().succeeds();
    workspace
        .terraform(&["apply", "-json", "-auto-approve", "-replace", ROLE])
        .succeeds()
        .warning(&["The role was not deleted"]);
    assert!(path.role("one").is_some());
    // The create found it: it stays, and with it the mount.
    let destroyed = workspace.destroy().fails();
    destroyed.warning(&["The role was not deleted", "existed before"]);
    destroyed.error(&["still has roles", "one"]);
}
