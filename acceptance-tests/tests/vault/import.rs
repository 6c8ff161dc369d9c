//! Import: three spellings, and by identity's parts; then one update that writes no data, then nothing.

use std::collections::BTreeSet;

use acceptance_tests::audit::Audit;

use super::*;

#[test]
fn a_mount_made_by_hand_is_imported_and_the_next_apply_writes_nothing() {
    let vault = Vault::start();
    let path = Path::free(&vault, "import");
    let keys: Value = serde_json::from_str(&kubectl::succeeds(&["get", "--raw", "/openid/v1/jwks"])).unwrap();
    assert!(keys["keys"].is_array());
    // The keys as the user's own mount would have them: taken from a mount of ours.
    {
        let first = workspace(&vault);
        first.hcl(&cluster_auth(path.name(), ""));
        first.apply().succeeds();
    }
    let pems = path.config().unwrap()["jwt_validation_pubkeys"].clone();
    vault.delete(&format!("sys/auth/{}", path.name()));
    vault.write(&format!("sys/auth/{}", path.name()), &json!({"type": "jwt", "description": "by hand"}));
    vault.write(
        &format!("auth/{}/config", path.name()),
        &json!({"jwt_validation_pubkeys": pems, "bound_issuer": issuer()}),
    );
    vault.write(
        &format!("auth/{}/role/one", path.name()),
        &json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": AUDIENCE, "token_policies": "a",
                "bound_subject": "system:serviceaccount:a:default", "token_ttl": "24h",
                "bound_claims": {"/kubernetes.io/namespace": "a"}}),
    );
    let (config, one) = (path.config(), path.role("one"));
    let audit = Audit::of(&vault);
    let arguments = "  token_policies = [\"a\"]\n  token_ttl = \"86400\"\n  bound_claims = { \"/kubernetes.io/namespace\" = [\"a\"] }";
    let hcl = cluster_auth(path.name(), "  description = \"by hand\"") + &role("a", arguments);
    for spelling in [path.name().to_owned(), format!("{}/", path.name()), format!("auth/{}", path.name())] {
        let workspace = workspace(&vault);
        workspace.hcl(&hcl);
        workspace.terraform(&["import", AUTH, &spelling]).succeeds();
        let attributes = workspace.attributes(AUTH);
        assert_eq!((&attributes["keys"], &attributes["description"]), (&json!("pem"), &json!("by hand")));
        assert_eq!(attributes["prevent_unmount_with_roles"], json!(true), "defaults are set");
        workspace.terraform(&["import", ROLE, &format!("auth/{}/role/one", path.name())]).succeeds();
        workspace.plan().succeeds().only("update", AUTH);
        workspace.apply().succeeds();
        assert_eq!((path.config(), path.role("one")), (config.clone(), one.clone()));
        workspace.plan().succeeds().changes_nothing();
    }
    for place in ["auth/", "sys/auth", "sys/mounts"] {
        assert_eq!(audit.changed(place), BTreeSet::new(), "by Vault's own audit log");
    }
    let workspace = workspace(&vault);
    workspace.hcl(&hcl);
    for (address, id, words) in [
        (AUTH, "nowhere", "does not exist"),
        (ROLE, "one", "auth/<mount>/role/<name>"),
        (ROLE, "auth/nowhere/role/one", "does not exist"),
    ] {
        let refused = workspace.terraform(&["import", "-no-color", address, id]).fails();
        assert!(refused.stderr.contains(words), "{refused}");
    }
}
