use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::resource::ImportId;
use tf_plugin::framework::value::Value;

use super::{by_token, key, model, text};
use crate::resources::vault_secret_store::identity_names;
use crate::resources::vault_secret_store::model::{Auth, CertificateLogin, JwtLogin, VaultSecretStore};
use crate::resources::vault_secret_store::validate::validate;

fn found(change: impl FnOnce(&mut VaultSecretStore)) -> Vec<String> {
    let mut config = model();
    change(&mut config);
    let mut found = Diagnostics::new();
    validate(&config, &mut found);
    found.into_iter().map(|one| format!("{}: {}", one.attribute, one.summary)).collect()
}

#[test]
fn kind_and_namespaces_must_go_together() {
    assert_eq!(found(|_| ()), [""; 0]);
    assert_eq!(found(|store| store.namespace = text("a")), ["namespace: namespace is for a SecretStore"]);
    let namespaced = |store: &mut VaultSecretStore| {
        (store.kind, store.namespace) = (text("SecretStore"), text("external-secrets"));
    };
    assert_eq!(found(namespaced), [""; 0]);
    let homeless = |store: &mut VaultSecretStore| store.kind = text("SecretStore");
    assert_eq!(found(homeless), ["kind: A SecretStore needs a namespace"]);
    let others = |store: &mut VaultSecretStore| {
        namespaced(store);
        store.namespaces = Value::Value(vec!["a".to_owned()]);
        store.auth = Value::Value(by_token(key(Some("other"), "b", "c")));
    };
    let expected =
        ["namespaces: namespaces is for a ClusterSecretStore", "auth.token_secret.namespace: Another namespace"];
    assert_eq!(found(others), expected);
}

#[test]
fn a_cluster_wide_store_says_where_everything_lies() {
    let nowhere = |store: &mut VaultSecretStore| store.auth = Value::Value(by_token(key(None, "b", "c")));
    assert_eq!(found(nowhere), ["auth.token_secret: The namespace is missing"]);
    let login = |store: &mut VaultSecretStore| {
        let cert = CertificateLogin { client_certificate: key(None, "b", "c"), client_key: key(Some("a"), "b", "k") };
        store.auth = Value::Value(Auth { cert: Value::Value(cert), ..by_token(Value::Null) });
    };
    assert_eq!(found(login), ["auth.cert.client_certificate: The namespace is missing"]);
    let login = |store: &mut VaultSecretStore| {
        let jwt =
            JwtLogin { path: text("jwt"), role: text("r"), service_account: Value::Null, secret: key(None, "b", "c") };
        store.auth = Value::Value(Auth { jwt: Value::Value(jwt), ..by_token(Value::Null) });
    };
    assert_eq!(found(login), ["auth.jwt.secret: The namespace is missing"]);
    let unknown = |store: &mut VaultSecretStore| {
        nowhere(store);
        store.kind = Value::Unknown;
    };
    assert_eq!(found(unknown), [""; 0]);
}

#[test]
fn stores_are_imported_by_their_names() {
    let names = |id: &str| identity_names(&ImportId::Id(id.to_owned())).ok();
    assert_eq!(names("store"), Some((None, "store".to_owned())));
    assert_eq!(names("a/store"), Some((Some("a".to_owned()), "store".to_owned())));
    for id in ["", "/", "a/", "/b", "a/b/c"] {
        assert_eq!(names(id), None, "{id}");
    }
}
