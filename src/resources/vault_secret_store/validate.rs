//! Checks that need several arguments and no cluster.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::NAMESPACED;
use super::model::VaultSecretStore;

pub(super) fn validate(config: &VaultSecretStore, found: &mut Diagnostics) {
    if config.kind.is_unknown() {
        return;
    }
    let cluster_wide = config.is_cluster_wide();
    let mut refuse = |summary: &str, detail: String, at: AttributePath| {
        found.push(Diagnostic::error(summary, detail).at(at));
    };
    if cluster_wide && !config.namespace.is_null() {
        let detail = "A ClusterSecretStore is in no namespace: remove the argument, or set kind = \"SecretStore\". The namespaces that may use the store are named in namespaces.";
        refuse("namespace is for a SecretStore", detail.to_owned(), AttributePath::new("namespace"));
    }
    if !cluster_wide && config.namespace.is_null() {
        let detail = "A SecretStore is in a namespace. Set namespace.";
        refuse("A SecretStore needs a namespace", detail.to_owned(), AttributePath::new("kind"));
    }
    if !cluster_wide && !config.namespaces.is_null() {
        let detail = "Only its own namespace can use a SecretStore: remove the argument.";
        refuse("namespaces is for a ClusterSecretStore", detail.to_owned(), AttributePath::new("namespaces"));
    }
    for (at, namespace) in references(config) {
        match namespace {
            Value::Null if cluster_wide => {
                let detail = "A ClusterSecretStore is in no namespace, so the namespace must be named here. (Without it the controller would look in the namespace of each ExternalSecret, and could never say whether the store works.)";
                refuse("The namespace is missing", detail.to_owned(), at);
            }
            Value::Value(named)
                if !cluster_wide && config.namespace.as_ref_option().is_some_and(|own| own != named) =>
            {
                let detail = format!(
                    "A {NAMESPACED} reads its own namespace, {}, and not {named}: remove the argument, or make it a ClusterSecretStore.",
                    config.namespace.as_deref_option().unwrap_or_default()
                );
                refuse("Another namespace", detail, at.attribute("namespace"));
            }
            _ => {}
        }
    }
}

/// Everything that is referred to, and the namespace that is said for it.
fn references(config: &VaultSecretStore) -> Vec<(AttributePath, &Value<String>)> {
    let mut found = Vec::new();
    let at = |argument: &'static str, name: &'static str| AttributePath::new(argument).attribute(name);
    if let Some(auth) = config.auth.as_ref_option() {
        if let Some(secret) = auth.token_secret.as_ref_option() {
            found.push((at("auth", "token_secret"), &secret.namespace));
        }
        if let Some(secret) = auth.app_role.as_ref_option().and_then(|role| role.secret.as_ref_option()) {
            found.push((at("auth", "app_role").attribute("secret"), &secret.namespace));
        }
        let kubernetes = auth.kubernetes.as_ref_option().map(|login| (&login.service_account, &login.secret));
        let jwt = auth.jwt.as_ref_option().map(|login| (&login.service_account, &login.secret));
        for (name, login) in [("kubernetes", kubernetes), ("jwt", jwt)] {
            let Some((account, secret)) = login else { continue };
            if let Some(account) = account.as_ref_option() {
                found.push((at("auth", name).attribute("service_account"), &account.namespace));
            }
            if let Some(secret) = secret.as_ref_option() {
                found.push((at("auth", name).attribute("secret"), &secret.namespace));
            }
        }
        if let Some(login) = auth.cert.as_ref_option() {
            for (name, secret) in [("client_certificate", &login.client_certificate), ("client_key", &login.client_key)]
            {
                found.extend(
                    secret.as_ref_option().map(|secret| (at("auth", "cert").attribute(name), &secret.namespace)),
                );
            }
        }
    }
    if let Some(authority) = config.ca.as_ref_option() {
        if let Some(secret) = authority.secret.as_ref_option() {
            found.push((at("ca", "secret"), &secret.namespace));
        }
        if let Some(map) = authority.config_map.as_ref_option() {
            found.push((at("ca", "config_map"), &map.namespace));
        }
    }
    found
}
