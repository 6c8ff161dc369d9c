use std::collections::BTreeMap;

use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::validation::validate as check;
use tf_plugin::framework::value::Datum;

use super::model::TailnetCleanup as Model;
use crate::tailnet::holders::Allowed;

fn config(arguments: &[(&str, Datum)]) -> Datum {
    let attributes = Model::attributes();
    let Datum::Object(mut all) = all_null(&attributes) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    with_defaults(&attributes, Datum::Object(all))
}

fn set(values: &[&str]) -> Datum {
    Datum::Set(values.iter().map(|value| Datum::from(*value)).collect())
}

fn found(arguments: &[(&str, Datum)]) -> Vec<String> {
    let config = config(arguments);
    let mut found: Diagnostics = check(&Model::attributes(), &config);
    decode::<Model>(config).unwrap().shared.validate(&mut found);
    found.into_iter().map(|told| format!("{} | {} | {}", told.attribute, told.summary, told.detail)).collect()
}

#[test]
fn a_selector_is_needed_and_must_make_sense() {
    assert_eq!(found(&[("tags", set(&["tag:k8s"]))]), [""; 0]);
    assert!(found(&[])[0].contains("hostname_regex"));
    for (name, value) in [
        ("tags", set(&["k8s"])),
        ("tags", set(&[])),
        ("hostnames", set(&["a.ts.net"])),
        ("hostnames", set(&["A"])),
        ("hostname_regex", "(".into()),
        ("hostname_regex", "k8s)|(vault".into()),
        ("hostname_regex", "".into()),
    ] {
        assert_eq!(found(&[(name, value.clone())]).len(), 1, "{name} {value:?}");
    }
    let also = |name, value| found(&[("tags", set(&["tag:k8s"])), (name, value)]);
    for (name, value) in [
        ("run_on", set(&["birth"])),
        ("run_on", set(&[])),
        ("connected", "perhaps".into()),
        ("offline_for", "2 minutes".into()),
        ("max_deletions", Datum::from(-1)),
        ("required_free", set(&["a.b"])),
    ] {
        assert_eq!(also(name, value.clone()).len(), 1, "{name} {value:?}");
    }
}

#[test]
fn a_wait_that_cannot_be_long_enough_is_told() {
    let arguments = [("tags", set(&["tag:k8s"])), ("connected", "wait".into()), ("offline_for", "10m".into())];
    let told = found(&arguments);
    assert!(told.len() == 1 && told[0].contains("wait_timeout"), "{told:?}");
}

#[test]
fn what_an_apply_is_about_follows_from_run_on_and_triggers() {
    let model = |run_on: Datum, trigger: &str| {
        let triggers = Datum::Map(BTreeMap::from([("cluster".to_owned(), trigger.into())]));
        decode::<Model>(config(&[("tags", set(&["tag:k8s"])), ("run_on", run_on), ("triggers", triggers)])).unwrap().own
    };
    let (all, destroy) = (model(Datum::Null, "a"), model(set(&["destroy"]), "a"));
    let told = |occasion: crate::tailnet::sweep::Occasion| (occasion.deletes, occasion.names.unwrap());
    assert_eq!(told(all.occasion(None)), (true, Allowed::Nobody));
    assert_eq!(told(destroy.occasion(None)), (false, Allowed::Nobody));
    assert_eq!(told(model(Datum::Null, "b").occasion(Some(&all))), (true, Allowed::Nobody));
    assert_eq!(told(model(set(&["create"]), "b").occasion(Some(&all))), (false, Allowed::Nobody));
    assert_eq!(told(destroy.occasion(Some(&all))), (false, Allowed::OurConnected));
    let unknown = model(Datum::unknown(), "b");
    assert_eq!(told(unknown.occasion(Some(&all))), (true, Allowed::Nobody), "what is not known may delete");
    assert_eq!(told(unknown.occasion(None)), (true, Allowed::Nobody));
    assert!(all.runs_on("destroy") && destroy.runs_on("destroy") && !destroy.runs_on("create"));
}
