//! What is made while the wait waits: workloads, Services and CRDs, which the cluster itself makes ready. Played are what does
//! not run here: Flux's helm-controller, the Tailscale operator (see `operator`; its proxy's pod is real), a load balancer.

use acceptance_tests::operator::Conduct;
use acceptance_tests::{Namespace, Operator, Part, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::{CONTROLLERS, READY};

fn workload(kind: &str, namespace: &Namespace) -> Value {
    let name = kind.to_lowercase();
    let mut spec = json!({"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}, "spec": {
        "terminationGracePeriodSeconds": 0, "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "pause", "image": kubectl::pause_image(), "imagePullPolicy": "IfNotPresent"}]}}});
    if kind == "StatefulSet" {
        spec["serviceName"] = json!("none");
    }
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"namespace": namespace.name(), "name": name}, "spec": spec})
}

fn service(namespace: &Namespace, name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace.name(), "name": name}, "spec": spec})
}

/// A CRD that goes with its value.
struct Definition(String);

impl Definition {
    fn of(namespace: &Namespace) -> Self {
        Self(format!("{}.example.com", namespace.name()))
    }

    fn name(&self) -> String {
        format!("widgets.{}", self.0)
    }

    fn manifest(&self) -> Value {
        let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": self.name()},
               "spec": {"group": self.0, "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets"},
                        "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}]}})
    }
}

impl Drop for Definition {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&["delete", "crd", &self.name(), "--ignore-not-found", "--wait=false"]));
    }
}

#[test]
fn workloads_services_a_crd_and_a_release_are_waited_for() {
    // Before anything waits: an operator that is simulated does not come while the real one works.
    let _tailscale = Part::Tailscale.shared();
    let (namespace, workspace) = (Namespace::made("later"), Workspace::new());
    let (definition, name) = (Definition::of(&namespace), namespace.name());
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n  crds          = [\"{}\"]\n  deployments   = [\"{name}/deployment\"]\n  stateful_sets = [\"{name}/*\"]\n  daemon_sets   = [\"{name}/daemonset\"]\n  services      = [\"{name}/*\"]\n  helm_releases = [\"{name}/*\"]\n  timeouts      = {{ create = \"5m\" }}\n}}\n",
        definition.name()
    ));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(CONTROLLERS, "progress of the wait", || workspace.traces().contains("waiting: ").then_some(()));
    for kind in ["Deployment", "StatefulSet", "DaemonSet"] {
        kubectl::apply_as("tazlab-test", &workload(kind, &namespace));
    }
    kubectl::apply_as("tazlab-test", &definition.manifest());
    let inside = json!({"selector": {"app": "deployment"}, "ports": [{"port": 80}]});
    let balanced = json!({"type": "LoadBalancer", "loadBalancerClass": "example.com/played", "ports": [{"port": 80}]});
    kubectl::apply_as("tazlab-test", &service(&namespace, "inside", &inside));
    kubectl::apply_as("tazlab-test", &service(&namespace, "balanced", &balanced));
    let _operator = Operator::start(name, name, Conduct::default());
    let mut egress = service(&namespace, "vault", &json!({"type": "ExternalName", "externalName": "placeholder"}));
    egress["metadata"]["annotations"] = json!({"tailscale.com/tailnet-fqdn": "vault.tail1234.ts.net"});
    kubectl::apply_as("tazlab-test", &egress);
    let chart = json!({"spec": {"chart": "c", "sourceRef": {"kind": "HelmRepository", "name": "r"}}});
    let mut release = json!({"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
                             "metadata": {"namespace": name, "name": "release"}, "spec": {"interval": "10m", "chart": chart}});
    kubectl::apply_as("tazlab-test", &release);
    // Everything but what the test plays becomes ready by itself.
    poll::until(CONTROLLERS, "available pod of the DaemonSet on each node", || {
        let found = kubectl::object(&["daemonset", "daemonset", "-n", name]).unwrap_or_default();
        let status = &found["status"];
        (status["numberAvailable"].is_u64() && status["numberAvailable"] == status["desiredNumberScheduled"])
            .then_some(())
    });
    release["status"] = json!({"observedGeneration": 1, "conditions": [{
        "type": "Ready", "status": "True", "reason": "InstallSucceeded", "message": "Helm install succeeded for release",
        "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1}]});
    kubectl::apply_status_as("helm-controller", &[release]);
    let mut addressed = service(&namespace, "balanced", &balanced);
    addressed["status"] = json!({"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}});
    kubectl::apply_status_as("tazlab-test", &[addressed]);
    let run = started.end().succeeds();
    println!("made while it waited: {:?}", run.took);
    assert_eq!(
        workspace.attributes(READY)["summary"],
        "1/1 HelmReleases Ready, 1/1 CRDs Established, 1/1 Deployments available, 2/2 StatefulSets available, 1/1 DaemonSets available, 3/3 Services with addresses"
    );
    workspace.destroy().succeeds();
    // The operator takes its finalizer off before it goes.
    kubectl::succeeds(&["delete", "service", "vault", "-n", name, "--timeout=30s"]);
}
