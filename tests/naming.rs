//! No two types use two words for one concept: `docs/design/naming.md` has the words.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::model::Model as _;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::{Attribute, Kind, all_null};
use tf_plugin::framework::validation;
use tf_plugin::framework::value::Datum;

/// What an attribute is called in each place, but for the former names, whose place in the schema says what they are called now.
fn names() -> BTreeMap<String, BTreeSet<String>> {
    fn look(place: &str, attributes: &[Attribute], found: &mut BTreeMap<String, BTreeSet<String>>) {
        for attribute in attributes.iter().filter(|attribute| attribute.rules.replaced_by.is_none()) {
            let inner = format!("{place}.{}", attribute.name);
            found.entry(attribute.name.to_owned()).or_default().insert(inner.clone());
            if let Kind::Nested(_, nested) = &attribute.kind {
                look(&inner, nested, found);
            }
        }
    }
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let mut found = BTreeMap::new();
    look("provider", &Configuration::attributes(), &mut found);
    registry.resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.data_sources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.ephemeral_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.list_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    registry.actions.iter().for_each(|(name, one)| look(name, &one.schema().attributes, &mut found));
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    fs::read_to_string(root().join("docs/design/naming.md")).unwrap()
}

/// The rows of the table below this heading, without their heads.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split(heading).nth(1).expect("the heading").split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The words in code of a cell.
fn words(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Where `path` means what it says.
fn is_a_path(place: &str) -> bool {
    let secret_in_vault = ["tazlab_bootstrap_secret.vault.path", "tazlab_kept_secret.vault.path"].contains(&place);
    let as_external_secrets = place.starts_with("tazlab_vault_secret_store.auth.");
    secret_in_vault || as_external_secrets || place.starts_with("tazlab_kustomization.")
}

fn broken(page: &str, names: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for row in rows(page, "## One name for each concept") {
        for word in words(&row[2]) {
            let places = match word.strip_prefix("<name>") {
                Some(end) => {
                    names.iter().filter(|(name, _)| name.ends_with(end)).flat_map(|(_, places)| places).collect()
                }
                None => names.get(word).into_iter().flatten().collect::<Vec<_>>(),
            };
            let places = places.into_iter().filter(|place| word != "path" || !is_a_path(place));
            let places = places.filter(|place| !place.ends_with("config_path"));
            found.extend(places.map(|place| format!("{place}: {} is called {}", row[0], row[1])));
        }
    }
    found
}

#[test]
fn no_two_types_use_two_words_for_one_concept() {
    let found = broken(&page(), &names());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_name_of_the_page_is_used_and_every_word_can_be_found() {
    let names = names();
    for row in rows(&page(), "## One name for each concept") {
        let word = words(&row[1]).into_iter().next().expect("a name");
        let used = match word.strip_prefix("<name>") {
            Some(end) => names.keys().any(|name| name.ends_with(end)),
            // A text such as "1h" is no name.
            None => word.starts_with('"') || names.contains_key(word),
        };
        assert!(used, "{word} is the name of {} and nothing has it", row[0]);
    }
    let page = page().replace("| `audience` |", "| `audience`, `audiences` |");
    assert!(broken(&page, &names).iter().any(|problem| problem.contains("tazlab_vault_jwt_login.audiences")));
}

/// A former name is in the schema, and says the new one; what has it, has a version of its own.
#[test]
fn a_former_name_says_what_it_is_called_now() {
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let mut counted = 0;
    let mut look = |type_name: &str, attributes: &[Attribute]| {
        for attribute in attributes {
            let inner: &[Attribute] = if let Kind::Nested(_, nested) = &attribute.kind { nested } else { &[] };
            for (former, siblings) in
                std::iter::once((attribute, attributes)).chain(inner.iter().map(|one| (one, inner)))
            {
                let Some(now) = former.rules.replaced_by else { continue };
                counted += 1;
                assert!(siblings.iter().any(|one| one.name == now), "{type_name}.{}: there is no {now}", former.name);
                assert!(former.rules.default.is_none() && former.is_configurable(), "{type_name}.{}", former.name);
                let row = format!("`{}`", former.name);
                let known = rows(&page(), "## What was renamed")
                    .iter()
                    .any(|cells| cells[0].contains(type_name) && cells[1].contains(&row) && cells[2].contains(now));
                assert!(known, "{type_name}.{} is not on the page", former.name);
                // Also where its value is not known yet, as a reference to another resource's.
                for value in [Datum::unknown(), "x".into()] {
                    let Datum::Object(mut config) = all_null(siblings) else { panic!("no object") };
                    config.insert(former.name.to_owned(), value);
                    let found = validation::validate(siblings, &Datum::Object(config));
                    let told = format!("{} is called {now} now", former.name);
                    assert!(found.into_iter().any(|error| error.detail.starts_with(&told)), "{type_name}: {told}");
                }
            }
        }
    };
    for (name, one) in &registry.resources {
        look(name, &one.schema().attributes);
        let renamed = one.schema().attributes.iter().any(|attribute| attribute.rules.replaced_by.is_some());
        assert!(!renamed || one.schema().version > 0, "{name} needs a new schema version");
    }
    registry.data_sources.iter().for_each(|(name, one)| look(name, &one.schema().attributes));
    registry.ephemeral_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes));
    registry.list_resources.iter().for_each(|(name, one)| look(name, &one.schema().attributes));
    assert_eq!(counted, 9, "former names that are found");
}

