//! A Deployment that others scale, and a rollout that nobody waits for.

use super::*;

const SCALED_IP: &str = "10.96.0.91";
const UNPROVEN_IP: &str = "10.96.0.92";
const NOTHING_IP: &str = "10.96.0.93";

fn without_replicas(namespace: &Namespace, address: &str, arguments: &str) -> String {
    apart(namespace, address, arguments).replace("  replicas = 1\n", "")
}

/// The number of replicas that are asked for, and the field managers that own it.
fn replicas(namespace: &Namespace) -> (i64, Vec<String>) {
    let arguments = ["deployment", "coredns", "-n", namespace.name(), "--show-managed-fields"];
    let deployment = kubectl::object(&arguments).unwrap();
    let entries = deployment["metadata"]["managedFields"].as_array().unwrap().iter();
    let owners = entries.filter(|entry| !entry["fieldsV1"]["f:spec"]["f:replicas"].is_null());
    let owners = owners.map(|entry| entry["manager"].as_str().unwrap().to_owned()).collect();
    (deployment["spec"]["replicas"].as_i64().unwrap(), owners)
}

#[test]
fn without_replicas_whoever_scales_keeps_the_number() {
    let (namespace, workspace) = (Namespace::made("scaled"), Workspace::new());
    let _address = Address::of(&namespace, SCALED_IP);
    workspace.hcl(&without_replicas(&namespace, SCALED_IP, ""));
    workspace.apply().succeeds();
    assert_eq!(replicas(&namespace).0, 2);
    assert_eq!(workspace.attributes(DNS)["replicas"], 2);

    // As an autoscaler does it: through the subresource.
    kubectl::succeeds(&["scale", "deployment/coredns", "-n", namespace.name(), "--replicas=3"]);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&without_replicas(&namespace, SCALED_IP, "  cache_seconds = 10"));
    workspace.apply().succeeds();
    assert_eq!(replicas(&namespace).0, 3, "an update leaves the number");
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 3);

    // A number that is set holds, and one that is not set any more stays as it is, though nobody else owns it.
    workspace.hcl(&apart(&namespace, SCALED_IP, "  force_conflicts = true"));
    workspace.apply().succeeds();
    assert_eq!(replicas(&namespace).0, 1);
    workspace.hcl(&without_replicas(&namespace, SCALED_IP, ""));
    workspace.apply().succeeds();
    workspace.hcl(&without_replicas(&namespace, SCALED_IP, "  cache_seconds = 20"));
    workspace.apply().succeeds();
    let (number, owners) = replicas(&namespace);
    assert_eq!((number, owners.as_slice()), (1, &["terraform-provider-tazlab-scale".to_owned()][..]));
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&apart(&namespace, SCALED_IP, "").replace("replicas = 1", "replicas = 2"));
    workspace.apply().succeeds();
    assert_eq!(replicas(&namespace).0, 2, "our own manager is no conflict");
    workspace.destroy().succeeds();
}

#[test]
fn a_deployment_that_is_scaled_to_nothing_is_said_to_prove_nothing() {
    let (namespace, workspace) = (Namespace::made("nothing"), Workspace::new());
    let _address = Address::of(&namespace, NOTHING_IP);
    workspace.hcl(&without_replicas(&namespace, NOTHING_IP, ""));
    workspace.apply().succeeds();
    let scale = |number: u8| {
        let replicas = format!("--replicas={number}");
        kubectl::succeeds(&["scale", "deployment/coredns", "-n", namespace.name(), &replicas]);
    };
    scale(0);
    let words = ["CoreDNS has no replicas", "no name resolves"];
    workspace.plan().succeeds().changes_nothing().warning(&words);
    workspace.hcl(&without_replicas(&namespace, NOTHING_IP, "  cache_seconds = 10"));
    workspace.apply().succeeds().warning(&words);
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 0);
    workspace.plan().succeeds().changes_nothing().warning(&words);
    workspace.hcl(&without_replicas(&namespace, NOTHING_IP, "  cache_seconds = 20\n  verify = [\"example.com\"]"));
    workspace.apply().fails().error(&["CoreDNS has no replicas", "no replica can be queried"]);
    // Once it runs again, the next apply proves what the last one could not.
    workspace.hcl(&without_replicas(&namespace, NOTHING_IP, "  cache_seconds = 20"));
    scale(1);
    workspace.plan().succeeds().only("update", DNS);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 1);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn a_rollout_that_nobody_waits_for_is_applied_and_proven_later() {
    let (namespace, workspace) = (Namespace::made("unproven"), Workspace::new());
    let _address = Address::of(&namespace, UNPROVEN_IP);
    // No node has this label: none of the pods ever starts.
    let arguments = "  node_selector = { \"example.com/none\" = \"true\" }\n  wait_for_rollout = false\n  topology_spread = [{ topology_key = \"topology.kubernetes.io/zone\" }]";
    workspace.hcl(&apart(&namespace, UNPROVEN_IP, arguments));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 0);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&apart(&namespace, UNPROVEN_IP, &format!("{arguments}\n  cache_seconds = 10")));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    // Whoever waits finds out.
    workspace.hcl(&apart(&namespace, UNPROVEN_IP, "  cache_seconds = 10"));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(DNS)["ready_replicas"], 1);
    let map = kubectl::object(&["configmap", "coredns", "-n", namespace.name()]).unwrap();
    assert_eq!(map["data"].as_object().unwrap().len(), 2, "what nobody mounts any more is gone");
    workspace.hcl(&apart(&namespace, UNPROVEN_IP, "  wait_for_rollout = false\n  verify = [\"example.com\"]"));
    workspace.plan().fails().error(&["verify needs wait_for_rollout"]);
    workspace.hcl(&apart(&namespace, UNPROVEN_IP, "  cache_seconds = 10"));
    workspace.destroy().succeeds();
}
