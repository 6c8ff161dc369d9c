//! Configurations that the built provider generates from state, as Terraform 1.14 and newer ask for them: of each type that has state,
//! what is generated is valid and plans no change of an argument.

use std::fs;
use std::path::Path;

use acceptance_tests::Testbed;
use serde_json::Value as Json;
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::dispatch::AnyResource;
use tf_plugin::framework::model::Model;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::{Kind, Schema, all_null};
use tf_plugin::protocol::codec::decode_json;

use super::*;

type Resource = Box<dyn AnyResource<<Tazlab as Provider>::Data>>;

/// What this version stores of one object of each type: the file that `tests/clients/upgrade.rs` keeps.
fn stored() -> Vec<(String, Json)> {
    let file = format!("tests/clients/states/{}.tfstate", env!("CARGO_PKG_VERSION"));
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let state: Json = serde_json::from_str(&text).unwrap();
    let resources = state["resources"].as_array().unwrap().iter();
    let of = |one: &Json| (one["type"].as_str().unwrap().to_owned(), one["instances"][0]["attributes"].clone());
    resources.map(of).collect()
}

/// The built provider, whose cluster and Vault are to be known later: nothing is reached, and plans go without.
async fn unreachable() -> Plugin {
    let plugin = Plugin::start(Testbed::provider()).await;
    let schema = Schema::new("", Configuration::attributes());
    let later = |block: &str, argument: &str| {
        let Kind::Nested(_, nested) = &schema.attribute(block).unwrap().kind else { panic!("no block") };
        with(all_null(nested), &[argument], &Datum::unknown())
    };
    let config = with(all_null(&schema.attributes), &["kubernetes"], &later("kubernetes", "host"));
    let config = sent(schema.object_type(), &with(config, &["vault"], &later("vault", "address")));
    let configure = wire::configure_provider::Request { config, ..Default::default() };
    let answer = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
    assert!(answer.diagnostics.is_empty(), "{answer:?}");
    plugin
}

fn errors(found: &[wire::Diagnostic]) -> Vec<&wire::Diagnostic> {
    found.iter().filter(|one| one.severity == 1).collect()
}

/// The configuration of what is stored.
async fn generated(plugin: &Plugin, name: &str, kind: &Type, state: &Datum) -> Datum {
    let request = wire::generate_resource_config::Request { type_name: name.to_owned(), state: sent(kind, state) };
    let answer = plugin.provider().generate_resource_config(request).await.unwrap().into_inner();
    assert!(errors(&answer.diagnostics).is_empty(), "{name}: {answer:?}");
    received(kind, answer.config)
}

async fn is_valid(plugin: &Plugin, name: &str, kind: &Type, config: &Datum) {
    let request = wire::validate_resource_config::Request {
        type_name: name.to_owned(),
        config: sent(kind, config),
        client_capabilities: Some(wire::ClientCapabilities {
            write_only_attributes_allowed: true,
            ..Default::default()
        }),
    };
    let checked = plugin.provider().validate_resource_config(request).await.unwrap().into_inner();
    assert!(checked.diagnostics.is_empty(), "{name}: {checked:?}");
}

/// As Terraform proposes it: the configuration, and what is stored where that says nothing of a computed attribute.
fn proposed(schema: &Schema, config: &Datum, prior: &Datum) -> Datum {
    Datum::object(schema.attributes.iter().map(|attribute| {
        let (said, was) = (config.get(attribute.name), prior.get(attribute.name));
        let value = if said.is_null() && attribute.is_computed() { was } else { said };
        (attribute.name, value.clone())
    }))
}

/// The arguments that a plan of this configuration changes.
async fn changed(plugin: &Plugin, name: &str, resource: &Resource, config: &Datum, prior: &Datum) -> Vec<&'static str> {
    let (schema, kind) = (resource.schema(), resource.schema().object_type());
    let request = wire::plan_resource_change::Request {
        type_name: name.to_owned(),
        prior_state: sent(kind, prior),
        proposed_new_state: sent(kind, &proposed(schema, config, prior)),
        config: sent(kind, config),
        ..Default::default()
    };
    let planned = plugin.provider().plan_resource_change(request).await.unwrap().into_inner();
    assert!(errors(&planned.diagnostics).is_empty() && planned.requires_replace.is_empty(), "{name}: {planned:?}");
    let planned = received(kind, planned.planned_state);
    // What the provider fills in is unknown where the cluster is.
    let differs = |name: &&str| planned.get(name) != prior.get(name) && !planned.get(name).is_unknown();
    let arguments = schema.attributes.iter().filter(|attribute| attribute.is_configurable());
    arguments.map(|attribute| attribute.name).filter(differs).collect()
}

#[tokio::test]
async fn of_each_type_what_is_generated_is_valid_and_changes_nothing() {
    let (plugin, registry) = (unreachable().await, Tazlab::new(Environment::of(&[])).registry());
    let all = stored();
    assert_eq!(all.len(), registry.resources.len(), "one of each type is kept");
    for (name, attributes) in &all {
        let resource = &registry.resources[name.as_str()];
        let kind = resource.schema().object_type();
        let state = decode_json(kind, attributes.to_string().as_bytes()).unwrap();
        let config = generated(&plugin, name, kind, &state).await;
        is_valid(&plugin, name, kind, &config).await;
        assert_eq!(changed(&plugin, name, resource, &config, &state).await, [""; 0], "{name}: {config:?}");
        for attribute in &resource.schema().attributes {
            let default = attribute.rules.default.as_ref();
            let is_left_out = config.get(attribute.name).is_null();
            let must_be = !attribute.is_configurable() || default == Some(state.get(attribute.name));
            assert!(is_left_out || !must_be, "{name}.{} says what holds without it", attribute.name);
        }
        // What older clients and OpenTofu write: every argument as it is stored.
        let whole = Datum::object(resource.schema().attributes.iter().map(|attribute| {
            let value = if attribute.is_configurable() { state.get(attribute.name) } else { &Datum::Null };
            (attribute.name, value.clone())
        }));
        // A Corefile is stored that was made of other arguments: an import has either.
        let whole = if name == "tazlab_coredns" { with(whole, &["tailnets", "hosts"], &Datum::Null) } else { whole };
        is_valid(&plugin, name, kind, &whole).await;
    }
}

/// The same object with other attributes.
fn with(object: Datum, names: &[&str], value: &Datum) -> Datum {
    let Datum::Object(mut entries) = object else { panic!("an object") };
    entries.extend(names.iter().map(|name| ((*name).to_owned(), value.clone())));
    Datum::Object(entries)
}

#[tokio::test]
async fn a_corefile_stands_alone_where_the_arguments_do_not_make_it() {
    let (plugin, registry) = (unreachable().await, Tazlab::new(Environment::of(&[])).registry());
    let name = "tazlab_coredns";
    let kind = registry.resources[name].schema().object_type();
    let (_, attributes) = stored().into_iter().find(|(one, _)| one == name).unwrap();
    let state = decode_json(kind, attributes.to_string().as_bytes()).unwrap();
    let made = generated(&plugin, name, kind, &state).await;
    assert!(made.get("corefile").is_null() && !made.get("tailnets").is_null(), "it is made of the others");
    // An import knows the Corefile alone.
    let state = with(state, &["tailnets", "hosts"], &Datum::Null);
    let alone = generated(&plugin, name, kind, &state).await;
    assert_eq!(alone.get("corefile"), state.get("corefile"));
    assert!(["ipv6", "cache_seconds", "tailnets"].iter().all(|other| alone.get(other).is_null()), "{alone:?}");
}
