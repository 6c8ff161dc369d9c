//! Whose a mount and a role are: two clusters at one path, somebody else's roles, another type.

use acceptance_tests::Signer;

use super::*;

#[test]
fn two_clusters_at_one_path_do_not_take_it_from_each_other() {
    let vault = Vault::shared();
    let (path, one, two) = (Path::free(&vault, "two"), workspace(&vault), workspace(&vault));
    one.hcl(&(cluster_auth(path.name(), "") + &role("a", "  token_policies = [\"a\"]")));
    one.apply().succeeds();
    let before = path.config();
    let other = |arguments: &str| {
        auth(path.name(), &format!("  keys = \"cluster\"\n  bound_issuer = \"https://other:6443\"\n{arguments}"))
    };
    two.hcl(&other(""));
    let refused = two.apply().fails();
    refused.error(&[
        "trusts another issuer",
        &issuer(),
        "https://other:6443",
        "Its roles: one",
        "force_conflicts = true",
    ]);
    assert_eq!((path.config(), two.addresses()), (before, Vec::<String>::new()));

    // A role with other bounds is somebody's, too.
    let theirs = role("b", "").replace("tazlab_vault_jwt_auth.cluster.mount", &format!("\"{}\"", path.name()));
    two.hcl(&theirs);
    two.apply().fails().error(&["exists with other bounds", "system:serviceaccount:a:default"]);
    two.hcl(&theirs.replace("name            =", "force_conflicts = true\n  name            ="));
    two.apply().succeeds();
    assert_eq!(path.role("one").unwrap()["bound_subject"], "system:serviceaccount:b:default");
    one.plan().succeeds().only("update", ROLE);

    two.hcl(&other("  force_conflicts = true"));
    two.apply().succeeds();
    assert_eq!(path.config().unwrap()["bound_issuer"], "https://other:6443");
    // A rebirth is no conflict: the same issuer, and state that was lost.
    let reborn = workspace(&vault);
    reborn.hcl(&other(""));
    reborn.apply().succeeds().warning(&["The cluster has another issuer", "https://other:6443"]);
    reborn.plan().succeeds().changes_nothing();
}

/// Most clusters have the same issuer: only keys tell them apart.
#[test]
fn two_clusters_of_one_issuer_at_one_path_do_not_take_it_from_each_other() {
    let vault = Vault::shared();
    let (path, one, two) = (Path::free(&vault, "issuer"), workspace(&vault), workspace(&vault));
    one.hcl(&(cluster_auth(path.name(), "") + &role("a", "  token_policies = [\"a\"]")));
    one.apply().succeeds();
    let before = path.config();
    std::fs::write(two.path().join("key.pem"), Signer::new("RS256").public_key()).unwrap();
    let other = |arguments: &str| {
        let keys = "  keys = \"pem\"\n  validation_pubkeys = [file(\"key.pem\")]";
        auth(path.name(), &format!("{keys}\n  bound_issuer = \"{}\"\n{arguments}", issuer()))
    };
    two.hcl(&other(""));
    two.apply().fails().error(&[
        "may belong to another cluster",
        &issuer(),
        "its roles: one",
        "force_conflicts = true",
    ]);
    assert_eq!((path.config(), two.addresses()), (before, Vec::<String>::new()));
    one.plan().succeeds().changes_nothing();
    two.hcl(&other("  force_conflicts = true"));
    two.apply().succeeds();
    let planned = one.plan().succeeds().only("update", AUTH);
    planned.warning(&["will change", "keys to be added", "keys to be removed"]);

    // Control: without roles nobody is locked out.
    let (path, one, two) = (Path::free(&vault, "empty"), workspace(&vault), workspace(&vault));
    one.hcl(&cluster_auth(path.name(), ""));
    one.apply().succeeds();
    std::fs::write(two.path().join("key.pem"), Signer::new("RS256").public_key()).unwrap();
    let keys = "  keys = \"pem\"\n  validation_pubkeys = [file(\"key.pem\")]";
    two.hcl(&auth(path.name(), &format!("{keys}\n  bound_issuer = \"{}\"", issuer())));
    two.apply().succeeds();
}

#[test]
fn a_path_that_something_else_has_is_not_touched() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "taken"), workspace(&vault));
    vault.write(&format!("sys/auth/{}", path.name()), &json!({"type": "userpass"}));
    workspace.hcl(&cluster_auth(path.name(), ""));
    workspace.apply().fails().error(&["is in use", "userpass"]);
    assert_eq!(path.mount().unwrap()["type"], "userpass");
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn roles_of_others_keep_the_mount_until_they_are_named() {
    let vault = Vault::shared();
    let (path, workspace) = (Path::free(&vault, "roles"), workspace(&vault));
    let own = role("a", "  token_policies = [\"a\"]");
    workspace.hcl(&(cluster_auth(path.name(), "") + &own));
    workspace.apply().succeeds();
    let foreign = format!("auth/{}/role/theirs", path.name());
    vault.write(&foreign, &json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["x"]}));

    let destroyed = workspace.destroy().fails();
    destroyed.error(&["still has roles", "theirs"]);
    assert!(path.role("theirs").is_some(), "nothing of it is gone");
    assert_eq!(workspace.addresses(), [AUTH]);

    workspace.hcl(&(cluster_auth(path.name(), "  managed_roles = [\"one\"]") + &own));
    workspace.apply().succeeds();
    let planned = workspace.terraform(&["plan", "-json", "-destroy"]).fails();
    planned.error(&["still has roles", "theirs", "managed_roles"]);
    assert!(path.role("one").is_some());

    workspace.hcl(&(cluster_auth(path.name(), "  managed_roles = [\"one\", \"theirs\"]") + &own));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);

    // Or whoever destroys says that it does not matter.
    workspace
        .hcl(&(cluster_auth(path.name(), "  managed_roles = [\"one\"]\n  prevent_unmount_with_roles = false") + &own));
    workspace.apply().succeeds();
    vault.write(&foreign, &json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["x"]}));
    workspace.destroy().succeeds();
    assert_eq!(path.mount(), None);
}