/// What has another name, or another form, is where it belongs, and nothing is lost: on every client, whatever it strips.
#[test]
fn what_was_renamed_keeps_its_value() {
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let text = fs::read_to_string(root().join("acceptance-tests/tests/clients/states/0.1.0-schema-0.tfstate")).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    let upgraded = |kind: &str| {
        let all = kept["resources"].as_array().unwrap();
        let instance = &all.iter().find(|one| one["type"] == kind).unwrap()["instances"][0];
        assert_eq!(instance["schema_version"], 0, "{kind}");
        let (resource, before) = (&registry.resources[kind], &instance["attributes"]);
        let after = resource.upgrade(0, before.to_string().as_bytes()).unwrap();
        let after: Value = serde_json::from_slice(&after).unwrap();
        for name in after.as_object().unwrap().keys() {
            let attribute = resource.schema().attribute(name);
            assert!(attribute.is_some_and(|one| one.rules.replaced_by.is_none()), "{kind}.{name} is left");
        }
        assert!(resource.upgrade(7, b"{}").is_err(), "{kind}: of a later version");
        (before.clone(), after)
    };
    for (kind, old, new) in [
        ("tazlab_vault_jwt_auth", "path", "mount"),
        ("tazlab_vault_jwt_role", "path", "mount"),
        ("tazlab_vault_secret_store", "path", "kv_mount"),
    ] {
        let (before, after) = upgraded(kind);
        assert!(before[old].is_string() && after[new] == before[old], "{kind}: {after}");
    }
    let (before, after) = upgraded("tazlab_bootstrap_secret");
    assert_eq!((&before["changed_keys"], &after["changed_keys"]), (&json!(["user"]), &json!("user")));
    upgraded("tazlab_bootstrap_ready");
    let json = |kind: &str, state: Value| -> Value {
        serde_json::from_slice(&registry.resources[kind].upgrade(0, state.to_string().as_bytes()).unwrap()).unwrap()
    };
    assert_eq!(json("tazlab_vault_secret_store", json!({"refresh_interval": 60})), json!({"refresh_interval": "60s"}));
    let timeouts = json!({"timeouts": {"create": "1m", "update": null, "delete": "1m"}});
    assert_eq!(json("tazlab_bootstrap_ready", timeouts), json!({"timeouts": {"create": "1m", "update": null}}));

    let identity = |kind: &str, identity: Value| -> Value {
        let upgraded = registry.resources[kind].upgrade_identity(0, identity.to_string().as_bytes()).unwrap();
        serde_json::from_slice(&upgraded).unwrap()
    };
    let role = json!({"path": "jwt", "name": "a", "namespace": null});
    assert_eq!(identity("tazlab_vault_jwt_role", role), json!({"mount": "jwt", "name": "a", "namespace": null}));
    for (id, namespace) in [("store", Value::Null), ("a/store", json!("a"))] {
        let upgraded = identity("tazlab_vault_secret_store", json!({"id": id}));
        assert_eq!(upgraded, json!({"name": "store", "namespace": namespace}));
    }
    assert!(registry.resources["tazlab_vault_jwt_role"].upgrade_identity(7, b"{}").is_err());
}
