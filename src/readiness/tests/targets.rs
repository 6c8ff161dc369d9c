//! Kinds that the user names: how they are read, found, judged and counted.

mod arguments;

use serde_json::{Value, json};
use tazlab_clients::kubernetes::{Kind, ServedKind};
use tf_plugin::framework::diagnostics::Diagnostics;
use tf_plugin::framework::model::{Model, decode};
use tf_plugin::framework::validation::validate;
use tf_plugin::framework::value::Datum;

use super::super::arguments::Arguments;
use super::super::field::Field;
use super::super::kind::ObjectKind::{self, Deployment};
use super::super::objects::{Observed, Whole};
use super::super::picture::{Known, Picture, Told};
use super::super::report::Report;
use super::super::wanted::Wanted;
use super::id;

/// Arguments as HCL has them; those that are left out are null.
fn arguments(set: &[(&str, Datum)]) -> Datum {
    let all = Arguments::attributes().into_iter().map(|attribute| {
        let value = set.iter().find(|(name, _)| *name == attribute.name).map(|(_, value)| value.clone());
        (attribute.name, value.unwrap_or_default())
    });
    Datum::object(all)
}

fn list(texts: &[&str]) -> Datum {
    Datum::List(texts.iter().map(|text| Datum::from(*text)).collect())
}

fn map(entries: &[(&str, &str)]) -> Datum {
    if entries.is_empty() {
        return Datum::Null;
    }
    Datum::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), Datum::from(*value))).collect())
}

fn objects(kind: &str, names: &[&str], conditions: &[(&str, &str)], fields: &[(&str, &str)]) -> Datum {
    Datum::object([
        ("kind", Datum::from(kind)),
        ("names", list(names)),
        ("conditions", map(conditions)),
        ("fields", map(fields)),
    ])
}

fn wanted(set: &[(&str, Datum)]) -> Wanted {
    decode::<Arguments>(arguments(set)).unwrap().wanted()
}

fn asking(entries: Vec<Datum>) -> Wanted {
    wanted(&[("objects", Datum::List(entries))])
}

/// What is wrong with arguments: the path and the problem.
fn problems(set: &[(&str, Datum)]) -> Vec<String> {
    let datum = arguments(set);
    let mut found: Diagnostics = validate(&Arguments::attributes(), &datum);
    decode::<Arguments>(datum).unwrap().validate(&mut found);
    found.iter().map(|one| format!("{}: {}", one.attribute, one.detail)).collect()
}

fn thing(name: &str, status: &Value) -> Value {
    let id = id(name);
    json!({"metadata": {"namespace": id.namespace, "name": id.name, "generation": 2}, "spec": {"size": 3}, "status": status})
}

fn served(group: &str, kind: &str, plural: &str, namespaced: bool) -> ServedKind {
    let text = |text: &str| text.to_owned();
    ServedKind {
        kind: Kind { group: text(group), version: text("v1"), kind: text(kind), plural: text(plural) },
        namespaced,
    }
}

/// What is reported of these objects of the first target.
fn report(wanted: &Wanted, all: &[Value]) -> Report {
    let kind = ObjectKind::Target(0);
    let seen = all.iter().map(|one| {
        serde_json::from_value::<Whole>(one.clone()).unwrap().judged(wanted.target(kind).map(AsRef::as_ref))
    });
    let mut picture = Picture::default();
    picture.see(kind, Told::All(seen.collect()));
    picture.served = vec![served("example.com", "Thing", "things", true)];
    Report::of(&picture, wanted)
}

