//! A platform that arrives in one apply: the definitions of cert-manager, its objects and a webhook that must be asked for them, while the
//! real cert-manager starts in the middle, as its Deployment would.

use std::net::SocketAddr;
use std::time::Duration;

use acceptance_tests::web::{Heard, Reply, Web};
use acceptance_tests::{CertManager, Namespace, Workspace, node, poll};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;

const CERTIFICATE: &str = "tazlab_bootstrap_manifest.certificate";

/// A webhook that allows everything, and the service that leads to it.
fn webhook(namespace: &str) -> Web {
    let review = |heard: &Heard| {
        let asked: Value = serde_json::from_str(&heard.body).unwrap();
        let response = json!({"uid": asked["request"]["uid"], "allowed": true});
        Reply::json(&json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}))
    };
    Web::tls_as(&node::way_out(), &[&format!("hook.{namespace}.svc")], review)
}

fn hcl(namespace: &str, web: &Web) -> String {
    let manifest = |json: &Value| format!("jsondecode(<<-J\n{json}\nJ\n)");
    let rules = json!([{"apiGroups": ["cert-manager.io"], "apiVersions": ["v1"], "resources": ["certificates"], "operations": ["CREATE", "UPDATE"]}]);
    let hook = json!({"name": "hook.tazlab.example", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
        "timeoutSeconds": 2, "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, "rules": rules,
        "clientConfig": {"caBundle": STANDARD.encode(web.authority().unwrap()),
            "service": {"name": "hook", "namespace": namespace, "path": "/review"}}});
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hook", "namespace": namespace},
        "spec": {"ports": [{"name": "https", "port": 443}]}});
    let configuration = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": namespace}, "webhooks": [hook]});
    let issuer = json!({"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "self", "namespace": namespace},
        "spec": {"selfSigned": {}}});
    let certificate = json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "web", "namespace": namespace},
        "spec": {"secretName": "web", "dnsNames": ["web.example"], "issuerRef": {"kind": "Issuer", "name": "self"}}});
    let ready = "  wait_for = { conditions = { Ready = \"True\" } }";
    format!(
        "resource \"tazlab_bootstrap_manifest\" \"definition\" {{\n  for_each = provider::tazlab::manifests(file(\"{}\"))\n  manifest = each.value\n  force_destroy = true\n}}\n",
        CertManager::definitions().display()
    ) + &block(
        "namespace",
        &format!("{{ apiVersion = \"v1\", kind = \"Namespace\", metadata = {{ name = \"{namespace}\" }} }}"),
        "  force_destroy = true",
    ) + &block("service", &manifest(&service), "")
        + &block("webhook", &manifest(&configuration), "")
        + &block("issuer", &manifest(&issuer), ready)
        + &block(
            "certificate",
            &manifest(&certificate),
            &format!("{ready}\n  depends_on = [tazlab_bootstrap_manifest.webhook, tazlab_bootstrap_manifest.issuer]"),
        )
}

#[test]
fn definitions_their_controller_its_objects_and_a_webhook_come_in_one_apply() {
    let namespace = Namespace::named("installed");
    let mut manager = CertManager::awaited(namespace.name(), "127.0.0.1:53");
    let (workspace, web) = (Workspace::new(), webhook(namespace.name()));
    workspace.hcl(&hcl(namespace.name(), &web));
    let planned = workspace.plan().succeeds();
    planned.warning(&["could not be checked during plan", "does not serve its kind yet"]);
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let told = |words: &str| {
        poll::until(Duration::from_mins(2), words, || workspace.traces().contains(words).then_some(()));
    };
    // Nobody has reported on the issuer: the controller comes last.
    told("it has no condition Ready yet");
    manager.run();
    // By now the webhook is in force, and nobody answers for it.
    told("waiting until it is");
    let address: SocketAddr = web.address().parse().unwrap();
    kubectl::apply_as(
        "tazlab-test",
        &json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "hook", "namespace": namespace.name(), "labels": {"kubernetes.io/service-name": "hook"}},
            "endpoints": [{"addresses": [address.ip().to_string()], "conditions": {"ready": true}}],
            "ports": [{"name": "https", "port": address.port()}]}),
    );
    let _ = started.end().succeeds();
    assert!(web.heard().iter().any(|heard| heard.body.contains("\"operation\":\"CREATE\"")), "it was asked");
    assert_eq!(workspace.attributes(CERTIFICATE)["kind"], "Certificate");
    assert!(namespace.contents("web").contains_key("tls.crt"));
    // What the controller writes of its own, and the defaults of the kinds, are no drift.
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespace.exists() && kubectl::object(&["crd", "certificates.cert-manager.io"]).is_none());
}
