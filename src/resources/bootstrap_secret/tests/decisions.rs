use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use tazlab_clients::kubernetes::{FIELD_MANAGER, Live, Manager};
use tf_plugin::framework::value::Datum;

use super::{list, map, model, read};
use crate::environment::Environment;
use crate::resources::bootstrap_secret::compare::{Before, compare};
use crate::resources::bootstrap_secret::decision::Decision;
use crate::resources::bootstrap_secret::errors::BootstrapSecretError;
use crate::resources::bootstrap_secret::plan::{may_be_elsewhere, not_made_again};
use crate::resources::bootstrap_secret::provided::Provided;

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
    decide_with(prior, None, planned, live)
}

/// The same, with the record of what gave the live contents.
fn decide_with(
    prior: Option<Arguments<'_>>,
    provided: Option<&Provided>,
    planned: Arguments<'_>,
    live: Option<&Live<Secret>>,
) -> Result<Decision, BootstrapSecretError> {
    let environment = Environment::of(&[("A", "a")]);
    let planned = model(planned);
    let (sources, _) = read(&planned, &environment);
    let prior = prior.map(model);
    compare(sources, live, prior.as_ref().map(|model| Before { model, provided }), &planned)
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

/// A key that a program has, or a write-only value of this version.
fn contested(script: &str, version: i64) -> Vec<(&'static str, Datum)> {
    vec![
        ("commands", Datum::Map([("k".to_owned(), list(&["/bin/sh", "-c", script]))].into())),
        ("values_wo", map(&[("k", "new")])),
        ("values_wo_version", Datum::from(version)),
        ("first_of", list(&["commands", "values_wo"])),
        ("absent_exit_codes", Datum::Set(vec![Datum::from(10)])),
    ]
}

fn record(argument: &str) -> Provided {
    [("k".to_owned(), argument.to_owned())].into()
}

#[test]
fn a_version_that_is_raised_needs_every_source_before_the_value() {
    let there = live(&[("k", "old")], &["k"]);
    let provided = record("values_wo");
    let with = |before, after, script| {
        decide_with(Some(&contested(script, before)), Some(&provided), &contested(script, after), Some(&there))
    };
    let kept = with(1, 1, "exit 1").unwrap();
    assert!(kept.keeps() && kept.provided(Some(&provided)) == provided, "the control");
    assert!(matches!(with(1, 2, "exit 1"), Err(BootstrapSecretError::Sources(_))));
    assert_eq!(written(&with(1, 2, "exit 10").unwrap()), ["k"]);
    assert!(!with(1, 1, "exit 10").unwrap().changes_data(), "it rests");
}

#[test]
fn a_value_rests_only_where_the_live_content_is_its_own() {
    let there = live(&[("k", "of-the-program")], &["k"]);
    let arguments = contested("exit 10", 1);
    let with = |provided: Option<Provided>| {
        decide_with(Some(&arguments), provided.as_ref(), &arguments, Some(&there)).unwrap()
    };
    let moved = with(Some(record("commands")));
    assert_eq!(written(&moved), ["k"]);
    assert_eq!(moved.provided(Some(&record("commands"))), record("values_wo"));
    assert!(!with(Some(record("values_wo"))).changes_data());
    assert_eq!(written(&with(None)), ["k"], "nothing was recorded");
    assert_eq!(written(&with(Some(Provided::new()))), ["k"], "it was kept, and nobody knows of what");
}

#[test]
fn what_is_kept_without_a_record_gets_none() {
    let there = live(&[("k", "x")], &["k"]);
    let arguments = contested("exit 1", 1);
    let kept = decide_with(Some(&arguments), None, &arguments, Some(&there)).unwrap();
    assert!(kept.keeps() && kept.provided(None).is_empty());
}

#[test]
fn a_secret_that_is_gone_and_has_no_source_is_told_in_plan_and_fails_in_apply() {
    let told = |strict: &str| {
        let arguments = [("env", map(&[("k", "NOT_SET")])), ("on_missing_source", strict.into())];
        not_made_again(decide(None, &arguments, None).unwrap_err(), &model(&arguments))
    };
    let warnings = told("keep").unwrap();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].summary, "The Secret cannot be created again");
    assert!(warnings[0].detail.contains("apply will fail") && warnings[0].detail.contains("NOT_SET"));
    assert!(told("error").is_err());
    assert!(not_made_again(BootstrapSecretError::TooLarge(1), &model(&[])).is_err());
}

#[test]
fn a_destroy_needs_no_source_of_a_key_that_a_write_only_value_may_give() {
    let harmless = |order: &[&str], argument: (&'static str, Datum)| {
        let state = model(&[("first_of", list(order)), argument]);
        let (sources, _) = read(&state, &Environment::of(&[("EMPTY", "")]));
        may_be_elsewhere(&sources["k"], &state)
    };
    let env = |name| ("env", map(&[("k", name)]));
    assert!(harmless(&["env", "values_wo"], env("NOT_SET")));
    assert!(harmless(&["files", "values_wo_base64"], ("files", map(&[("k", "/nowhere")]))));
    assert!(!harmless(&["env", "files"], env("NOT_SET")), "no write-only value");
    assert!(!harmless(&["files", "values_wo"], env("NOT_SET")), "not in the order");
    assert!(!harmless(&["env", "values_wo"], env("EMPTY")), "not absent");
}