#[test]
fn an_unknown_kind_is_read_by_its_conditions_and_without_any_it_exists() {
    let all = asking(vec![objects("Thing.example.com", &["*"], &[], &[])]);
    let ready = json!({"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 2}]});
    let available = json!({"observedGeneration": 2, "conditions": [{"type": "Available", "status": "True"}]});
    let good = report(&all, &[thing("a/b", &ready), thing("a/c", &available)]);
    assert!(good.is_ready());
    assert_eq!(good.summary(), "2/2 Thing ready");
    let silent = report(&all, &[thing("a/b", &ready), thing("a/c", &json!({}))]);
    assert!(silent.is_ready());
    assert_eq!(silent.summary(), "2/2 Thing ready (1 without conditions: it exists)");
    assert_eq!(report(&all, &[thing("a/c", &json!({}))]).summary(), "1/1 Thing ready (without conditions: it exists)");
    let stale = json!({"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]});
    let stale = report(&all, &[thing("a/b", &stale)]);
    assert_eq!(stale.problems(), ["Thing a/b: its controller has not observed its latest change yet"]);
    assert_eq!(stale.path().to_string(), "objects[0]");
    assert_eq!(report(&all, &[]).problems(), ["Thing *: none exists"]);
    let mut going = thing("a/b", &ready);
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert!(!report(&all, &[going]).is_ready());
}

#[test]
fn the_users_conditions_and_fields_decide_where_there_are_any() {
    let all = asking(vec![objects(
        "Thing.example.com",
        &["*"],
        &[("Degraded", "False")],
        &[("status.phase", "Done"), ("status.ok", "true"), ("status.parts.0.count", "3")],
    )]);
    let status = |phase: &str, degraded: &str| {
        json!({"phase": phase, "ok": true, "parts": [{"count": 3}], "conditions": [
            {"type": "Ready", "status": "False"},
            {"type": "Degraded", "status": degraded, "reason": "R", "message": "m", "observedGeneration": 2}]})
    };
    assert!(report(&all, &[thing("a/b", &status("Done", "False"))]).is_ready(), "not the kind's own Ready");
    let told = |status: &Value| report(&all, &[thing("a/b", status)]).problems().join("\n");
    assert_eq!(told(&status("Pending", "False")), "Thing a/b: status.phase is \"Pending\", and must be \"Done\"");
    assert_eq!(told(&status("Done", "True")), "Thing a/b: R: condition Degraded is True, and must be False: m");
    let mut stale = status("Done", "False");
    stale["conditions"][1]["observedGeneration"] = json!(1);
    assert_eq!(told(&stale), "Thing a/b: its controller has not observed its latest change yet");
    let mut unset = status("Done", "False");
    unset.as_object_mut().unwrap().remove("phase");
    assert_eq!(told(&unset), "Thing a/b: status.phase is not set yet, and must be \"Done\"");
}

#[test]
fn a_field_outside_of_the_status_is_not_quoted_and_dots_can_be_escaped() {
    let object = json!({"spec": {"token": "s3cret"}, "metadata": {"annotations": {"example.com/done": "yes"}}});
    let problem = Field::read("spec.token").unwrap().expects(&object, "x").unwrap_err();
    assert_eq!(problem, "spec.token has another value, and must be \"x\"");
    assert_eq!(Field::read("metadata.annotations.example\\.com/done").unwrap().expects(&object, "yes"), Ok(()));
    let whole: Whole =
        serde_json::from_value(json!({"metadata": {}, "data": {"k": "djE="}, "stringData": {"k": "v"}})).unwrap();
    assert_eq!(whole.0, json!({"metadata": {}}), "content is not kept");
}

#[test]
fn entries_of_one_kind_share_a_list_and_each_asks_for_its_own() {
    let two = asking(vec![
        objects("Thing.example.com", &["a/*"], &[], &[]),
        objects("things.example.com", &["b/c"], &[], &[("status.phase", "Done")]),
    ]);
    assert_eq!(two.looked_at(), [ObjectKind::Target(0)]);
    let status = json!({"phase": "Pending", "conditions": [{"type": "Ready", "status": "True"}]});
    let found = report(&two, &[thing("a/b", &status), thing("b/c", &status)]);
    assert_eq!(found.problems(), ["Thing b/c: status.phase is \"Pending\", and must be \"Done\""]);
    assert_eq!(found.path().to_string(), "objects[1]");
    assert_eq!(found.summary(), "1/2 Thing ready");
}

#[test]
fn a_kind_with_an_argument_of_its_own_is_read_as_there() {
    let all = asking(vec![
        objects("Deployment.apps", &["a/b"], &[], &[]),
        objects("Deployment.apps", &["a/c"], &[("Available", "True")], &[]),
    ]);
    assert_eq!(all.looked_at(), [Deployment, ObjectKind::Target(0)]);
    let mut picture = Picture::default();
    picture.see(Deployment, Told::All(Vec::new()));
    let found = Report::of(&picture, &all);
    assert_eq!(found.path().to_string(), "objects[0]");
    assert_eq!(found.problems()[0], "Deployment a/b: it does not exist");
    assert!(all.api(ObjectKind::Target(0), &[]).is_some(), "it is the same in every cluster");
}

#[test]
fn a_kind_that_is_not_served_is_waited_for_and_a_name_that_no_object_can_have_is_final() {
    let asked = asking(vec![objects("Thing.example.com", &["*"], &[], &[])]);
    let found = Report::of(&Picture::default(), &asked);
    assert_eq!(found.problems(), ["Thing *: the cluster does not serve the kind Thing.example.com"]);
    assert!(!found.is_hopeless());
    let known = asking(vec![objects("certificates.cert-manager.io", &["a/b"], &[], &[])]);
    let found = Report::of(&Picture::default(), &known);
    let line = "Certificate a/b: the cluster does not serve this kind: CRD certificates.cert-manager.io does not exist";
    assert_eq!(found.problems(), [line]);
    let misplaced = report(&asking(vec![objects("Thing.example.com", &["b"], &[], &[])]), &[]);
    assert_eq!(misplaced.problems(), ["Thing b: objects of this kind have a namespace: write \"namespace/name\""]);
    assert!(misplaced.is_hopeless());
    let mut hidden = Picture::default();
    hidden.know(ObjectKind::Target(0), Known::Hidden { why: "forbidden".to_owned(), is_final: true });
    assert!(Report::of(&hidden, &asked).is_hopeless());
}

#[test]
fn nodes_are_ready_and_as_many_as_are_asked_for() {
    let node = |name: &str, ready: &str| json!({"metadata": {"name": name}, "status": {"conditions": [{"type": "Ready", "status": ready, "reason": "KubeletReady", "message": "m"}]}});
    let three = wanted(&[("nodes", list(&["*"])), ("nodes_at_least", 3.into())]);
    let found = report(&three, &[node("a", "True"), node("b", "True")]);
    assert_eq!(found.problems(), ["Node *: 2 are Ready, and at least 3 must be"]);
    assert_eq!((found.summary().as_str(), found.path().to_string().as_str()), ("2/3 Nodes Ready", "nodes"));
    let late = report(&three, &[node("a", "True"), node("b", "True"), node("c", "False"), node("d", "True")]);
    assert_eq!(late.problems(), ["Node c: KubeletReady: m"], "all there are");
    let any = wanted(&[("nodes_at_least", 2.into())]);
    assert!(report(&any, &[node("a", "True"), node("b", "True"), node("c", "False")]).is_ready());
    let few = report(&any, &[node("a", "True")]);
    assert_eq!((few.problems().len(), few.path().to_string().as_str()), (1, "nodes_at_least"));
    let one = wanted(&[("nodes", list(&["a"])), ("nodes_at_least", 2.into())]);
    assert_eq!(one.scope(ObjectKind::Target(0)), (None, None), "others count, too");
    let absent = report(&wanted(&[("nodes", list(&["a"]))]), &[]);
    assert_eq!(absent.problems(), ["Node a: it does not exist"]);
}

#[test]
fn the_api_server_is_a_barrier_of_its_own() {
    let barrier = wanted(&[("api_server", true.into())]);
    assert!(barrier.looked_at().is_empty());
    let mut picture = Picture::default();
    let ready = Report::of(&picture, &barrier);
    assert_eq!((ready.is_ready(), ready.summary().as_str()), (true, "API server ready"));
    picture.api_server = Some("the API server answered 500: [-]etcd failed".to_owned());
    let found = Report::of(&picture, &barrier);
    assert_eq!(found.problems(), ["API server: the API server answered 500: [-]etcd failed"]);
    assert_eq!((found.path().to_string().as_str(), found.is_hopeless()), ("api_server", false));
}

#[test]
fn a_secret_waits_for_its_access_and_that_is_the_cause() {
    let all = asking(vec![
        objects("VaultStaticSecret.secrets.hashicorp.com", &["*"], &[], &[]),
        objects("VaultAuth.secrets.hashicorp.com", &["*"], &[], &[]),
    ]);
    let (secret, auth) = (ObjectKind::Target(0), ObjectKind::Target(1));
    let read = |kind: ObjectKind, object: Value| {
        serde_json::from_value::<Whole>(object).unwrap().judged(all.target(kind).map(AsRef::as_ref))
    };
    let mut picture = Picture::default();
    let waiting = |name: &str| json!({"metadata": {"namespace": "shop", "name": name}, "spec": {"vaultAuthRef": "vso/main"}, "status": {}});
    picture.see(secret, Told::All(["db", "mail"].map(|name| read(secret, waiting(name))).to_vec()));
    let invalid = json!({"metadata": {"namespace": "vso", "name": "main"}, "status": {"valid": false, "error": "role not found"}});
    picture.see(auth, Told::All(vec![read(auth, invalid)]));
    let found = Report::of(&picture, &all);
    assert_eq!(found.problems()[0], "VaultAuth vso/main: role not found (2 others wait for it)");
    assert_eq!(found.path().to_string(), "objects[1]");
}

#[test]
fn what_was_there_before_reads_as_before() {
    // Every new attribute may be left out: state and configurations of earlier versions have none of them.
    for name in ["api_server", "nodes", "nodes_at_least", "objects"] {
        let attributes = Arguments::attributes();
        let attribute = attributes.iter().find(|attribute| attribute.name == name).unwrap();
        assert_eq!(format!("{:?}", attribute.rules.constraint), "Optional", "{name}");
    }
    let old = wanted(&[("deployments", list(&["a/b"]))]);
    assert_eq!(old.looked_at(), [Deployment]);
    assert!(!old.api_server);
}
