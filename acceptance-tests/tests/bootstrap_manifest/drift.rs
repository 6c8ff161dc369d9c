//! What others do to the object, and what a plan makes of it.

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

#[test]
fn changes_of_our_fields_are_reverted_whoever_made_them_and_others_are_no_difference() {
    let (namespace, workspace) = (Namespace::made("drift"), Workspace::new());
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\", b = \"2\" }"), "  force_conflicts = true"));
    workspace.apply().succeeds();
    // Fields of others.
    kubectl::succeeds(&["label", "configmap", "one", "-n", namespace.name(), "theirs=x"]);
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"data":{"c":"3"}}"#]);
    workspace.plan().succeeds().changes_nothing();
    // By hand, and by another manager.
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"data":{"a":"by hand"}}"#]);
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace.name()},
        "data": {"b": "by a controller"}});
    kubectl::apply_as("some-controller", &theirs);
    workspace.plan().succeeds().only("update", ONE);
    workspace.apply().succeeds();
    let live = live_map(&namespace).unwrap();
    assert_eq!(live["data"], json!({"a": "1", "b": "2", "c": "3"}));
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "data.a, data.b");
    workspace.plan().succeeds().changes_nothing();
    // A field that goes is put back, and one that leaves the manifest goes.
    kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", r#"{"data":{"a":null}}"#]);
    workspace.plan().succeeds().only("update", ONE);
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), ""));
    workspace.apply().succeeds();
    assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": "1", "c": "3"}), "what leaves the manifest goes");
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn what_is_added_to_a_value_that_is_ours_as_a_whole_is_a_difference() {
    let (namespace, workspace) = (Namespace::made("whole"), Workspace::new());
    let policy = format!(
        "{{\n    apiVersion = \"networking.k8s.io/v1\"\n    kind = \"NetworkPolicy\"\n    metadata = {{ name = \"one\", namespace = \"{}\" }}\n    spec = {{ podSelector = {{}}, policyTypes = [\"Ingress\"], ingress = [{{ ports = [{{ port = 80 }}] }}] }}\n  }}",
        namespace.name()
    );
    let service = format!(
        "{{\n    apiVersion = \"v1\"\n    kind = \"Service\"\n    metadata = {{ name = \"one\", namespace = \"{}\" }}\n    spec = {{ ports = [{{ port = 80 }}], selector = {{ app = \"a\" }} }}\n  }}",
        namespace.name()
    );
    let (two, text) = ("tazlab_bootstrap_manifest.two", "tazlab_bootstrap_manifest.text");
    let yaml = format!(
        "resource \"tazlab_bootstrap_manifest\" \"text\" {{\n  yaml = <<-Y\n    apiVersion: v1\n    kind: Service\n    metadata: {{name: text, namespace: {}}}\n    spec: {{ports: [{{port: 80}}], selector: {{app: a}}}}\n  Y\n}}\n",
        namespace.name()
    );
    workspace.hcl(&(block("one", &service, "") + &block("two", &policy, "") + &yaml));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    let patch = |kind: &str, name: &str, patch: &str| {
        kubectl::succeeds(&["patch", kind, name, "-n", namespace.name(), "--type", "merge", "-p", patch]);
    };
    // A field of a map, one of a list's item, one of an empty map: each as a whole has one owner.
    patch("service", "one", r#"{"spec":{"selector":{"added":"x"}}}"#);
    workspace.plan().succeeds().only("update", ONE);
    patch("service", "text", r#"{"spec":{"selector":{"added":"x"}}}"#);
    patch("networkpolicy", "one", r#"{"spec":{"ingress":[{"ports":[{"port":80,"protocol":"TCP","endPort":90}]}]}}"#);
    let planned = workspace.plan().succeeds();
    assert_eq!(planned.changes().len(), 3, "{planned}");
    planned.warning(&["The object will be repaired", "spec.selector.added"]);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "spec.selector.added");
    assert_eq!(workspace.attributes(two)["changed_fields"], "spec.ingress[0].ports[0].endPort");
    assert_eq!(workspace.attributes(text)["changed_fields"], "spec.selector.added");
    let live = kubectl::object(&["service", "one", "-n", namespace.name()]).unwrap();
    assert_eq!(live["spec"]["selector"], json!({"app": "a"}));
    workspace.plan().succeeds().changes_nothing();
    patch("networkpolicy", "one", r#"{"spec":{"podSelector":{"matchLabels":{"added":"x"}}}}"#);
    workspace.plan().succeeds().only("update", two);
    workspace.apply().succeeds();
    let live = kubectl::object(&["networkpolicy", "one", "-n", namespace.name()]).unwrap();
    assert_eq!(live["spec"]["podSelector"], json!({}));
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_role_whose_rules_a_controller_writes_has_none_of_ours() {
    let (namespace, workspace) = (Namespace::made("roles"), Workspace::new());
    let name = namespace.name();
    let role = |name: &str, more: &str| {
        format!(
            "{{\n    apiVersion = \"rbac.authorization.k8s.io/v1\"\n    kind = \"ClusterRole\"\n    metadata = {{ name = \"{name}\", {more}\n  }}"
        )
    };
    let selected = format!(
        "labels = {{ \"{name}\" = \"true\" }} }}\n    rules = [{{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }}]"
    );
    let aggregated = |rules: &str| {
        let rule =
            format!("aggregationRule = {{ clusterRoleSelectors = [{{ matchLabels = {{ \"{name}\" = \"true\" }} }}] }}");
        role(name, &format!("}}\n    {rule}\n    rules = {rules}"))
    };
    let part = role(&format!("{name}-part"), &selected);
    workspace.hcl(&(block("one", &aggregated("[]"), "") + &block("part", &part, "")));
    workspace.apply().succeeds();
    let rules = || kubectl::object(&["clusterrole", name]).unwrap()["rules"].clone();
    acceptance_tests::poll::until(std::time::Duration::from_secs(30), "aggregated rules", || {
        rules().as_array().filter(|rules| !rules.is_empty()).map(drop)
    });
    workspace.plan().succeeds().changes_nothing();
    workspace.apply().succeeds();
    assert_eq!(rules()[0]["resources"], json!(["pods"]), "nobody has taken them away");
    workspace.hcl(&block(
        "one",
        &aggregated("[{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"list\"] }]"),
        "",
    ));
    workspace.plan().fails().error(&["written by a controller of the control plane"]);
    workspace.hcl("");
    workspace.apply().succeeds();
    assert!(kubectl::object(&["clusterrole", name]).is_none());
}

#[test]
fn another_managers_field_is_a_conflict_with_its_name() {
    let (namespace, workspace) = (Namespace::made("conflict"), Workspace::new());
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace.name()},
        "data": {"a": "theirs"}});
    kubectl::apply_as("some-controller", &theirs);
    workspace.hcl(&block("one", &config_map(&namespace, "{ a = \"1\" }"), ""));
    workspace.apply().fails().error(&["some-controller", ".data.a", "force_conflicts = true"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn a_state_that_shows_drift_forgets_it_when_it_is_gone() {
    let (namespace, workspace) = (Namespace::made("back"), Workspace::new());
    let hcl = block("one", &config_map(&namespace, "{ a = \"1\" }"), "");
    workspace.hcl(&hcl);
    workspace.apply().succeeds();
    let patch = |value: &str| {
        let patch = json!({"data": {"a": value}}).to_string();
        kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", &patch]);
    };
    patch("2");
    workspace.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert_eq!(workspace.attributes(ONE)["manifest"]["data"]["a"], "2");
    patch("1");
    workspace.plan().succeeds().changes_nothing();
    workspace.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    assert_eq!(workspace.attributes(ONE)["manifest"]["data"]["a"], "1");
}

#[test]
fn what_the_server_makes_of_it_is_no_difference_and_a_texts_drift_is_a_warning() {
    let (namespace, workspace) = (Namespace::made("text"), Workspace::new());
    let hcl = |cpu: &str| {
        format!(
            "resource \"tazlab_bootstrap_manifest\" \"one\" {{\n  yaml = <<-Y\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: one, namespace: {}}}\n    spec:\n      replicas: 0\n      selector: {{matchLabels: {{app: one}}}}\n      template:\n        metadata: {{labels: {{app: one}}}}\n        spec:\n          containers:\n          - name: one\n            image: registry.example/none\n            ports: [{{containerPort: 80}}]\n            resources: {{requests: {{cpu: {cpu}}}}}\n  Y\n}}\n",
            namespace.name()
        )
    };
    workspace.hcl(&hcl("1000m"));
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    // Another spelling of what is live: nothing to do.
    workspace.hcl(&hcl("\"1\""));
    workspace.plan().succeeds().changes_nothing();
    // A sidecar of somebody else's is not ours.
    let sidecar = r#"[{"op":"add","path":"/spec/template/spec/containers/0","value":{"name":"sidecar","image":"x"}}]"#;
    kubectl::succeeds(&["patch", "deploy", "one", "-n", namespace.name(), "--type", "json", "-p", sidecar]);
    workspace.plan().succeeds().changes_nothing();
    kubectl::succeeds(&["scale", "deploy", "one", "-n", namespace.name(), "--replicas", "1"]);
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&["The object will be repaired", "spec.replicas"]);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(ONE)["changed_fields"], "spec.replicas");
    let live = kubectl::object(&["deploy", "one", "-n", namespace.name()]).unwrap();
    assert_eq!(live["spec"]["replicas"], 0);
    assert_eq!(live["spec"]["template"]["spec"]["containers"].as_array().unwrap().len(), 2);
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn a_saved_plan_survives_whatever_happens_to_the_object_before_its_apply() {
    let (namespace, workspace) = (Namespace::made("saved"), Workspace::new());
    let hcl = |value: &str| block("one", &config_map(&namespace, &format!("{{ a = \"{value}\", b = \"2\" }}")), "");
    let change = |patch: &str| {
        kubectl::succeeds(&["patch", "configmap", "one", "-n", namespace.name(), "-p", patch]);
    };
    workspace.hcl(&hcl("1"));
    workspace.apply().succeeds();
    let after: [(&str, &dyn Fn()); 4] = [
        ("nothing", &|| {}),
        ("the change itself", &|| change(r#"{"data":{"a":"2"}}"#)),
        ("another change", &|| change(r#"{"data":{"a":"9","b":"8"}}"#)),
        ("a deletion", &|| {
            kubectl::succeeds(&["delete", "configmap", "one", "-n", namespace.name()]);
        }),
    ];
    for (index, (what, happens)) in after.into_iter().enumerate() {
        let value = (index + 2).to_string();
        workspace.hcl(&hcl(&value));
        workspace.terraform(&["plan", "-out", "saved"]).succeeds();
        happens();
        let applied = workspace.terraform(&["apply", "-json", "saved"]);
        assert!(applied.errors().is_empty(), "{what}: {applied}");
        assert_eq!(live_map(&namespace).unwrap()["data"], json!({"a": value, "b": "2"}), "{what}");
        workspace.plan().succeeds().changes_nothing();
    }
    // A plan of drift, which is gone before its apply.
    change(r#"{"data":{"b":"drifted"}}"#);
    workspace.terraform(&["plan", "-out", "saved"]).succeeds();
    change(r#"{"data":{"b":"2"}}"#);
    let applied = workspace.terraform(&["apply", "-json", "saved"]);
    assert!(applied.errors().is_empty(), "{applied}");
    workspace.plan().succeeds().changes_nothing();
}
