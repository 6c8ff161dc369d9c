//! Whose a mount is: two clusters at one path with the issuer that every cluster has, and a path that becomes another method's.

use std::sync::{Arc, Mutex};

use acceptance_tests::web::Reply;
use acceptance_tests::{FakeVault, Signer, Web, Workspace};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

const AUTH: &str = "tazlab_vault_jwt_auth.cluster";

/// What most clusters say that they are.
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";

/// As much of a cluster as Vault's trust in it needs: its keys, which change when it is recreated.
struct Cluster {
    server: Web,
    keys: Arc<Mutex<Value>>,
}

impl Cluster {
    fn new() -> Self {
        let keys = Arc::new(Mutex::new(Value::Null));
        let ours = Arc::clone(&keys);
        let server = Web::plain(move |heard| match heard.target.as_str() {
            "/openid/v1/jwks" => Reply::json(&ours.lock().unwrap()),
            "/.well-known/openid-configuration" => Reply::json(&json!({"issuer": ISSUER, "jwks_uri": ""})),
            "/readyz" => Reply::of(200, "ok"),
            _ => Reply::of(404, ""),
        });
        let cluster = Self { server, keys };
        cluster.recreate();
        cluster
    }

    /// Gives it a new signing key.
    fn recreate(&self) {
        *self.keys.lock().unwrap() = json!({"keys": [jwk(&Signer::new("EdDSA"))]});
    }

    /// Gives it a second signing key.
    fn rotate(&self) {
        let mut keys = self.keys.lock().unwrap();
        let next = jwk(&Signer::new("EdDSA"));
        keys["keys"].as_array_mut().unwrap().push(next);
    }

    fn block(&self) -> String {
        format!("kubernetes = {{ host = \"{}\" }}", self.server.url())
    }
}

fn jwk(signer: &Signer) -> Value {
    let pem = signer.public_key();
    let der: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = BASE64_STANDARD.decode(der).unwrap();
    let id = tazlab_jwk::PublicKey::from_pem(&pem).unwrap().kubernetes_id();
    let x = BASE64_URL_SAFE_NO_PAD.encode(&der[der.len() - 32..]);
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id, "x": x})
}

fn auth(arguments: &str) -> String {
    format!(
        "resource \"tazlab_vault_jwt_auth\" \"cluster\" {{\n  keys = \"cluster\"\n  bound_issuer = \"{ISSUER}\"\n  jwt_supported_algs = [\"EdDSA\"]\n{arguments}\n}}\n"
    )
}

/// A configuration for this cluster and Vault.
fn of(cluster: &Cluster, vault: &FakeVault) -> Workspace {
    let workspace = Workspace::without_cluster("");
    workspace.provider_block(&format!("{}\n{}", cluster.block(), vault.block(&workspace)));
    workspace.hcl(&auth(""));
    workspace
}

fn role(vault: &FakeVault) {
    vault.write_role("jwt", "backup", &json!({"user_claim": "sub", "bound_audiences": ["x"]}));
}

#[test]
fn another_clusters_mount_is_not_taken_over_by_the_issuer_that_all_have() {
    let (vault, one, two) = (FakeVault::plain(), Cluster::new(), Cluster::new());
    let ours = of(&one, &vault);
    ours.apply().succeeds();
    // Control: nobody logs in there yet.
    let theirs = of(&two, &vault);
    theirs.apply().succeeds();
    ours.hcl(&auth("  force_conflicts = true"));
    ours.apply().succeeds();
    ours.hcl(&auth(""));
    ours.apply().succeeds();
    ours.plan().succeeds().changes_nothing();

    role(&vault);
    let before = vault.config("jwt");
    let theirs = of(&two, &vault);
    theirs.apply().fails().error(&["may belong to another cluster", "backup", "force_conflicts = true", "triggers"]);
    assert_eq!((vault.config("jwt"), theirs.addresses()), (before.clone(), Vec::new()));
    ours.plan().succeeds().changes_nothing();
    // New triggers of a resource that was never there prove nothing.
    theirs.hcl(&auth("  triggers = { cluster = \"2\" }"));
    theirs.apply().fails().error(&["may belong to another cluster", "backup"]);
    assert_eq!(vault.config("jwt"), before);

    // Controls: the same cluster with its state lost has its key; and whoever says so takes it.
    let lost = of(&one, &vault);
    lost.apply().succeeds();
    assert_eq!(vault.config("jwt"), before);
    one.rotate();
    of(&one, &vault).apply().succeeds();
    theirs.hcl(&auth("  force_conflicts = true"));
    theirs.apply().succeeds();
    assert_ne!(vault.config("jwt"), before);
}

#[test]
fn a_state_does_not_give_its_mount_to_the_cluster_that_the_provider_happens_to_reach() {
    let (vault, one, two) = (FakeVault::plain(), Cluster::new(), Cluster::new());
    let workspace = of(&one, &vault);
    workspace.hcl(&auth("  triggers = { cluster = \"1\" }"));
    workspace.apply().succeeds();
    role(&vault);
    let before = vault.config("jwt");
    let cluster = |cluster: &Cluster| {
        workspace.provider_block(&format!("{}\n{}", cluster.block(), vault.block(&workspace)));
    };
    cluster(&two);
    let planned = workspace.plan().succeeds().only("update", AUTH);
    planned.warning(&["may reach another cluster", "kubernetes block", "triggers"]);
    workspace.apply().fails().error(&["may belong to another cluster", "backup"]);
    assert_eq!(vault.config("jwt"), before);

    // Controls: a rotation with a key in common; keys that somebody wrote over; a recreated cluster that is announced.
    cluster(&one);
    one.rotate();
    workspace.apply().succeeds();
    assert_eq!(vault.config("jwt").unwrap()["jwt_validation_pubkeys"].as_array().unwrap().len(), 2);
    let rotated = vault.config("jwt");
    let mut drifted = rotated.clone().unwrap();
    drifted["jwt_validation_pubkeys"] = json!([Signer::new("EdDSA").public_key()]);
    vault.write_config("jwt", &drifted);
    workspace.apply().succeeds();
    assert_eq!(vault.config("jwt"), rotated);
    one.recreate();
    workspace.apply().fails().error(&["may belong to another cluster", "backup"]);
    workspace.hcl(&auth("  triggers = { cluster = \"2\" }"));
    workspace.apply().succeeds();
    assert_ne!(vault.config("jwt"), rotated);
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(vault.roles("jwt"), ["backup"]);
}

