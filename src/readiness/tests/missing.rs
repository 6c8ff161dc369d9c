//! Pods that cannot start because something that they name is not there, and what would make it.

use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::super::kind::ObjectKind::{Deployment, ExternalSecret};
use super::super::missing::{Content, Maker, Need};
use super::super::picture::{Picture, Told};
use super::super::pods::Troubled;
use super::super::report::Report;
use super::super::rules::View;
use super::{failed, object, sighting};

/// A pod whose container waits, as the kubelet writes it.
fn pod(word: &str, message: &str) -> Troubled {
    let state = json!({"waiting": {"reason": word, "message": message}});
    let pod: Pod = serde_json::from_value(json!({
        "metadata": {"namespace": "shop", "name": "web-0", "labels": {"app": "web"}},
        "spec": {
            "containers": [{"name": "c", "env": [
                {"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "maybe", "key": "k", "optional": true}}}],
                "envFrom": [{"configMapRef": {"name": "settings"}}]}],
            "volumes": [
                {"name": "tls", "secret": {"secretName": "tls", "items": [{"key": "tls.crt", "path": "c"}]}},
                {"name": "token", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}]},
        "status": {"containerStatuses": [{"name": "c", "ready": false, "restartCount": 0, "image": "", "imageID": "", "state": state}]},
    }))
    .unwrap();
    Troubled::of(pod).unwrap()
}

fn content(keys: &[&str], manager: &str) -> Content {
    let data: serde_json::Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!("djE="))).collect();
    serde_json::from_value(json!({"metadata": {"managedFields": [{"manager": manager}]}, "data": data})).unwrap()
}

#[test]
fn a_pod_that_cannot_start_names_what_it_needs() {
    let needs: Vec<String> = pod("CreateContainerConfigError", "secret \"db\" not found")
        .needs
        .iter()
        .map(|need| format!("{} {} {:?}", need.holder, need.name, need.keys))
        .collect();
    assert_eq!(needs, ["Secret db {\"password\"}", "Secret tls {\"tls.crt\"}", "ConfigMap settings {}"]);
    assert!(!pod("ContainerCreating", "").needs.is_empty(), "volumes are mounted meanwhile");
    assert!(pod("CrashLoopBackOff", "").needs.is_empty(), "it has started");
}

#[test]
fn what_is_missing_is_told_with_what_would_make_it() {
    let needs = pod("CreateContainerConfigError", "").needs;
    let need = |name: &str| needs.iter().find(|need| need.name == name).cloned().unwrap_or_else(|| panic!("{name}"));
    let told = |need: &Need, content: Option<&Content>, makers: Option<&[Maker]>| {
        need.lacks("shop", content).iter().map(|lack| lack.told(makers).0).collect::<Vec<_>>().join("; ")
    };
    let external = object(
        "shop/db-from-vault",
        &failed("SecretSyncedError", "permission denied"),
        &json!({"target": {"name": "db"}}),
    );
    let makers = [
        Maker::of("external-secrets.io", "ExternalSecret", View(&external)),
        Maker::of(
            "cert-manager.io",
            "Certificate",
            View(&json!({"metadata": {"namespace": "other", "name": "x"}, "spec": {"secretName": "tls"}})),
        ),
    ];
    assert_eq!(
        told(&need("db"), None, Some(&makers)),
        "Secret shop/db does not exist: ExternalSecret shop/db-from-vault makes it, and is not ready: SecretSyncedError: permission denied"
    );
    let nobody = told(&need("tls"), None, Some(&makers));
    assert!(
        nobody.starts_with("Secret shop/tls does not exist, and no ExternalSecret, VaultStaticSecret, "),
        "{nobody}"
    );
    assert!(nobody.ends_with("if a tazlab_bootstrap_secret writes it, name that in depends_on"), "{nobody}");
    assert_eq!(told(&need("tls"), None, None), "Secret shop/tls does not exist", "who would make it cannot be known");
    assert_eq!(told(&need("settings"), None, Some(&makers)), "ConfigMap shop/settings does not exist");
    assert_eq!(told(&need("db"), Some(&content(&["password"], "m")), Some(&makers)), "");
    assert_eq!(
        told(&need("tls"), Some(&content(&["ca.crt"], "terraform-provider-tazlab")), Some(&makers)),
        "Secret shop/tls has no key tls.crt: a tazlab_bootstrap_secret writes it, add the key there"
    );
    assert_eq!(told(&need("tls"), Some(&content(&[], "m")), Some(&[])), "Secret shop/tls has no key tls.crt");
}

#[test]
fn a_workload_waits_for_what_makes_its_secret() {
    let deployment = json!({"metadata": {"namespace": "shop", "name": "web", "generation": 1},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}}, "status": {"observedGeneration": 1}});
    let external = object("shop/db", &failed("SecretSyncedError", "denied"), &json!({}));
    let mut picture = Picture::default();
    picture.see(Deployment, Told::All(vec![sighting(Deployment, &deployment)]));
    picture.see(ExternalSecret, Told::All(vec![sighting(ExternalSecret, &external)]));
    let asked = super::wanted(&[("deployments", &["*"]), ("external_secrets", &["*"])]);
    let mut held = pod("CreateContainerConfigError", "secret \"db\" not found");
    let maker = Maker::of("external-secrets.io", "ExternalSecret", View(&external));
    held.lacks = vec!["Secret shop/db does not exist".to_owned()];
    held.makers.extend(maker.reference(&asked));
    picture.troubled = vec![held];
    let found = Report::of(&picture, &asked);
    assert_eq!(
        found.problems(),
        [
            "ExternalSecret shop/db: SecretSyncedError: denied (1 other waits for it)",
            "Deployment shop/web: 0 of 1 pods are available; 0 are of the latest template; pod web-0: CreateContainerConfigError: secret \"db\" not found; Secret shop/db does not exist",
        ]
    );
}
