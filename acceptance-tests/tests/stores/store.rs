//! `tazlab_vault_secret_store`.

use std::time::Duration;

use acceptance_tests::poll;
use serde_json::json;

use super::*;

const STORE: &str = "tazlab_vault_secret_store.one";

/// The words of a store's controller are the error, each with its own cause; what is mended is made anew.
#[test]
fn refusals_are_the_controllers_own_words_and_what_is_mended_works() {
    let (scene, sealed) = (Scene::new(Vault::shared()), Vault::start());
    let workspace = Workspace::new();
    workspace.plant(scene.vault.token());
    let other = std::fs::read_to_string(sealed.authority()).unwrap();
    kubectl::apply_as("test", &scene.namespace.manifest("sealed", &[("token", sealed.token()), ("ca.crt", &other)]));
    sealed.seal();
    let soon = "timeouts = { create = \"12s\" }";
    let namespace = scene.namespace.name();
    let in_sealed = |text: String| {
        text.replace(scene.vault.address(), sealed.address()).replace("name = \"vault\"", "name = \"sealed\"")
    };
    let jwt = format!(
        "  kind = \"SecretStore\"\n  namespace = \"{namespace}\"\n  name = \"login\"\n  server = \"{}\"\n  auth = {{ jwt = {{ path = \"no-such-mount\", role = \"x\", service_account = {{ name = \"default\" }} }} }}\n  ca = {{ secret = {{ name = \"vault\", key = \"ca.crt\" }} }}\n  {soon}\n",
        scene.vault.address()
    );
    let mut hcl = [
        scene.store("token", "wrong", soon),
        scene.store("secret", "missing", soon),
        scene.store("authority", "token", &format!("ca = {{ pem = <<-EOT\n{other}EOT\n  }}\n  {soon}")),
        in_sealed(scene.store("sealed", "token", soon)),
        format!("resource \"tazlab_vault_secret_store\" \"login\" {{\n{jwt}}}\n"),
    ]
    .concat();
    workspace.hcl(&hcl);
    let planned = workspace.plan().succeeds();
    assert_eq!(planned.changes().len(), 5);
    let failed = workspace.apply().fails();
    let error = |name: &str, words: &[&str]| {
        let address = format!("tazlab_vault_secret_store.{name}");
        failed.error(&[&[address.as_str(), "The store is not ready", "timed out"], words].concat());
    };
    error("token", &["ValidationFailed", "Code: 403", "permission denied"]);
    error("secret", &["InvalidProviderConfig", "unable to create client", "missing"]);
    error("authority", &["x509"]);
    error("sealed", &["Vault is sealed"]);
    error("login", &["InvalidProviderConfig", "no-such-mount"]);
    assert_eq!(workspace.addresses().len(), 5, "what was made is in the state");
    assert!(workspace.traces().contains("Ready is False (ValidationFailed)"), "it is told while waiting");

    // Mended outside and in the configuration. The tainted ones are made anew.
    sealed.unseal();
    let contents = [("token", scene.vault.token()), ("missing", scene.vault.token()), ("ca.crt", "")];
    let authority = std::fs::read_to_string(scene.vault.authority()).unwrap();
    let contents = contents.map(|(key, text)| (key, if key == "ca.crt" { authority.as_str() } else { text }));
    kubectl::apply_as("test", &scene.namespace.manifest("vault", &contents));
    hcl = [
        scene.store("token", "token", soon),
        scene.store("secret", "missing", soon),
        scene.store("authority", "token", soon),
        in_sealed(scene.store("sealed", "token", soon)),
    ]
    .concat();
    workspace.hcl(&hcl);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let live = scene.live("sealed").unwrap();
    assert_eq!(live["status"]["conditions"][0]["reason"], "Valid");
    workspace.destroy().succeeds();
    assert_eq!(scene.live("token"), None);
}

