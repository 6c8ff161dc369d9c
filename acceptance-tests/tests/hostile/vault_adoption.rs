//! What is in Vault before a create: it is adopted with a warning, and a destroy leaves it, because nobody can tell whose it was.

use acceptance_tests::web::Reply;
use acceptance_tests::{FakeVault, Signer, Workspace};
use serde_json::{Value, json};

const AUTH: &str = "tazlab_vault_jwt_auth.cluster";
const ROLE: &str = "tazlab_vault_jwt_role.one";

fn of(vault: &FakeVault) -> Workspace {
    let workspace = Workspace::without_cluster("");
    workspace.provider_block(&vault.block(&workspace));
    std::fs::write(workspace.path().join("key.pem"), Signer::new("ES256").public_key()).unwrap();
    workspace
}

fn auth(arguments: &str) -> String {
    format!(
        "resource \"tazlab_vault_jwt_auth\" \"cluster\" {{\n  keys = \"pem\"\n  bound_issuer = \"https://one.k8s.test\"\n  validation_pubkeys = [file(\"key.pem\")]\n  jwt_supported_algs = [\"ES256\"]\n{arguments}\n}}\n"
    )
}

fn role(arguments: &str) -> String {
    format!(
        "resource \"tazlab_vault_jwt_role\" \"one\" {{\n  mount = \"jwt\"\n  name = \"backup\"\n  user_claim = \"sub\"\n  bound_audiences = [\"x\"]\n  token_policies = [\"a\"]\n{arguments}\n}}\n"
    )
}

/// A role that lets in the same, and gives more.
fn theirs() -> Value {
    json!({"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["x"], "bound_claims_type": "string",
           "token_policies": ["root-like"]})
}

#[test]
fn a_mount_that_was_there_is_adopted_and_stays_mounted() {
    let vault = FakeVault::plain();
    vault.remount("jwt", "jwt");
    vault.write_role("jwt", "theirs", &theirs());
    let mount = vault.mount("jwt");
    let workspace = of(&vault);
    // It was never configured; or it has these keys already.
    for configured in [false, true] {
        workspace.hcl(&auth("  managed_roles = []"));
        let applied = workspace.apply().succeeds();
        applied.warning(&[
            "An existing object is adopted",
            "uth method auth/jwt",
            "Its roles: theirs",
            "force_conflicts = true",
        ]);
        workspace.plan().succeeds().changes_nothing();
        // Updates keep the record.
        workspace.hcl(&auth("  managed_roles = []\n  default_role = \"theirs\""));
        workspace.apply().succeeds();
        let destroyed = workspace.destroy().succeeds();
        destroyed.warning(&["The auth method was not unmounted", "existed before", "force_conflicts = true"]);
        assert_eq!((vault.mount("jwt"), workspace.addresses()), (mount.clone(), Vec::new()), "{configured}");
        assert_eq!(vault.roles("jwt"), ["theirs"]);
    }
    // Control: the user says that it may go, roles and all.
    workspace.hcl(&auth("  force_conflicts = true\n  prevent_unmount_with_roles = false"));
    workspace.apply().succeeds().warning(&["An existing object is adopted", "uth method auth/jwt"]);
    workspace.destroy().succeeds();
    assert_eq!(vault.mount("jwt"), None);
    // Control: what it mounted itself.
    workspace.hcl(&auth(""));
    assert_eq!(workspace.apply().succeeds().warnings(), [""; 0]);
    workspace.destroy().succeeds();
    assert_eq!(vault.mount("jwt"), None);
}

#[test]
fn a_mount_of_the_other_type_of_the_plugin_is_taken() {
    let vault = FakeVault::plain();
    let workspace = of(&vault);
    for (there, wanted) in [("oidc", "jwt"), ("jwt", "oidc")] {
        vault.remount("jwt", there);
        workspace.hcl(&auth(&format!("  type = \"{wanted}\"")));
        workspace.apply().fails().error(&["is in use", there]);
        assert_eq!((vault.config("jwt"), workspace.addresses()), (None, Vec::new()));
    }
    // A change of the type is a replacement, in whatever order: the mount is never both.
    vault.unmount("jwt");
    workspace.hcl(&auth(""));
    workspace.apply().succeeds();
    workspace.hcl(&auth("  type = \"oidc\"\n  lifecycle {\n    create_before_destroy = true\n  }"));
    workspace.apply().fails().error(&["is in use"]);
    assert_eq!(vault.mount("jwt").unwrap()["type"], "jwt");
    workspace.hcl(&auth("  type = \"oidc\""));
    workspace.apply().succeeds();
    assert_eq!(vault.mount("jwt").unwrap()["type"], "oidc");
    workspace.destroy().succeeds();
    assert_eq!(vault.mount("jwt"), None);
}

