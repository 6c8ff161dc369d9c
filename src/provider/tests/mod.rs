//! The provider block and what it becomes.

mod kubernetes_block;
mod vault_block;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tazlab_clients::kubernetes::Settings;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::schema::{Attribute, Kind, all_null};
use tf_plugin::framework::validation;
use tf_plugin::framework::value::Datum;

use super::*;
use crate::cluster::Access;
use crate::credential::Credential;
use crate::vault::Unverified;

/// A provider block with these arguments; everything else is null.
fn block(arguments: &[(&str, &[(&str, Datum)])]) -> Datum {
    let attributes = Configuration::attributes();
    let mut all = entries(all_null(&attributes));
    for (name, inner) in arguments {
        all.insert((*name).to_owned(), nested(&attributes, name, inner));
    }
    with_defaults(&attributes, Datum::Object(all))
}

fn nested(attributes: &[Attribute], name: &str, arguments: &[(&str, Datum)]) -> Datum {
    let attribute = attributes.iter().find(|attribute| attribute.name == name).unwrap();
    let Kind::Nested(_, inner) = &attribute.kind else { panic!("{name} has no arguments") };
    let mut all = entries(all_null(inner));
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    Datum::Object(all)
}

fn entries(object: Datum) -> BTreeMap<String, Datum> {
    let Datum::Object(entries) = object else { panic!("no object") };
    entries
}

fn access_of(arguments: &[(&str, Datum)], environment: &[(&str, &str)]) -> Access {
    let config: Configuration = decode(block(&[("kubernetes", arguments)])).unwrap();
    kubernetes::access(&config.kubernetes, &Environment::of(environment))
}

fn problems(arguments: &[(&str, &[(&str, Datum)])]) -> Vec<String> {
    let config = block(arguments);
    let mut found = validation::validate(&Configuration::attributes(), &config);
    Tazlab::new(Environment::of(&[])).validate(&decode(config).unwrap(), &mut found);
    found.into_iter().map(|diagnostic| format!("{}: {}", diagnostic.attribute, diagnostic.detail)).collect()
}

#[test]
fn conflicting_forms_are_named_both() {
    for (block, pairs) in [
        (
            "kubernetes",
            &[
                ("token", "token_file"),
                ("config_path", "config_paths"),
                ("client_key", "client_key_file"),
                ("cluster_ca_certificate", "cluster_ca_certificate_file"),
            ][..],
        ),
        ("vault", &[("token", "token_file"), ("ca_cert_file", "ca_cert_pem")]),
        (
            "tailscale",
            &[
                ("api_key", "api_key_file"),
                ("oauth_client_secret", "oauth_client_secret_file"),
                ("api_key", "identity_token"),
            ],
        ),
    ] {
        for (one, other) in pairs {
            let value = |name: &str| if name == "config_paths" { Datum::List(vec!["x".into()]) } else { "x".into() };
            let found = problems(&[(block, &[(one, value(one)), (other, value(other))])]);
            assert!(found.iter().any(|text| text.contains(&format!("{one} and {other}"))), "{one}, {other}: {found:?}");
        }
    }
}

#[test]
fn what_is_no_url_is_refused_without_being_repeated() {
    let found = problems(&[("kubernetes", &[("proxy_url", "user:hunter2@proxy".into())])]);
    assert_eq!(found.len(), 1);
    assert!(!found[0].contains("hunter2"));
    assert!(problems(&[("kubernetes", &[("host", "10.0.0.1".into())])])[0].contains("https://10.0.0.1:6443"));
    assert!(problems(&[("vault", &[("address", "vault".into())])])[0].contains("https://"));
    assert!(
        problems(&[("kubernetes", &[("host", "".into())]), ("vault", &[("address", Datum::unknown())])]).is_empty()
    );
}

#[test]
fn half_a_client_certificate_is_refused() {
    let found = problems(&[("kubernetes", &[("host", "https://a".into()), ("client_certificate", "x".into())])]);
    assert!(found[0].contains("client_key"), "{found:?}");
}

