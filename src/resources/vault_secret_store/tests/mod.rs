//! The pure parts of `tazlab_vault_secret_store`.

mod objects;
mod ready;
mod validation;

use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::model::{Auth, Authority, KeyReference, VaultSecretStore};

pub(super) fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

pub(super) fn key(namespace: Option<&str>, name: &str, key: &str) -> Value<KeyReference> {
    let namespace = namespace.map(ToOwned::to_owned).into();
    Value::Value(KeyReference { namespace, name: text(name), key: text(key) })
}

pub(super) fn by_token(reference: Value<KeyReference>) -> Auth {
    Auth {
        token_secret: reference,
        app_role: Value::Null,
        kubernetes: Value::Null,
        jwt: Value::Null,
        cert: Value::Null,
    }
}

/// The store of the design's target, with every default.
pub(super) fn model() -> VaultSecretStore {
    let attributes = VaultSecretStore::attributes();
    let nothing = all_null(&attributes);
    let mut model: VaultSecretStore = decode(settle(&attributes, &nothing, nothing.clone())).unwrap();
    model.name = text("tazlab-secrets-vault");
    model.server = text("https://vault.x.ts.net:8200");
    model.kv_mount = text("secret");
    model.auth = Value::Value(by_token(key(Some("external-secrets"), "vault-eso-token", "token")));
    model.ca = Value::Value(Authority {
        secret: key(Some("external-secrets"), "vault-ca-cert", "ca.crt"),
        config_map: Value::Null,
        pem: Value::Null,
    });
    model
}
