use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{FIELD_MANAGER, Live, Manager};
use tf_plugin::framework::value::Datum;

use super::{list, map, model, read};
use crate::environment::Environment;
use crate::resources::bootstrap_secret::compare::compare;
use crate::resources::bootstrap_secret::decision::Decision;
use crate::resources::bootstrap_secret::errors::BootstrapSecretError;

/// A live Secret with these contents, of which we own the keys given.
fn live(data: &[(&str, &str)], owned: &[&str]) -> Live<Secret> {
    let data: BTreeMap<_, _> =
        data.iter().map(|(key, content)| ((*key).to_owned(), ByteString(content.as_bytes().to_vec()))).collect();
    let ours = Manager {
        name: FIELD_MANAGER.to_owned(),
        applied: true,
        subresource: String::new(),
        fields: owned.iter().map(|key| vec!["data".to_owned(), (*key).to_owned()]).collect(),
    };
    Live { object: Secret { data: Some(data), ..Secret::default() }, managers: vec![ours] }
}

type Arguments<'a> = &'a [(&'a str, Datum)];

fn decide(
    prior: Option<Arguments<'_>>,
    planned: Arguments<'_>,
    live: Option<&Live<Secret>>,
) -> Result<Decision, BootstrapSecretError> {
    let environment = Environment::of(&[("A", "a")]);
    let planned = model(planned);
    let (sources, _) = read(&planned, &environment);
    compare(sources, live, prior.map(model).as_ref(), &planned)
}

fn written(decision: &Decision) -> Vec<&str> {
    decision.written().into_iter().collect()
}

#[test]
fn equal_contents_are_not_written() {
    let arguments = [("values", map(&[("a", "1"), ("b", "2")]))];
    let there = live(&[("a", "1"), ("b", "2"), ("other", "x")], &["a", "b"]);
    let decision = decide(Some(&arguments), &arguments, Some(&there)).unwrap();
    assert!(!decision.changes_data());
    let there = live(&[("a", "1"), ("b", "other")], &["a", "b"]);
    assert_eq!(written(&decide(Some(&arguments), &arguments, Some(&there)).unwrap()), ["b"]);
    let there = live(&[("a", "1")], &["a"]);
    assert_eq!(written(&decide(Some(&arguments), &arguments, Some(&there)).unwrap()), ["b"]);
}

#[test]
fn keys_of_ours_without_a_source_are_removed_and_others_stay() {
    let arguments = [("values", map(&[("a", "1")]))];
    let there = live(&[("a", "1"), ("old", "x"), ("theirs", "y")], &["a", "old"]);
    let decision = decide(Some(&arguments), &arguments, Some(&there)).unwrap();
    assert_eq!(decision.surplus.iter().collect::<Vec<_>>(), ["old"]);
    assert!(decision.changes_data());
    assert!(!decision.data().contains_key("theirs"));
}

#[test]
fn a_missing_source_keeps_the_key_only_where_nothing_must_be_written() {
    let arguments = [("env", map(&[("k", "NOT_SET")]))];
    let there = live(&[("k", "x")], &["k"]);
    let kept = decide(Some(&arguments), &arguments, Some(&there)).unwrap();
    assert!(kept.keeps() && !kept.changes_data());
    assert_eq!(kept.data()["k"].0, b"x", "an apply that left it out would remove it");

    let refused =
        |result: Result<Decision, BootstrapSecretError>| matches!(result, Err(BootstrapSecretError::Sources(_)));
    assert!(refused(decide(None, &arguments, None)), "create");
    assert!(refused(decide(Some(&arguments), &arguments, Some(&live(&[], &[])))), "missing in the live Secret");
    let before = [("env", map(&[("k", "A")]))];
    assert!(refused(decide(Some(&before), &arguments, Some(&there))), "changed argument");
    let strict = [("env", map(&[("k", "NOT_SET")])), ("on_missing_source", "error".into())];
    assert!(refused(decide(Some(&strict), &strict, Some(&there))), "strict");
}

#[test]
fn an_import_knows_no_arguments_so_the_contents_decide() {
    let arguments = [("env", map(&[("k", "NOT_SET")]))];
    assert!(decide(Some(&[]), &arguments, Some(&live(&[("k", "x")], &[]))).unwrap().keeps());
}

#[test]
fn versioned_write_only_values_rest() {
    let of = |value: &str, version: i64| {
        vec![("values_wo", map(&[("k", value)])), ("values_wo_version", Datum::from(version))]
    };
    let there = live(&[("k", "old")], &["k"]);
    let resting = decide(Some(&of("x", 1)), &of("new", 1), Some(&there)).unwrap();
    assert!(!resting.changes_data());
    assert_eq!(resting.data()["k"].0, b"old");
    assert_eq!(written(&decide(Some(&of("x", 1)), &of("new", 2), Some(&there)).unwrap()), ["k"]);
    assert_eq!(written(&decide(Some(&of("x", 1)), &of("new", 1), Some(&live(&[], &[]))).unwrap()), ["k"]);
    assert_eq!(written(&decide(None, &of("new", 1), Some(&there)).unwrap()), ["k"]);
    let unversioned = [("values_wo", map(&[("k", "new")]))];
    assert_eq!(written(&decide(Some(&unversioned), &unversioned, Some(&there)).unwrap()), ["k"]);
}

#[test]
fn all_contents_together_have_a_limit() {
    let half = "a".repeat(600 * 1024);
    let arguments = [("values", map(&[("a", &half), ("b", &half)]))];
    assert!(matches!(decide(None, &arguments, None), Err(BootstrapSecretError::TooLarge(_))));
}

#[test]
fn an_outage_keeps_the_live_key_and_never_writes_a_stale_source() {
    let field = [("mount", "secret".into()), ("path", "a".into()), ("field", "f".into()), ("version", Datum::Null)];
    let arguments = [
        ("vault", Datum::Map([("k".to_owned(), Datum::object(field))].into())),
        ("env", map(&[("k", "A")])),
        ("first_of", list(&["vault", "env"])),
    ];
    let there = live(&[("k", "rotated")], &["k"]);
    let kept = decide(Some(&arguments), &arguments, Some(&there)).unwrap();
    assert!(kept.keeps() && !kept.changes_data());
    assert_eq!(kept.data()["k"].0, b"rotated");
    let refused =
        |result: Result<Decision, BootstrapSecretError>| matches!(result, Err(BootstrapSecretError::Sources(_)));
    assert!(refused(decide(None, &arguments, None)), "create");
    let before = [arguments[0].clone(), arguments[1].clone(), ("first_of", list(&["env", "vault"]))];
    assert!(refused(decide(Some(&before), &arguments, Some(&there))), "another order");
    let absent = [arguments[1].clone(), ("files", map(&[("k", "/nowhere")])), ("first_of", list(&["files", "env"]))];
    assert_eq!(written(&decide(Some(&absent), &absent, Some(&there)).unwrap()), ["k"], "the control");
}

#[test]
fn versioned_logins_to_registries_rest() {
    let of = |password: &str, version: i64| {
        let login = Datum::object([("username", "me".into()), ("password", password.into()), ("email", Datum::Null)]);
        [
            ("docker_registries_wo", Datum::Map([("ghcr.io".to_owned(), login)].into())),
            ("docker_registries_wo_version", Datum::from(version)),
        ]
    };
    let there = live(&[(".dockerconfigjson", "old")], &[".dockerconfigjson"]);
    assert!(!decide(Some(&of("x", 1)), &of("new", 1), Some(&there)).unwrap().changes_data());
    assert!(decide(Some(&of("x", 1)), &of("new", 2), Some(&there)).unwrap().changes_data());
}