#[test]
fn a_role_that_was_there_is_adopted_and_stays() {
    let vault = FakeVault::plain();
    vault.remount("jwt", "jwt");
    vault.write_role("jwt", "backup", &theirs());
    let workspace = of(&vault);
    for differs in [true, false] {
        workspace.hcl(&role(""));
        let applied = workspace.apply().succeeds();
        let told =
            applied.warning(&["An existing object is adopted", "Role auth/jwt/role/backup", "force_conflicts = true"]);
        assert_eq!(told.contains("It differed, and was written over"), differs, "{told}");
        workspace.hcl(&role("  token_ttl = \"1h\""));
        workspace.apply().succeeds();
        workspace.hcl(&role(""));
        workspace.apply().succeeds();
        workspace.destroy().succeeds().warning(&["The role was not deleted", "existed before"]);
        assert_eq!((vault.roles("jwt"), workspace.addresses()), (vec!["backup".to_owned()], Vec::new()));
    }
    // Another place to log in from is another bound.
    workspace.hcl(&role("  token_bound_cidrs = [\"10.0.0.1\"]"));
    workspace.apply().fails().error(&["exists with other bounds", "token_bound_cidrs 10.0.0.1"]);
    // Control: the user says that it may go; and what it wrote itself.
    workspace.hcl(&role("  force_conflicts = true"));
    workspace.apply().succeeds().warning(&["An existing object is adopted"]);
    workspace.destroy().succeeds();
    assert_eq!(vault.roles("jwt"), [""; 0]);
    workspace.hcl(&role(""));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(vault.roles("jwt"), [""; 0]);
}

#[test]
fn a_block_that_is_renamed_or_replaced_first_deletes_nothing_that_the_other_one_has() {
    let vault = FakeVault::plain();
    let workspace = of(&vault);
    workspace.hcl(&(auth("") + &role("  depends_on = [tazlab_vault_jwt_auth.cluster]")));
    workspace.apply().succeeds();
    let other = (auth("") + &role("  depends_on = [tazlab_vault_jwt_auth.other]"))
        .replace("\"cluster\" {", "\"other\" {")
        .replace("\"one\" {", "\"two\" {");
    workspace.hcl(&other);
    workspace.apply().succeeds();
    assert!(vault.mount("jwt").is_some() && vault.roles("jwt") == ["backup"]);
    workspace.plan().succeeds().changes_nothing();
    let forced = |hcl: &str| {
        hcl.replace("{\n  keys", "{\n  force_conflicts = true\n  keys")
            .replace("{\n  mount", "{\n  force_conflicts = true\n  mount")
    };
    workspace.hcl(&forced(&other));
    workspace.apply().succeeds();
    workspace.destroy().succeeds();
    assert_eq!(vault.mount("jwt"), None);

    vault.remount("jwt", "jwt");
    workspace.hcl(&role("  lifecycle {\n    create_before_destroy = true\n  }"));
    workspace.apply().succeeds();
    let replaced = workspace.terraform(&["apply", "-json", "-auto-approve", "-replace", ROLE]).succeeds();
    replaced.warning(&["The role was not deleted", "in this run"]);
    replaced.warning(&["An existing object is adopted"]);
    workspace.destroy().succeeds().warning(&["The role was not deleted", "existed before"]);
    assert_eq!(vault.roles("jwt"), ["backup"]);
}

#[test]
fn a_mount_that_nobody_answered_for_is_said() {
    let vault = FakeVault::plain();
    let workspace = of(&vault);
    workspace.hcl(&auth(""));
    let mounts = |heard: &acceptance_tests::web::Heard| heard.method == "POST" && heard.target == "/v1/sys/auth/jwt";
    vault.twist(move |heard| mounts(heard).then(|| Reply::of(500, "{\"errors\": [\"who knows\"]}")));
    let failed = workspace.apply().fails();
    failed.error(&["who knows"]);
    failed.warning(&["may have been mounted", "not in the state"]);
    // Control: what Vault refuses is not there.
    vault.twist(move |heard| mounts(heard).then(|| Reply::of(400, "{\"errors\": [\"no\"]}")));
    assert_eq!(workspace.apply().fails().warnings(), [""; 0]);
    vault.behave();
    workspace.apply().succeeds();
    assert_eq!(workspace.addresses(), [AUTH]);
}
