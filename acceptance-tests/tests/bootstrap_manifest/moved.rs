//! Objects of other providers come over by `moved` blocks. The state files are written by hand, attribute by attribute as the
//! documentation of their schemas lists them (hashicorp/kubernetes 2.38, gavinbunney/kubectl 1.19), and a small provider stands in
//! for each, since the client starts one for every provider that a state names.

use std::fs;

use acceptance_tests::{Namespace, Workspace};
use serde_json::json;

use super::*;

const STAND_IN: &str = env!("CARGO_BIN_EXE_notebook");

fn instance(kind: &str, name: &str, provider: &str, version: i64, attributes: &Value) -> Value {
    let provider = format!("provider[\"registry.terraform.io/{provider}\"]");
    json!({"mode": "managed", "type": kind, "name": name, "provider": provider, "instances": [
        {"schema_version": version, "attributes": attributes, "sensitive_attributes": [], "private": "bnVsbA=="}]})
}

#[test]
fn nothing_is_destroyed_and_the_former_managers_are_taken_over() {
    let (namespace, workspace) = (Namespace::made("moved"), Workspace::new());
    let (of, secret) = (namespace.name(), workspace.secret());
    let map = |name: &str, data: &Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": of}, "data": data});
    // As each of them writes: by server-side apply under its own name.
    kubectl::apply_as("Terraform", &map("first", &json!({"a": "1", "old": secret})));
    kubectl::apply_as("kubectl", &map("second", &json!({"a": "1"})));
    kubectl::apply_as("HashiCorp", &map("third", &json!({"a": "1"})));
    let uid = |name: &str| kubectl::object(&["configmap", name, "-n", of]).unwrap()["metadata"]["uid"].clone();
    let before = ["first", "second", "third"].map(uid);
    let kind = json!(["object", {"apiVersion": "string", "kind": "string", "data": ["object", {"a": "string", "old": "string"}],
        "metadata": ["object", {"name": "string", "namespace": "string"}]}]);
    let manifest = json!({"value": map("first", &json!({"a": "1", "old": secret})), "type": kind});
    let first = json!({"computed_fields": null, "field_manager": [], "manifest": manifest, "object": manifest, "timeouts": [],
        "wait": [], "wait_for": null});
    let second = json!({"api_version": "v1", "apply_only": false, "delete_cascade": null, "field_manager": "kubectl",
        "force_conflicts": false, "force_new": false, "id": format!("/api/v1/namespaces/{of}/configmaps/second"),
        "ignore_fields": null, "kind": "ConfigMap", "live_manifest_incluster": "", "live_uid": before[1], "name": "second",
        "namespace": of, "override_namespace": null, "sensitive_fields": null, "server_side_apply": true, "timeouts": null,
        "uid": before[1], "validate_schema": true, "wait": null, "wait_for": [], "wait_for_rollout": true,
        "yaml_body": format!("token: {secret}"), "yaml_body_parsed": "", "yaml_incluster": ""});
    let metadata = json!({"annotations": {}, "generate_name": "", "generation": 0, "labels": {}, "name": "third",
        "namespace": of, "resource_version": "1", "uid": before[2]});
    let third = json!({"binary_data": {}, "data": {"a": "1"}, "id": format!("{of}/third"), "immutable": false, "metadata": [metadata]});
    let resources = [
        instance("kubernetes_manifest", "first", "hashicorp/kubernetes", 1, &first),
        instance("kubectl_manifest", "second", "gavinbunney/kubectl", 1, &second),
        instance("kubernetes_config_map_v1", "third", "hashicorp/kubernetes", 0, &third),
    ];
    let state = json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "1b9d4a1c-0000-4000-8000-000000000000",
        "outputs": {}, "resources": resources});
    fs::write(workspace.state_file(), state.to_string()).unwrap();
    workspace.stand_ins(&[("hashicorp/kubernetes", STAND_IN), ("gavinbunney/kubectl", STAND_IN)]);
    let names =
        [("first", "kubernetes_manifest"), ("second", "kubectl_manifest"), ("third", "kubernetes_config_map_v1")];
    let blocks = names.map(|(name, kind)| {
        block(name, &config_map(&namespace, "{ a = \"1\" }").replace("\"one\"", &format!("\"{name}\"")), "")
            + &format!("moved {{\n  from = {kind}.{name}\n  to = tazlab_bootstrap_manifest.{name}\n}}\n")
    });
    workspace.hcl(&blocks.concat());
    let planned = workspace.plan().succeeds();
    assert!(
        planned.changes().iter().all(|(action, _)| action != "create" && action != "delete" && action != "replace"),
        "{planned}"
    );
    workspace.apply().succeeds();
    assert_eq!(["first", "second", "third"].map(uid), before);
    for (name, _) in names {
        let live = kubectl::object(&["configmap", name, "-n", of, "--show-managed-fields"]).unwrap();
        assert_eq!(live["data"], json!({"a": "1"}), "{name}: what is not in the manifest goes");
        let managers = live["metadata"]["managedFields"].as_array().unwrap();
        let managers: Vec<&Value> = managers.iter().map(|entry| &entry["manager"]).collect();
        assert_eq!(managers, ["terraform-provider-tazlab"], "{name}");
    }
    workspace.plan().succeeds().changes_nothing();
    // The old state's text was in the file that Terraform replaces, and in its backup.
    let _ = fs::remove_file(workspace.path().join("terraform.tfstate.backup"));
    workspace.destroy().succeeds();
    assert!(kubectl::object(&["configmap", "first", "-n", of]).is_none());
    let _ = fs::remove_file(workspace.path().join("terraform.tfstate.backup"));
}