#[test]
fn a_create_that_fails_after_mounting_unmounts_nothing_but_its_own() {
    let (vault, cluster) = (FakeVault::plain(), Cluster::new());
    let fails = |vault: &FakeVault| {
        vault.twist(|heard| {
            let configures = heard.method == "POST" && heard.target.ends_with("/config");
            configures.then(|| Reply::of(500, "{\"errors\": [\"disk full\"]}"))
        });
    };
    let workspace = of(&cluster, &vault);
    fails(&vault);
    workspace.apply().fails().error(&["disk full"]);
    assert_eq!(workspace.attributes(AUTH)["accessor"], vault.mount("jwt").unwrap()["accessor"]);
    // Control: what it mounted is unmounted.
    vault.behave();
    workspace.destroy().succeeds();
    assert_eq!((vault.mount("jwt"), workspace.addresses()), (None, Vec::new()));

    for (kind, refresh) in [("userpass", "-refresh=true"), ("userpass", "-refresh=false"), ("jwt", "-refresh=false")] {
        fails(&vault);
        workspace.apply().fails().error(&["disk full"]);
        vault.behave();
        vault.remount("jwt", kind);
        let theirs = vault.mount("jwt").unwrap();
        let destroyed = workspace.terraform(&["destroy", "-json", "-auto-approve", refresh]).succeeds();
        assert_eq!(vault.mount("jwt").as_ref(), Some(&theirs), "{destroyed}");
        if refresh == "-refresh=false" {
            destroyed.warning(&["The auth method was not unmounted", kind, theirs["accessor"].as_str().unwrap()]);
        }
        assert_eq!(workspace.addresses(), [""; 0]);
        vault.unmount("jwt");
    }

    // Where not even the accessor can be read, nothing of it is in the state, and the next apply adopts the mount.
    vault.twist(|heard| {
        static MOUNTED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        let later = heard.method == "GET" && heard.target == "/v1/sys/auth/jwt";
        let configures = heard.target.ends_with("/config");
        let mounts = heard.method == "POST" && heard.target == "/v1/sys/auth/jwt";
        let mounted = MOUNTED.fetch_or(mounts, std::sync::atomic::Ordering::SeqCst);
        (mounted && (later || configures)).then(|| Reply::of(400, "{\"errors\": [\"not now\"]}"))
    });
    workspace.apply().fails().warning(&["may have been mounted"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    let mounted = vault.mount("jwt").unwrap();
    vault.behave();
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(AUTH)["accessor"], mounted["accessor"]);
    // Nobody knows any more that it is its own.
    workspace.destroy().succeeds().warning(&["The auth method was not unmounted", "existed before"]);
    assert_eq!(vault.mount("jwt"), Some(mounted));
}

#[test]
fn a_path_that_became_another_methods_is_neither_moved_nor_configured() {
    let (vault, cluster) = (FakeVault::plain(), Cluster::new());
    let workspace = of(&cluster, &vault);
    workspace.apply().succeeds();
    vault.remount("jwt", "jwt");
    role(&vault);
    let foreign =
        json!({"bound_issuer": "https://other.test", "jwt_validation_pubkeys": [Signer::new("EdDSA").public_key()]});
    vault.write_config("jwt", &foreign);
    let theirs = vault.mount("jwt");
    workspace.apply().fails().error(&["trusts another issuer", "backup"]);
    workspace.hcl(&auth("  mount = \"other\"\n  allow_remount = true"));
    workspace.apply().succeeds();
    assert_eq!((vault.mount("jwt"), vault.config("jwt")), (theirs, Some(foreign)));
    assert!(!vault.web.lines().iter().any(|line| line.contains("sys/remount")), "{:?}", vault.web.lines());
    workspace.destroy().succeeds();
    assert_eq!(vault.mount("other"), None);
}

#[test]
fn a_role_of_the_same_name_in_another_method_is_not_deleted() {
    let (vault, cluster) = (FakeVault::plain(), Cluster::new());
    let workspace = of(&cluster, &vault);
    let role = |more: &str| {
        format!(
            "resource \"tazlab_vault_jwt_role\" \"one\" {{\n  mount = \"jwt\"\n  name = \"backup\"\n  user_claim = \"sub\"\n  bound_audiences = [\"x\"]\n  token_policies = [\"a\"]\n{more}\n}}\n"
        )
    };
    for replaced in [true, false] {
        vault.remount("jwt", "jwt");
        workspace.hcl(&role(""));
        workspace.apply().succeeds();
        if replaced {
            vault.remount("jwt", "jwt");
            self::role(&vault);
        }
        let destroyed = workspace.destroy().succeeds();
        if replaced {
            destroyed.warning(&["The role was not deleted", "auth/jwt"]);
            assert_eq!(vault.roles("jwt"), ["backup"]);
        } else {
            // Control: its own it deletes.
            assert_eq!(vault.roles("jwt"), [""; 0]);
        }
    }
}
