//! The store as an object: what is applied, and what of a live one is stored in state.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use tazlab_clients::kubernetes::{Kind, Untyped};
use tazlab_clients::vault::without_user_info;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::duration;
use tf_plugin::framework::value::Value;

use super::auth::{auth, auth_of, authority, authority_of};
use super::model::VaultSecretStore;
use crate::cluster::object::{Place, put};

type Texts = BTreeMap<String, String>;

/// Where the store is, its kind being served as `kind`.
pub(super) fn place(model: &VaultSecretStore, kind: Kind) -> Place {
    Place { kind, namespace: model.namespace.as_ref_option().cloned(), name: model.store_name().to_owned() }
}

/// The store to apply, without name and mark.
pub(super) fn desired(model: &VaultSecretStore) -> Json {
    let mut vault = Map::new();
    let mut fill = |field: &str, value: &Value<String>| {
        if let Some(value) = value.as_deref_option() {
            vault.insert(field.to_owned(), value.into());
        }
    };
    fill("server", &model.server);
    fill("path", &model.kv_mount);
    fill("version", &model.version);
    fill("namespace", &model.vault_namespace);
    vault.extend(model.ca.as_ref_option().map(authority).into_iter().flatten());
    if let Some(headers) = model.headers.as_ref_option() {
        vault.insert("headers".to_owned(), json!(headers));
    }
    vault.insert("auth".to_owned(), model.auth.as_ref_option().map_or_else(|| json!({}), auth));
    let mut spec = json!({"provider": {"vault": vault}});
    if let Some(seconds) = seconds(&model.refresh_interval) {
        put(&mut spec, &["refreshInterval"], seconds);
    }
    if let Some(namespaces) = model.namespaces.as_ref_option() {
        put(&mut spec, &["conditions"], json!([{"namespaces": namespaces}]));
    }
    let texts = |value: &Value<Texts>| value.as_ref_option().cloned().unwrap_or_default();
    let mut metadata = json!({"annotations": texts(&model.annotations)});
    if let Some(labels) = model.labels.as_ref_option() {
        put(&mut metadata, &["labels"], json!(labels));
    }
    json!({"metadata": metadata, "spec": spec})
}

/// Takes over into `model` what the live store says of itself.
pub(super) fn observe(model: &mut VaultSecretStore, live: &Untyped) {
    let none = Json::Null;
    let spec = live.value.get("spec").unwrap_or(&none);
    let vault = spec.pointer("/provider/vault").unwrap_or(&none);
    let text = |field: &str| Value::from(vault.get(field).and_then(Json::as_str).map(ToOwned::to_owned));
    model.uid = live.metadata.uid.clone().into();
    // A login that somebody else wrote into the address does not belong in state.
    model.server = vault.get("server").and_then(Json::as_str).map(without_user_info).into();
    model.kv_mount = text("path");
    model.version = text("version");
    model.vault_namespace = text("namespace");
    model.headers = vault.get("headers").and_then(texts_of).into();
    for (stored, live) in
        [(&mut model.labels, &live.metadata.labels), (&mut model.annotations, &live.metadata.annotations)]
    {
        // What others set is theirs.
        if let Value::Value(own) = stored {
            let live = live.as_ref();
            *own = own.keys().filter_map(|key| Some((key.clone(), live?.get(key)?.clone()))).collect();
        }
    }
    model.auth = Value::Value(auth_of(vault.get("auth").unwrap_or(&none)));
    model.ca = authority_of(vault);
    // Zero is what the server writes where nothing is said.
    let interval = spec.get("refreshInterval").and_then(Json::as_u64).filter(|seconds| *seconds > 0);
    // The same time keeps its spelling.
    if seconds(&model.refresh_interval) != interval {
        model.refresh_interval = interval.map(|seconds| format!("{seconds}s")).into();
    }
    let namespaces = spec.pointer("/conditions/0/namespaces").and_then(Json::as_array);
    let namespaces = namespaces.map(|all| all.iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect());
    model.namespaces = namespaces.into();
}

fn seconds(interval: &Value<String>) -> Option<u64> {
    interval.as_deref_option().and_then(|text| duration::parse(text).ok()).map(|time| time.as_secs())
}

fn texts_of(live: &Json) -> Option<Texts> {
    let fields = live.as_object()?;
    Some(fields.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect())
}

/// The argument that a field of the store comes from.
pub(super) fn argument(field: &str) -> AttributePath {
    let arguments = [
        ("spec.provider.vault.auth", "auth"),
        ("spec.provider.vault.ca", "ca"),
        ("spec.provider.vault.server", "server"),
        ("spec.provider.vault.path", "kv_mount"),
        ("spec.provider.vault.version", "version"),
        ("spec.provider.vault.namespace", "vault_namespace"),
        ("spec.provider.vault.headers", "headers"),
        ("metadata.labels", "labels"),
        ("metadata.annotations", "annotations"),
        ("spec.conditions", "namespaces"),
        ("spec.refreshInterval", "refresh_interval"),
    ];
    let found = arguments.iter().find(|(start, _)| field.starts_with(start)).map(|(_, argument)| *argument);
    AttributePath::new(found.unwrap_or("name"))
}
