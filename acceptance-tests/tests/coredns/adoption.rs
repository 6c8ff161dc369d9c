//! Objects that others have: Talos', another block's, a cluster's that is gone.

use acceptance_tests::Proxy;
use acceptance_tests::kubeconfig;
use serde_json::json;

use super::*;

/// The address of the Service that Talos has.
const TALOS_IP: &str = "10.96.0.79";
const IP: &str = "10.96.0.80";

const INVENTORY: [&str; 4] = ["configmap", "talos-bootstrap-manifests-inventory", "-n", "kube-system"];

/// The inventory of a Talos; it goes at the end.
struct Inventory;

impl Drop for Inventory {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&[&["delete", "--ignore-not-found"], &INVENTORY[..]].concat()));
    }
}

#[test]
fn what_talos_has_is_taken_over_when_the_user_says_so() {
    let (namespace, workspace) = (Namespace::made("talos"), Workspace::new());
    let _address = Address::of(&namespace, TALOS_IP);
    let _inventory = Inventory;
    let name = namespace.name();
    let metadata = json!({"namespace": name, "name": "coredns", "labels": {"k8s-app": "kube-dns"},
        "annotations": {"config.k8s.io/owning-inventory": INVENTORY[1]}});
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"Corefile": ".:53 {\n}\n"}});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata});
    let mut service = json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {"clusterIP": TALOS_IP, "selector": {"k8s-app": "kube-dns"}, "ports": [
            {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
            {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53}]}});
    service["metadata"]["name"] = "kube-dns".into();
    // Talos' image is another one; none of its pods needs to run here.
    let deployment_of_talos = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {
        "replicas": 0, "selector": {"matchLabels": {"k8s-app": "kube-dns"}},
        "template": {"metadata": {"labels": {"k8s-app": "kube-dns"}}, "spec": {
            "serviceAccountName": "coredns",
            "tolerations": [{"key": "node.cloudprovider.kubernetes.io/uninitialized", "operator": "Exists", "effect": "NoSchedule"}],
            "containers": [{"name": "coredns", "image": "registry.k8s.io/coredns/coredns:v1.13.1",
                "args": ["-conf", "/etc/coredns/Corefile"], "env": [{"name": "GOMEMLIMIT", "value": "161MiB"}]}]}}}});
    for object in [&map, &account, &service, &deployment_of_talos] {
        kubectl::apply_as("talos", object);
    }
    let uid =
        |kind: &str, object: &str| kubectl::object(&[kind, object, "-n", name]).unwrap()["metadata"]["uid"].clone();
    let before = (uid("service", "kube-dns"), uid("deployment", "coredns"));

    workspace.hcl(&apart(&namespace, TALOS_IP, "  upstreams = [\"192.0.2.53\"]"));
    Quote::of("Error: Talos manages this CoreDNS")
        .with("kube-system/", &format!("{name}/"))
        .is_told_by(&workspace.plan().fails());

    // Without an inventory the plan warns; with one, exactly these objects leave it.
    let taking = "  upstreams = [\"192.0.2.53\"]\n  take_over_from_talos = true";
    workspace.hcl(&apart(&namespace, TALOS_IP, taking));
    workspace.plan().succeeds().warning(&["--manifests-no-prune"]);
    let ours = [
        format!("{name}_coredns__ConfigMap"),
        format!("{name}_coredns__ServiceAccount"),
        format!("{name}_kube-dns__Service"),
        format!("{name}_coredns_apps_Deployment"),
    ];
    let theirs = "kube-system_kube-proxy_apps_DaemonSet";
    let entry = r#"{"strategy":"Apply","actuation":"Succeeded","reconcile":"Succeeded"}"#;
    let inventory = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": INVENTORY[1], "labels": {"cli-utils.sigs.k8s.io/inventory-id": INVENTORY[1]}},
        "data": {&ours[0]: entry, &ours[1]: entry, &ours[2]: entry, &ours[3]: entry, theirs: entry}});
    kubectl::apply_as("talos", &inventory);
    workspace.apply().succeeds();
    let left = kubectl::object(&INVENTORY).unwrap()["data"].clone();
    assert_eq!(left, json!({theirs: entry}));
    assert_eq!((uid("service", "kube-dns"), uid("deployment", "coredns")), before, "taken over, not made anew");
    let ours =
        [("configmap", "coredns"), ("serviceaccount", "coredns"), ("service", "kube-dns"), ("deployment", "coredns")];
    for (kind, object) in ours {
        let object: Value = serde_json::from_str(&kubectl::succeeds(&[
            "get",
            kind,
            object,
            "-n",
            name,
            "-o",
            "json",
            "--show-managed-fields",
        ]))
        .unwrap();
        let managers = object["metadata"]["managedFields"].as_array().unwrap();
        assert!(managers.iter().all(|one| one["manager"] != "talos"), "{object}");
        let owner = &object["metadata"]["annotations"]["config.k8s.io/owning-inventory"];
        assert_eq!(owner, "terraform-provider-tazlab", "{object}");
    }
    let container = &deployment(name).unwrap()["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["env"], Value::Null, "what Talos set and nobody wants goes with it: {container}");
    workspace.plan().succeeds().changes_nothing();

    // A block that is renamed without `moved`, and one that is replaced before it is destroyed, take nothing away.
    let renamed = apart(&namespace, TALOS_IP, taking).replace("\"this\"", "\"renamed\"");
    workspace.hcl(&renamed);
    // The two have no edge between them: whichever comes first, the objects are there or made again.
    workspace.apply().succeeds();
    workspace.apply().succeeds();
    assert!(deployment(name).is_some());
    let before = format!(
        "{}  lifecycle {{\n    create_before_destroy = true\n  }}\n}}\n",
        renamed.trim_end().trim_end_matches('}')
    );
    workspace.hcl(&before);
    workspace
        .terraform(&["apply", "-json", "-auto-approve", "-replace", "tazlab_coredns.renamed"])
        .succeeds()
        .warning(&["Some objects were not deleted"]);
    assert!(deployment(name).is_some());
    workspace.plan().succeeds().changes_nothing();

    forgotten_in_the_middle(&workspace, &namespace);
}