#[test]
fn tailscales_credentials_do_not_mix() {
    let of = |arguments: &[(&str, Datum)], environment: &[(&str, &str)]| {
        let config: Configuration = decode(block(&[("tailscale", arguments)])).unwrap();
        tailscale::settings(&config.tailscale, &Environment::of(environment))
    };
    let environment = [("TAILSCALE_API_KEY", "k"), ("TAILSCALE_OAUTH_CLIENT_ID", "i"), ("TAILSCALE_TAILNET", "n")];
    let own = of(&[("oauth_client_secret", "s".into())], &environment);
    assert_eq!(own.api_key, None);
    assert_eq!(own.oauth_client_id, Some(Credential::Text("i".into())));
    assert_eq!((own.tailnet.as_str(), own.base_url.expose()), ("n", "https://api.tailscale.com"));
    assert_eq!(of(&[], &environment).api_key, Some(Credential::Text("k".into())));
    let environment = [("TAILSCALE_API_KEY", "k"), ("TAILSCALE_OAUTH_CLIENT_SECRET", "s")];
    for name in ["oauth_client_id", "oauth_client_id_file"] {
        let own = of(&[(name, "i".into())], &environment);
        assert_eq!(own.api_key, None, "{name} says that an OAuth client is meant");
        assert_eq!(own.oauth_client_secret, Some(Credential::Text("s".into())));
    }
}

#[test]
fn a_variable_sends_no_credential_of_the_block_to_another_server() {
    let of = |arguments: &[(&str, Datum)], url: &str| {
        let config: Configuration = decode(block(&[("tailscale", arguments)])).unwrap();
        tailscale::settings(
            &config.tailscale,
            &Environment::of(&[("TAILSCALE_BASE_URL", url), ("TAILSCALE_API_KEY", "e")]),
        )
    };
    let (other, tailscales) = ("http://control.test", "https://api.tailscale.com/");
    for name in ["api_key", "api_key_file", "oauth_client_secret", "identity_token_file"] {
        assert!(of(&[(name, "k".into())], other).diverted, "{name}");
        assert!(!of(&[(name, "k".into())], tailscales).diverted, "{name}");
        assert!(!of(&[(name, "k".into()), ("base_url", other.into())], "http://third.test").diverted, "{name}");
    }
    let own = of(&[], other);
    assert!(!own.diverted && own.base_url.origin() == other, "both are the environment's");
    assert!(tailscale::exposure(&own).is_some_and(|told| told.detail.contains(other)));
    assert!(tailscale::exposure(&of(&[], "http://127.0.0.1:8080")).is_none());
    assert!(tailscale::exposure(&of(&[], "https://control.test")).is_none());
}

#[test]
fn secrets_of_the_block_do_not_print() {
    let config: Configuration =
        decode(block(&[("kubernetes", &[("token", "hunter2".into())]), ("vault", &[("token", "hunter2".into())])]))
            .unwrap();
    let configured = Tazlab::new(Environment::of(&[("TAILSCALE_API_KEY", "hunter2")])).configured(&config).unwrap();
    assert!(!format!("{config:?} {configured:?}").contains("hunter2"));
}

/// The reference lists attributes by their alphabet and shows nothing but their descriptions.
#[test]
fn every_description_stands_alone_and_tells_the_default() {
    fn look(place: &str, attributes: &[Attribute], found: &mut Vec<String>) {
        for attribute in attributes {
            let place = format!("{place}.{}", attribute.name);
            let text = attribute.description.trim().replace('\n', " ");
            if !text.ends_with(['.', '?', ')']) || text.len() < 8 {
                found.push(format!("{place}: no sentence: {text:?}"));
            }
            for word in [" above", " below for", "that server", "of these keys"] {
                if text.contains(word) {
                    found.push(format!("{place}: {word:?} points at a neighbour that stands elsewhere: {text:?}"));
                }
            }
            if attribute.rules.default.is_some() && !text.contains("Defaults to") && !text.contains("default to") {
                found.push(format!("{place}: it has a default and does not tell it: {text:?}"));
            }
            if let Kind::Nested(_, inner) = &attribute.kind {
                look(&place, inner, found);
            }
        }
    }
    let provider = Tazlab::new(Environment::of(&[]));
    let registry = provider.registry();
    let mut found = Vec::new();
    look("provider", &Configuration::attributes(), &mut found);
    registry.resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.data_sources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.ephemeral_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.list_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.actions.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
