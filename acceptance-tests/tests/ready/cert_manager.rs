//! What the real cert-manager says of its objects: kinds, statuses and words are its own.

use acceptance_tests::{CertManager, Namespace, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::{CONTROLLERS, READY, output};

fn issuer(namespace: &str) -> Value {
    json!({"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "self", "namespace": namespace},
        "spec": {"selfSigned": {}}})
}

fn certificate(namespace: &str, name: &str, issuer: &str) -> Value {
    json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": name, "namespace": namespace},
        "spec": {"secretName": name, "dnsNames": ["web.example"], "issuerRef": {"kind": "Issuer", "name": issuer}}})
}

#[test]
fn certificates_and_issuers_are_waited_for_from_before_their_kinds_exist() {
    let namespace = Namespace::made("certs");
    let name = namespace.name();
    // Nobody asks it: a self-signed certificate needs no proof.
    let mut manager = CertManager::awaited(name, "127.0.0.1:53");
    let workspace = Workspace::new();
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n  objects = [\n    {{ kind = \"Certificate.cert-manager.io\", names = [\"{name}/web\"] }},\n    {{ kind = \"Issuer.cert-manager.io\", names = [\"{name}/*\"] }},\n  ]\n  timeouts = {{ create = \"5m\" }}\n}}\n"
    ));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let told = |words: &str| {
        poll::until(CONTROLLERS, &format!("progress with {words:?}"), || {
            workspace.traces().contains(words).then_some(())
        });
    };
    told("CRD certificates.cert-manager.io does not exist");
    manager.start_again();
    told(&format!("Certificate {name}/web: it does not exist"));
    kubectl::apply_as("tazlab-test", &certificate(name, "web", "self"));
    told("Issuing certificate as Secret does not exist");
    kubectl::apply_as("tazlab-test", &issuer(name));
    let _ = started.end().succeeds();
    assert_eq!(workspace.attributes(READY)["summary"], "1/1 Certificates Ready, 1/1 Issuers Ready");
    assert!(namespace.contents("web").contains_key("tls.crt"));
    workspace.plan().succeeds().changes_nothing();

    // One whose issuer does not exist is told with what it waits for.
    kubectl::apply_as("tazlab-test", &certificate(name, "lost", "nobody"));
    workspace.hcl(&super::status(&format!(
        "  objects = [{{ kind = \"Certificate.cert-manager.io\", names = [\"{name}/*\"] }}]\n"
    )));
    let problem = poll::until(CONTROLLERS, "problem of the certificate", || {
        workspace.apply().succeeds();
        let problem = output(&workspace, "status")["problems"][0].as_str()?.to_owned();
        problem.contains("DoesNotExist").then_some(problem)
    });
    assert!(problem.contains(&format!("Certificate {name}/lost")) && problem.contains("Issuer"), "{problem}");
    assert_eq!(output(&workspace, "status")["summary"], "1/2 Certificates Ready");
}
