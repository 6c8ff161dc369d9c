//! Checks that need several arguments and no cluster.

use std::collections::BTreeMap;

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};

use super::model::BootstrapSecret;

/// What the API server demands of the types that it knows (k8s.io/kubernetes, pkg/apis/core/validation): all of these
/// keys, or one of them.
const TYPES: &[(&str, &[&str], bool)] = &[
    ("kubernetes.io/tls", &["tls.crt", "tls.key"], true),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"], true),
    ("kubernetes.io/dockercfg", &[".dockercfg"], true),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey"], true),
    ("kubernetes.io/basic-auth", &["username", "password"], false),
];

pub(super) fn validate(config: &BootstrapSecret, found: &mut Diagnostics) {
    if !config.namespace_labels.is_null()
        && config.create_namespace.as_ref_option() != Some(&true)
        && !config.create_namespace.is_unknown()
    {
        let detail = "namespace_labels need create_namespace = true.";
        found.push(
            Diagnostic::error("namespace_labels needs create_namespace", detail)
                .at(AttributePath::new("namespace_labels")),
        );
    }
    let mut keys: BTreeMap<&str, &'static str> = BTreeMap::new();
    for (argument, key) in all_keys(config) {
        if let Some(first) = keys.insert(key, argument) {
            let detail = format!("{first} and {argument} both have key \"{key}\". A key must have one source.");
            found.push(
                Diagnostic::error(format!("Two sources for key \"{key}\""), detail)
                    .at(AttributePath::new(argument).key(key.to_owned())),
            );
        }
    }
    let unknown = config.files.is_unknown()
        || config.values.is_unknown()
        || config.values_wo.is_unknown()
        || config.env.is_unknown()
        || config.vault.is_unknown();
    let of_type = TYPES.iter().find(|(name, ..)| config.r#type.as_deref_option() == Some(*name));
    if let Some((name, needed, all)) = of_type.filter(|_| !unknown) {
        let there = needed.iter().filter(|key| keys.contains_key(**key)).count();
        let enough = if *all { there == needed.len() } else { there > 0 };
        if !enough {
            let detail = format!(
                "A Secret of type {name} needs {} {}.",
                if *all { "the keys" } else { "one of the keys" },
                needed.join(", ")
            );
            found.push(Diagnostic::error("Keys are missing for this type", detail).at(AttributePath::new("type")));
        }
    }
}

fn all_keys(config: &BootstrapSecret) -> Vec<(&'static str, &str)> {
    let mut all = Vec::new();
    for (argument, map) in [("files", &config.files), ("values", &config.values), ("env", &config.env)] {
        all.extend(map.as_ref_option().into_iter().flatten().map(|(key, _)| (argument, key.as_str())));
    }
    all.extend(config.vault.as_ref_option().into_iter().flatten().map(|(key, _)| ("vault", key.as_str())));
    all.extend(config.values_wo.as_ref_option().into_iter().flatten().map(|(key, _)| ("values_wo", key.as_str())));
    all
}
