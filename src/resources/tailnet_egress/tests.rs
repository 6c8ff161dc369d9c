use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::Untyped;
use tf_plugin::framework::model::{Model as _, decode};
use tf_plugin::framework::plan::settle;
use tf_plugin::framework::schema::all_null;
use tf_plugin::framework::value::Value;

use super::model::Model;
use super::proxy::{is_ready, trouble};
use crate::cluster::tailscale_operator::life::Exposed;

fn model() -> Model {
    let attributes = Model::attributes();
    let nothing = all_null(&attributes);
    let mut model: Model = decode(settle(&attributes, &nothing, nothing.clone())).unwrap();
    let text = |text: &str| Value::Value(text.to_owned());
    model.own.name = text("lushycorp-vault");
    model.own.fqdn = text("lushycorp-vault.x.ts.net");
    model.own.hostname = text("lushycorp-vault-egress");
    model
}

fn live(external: &str) -> Untyped {
    let value = json!({"spec": {"type": "ExternalName", "externalName": external}});
    Untyped { metadata: ObjectMeta::default(), value }
}

#[test]
fn the_external_name_is_the_operators_as_soon_as_it_has_written_it() {
    let name = |live: Option<&Untyped>| model().desired(live)["spec"].get("externalName").cloned();
    assert_eq!(name(None), Some(json!("unused")));
    assert_eq!(name(Some(&live("unused"))), Some(json!("unused")));
    assert_eq!(name(Some(&live("ts-lushycorp-vault-x.tailscale.svc.cluster.local"))), None);
    let annotations = model().desired(None)["metadata"]["annotations"].clone();
    assert_eq!(annotations["tailscale.com/tailnet-fqdn"], "lushycorp-vault.x.ts.net");
    assert_eq!(annotations["tailscale.com/hostname"], "lushycorp-vault-egress");
    assert_eq!(model().place().to_string(), "Service tailscale/lushycorp-vault");
}

fn proxy(status: &Json) -> StatefulSet {
    serde_json::from_value(json!({"metadata": {"generation": 2}, "status": status})).unwrap()
}

#[test]
fn a_proxy_is_ready_when_its_pod_is_and_of_the_present_template() {
    assert!(!is_ready(&proxy(&json!({"replicas": 1}))));
    assert!(is_ready(&proxy(&json!({"replicas": 1, "readyReplicas": 1, "observedGeneration": 2}))));
    assert!(!is_ready(&proxy(&json!({"replicas": 1, "readyReplicas": 1, "observedGeneration": 1}))));
    let rolling = json!({"replicas": 1, "readyReplicas": 1, "observedGeneration": 2,
        "currentRevision": "a", "updateRevision": "b"});
    assert!(!is_ready(&proxy(&rolling)));
}

#[test]
fn what_keeps_a_pod_is_told_in_the_clusters_words() {
    let pod = |status: Json| -> Pod { serde_json::from_value(json!({"metadata": {}, "status": status})).unwrap() };
    let waiting = json!({"containerStatuses": [{"name": "tailscale", "image": "x", "imageID": "", "ready": false,
        "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]});
    assert_eq!(trouble(&pod(waiting)).unwrap(), "ImagePullBackOff: Back-off pulling image");
    let nowhere = json!({"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/1 nodes are available"}]});
    assert_eq!(trouble(&pod(nowhere)).unwrap(), "Unschedulable: 0/1 nodes are available");
    assert_eq!(trouble(&pod(json!({"conditions": []}))), None);
}