#[test]
fn create_drift_change_import_conflict_and_destroy() {
    let scene = Scene::new(Vault::shared());
    let workspace = Workspace::new();
    workspace.plant(scene.vault.token());
    workspace.hcl(&scene.store("one", "token", "kv_mount = \"secret\"\n  namespaces = [\"default\"]"));
    let planned = workspace.plan().succeeds().only("create", STORE);
    assert_eq!(planned.warnings(), [""; 0]);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let live = scene.live("one").unwrap();
    assert_eq!(
        (&live["apiVersion"], &live["spec"]["provider"]["vault"]["version"]),
        (&json!("external-secrets.io/v1"), &json!("v2"))
    );
    assert_eq!(live["spec"]["conditions"], json!([{"namespaces": ["default"]}]));
    assert_eq!(workspace.attributes(STORE)["uid"], live["metadata"]["uid"]);
    let id = live["metadata"]["annotations"]["tazlab.io/instance"].clone();

    synced(&scene);

    // By hand is drift. Somebody else's field stays.
    let name = scene.name("one");
    let patch = r#"{"metadata":{"labels":{"theirs":"stays"}},"spec":{"retrySettings":{"maxRetries":3},"provider":{"vault":{"path":"other"}}}}"#;
    kubectl::succeeds(&["patch", "clustersecretstore", &name, "--type", "merge", "-p", patch]);
    workspace.plan().succeeds().only("update", STORE);
    workspace.apply().succeeds();
    let live = scene.live("one").unwrap();
    assert_eq!(live["spec"]["provider"]["vault"]["path"], "secret");
    assert_eq!(
        (&live["metadata"]["labels"]["theirs"], &live["spec"]["retrySettings"]["maxRetries"]),
        (&json!("stays"), &json!(3))
    );
    assert_eq!(live["metadata"]["annotations"]["tazlab.io/instance"], id);
    workspace.plan().succeeds().changes_nothing();

    // A change that the controller refuses fails, although the store was ready before, and keeps what is stored.
    let worse = scene.store(
        "one",
        "wrong",
        "kv_mount = \"secret\"\n  namespaces = [\"default\"]\n  timeouts = { update = \"9s\" }",
    );
    workspace.hcl(&worse);
    workspace.apply().fails().error(&[STORE, "ValidationFailed", "permission denied"]);
    let key = workspace.attributes(STORE)["auth"]["token_secret"]["key"].clone();
    assert_eq!(key, "token", "a failed update keeps its state");
    let planned = workspace.plan().succeeds().only("update", STORE);
    planned.warning(&["The store is not ready", "ValidationFailed"]);
    // An argument that is left out goes, too.
    workspace.hcl(&scene.store("one", "token", "refresh_interval = \"1m\""));
    workspace.apply().succeeds();
    let live = scene.live("one").unwrap();
    assert_eq!((&live["spec"]["refreshInterval"], &live["spec"]["conditions"]), (&json!(60), &Value::Null));
    assert_eq!(live["spec"]["provider"]["vault"]["path"], Value::Null);

    imported_again(&workspace, &["import".to_owned(), STORE.to_owned(), name.clone()]);

    // A field of another manager's is a conflict, and a mark of another's is not ours to delete.
    let theirs = json!({"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": name},
        "spec": {"refreshInterval": 90}});
    kubectl::apply_as("kustomize-controller", &theirs);
    workspace.apply().fails().error(&[
        "Another field manager owns this",
        "kustomize-controller",
        "refreshInterval",
        "force_conflicts",
    ]);
    workspace.hcl(&scene.store("one", "token", "refresh_interval = \"1m\"\n  force_conflicts = true"));
    workspace.apply().succeeds();
    kubectl::succeeds(&["annotate", "clustersecretstore", &name, "--overwrite", "tazlab.io/instance=other"]);
    workspace.destroy().succeeds().warning(&["was not deleted", "mark"]);
    assert!(scene.live("one").is_some());
    kubectl::succeeds(&["delete", "clustersecretstore", &name]);
}

/// The store serves: an `ExternalSecret` in a namespace that may use it becomes a Secret.
fn synced(scene: &Scene) {
    let name = scene.name("one");
    scene.vault.write(&format!("secret/data/{name}"), &json!({"data": {"password": "open sesame"}}));
    let wanted = json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
        "metadata": {"namespace": "default", "name": name},
        "spec": {"secretStoreRef": {"kind": "ClusterSecretStore", "name": name}, "target": {"name": name},
            "data": [{"secretKey": "password", "remoteRef": {"key": name, "property": "password"}}]}});
    kubectl::apply_as("test", &wanted);
    let synced = || {
        let live = kubectl::object(&["externalsecret", &name, "-n", "default"])?;
        (live["status"]["conditions"][0]["reason"] == "SecretSynced").then_some(())
    };
    poll::until(Duration::from_secs(20), "synced ExternalSecret", synced);
    assert!(kubectl::object(&["secret", &name, "-n", "default"]).is_some());
    kubectl::succeeds(&["delete", "externalsecret", &name, "-n", "default"]);
    scene.vault.delete(&format!("secret/metadata/{name}"));
}

