use serde_json::{Value, json};

use super::super::kind::{ObjectKind, Reference};
use super::super::sighting::Standing;
use super::{failed, id, object, ready, sighting};

fn standing(kind: ObjectKind, object: &Value) -> Standing {
    sighting(kind, object).standing
}

fn why(kind: ObjectKind, object: &Value) -> String {
    match standing(kind, object) {
        Standing::NotReady(reason) => reason.to_string(),
        other => panic!("{other:?}"),
    }
}

fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
    object
}

#[test]
fn flux_is_ready_with_its_latest_change_seen() {
    use ObjectKind::{HelmRelease, Kustomization};
    for kind in [Kustomization, HelmRelease] {
        let good = object("a/b", &ready(), &json!({}));
        assert_eq!(standing(kind, &good), Standing::Ready);
        let changed = with(good.clone(), "/metadata/generation", json!(2));
        assert_eq!(why(kind, &changed), "its controller has not observed its latest change yet");
        assert_eq!(standing(kind, &with(good.clone(), "/spec/suspend", json!(true))), Standing::Suspended);
        let unseen = object("a/b", &Value::Null, &json!({}));
        assert_eq!(why(kind, &unseen), "its controller has not reported a status yet");
        let going = with(good, "/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"));
        assert_eq!(why(kind, &going), "it is being deleted since 2026-01-01T00:00:00Z");
    }
}

#[test]
fn a_failure_keeps_the_generation_before_and_is_told_in_one_line() {
    let bad = object("a/b", &failed("BuildFailed", "kustomize build failed:\n  no such file\n"), &json!({}));
    let bad = with(bad, "/status/observedGeneration", json!(-1));
    assert_eq!(why(ObjectKind::Kustomization, &bad), "BuildFailed: kustomize build failed: no such file");
    let mut stalled = bad;
    stalled["status"]["conditions"].as_array_mut().unwrap().push(json!({"type": "Stalled", "status": "True"}));
    let Standing::NotReady(reason) = standing(ObjectKind::Kustomization, &stalled) else { panic!() };
    assert!(reason.is_final);
}

#[test]
fn whom_a_kustomization_waits_for() {
    let kind = ObjectKind::Kustomization;
    let spec = json!({"dependsOn": [{"name": "c"}, {"name": "d", "namespace": "e"}]});
    let reference = |name| Reference { kind, id: id(name) };
    let waits = |condition: &Value| sighting(kind, &object("a/b", condition, &spec)).waits_for;
    assert_eq!(waits(&failed("DependencyNotReady", "m")), [reference("a/c"), reference("e/d")]);
    assert_eq!(waits(&failed("BuildFailed", "m")), [], "it failed by itself");
    assert_eq!(waits(&ready()), []);
    let checking = object("a/b", &failed("HealthCheckFailed", "timeout"), &spec);
    let entries = json!({"entries": [
        {"id": "a_c_kustomize.toolkit.fluxcd.io_Kustomization", "v": "v1"},
        {"id": "a_d_apps_Deployment", "v": "v1"},
        {"id": "_x.y.z_apiextensions.k8s.io_CustomResourceDefinition", "v": "v1"},
        {"id": "a_colon__role_rbac.authorization.k8s.io_ClusterRole", "v": "v1"},
        {"id": "nonsense", "v": "v1"},
    ]});
    let waits = sighting(kind, &with(checking, "/status/inventory", entries)).waits_for;
    let deployment = Reference { kind: ObjectKind::Deployment, id: id("a/d") };
    let crd = Reference { kind: ObjectKind::Crd, id: id("x.y.z") };
    assert_eq!(waits, [reference("a/c"), deployment, crd]);
}

#[test]
fn external_secrets_wait_for_their_store() {
    let of =
        |spec: &Value| sighting(ObjectKind::ExternalSecret, &object("a/b", &failed("SecretSyncedError", "m"), spec));
    let waits = |spec: Value| of(&spec).waits_for;
    let cluster = Reference { kind: ObjectKind::ClusterSecretStore, id: id("s") };
    assert_eq!(waits(json!({"secretStoreRef": {"name": "s", "kind": "ClusterSecretStore"}})), [cluster]);
    let own = Reference { kind: ObjectKind::SecretStore, id: id("a/s") };
    assert_eq!(waits(json!({"secretStoreRef": {"name": "s"}})), [own]);
    assert_eq!(waits(json!({})), []);
    let store =
        object("s", &failed("ValidationFailed", "unable to validate store"), &json!({"provider": {"vault": {}}}));
    assert_eq!(why(ObjectKind::ClusterSecretStore, &store), "ValidationFailed: unable to validate store");
    assert_eq!(standing(ObjectKind::SecretStore, &object("a/s", &ready(), &json!({}))), Standing::Ready);
    let silent = json!({"metadata": {"name": "s"}, "status": {"conditions": null}});
    assert_eq!(why(ObjectKind::ClusterSecretStore, &silent), "its controller has not reported a status yet");
}

