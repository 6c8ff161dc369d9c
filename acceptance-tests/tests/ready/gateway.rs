//! Gateway API's kinds by their real definitions, which say what a status can be; the statuses are written as its controllers do.

use acceptance_tests::{Namespace, Workspace, kubectl, poll, programs};
use serde_json::{Value, json};

use super::{CONTROLLERS, READY, output};

/// The definitions, which go with their value.
struct Definitions(String);

impl Definitions {
    fn brought() -> Self {
        let file = programs::program("gateway-api").to_str().unwrap().to_owned();
        kubectl::succeeds(&["apply", "--server-side", "--field-manager", "tazlab-test", "-f", &file]);
        let definitions = Self(file);
        kubectl::succeeds(&["wait", "--for", "condition=Established", "--timeout=60s", "-f", &definitions.0]);
        definitions
    }
}

impl Drop for Definitions {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&["delete", "-f", &self.0, "--ignore-not-found", "--wait=false"]));
    }
}

fn condition(kind: &str, status: &str, reason: &str, generation: i64) -> Value {
    json!({"type": kind, "status": status, "reason": reason, "message": format!("{kind}: {reason}"),
        "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z"})
}

fn says(mut object: Value, status: Value) {
    object["status"] = status;
    kubectl::apply_status_as("example.com/gateway-controller", &[object]);
}

#[test]
fn a_gateway_and_its_routes_are_ready_when_their_controller_says_so_of_each_parent() {
    let _definitions = Definitions::brought();
    let (namespace, workspace) = (Namespace::made("gateway"), Workspace::new());
    let name = namespace.name();
    let of = |kind: &str, object: &str, spec: Value| {
        let mut metadata = json!({"name": object});
        if kind != "GatewayClass" {
            metadata["namespace"] = json!(name);
        }
        json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "metadata": metadata, "spec": spec})
    };
    let class = of("GatewayClass", name, json!({"controllerName": "example.com/gateway-controller"}));
    let gateway = of(
        "Gateway",
        "web",
        json!({"gatewayClassName": name, "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}),
    );
    let backend = json!({"backendRefs": [{"name": "web", "port": 80}]});
    let route = of("HTTPRoute", "web", json!({"parentRefs": [{"name": "web"}], "rules": [backend]}));
    for object in [&class, &gateway, &route] {
        poll::until(CONTROLLERS, "served kind", || {
            kubectl::kubectl(&["get", "httproutes", "-n", name]).status.success().then_some(())
        });
        kubectl::apply_as("tazlab-test", object);
    }
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n  objects = [\n    {{ kind = \"GatewayClass.gateway.networking.k8s.io\", names = [\"{name}\"] }},\n    {{ kind = \"Gateway.gateway.networking.k8s.io\", names = [\"{name}/web\"] }},\n    {{ kind = \"HTTPRoute.gateway.networking.k8s.io\", names = [\"{name}/*\"] }},\n  ]\n  timeouts = {{ create = \"5m\" }}\n}}\n"
    ));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let told = |words: &str| {
        poll::until(CONTROLLERS, &format!("progress with {words:?}"), || {
            workspace.traces().contains(words).then_some(())
        });
    };
    // The definitions have conditions of their own before anybody has seen the object: Unknown, "Waiting for controller".
    told("Waiting for controller");
    says(class, json!({"conditions": [condition("Accepted", "True", "Accepted", 1)]}));
    let programmed = |status: &str, reason: &str| json!({"conditions": [condition("Accepted", "True", "Accepted", 1), condition("Programmed", status, reason, 1)]});
    says(gateway.clone(), programmed("False", "AddressNotAssigned"));
    told("AddressNotAssigned");
    says(gateway, programmed("True", "Programmed"));
    let parents = |resolved: &str, reason: &str| {
        let conditions =
            json!([condition("Accepted", "True", "Accepted", 1), condition("ResolvedRefs", resolved, reason, 1)]);
        json!({"parents": [{"parentRef": {"name": "web"}, "controllerName": "example.com/gateway-controller", "conditions": conditions}]})
    };
    says(route.clone(), parents("False", "BackendNotFound"));
    told("BackendNotFound");
    says(route, parents("True", "ResolvedRefs"));
    let _ = started.end().succeeds();
    assert_eq!(
        workspace.attributes(READY)["summary"],
        "1/1 GatewayClasses Accepted, 1/1 Gateways Programmed, 1/1 HTTPRoutes Accepted"
    );
    workspace.plan().succeeds().changes_nothing();
    // Another parent of which nobody says anything.
    let both = json!({"parentRefs": [{"name": "web"}, {"name": "other"}], "rules": [{}]});
    kubectl::apply_as("tazlab-test", &of("HTTPRoute", "two", both));
    workspace.hcl(&super::status(&format!(
        "  objects = [{{ kind = \"HTTPRoute.gateway.networking.k8s.io\", names = [\"{name}/*\"] }}]\n"
    )));
    workspace.apply().succeeds();
    let problem = output(&workspace, "status")["problems"][0].as_str().unwrap().to_owned();
    assert!(
        problem.contains(&format!("HTTPRoute {name}/two")) && problem.contains("no controller has accepted it"),
        "{problem}"
    );
}
