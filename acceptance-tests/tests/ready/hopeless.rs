//! What cannot become ready by itself ends the wait before its time.

use acceptance_tests::flux::Repository;
use acceptance_tests::{Namespace, Part, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::{CONTROLLERS, Kustomizations, READY, lines, says};

fn workload(kind: &str, namespace: &Namespace, name: &str, pod: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"namespace": namespace.name(), "name": name},
           "spec": {"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}, "spec": pod}}})
}

/// An image that is none, pods that Pod Security refuses, and the Kustomizations `wrong` and `homeless`; each has been said to be so.
fn broken(namespace: &Namespace) {
    let name = namespace.name();
    kubectl::succeeds(&["label", "namespace", name, "pod-security.kubernetes.io/enforce=baseline"]);
    let web = json!({"terminationGracePeriodSeconds": 0, "containers": [{"name": "web", "image": "no::image"}]});
    kubectl::apply_as("tazlab-test", &workload("Deployment", namespace, "web", &web));
    let agent = json!({"hostNetwork": true, "containers": [{"name": "agent", "image": kubectl::pause_image()}]});
    kubectl::apply_as("tazlab-test", &workload("DaemonSet", namespace, "agent", &agent));
    let wrong = json!({"healthCheckExprs": [{"apiVersion": "v1", "kind": "ConfigMap", "current": "no((expression"}]});
    for (kustomization, more) in [("wrong", wrong), ("homeless", json!({}))] {
        kubectl::apply_as("flux", &Repository::kustomization(name, kustomization, "none", "./", &more));
    }
    says(namespace, "wrong", "InvalidCELExpression");
    says(namespace, "homeless", "ArtifactFailed");
    // The kubelet of a busy node may take a while to say it.
    poll::until(CONTROLLERS, "InvalidImageName", || {
        let pods = kubectl::object(&["pods", "-n", name, "-l", "app=web"])?;
        let status = &pods["items"][0]["status"]["containerStatuses"][0];
        (status["state"]["waiting"]["reason"] == "InvalidImageName").then_some(())
    });
    poll::until(CONTROLLERS, "refusal of the DaemonSet's pods", || {
        let events = kubectl::object(&["events", "-n", name, "--field-selector", "reason=FailedCreate"])?;
        events["items"].as_array().is_some_and(|all| !all.is_empty()).then_some(())
    });
}

#[test]
fn an_image_that_is_none_refused_pods_and_a_stalled_kustomization_end_the_wait() {
    let _objects = Part::Objects.shared();
    let namespace = Namespace::made("hopeless");
    let _kustomizations = Kustomizations(&namespace);
    broken(&namespace);
    let workspace = Workspace::new();
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n  deployments         = [\"{0}/web\"]\n  daemon_sets         = [\"{0}/agent\"]\n  flux_kustomizations = [\"{0}/wrong\", \"{0}/homeless\", \"{0}/missing\"]\n  timeouts = {{ create = \"3m\" }}\n}}\n",
        namespace.name()
    ));
    let control = workspace.plan().succeeds();
    let failed = workspace.apply().fails();
    let error = failed.error(&[
        "Not everything can become ready",
        "The wait ended early: a controller has given up",
        "0/3 Kustomizations Ready, 0/1 Deployments available, 0/1 DaemonSets available",
    ]);
    println!("given up after {:?}", failed.took);
    assert!(failed.took.as_secs() >= 15, "{:?}", failed.took);
    failed.waited_at_most(std::time::Duration::from_secs(45), &control);
    let told = lines(&error);
    let line = |words: &[&str]| {
        let found = told.iter().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line says {words:?}: {told:#?}");
    };
    line(&["Deployment ", "/web: ", "0 of 1 pods are available; pod web-", "InvalidImageName"]);
    line(&[
        "DaemonSet ",
        // As many as there are nodes that take them.
        "/agent: 0 of ",
        "pods are available",
        "; FailedCreate: ",
        "violates PodSecurity \"baseline:",
    ]);
    line(&["Kustomization ", "/wrong: InvalidCELExpression: "]);
    line(&["Kustomization ", "/homeless: ArtifactFailed: ", "none"]);
    line(&["Kustomization ", "/missing: it does not exist"]);
    assert_eq!(told.len(), 5, "{told:#?}");
    // A create that failed stores nothing: the next one waits again.
    assert!(workspace.addresses().iter().all(|address| address != READY));
}