#[test]
fn workloads_are_rolled_out_and_available() {
    let of = |spec: Value, status: Value| json!({"metadata": {"namespace": "a", "name": "b", "generation": 2}, "spec": spec, "status": status});
    let full = json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2});
    for kind in [ObjectKind::Deployment, ObjectKind::StatefulSet] {
        assert_eq!(standing(kind, &of(json!({"replicas": 2}), full.clone())), Standing::Ready);
        assert_eq!(standing(kind, &of(json!({"replicas": 0}), json!({"observedGeneration": 2}))), Standing::Ready);
        let late = of(json!({"replicas": 3}), full.clone());
        assert_eq!(why(kind, &late), "2 of 3 pods are available; 2 are of the latest template");
        let unseen = of(json!({"replicas": 2}), with(full.clone(), "/observedGeneration", json!(1)));
        assert_eq!(why(kind, &unseen), "its controller has not observed its latest change yet");
    }
    let old = of(json!({"replicas": 2, "paused": true}), with(full.clone(), "/replicas", json!(3)));
    assert_eq!(
        why(ObjectKind::Deployment, &old),
        "2 of 2 pods are available; 1 old pods still exist; its rollout is paused"
    );
    let refused = with(
        full.clone(),
        "/conditions",
        json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "pods is forbidden"}]),
    );
    let refused = with(refused, "/availableReplicas", json!(0));
    assert_eq!(
        why(ObjectKind::Deployment, &of(json!({"replicas": 2}), refused)),
        "FailedCreate: 0 of 2 pods are available; pods is forbidden"
    );
    let of_rule = |message: &str| {
        let failure =
            json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}]);
        let status = with(with(full.clone(), "/conditions", failure), "/availableReplicas", json!(0));
        let Standing::NotReady(reason) = standing(ObjectKind::Deployment, &of(json!({"replicas": 2}), status)) else {
            panic!()
        };
        reason.is_final
    };
    assert!(of_rule("pods \"a\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces"));
    assert!(of_rule("admission webhook \"policy.example.com\" denied the request: no latest"));
    assert!(!of_rule("pods \"a\" is forbidden: exceeded quota: small"), "others make room");
    let parted = json!({"replicas": 2, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}});
    let half = with(full, "/updatedReplicas", json!(1));
    assert_eq!(standing(ObjectKind::StatefulSet, &of(parted, half.clone())), Standing::Ready);
    let by_hand = json!({"replicas": 2, "updateStrategy": {"type": "OnDelete"}});
    assert_eq!(standing(ObjectKind::StatefulSet, &of(by_hand, half)), Standing::Ready);
    let nodes = |available: i64| {
        of(
            json!({}),
            json!({"observedGeneration": 2, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": available}),
        )
    };
    assert_eq!(standing(ObjectKind::DaemonSet, &nodes(3)), Standing::Ready);
    assert_eq!(why(ObjectKind::DaemonSet, &nodes(2)), "2 of 3 pods are available");
}

#[test]
fn services_have_addresses_of_three_sorts() {
    let of = |spec: Value, status: Value| {
        standing(
            ObjectKind::Service,
            &json!({"metadata": {"namespace": "a", "name": "b"}, "spec": spec, "status": status}),
        )
    };
    let balanced = json!({"type": "LoadBalancer"});
    assert_eq!(of(balanced.clone(), json!({"loadBalancer": {"ingress": [{"hostname": "h"}]}})), Standing::Ready);
    assert!(matches!(of(balanced, json!({"loadBalancer": {}})), Standing::NotReady(_)));
    assert_eq!(of(json!({"type": "ClusterIP"}), json!({"loadBalancer": {}})), Standing::NeedsEndpoints);
    assert_eq!(of(json!({"type": "ExternalName", "externalName": "e"}), json!({})), Standing::Ready);
    let egress = |conditions: Value| {
        json!({
            "metadata": {"namespace": "a", "name": "b", "annotations": {"tailscale.com/tailnet-fqdn": "f"}},
            "spec": {"type": "ExternalName", "externalName": "placeholder"}, "status": {"loadBalancer": {}, "conditions": conditions},
        })
    };
    assert_eq!(why(ObjectKind::Service, &egress(json!([]))), "the Tailscale operator has not reported a status yet");
    let proxied = json!([{"type": "TailscaleProxyReady", "status": "True"}]);
    assert_eq!(standing(ObjectKind::Service, &egress(proxied)), Standing::NeedsProxy);
}

#[test]
fn crds_are_established_or_their_names_are_taken() {
    let of = |conditions: Value| {
        json!({
            "metadata": {"name": "xs.g"}, "spec": {"group": "g", "names": {"plural": "xs"}, "versions": [{"schema": {}}]},
            "status": {"conditions": conditions},
        })
    };
    let established = json!([{"type": "Established", "status": "True"}]);
    let serving = Standing::NeedsServing { group: "g".to_owned(), plural: "xs".to_owned() };
    assert_eq!(standing(ObjectKind::Crd, &of(established)), serving);
    let taken = json!([{"type": "NamesAccepted", "status": "False", "reason": "PluralConflict", "message": "in use"}]);
    assert_eq!(why(ObjectKind::Crd, &of(taken)), "PluralConflict: in use");
    assert_eq!(why(ObjectKind::Crd, &of(json!([]))), "the API server has not established it yet");
}
