use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::validation::validate as check;
use tf_plugin::framework::value::Datum;

use super::{config, map};
use crate::resources::bootstrap_secret::model::BootstrapSecret;
use crate::resources::bootstrap_secret::validate::validate;

fn found(arguments: &[(&str, Datum)]) -> Vec<String> {
    let mut all = vec![("namespace", Datum::from("a")), ("name", Datum::from("b"))];
    all.extend(arguments.iter().cloned());
    let config = config(&all);
    let mut found: Diagnostics = check(&BootstrapSecret::attributes(), &config);
    validate(&decode(config).unwrap(), &mut found);
    found
        .into_iter()
        .map(|problem| format!("{} | {} | {}", problem.attribute, problem.summary, problem.detail))
        .collect()
}

#[test]
fn a_good_configuration_passes() {
    assert_eq!(found(&[("values", map(&[("user.name_1-x", "a")]))]), [""; 0]);
    assert_eq!(found(&[("files", Datum::unknown())]), [""; 0]);
}

#[test]
fn names_and_keys_are_checked_as_the_api_server_does() {
    for name in ["", "A", "a_b", "-a", "a-", "a..b"] {
        assert!(!found(&[("name", name.into()), ("values", map(&[("k", "v")]))]).is_empty(), "{name:?}");
    }
    for namespace in ["", "a.b", "A", &"a".repeat(64)] {
        assert!(!found(&[("namespace", namespace.into()), ("values", map(&[("k", "v")]))]).is_empty(), "{namespace:?}");
    }
    for key in ["", ".", "..", "a b", "ä", "a/b"] {
        assert!(found(&[("values", map(&[(key, "v")]))])[0].contains("values["), "{key:?}");
    }
}

#[test]
fn a_key_has_one_source() {
    let twice = found(&[("values", map(&[("k", "v")])), ("env", map(&[("k", "V")]))]);
    assert!(twice[0].contains("Two sources for key \"k\""), "{twice:?}");
    assert!(found(&[])[0].contains("One of"), "no source at all");
}

#[test]
fn what_belongs_together_is_asked_for() {
    let tls = found(&[("type", "kubernetes.io/tls".into()), ("values", map(&[("tls.crt", "x")]))]);
    assert!(tls[0].contains("tls.key"), "{tls:?}");
    assert_eq!(found(&[("type", "kubernetes.io/tls".into()), ("files", Datum::unknown())]), [""; 0]);
    let values = ("values", map(&[("k", "v")]));
    assert!(found(&[("namespace_labels", map(&[("a", "b")])), values.clone()])[0].contains("create_namespace = true"));
    assert!(found(&[("values_wo_version", Datum::from(1)), values.clone()])[0].contains("values_wo"));
    assert!(found(&[("labels", map(&[("tazlab.io/x", "b")])), values])[0].contains("reserved for the provider"));
}
