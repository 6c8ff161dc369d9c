//! Checks that need several arguments and no cluster.

use std::collections::{BTreeMap, BTreeSet};

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::value::Value;

use super::model::BootstrapSecret;
use super::{origin, registries};

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
    validate_order(config, found);
    for (key, _) in config.commands.as_ref_option().into_iter().flatten().filter(|(_, command)| command.is_null()) {
        let detail = format!("The command of key \"{key}\" is null: give it a program, or leave the key out.");
        let at = AttributePath::new("commands").key(key.clone());
        found.push(Diagnostic::error(format!("No command for key \"{key}\""), detail).at(at));
    }
    let ordered = |argument: &str| {
        config.first_of.as_ref_option().is_some_and(|order| order.iter().any(|named| named == argument))
    };
    let mut keys: BTreeMap<&str, &'static str> = BTreeMap::new();
    let registries = registries(config);
    for (argument, key) in
        origin::keys(config).into_iter().chain(registries.map(|argument| (argument, registries::KEY)))
    {
        let Some(first) = keys.insert(key, argument) else { continue };
        if config.first_of.is_unknown() || ordered(first) && ordered(argument) {
            continue;
        }
        let detail = if config.first_of.is_null() {
            format!(
                "{first} and {argument} both have key \"{key}\". A key has one source, unless first_of says which source comes first."
            )
        } else {
            format!("{first} and {argument} both have key \"{key}\". Name both in first_of, or remove one of them.")
        };
        found.push(
            Diagnostic::error(format!("Two sources for key \"{key}\""), detail)
                .at(AttributePath::new(argument).key(key.to_owned())),
        );
    }
    let unknown = origin::has_unknown(config) || origin::has_unknown_write_only(config);
    let tokens = config.check_vault_tokens.as_ref_option().map(|tokens| tokens.0.as_slice()).unwrap_or_default();
    for key in tokens.iter().filter(|key| !unknown && !keys.contains_key(key.as_str())) {
        let detail = format!(
            "check_vault_tokens names key \"{key}\", and no source has that key. Correct the name, or remove it from check_vault_tokens."
        );
        found.push(Diagnostic::error("No source has this key", detail).at(AttributePath::new("check_vault_tokens")));
    }
    if !config.values_wo_version.is_null() && config.values_wo.is_null() && config.values_wo_base64.is_null() {
        let detail = "values_wo_version is set and neither values_wo nor values_wo_base64 is: set one of them too.";
        found.push(
            Diagnostic::error("values_wo_version needs values_wo", detail).at(AttributePath::new("values_wo_version")),
        );
    }
    let kind = config.r#type.as_deref_option().or_else(|| registries.map(|_| registries::TYPE));
    if let Some(argument) = registries
        && kind.is_some_and(|kind| kind != registries::TYPE)
    {
        let detail = format!(
            "Kubelets read logins to registries from Secrets of type {} only: remove the argument type, which defaults to it.",
            registries::TYPE
        );
        found.push(Diagnostic::error(format!("{argument} needs another type"), detail).at(AttributePath::new("type")));
    }
    let of_type = TYPES.iter().find(|(name, ..)| kind == Some(*name));
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

/// The argument that logins to registries come from.
pub(super) fn registries(config: &BootstrapSecret) -> Option<&'static str> {
    let all = [
        ("docker_registries", config.docker_registries.is_null()),
        // Clients that generate a configuration from state write an empty map for what is sensitive and not there.
        ("docker_registries_wo", is_absent(&config.docker_registries_wo)),
    ];
    all.into_iter().find(|(_, absent)| !absent).map(|(argument, _)| argument)
}

fn is_absent<T>(map: &Value<BTreeMap<String, T>>) -> bool {
    map.is_null() || map.as_ref_option().is_some_and(BTreeMap::is_empty)
}

/// An order names each argument once.
fn validate_order(config: &BootstrapSecret, found: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for argument in config.first_of.as_ref_option().into_iter().flatten() {
        if !seen.insert(argument) {
            let detail = format!("first_of names {argument} more than once: remove the later one.");
            found.push(Diagnostic::error("An argument is named twice", detail).at(AttributePath::new("first_of")));
        }
    }
}