/// A cluster that does not answer is an error soon; with forget it is a warning, at whichever step it goes away.
fn forgotten_in_the_middle(workspace: &Workspace, namespace: &Namespace) {
    let nowhere = "kubernetes = {\n  host = \"https://127.0.0.1:9\"\n}";
    workspace.provider(nowhere);
    workspace.plan().fails().error(&["is unreachable"]);

    let proxy = Proxy::start();
    let way = kubeconfig::through(workspace, &proxy.url());
    workspace.provider(&format!("kubernetes = {{\n  config_path = \"{way}\"\n}}\non_unreachable = \"forget\""));
    let text = apart(namespace, TALOS_IP, "  upstreams = [\"192.0.2.53\"]\n  timeouts = { delete = \"10s\" }");
    workspace.hcl(&text.replace("\"this\"", "\"renamed\""));
    workspace.apply().succeeds();
    let started = workspace.start(&["destroy", "-json", "-auto-approve"]);
    poll::until(Duration::from_mins(1), "end of the Deployment", || {
        deployment(namespace.name()).is_none().then_some(())
    });
    proxy.fall_silent();
    started.end().succeeds().warning(&["dropped from the state"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    assert!(kubectl::object(&["serviceaccount", "coredns", "-n", namespace.name()]).is_some(), "it went in the middle");

    // A create does not need the cluster to be planned.
    workspace.provider(&format!("{nowhere}\non_unreachable = \"forget\""));
    workspace.plan().succeeds().warning(&["Cannot read the cluster during plan"]);
}

#[test]
fn a_controllers_field_is_a_conflict_that_names_it() {
    let (namespace, workspace) = (Namespace::made("conflict"), Workspace::new());
    let _address = Address::of(&namespace, IP);
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"Corefile": "theirs"},
        "metadata": {"namespace": namespace.name(), "name": "coredns", "labels": {"k8s-app": "theirs"}}});
    kubectl::apply_as("somebody", &map);
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]"));
    workspace.apply().fails().error(&[DNS, "\"somebody\"", "force_conflicts = true"]);
    for kind in ["serviceaccount", "deployment"] {
        let made = kubectl::object(&[kind, "coredns", "-n", namespace.name()]);
        assert_eq!(made, None, "the conflict shows before anything is written");
    }
    assert_eq!(workspace.addresses(), [""; 0], "a create that failed on an adopted object leaves no tainted one");
    workspace.hcl(&apart(&namespace, IP, "  upstreams = [\"192.0.2.53\"]\n  force_conflicts = true"));
    workspace.apply().succeeds().warning(&["is adopted", "ConfigMap"]);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds().warning(&["Some objects were not deleted", "ConfigMap"]);
    assert_eq!(deployment(namespace.name()), None);
    let left = kubectl::object(&["configmap", "coredns", "-n", namespace.name()]).unwrap();
    assert_eq!(left["metadata"]["annotations"]["tazlab.io/instance"], Value::Null, "it was there before: {left}");
}
