use tazlab_clients::dns::Record;
use tf_plugin::framework::model::{AttributeValue, Model, decode};
use tf_plugin::framework::plan::with_defaults;
use tf_plugin::framework::value::Datum;

use super::*;

fn config(kind: &str) -> model::DnsLookup {
    let attributes = model::DnsLookup::attributes();
    let mut config = tf_plugin::framework::schema::all_null(&attributes);
    if let Datum::Object(entries) = &mut config {
        entries.insert("name".to_owned(), Datum::from("a.b"));
        entries.insert("type".to_owned(), Datum::from(kind));
    }
    decode(with_defaults(&attributes, config)).unwrap()
}

fn answer(code: ResponseCode, contents: &[(&str, &str)]) -> Said {
    let records = contents.iter().map(|(kind, data)| Record {
        name: "a.b.".to_owned(),
        kind: kind.parse().unwrap(),
        ttl: 30,
        data: (*data).to_owned(),
    });
    Said::Answer(Answer { code, addresses: Vec::new(), records: records.collect() })
}

fn read(kind: &str, said: Vec<Said>) -> model::DnsLookup {
    let replicas = said.into_iter().enumerate().map(|(index, said)| Replica { pod: format!("dns-{index}"), said });
    let config = config(kind);
    let question = Question::of(&config);
    let (model, _) = seen(config, &question, Ok(replicas.collect()));
    assert!(model.encode().is_wholly_known());
    model
}

#[test]
fn every_replica_answers() {
    let one = || answer(ResponseCode::NoError, &[("CNAME", "c."), ("A", "10.0.0.2"), ("A", "10.0.0.1")]);
    let other = answer(ResponseCode::NoError, &[("A", "10.0.0.1"), ("A", "10.0.0.2")]);
    let model = read("A", vec![one(), other]);
    assert_eq!(model.ready.as_ref_option(), Some(&true));
    assert_eq!(model.consistent.as_ref_option(), Some(&true), "order means nothing");
    assert_eq!(model.records.as_ref_option().unwrap(), &["10.0.0.1", "10.0.0.2"]);
    assert_eq!(model.summary.as_deref_option(), Some("a.b A: 10.0.0.1, 10.0.0.2 from 2 of 2 replicas"));
    assert_eq!(model.replicas.as_ref_option().unwrap()[0].records.as_ref_option().unwrap().len(), 3);
}

#[test]
fn a_replica_that_differs_is_told_and_no_problem() {
    let one = |address| answer(ResponseCode::NoError, &[("A", address)]);
    let model = read("A", vec![one("10.0.0.1"), one("10.0.0.2")]);
    assert_eq!((model.ready.as_ref_option(), model.consistent.as_ref_option()), (Some(&true), Some(&false)));
    assert!(model.summary.as_deref_option().unwrap().ends_with("(replicas differ)"));
}

#[test]
fn what_is_no_good_answer_is_a_problem_of_its_replica() {
    for (said, words) in [
        (answer(ResponseCode::NoSuchName, &[]), "Pod dns-0: a.b does not exist (NXDOMAIN)"),
        (answer(ResponseCode::NoError, &[("CNAME", "c.")]), "Pod dns-0: a.b exists and has no SRV record"),
        (answer(ResponseCode::ServerFailure, &[]), "Pod dns-0: it answers SERVFAIL for a.b"),
        (Said::Nothing("closed".to_owned()), "Pod dns-0: it does not answer for a.b: closed"),
        (Said::NotAsked, "None of the 1 pods with the labels k8s-app=kube-dns in namespace kube-system is ready"),
    ] {
        let model = read("SRV", vec![said]);
        assert_eq!(model.problems.as_ref_option().unwrap(), &[words]);
        assert_eq!(model.ready.as_ref_option(), Some(&false));
    }
    assert_eq!(
        read("SRV", vec![]).problems.as_ref_option().unwrap(),
        &["Namespace kube-system has no pod with the labels k8s-app=kube-dns"]
    );
}

#[test]
fn what_cannot_be_seen_is_one_problem() {
    let config = config("A");
    let question = Question::of(&config);
    let (model, findings) = seen(config, &question, Err(Failure::Unknown("kubernetes.host".to_owned())));
    assert!(model.encode().is_wholly_known());
    assert!(findings.first().unwrap().contains("kubernetes.host is not known yet"));
    assert_eq!(model.problems.as_ref_option().unwrap().len(), 1);
}
