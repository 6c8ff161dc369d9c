//! Objects that others have: Talos', another block's, a cluster's that is gone.

use acceptance_tests::dns::ClusterDns;
use serde_json::json;

use super::*;

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
    let _cluster = ClusterDns::alone();
    let _roles = Roles(&namespace);
    let _inventory = Inventory;
    let name = namespace.name();
    let metadata = json!({"namespace": name, "name": "coredns", "labels": {"k8s-app": "kube-dns"},
        "annotations": {"config.k8s.io/owning-inventory": INVENTORY[1]}});
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"Corefile": ".:53 {\n}\n"}});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata});
    kubectl::apply_as("talos", &map);
    kubectl::apply_as("talos", &account);

    workspace.hcl(&apart(&namespace, "  upstreams = [\"192.0.2.53\"]"));
    let error = workspace.plan().fails().error(&[DNS, "ConfigMap", "ServiceAccount", "cluster.coreDNS.disabled: true"]);
    assert!(error.contains("take_over_from_talos = true"), "{error}");

    // Without an inventory the plan warns; with one, exactly these objects leave it.
    let taking = "  upstreams = [\"192.0.2.53\"]\n  take_over_from_talos = true";
    workspace.hcl(&apart(&namespace, taking));
    workspace.plan().succeeds().warning(&["--manifests-no-prune"]);
    let ours = [format!("{name}_coredns__ConfigMap"), format!("{name}_coredns__ServiceAccount")];
    let theirs = "kube-system_kube-proxy_apps_DaemonSet";
    let entry = r#"{"strategy":"Apply","actuation":"Succeeded","reconcile":"Succeeded"}"#;
    let inventory = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": INVENTORY[1], "labels": {"cli-utils.sigs.k8s.io/inventory-id": INVENTORY[1]}},
        "data": {&ours[0]: entry, &ours[1]: entry, theirs: entry}});
    kubectl::apply_as("talos", &inventory);
    workspace.apply().succeeds();
    let left = kubectl::object(&INVENTORY).unwrap()["data"].clone();
    assert_eq!(left, json!({theirs: entry}));
    for kind in ["configmap", "serviceaccount"] {
        let object: Value = serde_json::from_str(&kubectl::succeeds(&[
            "get",
            kind,
            "coredns",
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
    workspace.plan().succeeds().changes_nothing();

    // A block that is renamed without `moved`, and one that is replaced before it is destroyed, take nothing away.
    let renamed = apart(&namespace, taking).replace("\"this\"", "\"renamed\"");
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
        .warning(&["objects stay"]);
    assert!(deployment(name).is_some());
    workspace.plan().succeeds().changes_nothing();

    // A cluster that does not answer is an error soon, and with forget a warning.
    let nowhere = "kubernetes = {\n  host = \"https://127.0.0.1:9\"\n}";
    workspace.provider(nowhere);
    workspace.plan().fails().error(&["is unreachable"]);
    workspace.provider(&format!("{nowhere}\non_unreachable = \"forget\""));
    workspace.destroy().succeeds().warning(&["dropped from the state"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    // A create does not need the cluster to be planned.
    workspace.plan().succeeds().warning(&["cannot be seen while planning"]);
}

#[test]
fn a_controllers_field_is_a_conflict_that_names_it() {
    let (namespace, workspace) = (Namespace::made("conflict"), Workspace::new());
    let _cluster = ClusterDns::alone();
    let _roles = Roles(&namespace);
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"Corefile": "theirs"},
        "metadata": {"namespace": namespace.name(), "name": "coredns", "labels": {"k8s-app": "theirs"}}});
    kubectl::apply_as("somebody", &map);
    workspace.hcl(&apart(&namespace, "  upstreams = [\"192.0.2.53\"]"));
    workspace.apply().fails().error(&[DNS, "\"somebody\"", "force_conflicts = true"]);
    assert_eq!(workspace.addresses(), [""; 0], "a create that failed on an adopted object leaves no tainted one");
    workspace.hcl(&apart(&namespace, "  upstreams = [\"192.0.2.53\"]\n  force_conflicts = true"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert_eq!(deployment(namespace.name()), None);
}
