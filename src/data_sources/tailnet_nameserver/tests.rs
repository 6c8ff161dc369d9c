use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value as Json, json};
use tazlab_clients::dns::ResponseCode;
use tf_plugin::framework::data_source::Findings;

use super::answers::differs;
use super::judge::judge;
use super::look::{Seen, records};

const CONTENT: &str = r#"{"version": "v1alpha1", "ip4": {"vault.x.ts.net": ["10.244.0.9"]}}"#;

fn deployment(image: &str, volume: &Json) -> Option<Deployment> {
    let spec = json!({"selector": {}, "template": {"spec": {
        "containers": [{"name": "one", "image": image, "volumeMounts": [{"name": "records", "mountPath": "/config"}]}],
        "volumes": [{"name": "records", "configMap": volume}],
    }}});
    serde_json::from_value(json!({"metadata": {}, "spec": spec})).unwrap()
}

/// Everything in step.
fn seen() -> Seen {
    Seen {
        operator: deployment("tailscale/k8s-operator:v1.84.0", &json!({"name": "x"})),
        nameserver: deployment("tailscale/k8s-nameserver:v1.84.0", &json!({"name": "dnsrecords"})),
        address: Some("10.96.0.77".into()),
        content: Some(CONTENT.into()),
        records: records(CONTENT),
        pods: vec!["nameserver-1".into()],
        expected: BTreeMap::from([("vault.x.ts.net".to_owned(), "tailscale/vault".to_owned())]),
    }
}

fn problems(change: impl FnOnce(&mut Seen)) -> Vec<String> {
    let mut seen = seen();
    change(&mut seen);
    let mut findings = Findings::default();
    judge(&seen, "tailscale", "operator", &mut findings);
    findings.problems().as_ref_option().cloned().unwrap()
}

#[test]
fn what_is_in_step_has_no_problems() {
    assert_eq!(problems(|_| ()), [""; 0]);
}

#[test]
fn every_step_that_is_missed_is_one_problem() {
    let mounted = |volume: Json| move |seen: &mut Seen| seen.nameserver = deployment("a:v1.84.0", &volume);
    let one = |found: Vec<String>, words: &str| assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    one(problems(|seen| (seen.content, seen.records) = (None, None)), "has no key records.json");
    one(problems(|seen| seen.records = records(r#"{"version": "v2"}"#)), "not JSON in version v1alpha1");
    one(
        problems(|seen| seen.records = Some(BTreeMap::new())),
        "vault.x.ts.net of Service tailscale/vault has no record",
    );
    one(problems(|seen| seen.nameserver = None), "There is no nameserver");
    one(problems(|seen| seen.operator = None), "Deployment tailscale/operator does not exist");
    one(problems(|seen| seen.pods.clear()), "No pod of Deployment tailscale/nameserver is ready");
    one(problems(mounted(json!({"name": "dnsconfig"}))), "\"dnsconfig\" is mounted at /config");
    let renamed = json!({"name": "dnsrecords", "items": [{"key": "records.json", "path": "dns.json"}]});
    one(problems(mounted(renamed)), "key records.json is mounted as dns.json");
    let other = json!({"name": "dnsrecords", "items": [{"key": "dns.json", "path": "records.json"}]});
    one(problems(mounted(other)), "only the keys dns.json are mounted");
    let unstable = |seen: &mut Seen| {
        seen.nameserver = deployment("ghcr.io:443/tailscale/k8s-nameserver:unstable", &json!({"name": "dnsrecords"}));
    };
    one(problems(unstable), "set spec.nameserver.image.tag of the DNSConfig to v1.84.0");
}

#[test]
fn an_answer_is_one_of_the_records_addresses() {
    let record = ["10.244.0.9".to_owned(), "10.244.0.10".to_owned()];
    let of = |code, addresses: &[&str]| {
        differs(&(code, addresses.iter().map(|one| one.parse().unwrap()).collect()), &record)
    };
    assert_eq!(of(ResponseCode::NoError, &["10.244.0.10"]), None);
    assert!(of(ResponseCode::NoError, &["10.244.0.1"]).unwrap().contains("it answered 10.244.0.1, and the record is"));
    assert!(of(ResponseCode::NoError, &[]).unwrap().contains("it answered no address"));
    assert!(of(ResponseCode::NoSuchName, &[]).unwrap().contains("has not read the records"));
    assert!(of(ResponseCode::Refused, &[]).unwrap().contains("REFUSED"));
}
