use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;
use tazlab_clients::kubernetes::Untyped;
use tf_plugin::framework::model::AttributeValue;
use tf_plugin::framework::value::Value;

use super::{by_token, key, model, text};
use crate::resources::vault_secret_store::model::{
    AccountReference, AppRole, Auth, Authority, CertificateLogin, JwtLogin, KubernetesLogin, VaultSecretStore,
};
use crate::resources::vault_secret_store::object::{argument, desired, observe, place};

#[test]
fn the_store_of_the_target() {
    let vault = json!({
        "server": "https://vault.x.ts.net:8200", "path": "secret", "version": "v2",
        "auth": {"tokenSecretRef": {"namespace": "external-secrets", "name": "vault-eso-token", "key": "token"}},
        "caProvider": {"type": "Secret", "namespace": "external-secrets", "name": "vault-ca-cert", "key": "ca.crt"},
    });
    let object = desired(&model());
    assert_eq!(object["spec"], json!({"provider": {"vault": vault}}));
    let place = place(&model(), model().custom_kind().at("v1beta1"));
    assert_eq!(
        (place.to_string().as_str(), place.kind.version.as_str()),
        ("ClusterSecretStore tazlab-secrets-vault", "v1beta1")
    );
    assert_eq!(place.kind.plural, "clustersecretstores");
}

fn texts(key: &str) -> Value<BTreeMap<String, String>> {
    Value::Value(BTreeMap::from([(key.to_owned(), "value".to_owned())]))
}

fn account() -> Value<AccountReference> {
    let audiences = Value::Value(vec!["vault".to_owned()]);
    Value::Value(AccountReference { namespace: text("a"), name: text("eso"), audiences })
}

/// Every login and authority.
fn all() -> Vec<VaultSecretStore> {
    let none = || by_token(Value::Null);
    let role = AppRole { path: text("approle"), role_id: text("id"), secret: key(Some("a"), "b", "c") };
    let kubernetes = |service_account, secret| {
        Value::Value(KubernetesLogin { path: text("kubernetes"), role: text("eso"), service_account, secret })
    };
    let jwt = |service_account, secret| {
        Value::Value(JwtLogin { path: text("jwt"), role: text("eso"), service_account, secret })
    };
    let cert =
        CertificateLogin { client_certificate: key(Some("a"), "b", "tls.crt"), client_key: key(Some("a"), "b", "k") };
    let logins = [
        by_token(key(None, "b", "c")),
        Auth { app_role: Value::Value(role), ..none() },
        Auth { kubernetes: kubernetes(account(), Value::Null), ..none() },
        Auth { kubernetes: kubernetes(Value::Null, key(Some("a"), "b", "token")), ..none() },
        Auth { kubernetes: kubernetes(Value::Null, Value::Null), ..none() },
        Auth { jwt: jwt(account(), Value::Null), ..none() },
        Auth { jwt: jwt(Value::Null, key(Some("a"), "b", "token")), ..none() },
        Auth { cert: Value::Value(cert), ..none() },
    ];
    let nobody = || Authority { secret: Value::Null, config_map: Value::Null, pem: Value::Null };
    let authorities = [
        Value::Null,
        Value::Value(Authority { secret: key(Some("a"), "b", "c"), ..nobody() }),
        Value::Value(Authority { config_map: key(Some("a"), "b", "c"), ..nobody() }),
        Value::Value(Authority { pem: text("-----BEGIN CERTIFICATE-----\n"), ..nobody() }),
    ];
    let with = |auth: &Auth, ca: &Value<Authority>| VaultSecretStore {
        auth: Value::Value(auth.clone()),
        ca: ca.clone(),
        namespaces: Value::Value(vec!["one".to_owned()]),
        refresh_interval: text("1m"),
        vault_namespace: text("team"),
        headers: texts("X-Gateway"),
        labels: texts("app"),
        annotations: texts("example.net/owner"),
        uid: text("u"),
        ..model()
    };
    logins.iter().flat_map(|auth| authorities.iter().map(move |ca| with(auth, ca))).collect()
}

#[test]
fn what_is_written_is_read_back() {
    for model in all() {
        let value = desired(&model);
        let mut metadata = ObjectMeta { uid: Some("u".to_owned()), ..ObjectMeta::default() };
        for (own, theirs) in [(&model.labels, &mut metadata.labels), (&model.annotations, &mut metadata.annotations)] {
            let mut live = own.as_ref_option().unwrap().clone();
            live.insert("somebody/else".to_owned(), "stays theirs".to_owned());
            *theirs = Some(live);
        }
        let mut read = model.clone();
        (read.auth, read.ca, read.server) = (Value::Null, Value::Null, Value::Null);
        read.headers = Value::Null;
        observe(&mut read, &Untyped { metadata, value: value.clone() });
        assert_eq!(read.encode(), model.encode(), "{value}");
    }
}

#[test]
fn a_field_that_is_refused_points_at_its_argument() {
    for (field, expected) in [
        ("spec.provider.vault.auth.tokenSecretRef.name", "auth"),
        ("spec.provider.vault.caProvider.key", "ca"),
        ("spec.provider.vault.caBundle", "ca"),
        ("spec.conditions[0].namespaces", "namespaces"),
        ("spec.provider.vault.headers.X-Gateway", "headers"),
        ("metadata.labels.app", "labels"),
        ("metadata.name", "name"),
    ] {
        assert_eq!(argument(field).to_string(), expected);
    }
}

#[test]
fn what_others_wrote_into_a_store_brings_no_secret_into_the_state() {
    let private = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\ncanary\n";
    let bundle = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, private);
    let vault = json!({"server": "https://user:canary@vault.test:8200", "caBundle": bundle, "auth": {}});
    let live = |vault: serde_json::Value| Untyped {
        metadata: ObjectMeta::default(),
        value: json!({"spec": {"provider": {"vault": vault}}}),
    };
    let mut read = model();
    observe(&mut read, &live(vault));
    assert!(!format!("{:?}", read.encode()).contains("canary"), "{:?}", read.encode());
    assert_eq!((read.server.as_deref_option(), read.ca.is_null()), (Some("https://vault.test:8200/"), true));
    observe(&mut read, &live(json!({"server": "https://vault.test:8200", "caBundle": "eA==", "auth": {}})));
    assert_eq!(read.server.as_deref_option(), Some("https://vault.test:8200"));
    assert_eq!(read.ca.as_ref_option().and_then(|ca| ca.pem.as_deref_option()), Some("x"));
}
