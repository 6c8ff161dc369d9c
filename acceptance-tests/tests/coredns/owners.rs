//! Owners of a CoreDNS that exists, each as a real API server keeps its objects: the labels and annotations of the fixture, and its
//! field manager in `managedFields`. The plan names the owner and how it lets go; nothing is written until it has.

use serde_json::json;

use super::*;

const IP: &str = "10.96.0.76";
const OWNERS: &str = include_str!("../../../src/resources/coredns/tests/owners.json");

/// Makes an object as the owner's field manager: by server-side apply, or by an update.
fn make(manager: &str, applied: bool, object: &Value) {
    if applied {
        return kubectl::apply_as(manager, object);
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), object.to_string()).expect("written");
    kubectl::succeeds(&["create", "--field-manager", manager, "-f", file.path().to_str().expect("a path")]);
}

fn metadata(about: &Value, namespace: &Namespace, name: &str) -> Value {
    let mut metadata = json!({"namespace": namespace.name(), "name": name, "labels": about["labels"]});
    if about["annotations"].is_object() {
        metadata["annotations"] = about["annotations"].clone();
    }
    metadata
}

/// The objects of a fixture; no pod of them needs to run.
fn install(fixture: &Value, namespace: &Namespace) {
    let (manager, applied) = (fixture["manager"].as_str().unwrap(), fixture["applied"] == true);
    let service = fixture["service_name"].as_str().unwrap_or("kube-dns");
    make(
        manager,
        applied,
        &json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata(&fixture["service"], namespace, service),
            "spec": {"clusterIP": IP, "selector": {"k8s-app": "kube-dns"}, "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
                {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53}]}}),
    );
    let about = &fixture["deployment"];
    if about.is_object() {
        let selector =
            if about["selector"].is_object() { about["selector"].clone() } else { json!({"k8s-app": "kube-dns"}) };
        make(
            manager,
            applied,
            &json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(about, namespace, "coredns"),
                "spec": {"replicas": 0, "selector": {"matchLabels": selector}, "template": {"metadata": {"labels": selector},
                    "spec": {"containers": [{"name": "coredns", "image": "registry.k8s.io/coredns/coredns:v1.13.1",
                        "args": ["-conf", "/etc/coredns/Corefile"]}]}}}}),
        );
    }
}

fn remove(fixture: &Value, namespace: &Namespace) {
    let service = fixture["service_name"].as_str().unwrap_or("kube-dns");
    kubectl::succeeds(&["delete", "service", service, "-n", namespace.name(), "--ignore-not-found"]);
    kubectl::succeeds(&["delete", "deployment", "coredns", "-n", namespace.name(), "--ignore-not-found"]);
}

#[test]
fn each_owner_is_named_with_how_it_lets_go() {
    let (namespace, workspace) = (Namespace::made("owners"), Workspace::new());
    let _address = Address::of(&namespace, IP);
    let fixtures: Vec<Value> = serde_json::from_str(OWNERS).expect("fixtures");
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]"));
    for fixture in &fixtures {
        let owner = fixture["owner"].as_str().unwrap();
        install(fixture, &namespace);
        let advice: Vec<&str> =
            fixture["advice"].as_array().unwrap().iter().map(|words| words.as_str().unwrap()).collect();
        let told = workspace.plan().fails().error(&[&[DNS, owner], advice.as_slice()].concat());
        assert!(!told.contains("force_conflicts"), "{told}");
        remove(fixture, &namespace);
    }
}

#[test]
fn what_k3s_has_let_go_of_is_taken_over_without_its_marks() {
    let (namespace, workspace) = (Namespace::made("k3s"), Workspace::new());
    let _address = Address::of(&namespace, IP);
    let fixtures: Vec<Value> = serde_json::from_str(OWNERS).expect("fixtures");
    let k3s = fixtures.iter().find(|fixture| fixture["owner"] == "k3s").expect("k3s");
    install(k3s, &namespace);
    let uid = |kind: &str, name: &str| {
        kubectl::object(&[kind, name, "-n", namespace.name()]).unwrap()["metadata"]["uid"].clone()
    };
    let before = (uid("service", "kube-dns"), uid("deployment", "coredns"));
    // The wrong word opens nothing.
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]\n  take_over_from = \"helm\""));
    workspace.plan().fails().error(&[DNS, "k3s manages this CoreDNS", "coredns.yaml.skip"]);
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]\n  take_over_from = \"k3s\""));
    workspace.apply().succeeds();
    assert_eq!((uid("service", "kube-dns"), uid("deployment", "coredns")), before, "taken over, not replaced");
    for (kind, name) in [("service", "kube-dns"), ("deployment", "coredns")] {
        let object = kubectl::object(&[kind, name, "-n", namespace.name()]).unwrap();
        let metadata = object["metadata"].to_string();
        assert!(!metadata.contains("objectset.rio.cattle.io"), "k3s would delete it by these: {metadata}");
        assert_eq!(object["metadata"]["labels"]["k8s-app"], "kube-dns");
    }
    workspace.plan().succeeds().changes_nothing();
    // The word may go once it is done.
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(deployment(namespace.name()), None, "what was given goes with its resource");
}