/// The real controller logs in with what the arguments name, and what is on the store beside its spec is ours to keep.
#[test]
fn a_store_logs_in_by_certificate_and_by_a_token_in_a_secret() {
    let scene = Scene::new(Vault::start());
    let (workspace, vault, namespace) = (Workspace::new(), &scene.vault, scene.namespace.name());
    let (key, certificate) = (workspace.source("client.key", ""), workspace.source("client.crt", ""));
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
            "/CN=eso",
            "-addext",
            "extendedKeyUsage=clientAuth",
            "-keyout",
            &key,
            "-out",
            &certificate,
        ],
        b"",
    );
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    vault.write("sys/auth/cert", &json!({"type": "cert"}));
    vault.write("auth/cert/certs/eso", &json!({"certificate": read(&certificate), "token_policies": ["default"]}));
    let signer = acceptance_tests::Signer::new("ES256");
    vault.write("sys/auth/jwt", &json!({"type": "jwt"}));
    vault.write("auth/jwt/config", &json!({"jwt_validation_pubkeys": [signer.public_key()]}));
    let role = json!({"role_type": "jwt", "user_claim": "sub", "bound_subject": "eso", "token_policies": ["default"]});
    vault.write("auth/jwt/role/eso", &role);
    let now = jiff::Timestamp::now().as_second();
    let jwt = signer.token(&json!({"sub": "eso", "iat": now, "exp": now + 600}));
    for secret in [vault.token(), &jwt] {
        workspace.plant(secret);
    }
    let authority = read(vault.authority().to_str().unwrap());
    let contents =
        [("jwt", jwt.as_str()), ("tls.crt", &read(&certificate)), ("tls.key", &read(&key)), ("ca.crt", &authority)];
    kubectl::apply_as("test", &scene.namespace.manifest("vault", &contents));
    let reference = |key: &str| format!("{{ namespace = \"{namespace}\", name = \"vault\", key = \"{key}\" }}");
    let store = |name: &str, login: &str, more: &str| {
        let token = format!("token_secret = {}", reference("token"));
        scene.store(name, "token", more).replace(&token, login)
    };
    let cert =
        format!("cert = {{ client_certificate = {}, client_key = {} }}", reference("tls.crt"), reference("tls.key"));
    let by_token = format!("jwt = {{ role = \"eso\", secret = {} }}", reference("jwt"));
    let beside = "headers = { X-Gateway = \"eso\" }\n  labels = { app = \"one\" }\n  annotations = { \"example.net/owner\" = \"me\" }";
    workspace.hcl(&(store("cert", &cert, beside) + &store("jwt", &by_token, "")));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let live = scene.live("cert").unwrap();
    let spec = &live["spec"]["provider"]["vault"];
    assert_eq!(spec["headers"], json!({"X-Gateway": "eso"}));
    assert_eq!(
        (&spec["auth"]["cert"]["clientCert"]["key"], &spec["auth"]["cert"]["secretRef"]["key"]),
        (&json!("tls.crt"), &json!("tls.key"))
    );
    assert_eq!(
        (&live["metadata"]["labels"]["app"], &live["metadata"]["annotations"]["example.net/owner"]),
        (&json!("one"), &json!("me"))
    );

    // By hand is drift; what others set is theirs; what is left out goes.
    let name = scene.name("cert");
    kubectl::succeeds(&["label", "clustersecretstore", &name, "--overwrite", "app=other", "theirs=stays"]);
    workspace.plan().succeeds().only("update", "tazlab_vault_secret_store.cert");
    workspace.apply().succeeds();
    let labels = || scene.live("cert").unwrap()["metadata"]["labels"].clone();
    assert_eq!(labels(), json!({"app": "one", "theirs": "stays"}));
    workspace.hcl(&(store("cert", &cert, "") + &store("jwt", &by_token, "")));
    workspace.apply().succeeds();
    assert_eq!(
        (labels(), scene.live("cert").unwrap()["spec"]["provider"]["vault"]["headers"].clone()),
        (json!({"theirs": "stays"}), Value::Null)
    );
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn what_cannot_work_is_refused_while_planning() {
    let workspace = Workspace::without_cluster("  kubernetes = { host = \"https://127.0.0.1:1\" }");
    let refused = |arguments: &str, words: &[&str]| {
        workspace
            .hcl(&format!("resource \"tazlab_vault_secret_store\" \"one\" {{\n  name = \"one\"\n{arguments}\n}}\n"));
        let run = workspace.terraform(&["validate", "-json"]).fails();
        assert!(words.iter().all(|word| run.stdout.contains(word)), "{words:?}: {run}");
    };
    let auth = "  auth = { token_secret = { namespace = \"a\", name = \"b\", key = \"c\" } }";
    let server = "  server = \"https://vault:8200\"";
    refused(&format!("  server = \"vault:8200\"\n{auth}"), &["server", "https://vault.example:8200"]);
    refused(&format!("{server}\n{auth}\n  kv_mount = \"/secret\""), &["kv_mount", "no slash at its ends"]);
    refused(&format!("{server}\n  auth = {{}}"), &["One of", "token_secret"]);
    refused(&format!("{server}\n{auth}\n  kind = \"SecretStore\""), &["A SecretStore needs a namespace"]);
    refused(
        &format!("{server}\n{auth}\n  ca = {{ pem = \"x\", secret = {{ name = \"a\", key = \"b\" }} }}"),
        &["Only one of"],
    );
    let nowhere = "  auth = { token_secret = { name = \"b\", key = \"c\" } }";
    refused(&format!("{server}\n{nowhere}"), &["The namespace is missing", "ClusterSecretStore"]);
}
