//! Logins and authorities: between the arguments and the fields of the store's Vault provider.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};
use tazlab_jwk::is_private;
use tf_plugin::framework::value::Value;

use super::model::{
    AccountReference, AppRole, Auth, Authority, CertificateLogin, JwtLogin, KeyReference, KubernetesLogin,
};
use crate::cluster::object::put;

/// The field `auth`.
pub(super) fn auth(model: &Auth) -> Json {
    if let Some(secret) = model.token_secret.as_ref_option() {
        return json!({"tokenSecretRef": key(secret)});
    }
    if let Some(AppRole { path, role_id, secret }) = model.app_role.as_ref_option() {
        let secret = secret.as_ref_option().map(key);
        return json!({"appRole": {"path": text(path), "roleId": text(role_id), "secretRef": secret}});
    }
    if let Some(KubernetesLogin { path, role, service_account, secret }) = model.kubernetes.as_ref_option() {
        let mut login = json!({"mountPath": text(path), "role": text(role)});
        match (service_account.as_ref_option(), secret.as_ref_option()) {
            (Some(reference), _) => put(&mut login, &["serviceAccountRef"], account(reference)),
            (_, Some(reference)) => put(&mut login, &["secretRef"], key(reference)),
            (None, None) => {}
        }
        return json!({"kubernetes": login});
    }
    if let Some(JwtLogin { path, role, service_account, secret }) = model.jwt.as_ref_option() {
        let mut login = json!({"path": text(path), "role": text(role)});
        match (service_account.as_ref_option(), secret.as_ref_option()) {
            (Some(reference), _) => {
                put(&mut login, &["kubernetesServiceAccountToken", "serviceAccountRef"], account(reference));
            }
            (_, Some(reference)) => put(&mut login, &["secretRef"], key(reference)),
            (None, None) => {}
        }
        return json!({"jwt": login});
    }
    if let Some(CertificateLogin { client_certificate, client_key }) = model.cert.as_ref_option() {
        let (certificate, private) = (client_certificate.as_ref_option(), client_key.as_ref_option());
        return json!({"cert": {"clientCert": certificate.map(key), "secretRef": private.map(key)}});
    }
    json!({})
}

/// The fields `caProvider` or `caBundle`.
pub(super) fn authority(model: &Authority) -> Map<String, Json> {
    let provider = |kind: &str, reference: &KeyReference| {
        let mut provider = key(reference);
        put(&mut provider, &["type"], kind);
        ("caProvider".to_owned(), provider)
    };
    let field = match (&model.secret, &model.config_map, &model.pem) {
        (Value::Value(secret), ..) => Some(provider("Secret", secret)),
        (_, Value::Value(map), _) => Some(provider("ConfigMap", map)),
        (.., Value::Value(pem)) => Some(("caBundle".to_owned(), BASE64_STANDARD.encode(pem).into())),
        _ => None,
    };
    field.into_iter().collect()
}

/// The login that a live store has, as far as the arguments can say it.
pub(super) fn auth_of(live: &Json) -> Auth {
    let at = |name: &str| live.get(name).filter(|field| field.is_object());
    Auth {
        token_secret: at("tokenSecretRef").map(key_of).into(),
        app_role: at("appRole")
            .map(|role| AppRole {
                path: text_of(role, "path"),
                role_id: text_of(role, "roleId"),
                secret: role.get("secretRef").map(key_of).into(),
            })
            .into(),
        kubernetes: at("kubernetes")
            .map(|login| KubernetesLogin {
                path: text_of(login, "mountPath"),
                role: text_of(login, "role"),
                service_account: login.get("serviceAccountRef").map(account_of).into(),
                secret: login.get("secretRef").map(key_of).into(),
            })
            .into(),
        jwt: at("jwt")
            .map(|login| JwtLogin {
                path: text_of(login, "path"),
                role: text_of(login, "role"),
                service_account: login
                    .pointer("/kubernetesServiceAccountToken/serviceAccountRef")
                    .map(account_of)
                    .into(),
                secret: login.get("secretRef").map(key_of).into(),
            })
            .into(),
        cert: at("cert")
            .map(|login| CertificateLogin {
                client_certificate: login.get("clientCert").map(key_of).into(),
                client_key: login.get("secretRef").map(key_of).into(),
            })
            .into(),
    }
}

/// The authority that a live Vault provider has.
pub(super) fn authority_of(live: &Json) -> Value<Authority> {
    let provider = live.get("caProvider").filter(|field| field.is_object());
    let of = |kind: &str| provider.filter(|field| field.get("type").and_then(Json::as_str) == Some(kind)).map(key_of);
    let bundle = live.get("caBundle").and_then(Json::as_str).and_then(|text| BASE64_STANDARD.decode(text).ok());
    // Somebody else may have put a private key beside the certificates: it does not belong in state.
    let pem = bundle.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|pem| !is_private(pem));
    let found = Authority { secret: of("Secret").into(), config_map: of("ConfigMap").into(), pem: pem.into() };
    if found.secret.is_null() && found.config_map.is_null() && found.pem.is_null() {
        Value::Null
    } else {
        Value::Value(found)
    }
}

fn text(value: &Value<String>) -> Option<&str> {
    value.as_deref_option()
}

fn key(reference: &KeyReference) -> Json {
    let KeyReference { namespace, name, key } = reference;
    without_nulls([("namespace", text(namespace).into()), ("name", text(name).into()), ("key", text(key).into())])
}

fn account(reference: &AccountReference) -> Json {
    let AccountReference { namespace, name, audiences } = reference;
    let audiences = audiences.as_ref_option().map_or(Json::Null, |all| json!(all));
    without_nulls([("namespace", text(namespace).into()), ("name", text(name).into()), ("audiences", audiences)])
}

fn without_nulls<const N: usize>(fields: [(&str, Json); N]) -> Json {
    fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text_of(live: &Json, field: &str) -> Value<String> {
    live.get(field).and_then(Json::as_str).map(ToOwned::to_owned).into()
}

fn key_of(live: &Json) -> KeyReference {
    KeyReference { namespace: text_of(live, "namespace"), name: text_of(live, "name"), key: text_of(live, "key") }
}

fn account_of(live: &Json) -> AccountReference {
    let audiences = live.get("audiences").and_then(Json::as_array);
    let audiences =
        audiences.map(|all| all.iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect::<Vec<String>>());
    AccountReference { namespace: text_of(live, "namespace"), name: text_of(live, "name"), audiences: audiences.into() }
}
