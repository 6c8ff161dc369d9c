//! What cannot become ready by itself ends the wait before its time.

use acceptance_tests::flux::Repository;
use acceptance_tests::{Namespace, Workspace, kubectl};
use serde_json::{Value, json};

use super::{Kustomizations, READY, among_others, lines};

fn deployment(namespace: &Namespace, image: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace.name(), "name": "web"},
           "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
               "terminationGracePeriodSeconds": 0, "containers": [{"name": "web", "image": image}]}}}})
}

#[test]
fn an_image_that_is_none_and_a_stalled_kustomization_end_the_wait() {
    let _others = among_others();
    let namespace = Namespace::made("hopeless");
    let _kustomizations = Kustomizations(&namespace);
    kubectl::apply_as("tazlab-test", &deployment(&namespace, "no::image"));
    let wrong = json!({"healthCheckExprs": [{"apiVersion": "v1", "kind": "ConfigMap", "current": "no((expression"}]});
    kubectl::apply_as("flux", &Repository::kustomization(namespace.name(), "wrong", "none", "./", &wrong));
    kubectl::apply_as("flux", &Repository::kustomization(namespace.name(), "homeless", "none", "./", &json!({})));
    let workspace = Workspace::new();
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n  deployments         = [\"{0}/web\"]\n  flux_kustomizations = [\"{0}/wrong\", \"{0}/homeless\", \"{0}/missing\"]\n  timeouts = {{ create = \"3m\" }}\n}}\n",
        namespace.name()
    ));
    let failed = workspace.apply().fails();
    let error = failed.error(&[
        "Not everything can become ready",
        "Waiting cannot help",
        "0/3 Kustomizations Ready, 0/1 Deployments available",
    ]);
    println!("given up after {:?}", failed.took);
    assert!((15..60).contains(&failed.took.as_secs()), "{:?}", failed.took);
    let told = lines(&error);
    let line = |words: &[&str]| {
        let found = told.iter().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line says {words:?}: {told:#?}");
    };
    line(&["Deployment ", "/web: ", "0 of 1 pods are available; pod web-", "InvalidImageName"]);
    line(&["Kustomization ", "/wrong: InvalidCELExpression: "]);
    line(&["Kustomization ", "/homeless: ArtifactFailed: ", "none"]);
    line(&["Kustomization ", "/missing: it does not exist"]);
    assert_eq!(told.len(), 4, "{told:#?}");
    // A create that failed stores nothing: the next one waits again.
    assert!(workspace.addresses().iter().all(|address| address != READY));
}
