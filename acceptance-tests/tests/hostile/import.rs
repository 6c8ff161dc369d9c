//! Labels and annotations of a live Secret that repeat what it contains: none of them reaches a state, a plan or a log.

use acceptance_tests::Workspace;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::adoption::{ONE, manifest, one_file, scene};

/// A Secret with annotations and labels as tools write them, each with the content in another encoding.
fn told_everywhere(secret: &str) -> Value {
    let mut object = manifest(&[("key", secret)]);
    let whole = object.to_string();
    let encoded = BASE64_STANDARD.encode(secret);
    object["metadata"]["annotations"] = json!({
        "kapp.k14s.io/original": whole,
        "kubectl.kubernetes.io/last-applied-configuration": whole,
        "objectset.rio.cattle.io/applied": BASE64_STANDARD.encode(&whole),
        "twice.example/nested": json!({"manifest": whole}).to_string(),
        "plain.example/raw": format!("token={secret}"),
        "plain.example/base64": encoded,
        "meta.helm.sh/release-name": "theirs",
    });
    object["metadata"]["labels"] = json!({"app": "x", "raw": secret, "encoded": encoded.trim_end_matches('=')});
    object
}

fn nothing_is_told(workspace: &Workspace) {
    assert_eq!(workspace.leaks(), [""; 0]);
}

#[test]
fn an_import_takes_labels_that_tell_nothing_and_no_annotation() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    server.update_as("kubectl-create", &told_everywhere(&secret));
    workspace.hcl(&one_file(&file, "  labels = { app = \"x\" }\n  annotations = { ours = \"y\" }"));
    let id = workspace.terraform(&["import", "-no-color", ONE, "a/one"]).succeeds();
    assert!(format!("{}{}", id.stdout, id.stderr).contains("not imported"), "{id}");
    let attributes = workspace.attributes(ONE);
    assert_eq!((&attributes["labels"], &attributes["annotations"]), (&json!({"app": "x"}), &Value::Null));
    nothing_is_told(&workspace);
    workspace.plan().succeeds().only("update", ONE);
    workspace.terraform(&["plan", "-out=saved", "-input=false"]).succeeds();
    workspace.terraform(&["show", "-json", "saved"]).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    assert_eq!(workspace.attributes(ONE)["annotations"], json!({"ours": "y"}));
    let live = server.secret("a", "one").unwrap();
    assert_eq!(live["metadata"]["annotations"]["meta.helm.sh/release-name"], "theirs", "what others wrote stays");
    nothing_is_told(&workspace);
}

#[test]
fn an_import_block_and_a_refresh_of_it_tell_nothing() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    server.update_as("kubectl-create", &told_everywhere(&secret));
    let import = format!("import {{\n  to = {ONE}\n  id = \"a/one\"\n}}\n");
    workspace.hcl(&(one_file(&file, "  labels = { app = \"x\", raw = \"mine\" }\n  force_conflicts = true") + &import));
    workspace.plan().succeeds();
    nothing_is_told(&workspace);
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    nothing_is_told(&workspace);
}

#[test]
fn an_annotation_of_ours_that_somebody_fills_with_the_content_is_put_back_untold() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    let arguments =
        "  annotations = { ours = \"y\", other = \"z\" }\n  labels = { ours = \"y\" }\n  force_conflicts = true";
    workspace.hcl(&one_file(&file, arguments));
    workspace.apply().succeeds();
    let mut object = manifest(&[]);
    let encoded = BASE64_STANDARD.encode(json!({"copy": secret}).to_string());
    object["metadata"]["annotations"] = json!({"ours": encoded, "other": "harmless drift"});
    object["metadata"]["labels"] = json!({"ours": secret});
    server.apply_as("somebody", &object);
    workspace.plan().succeeds().only("update", ONE);
    let shown = workspace.terraform(&["plan", "-no-color", "-input=false"]).succeeds();
    assert!(shown.stdout.contains("harmless drift"), "the control: drift that tells nothing is shown: {shown}");
    nothing_is_told(&workspace);
    workspace.apply().succeeds();
    assert_eq!(server.secret("a", "one").unwrap()["metadata"]["annotations"]["ours"], "y");
    nothing_is_told(&workspace);
}

#[test]
fn an_annotation_of_ours_that_holds_the_content_in_a_style_of_yaml_is_not_told() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    let names = ["folded", "quoted", "escaped", "literal"];
    let ours: String = names.iter().flat_map(|name| [name, " = \"y\", "]).collect();
    let arguments = format!("  annotations = {{ {ours} other = \"z\" }}\n  force_conflicts = true");
    workspace.hcl(&one_file(&file, &arguments));
    workspace.apply().succeeds();
    let (front, back) = secret.split_at(10);
    let escaped = |text: &str| text.bytes().fold(String::new(), |all, byte| all + &format!("\\x{byte:02x}"));
    let mut object = manifest(&[]);
    object["metadata"]["annotations"] = json!({
        "folded": format!("data:\n  key: \"{front}\\\n    {back}\"\n"),
        "quoted": format!("data:\n  key: \"{}\\\n\n    {back}\"\n", escaped(front)),
        "escaped": format!("data: {{key: \"{}{back}\"}}", escaped(front)),
        "literal": format!("data:\n  key: !!binary |\n    {}\n", BASE64_STANDARD.encode(&secret).replace('=', "\n    =")),
        "other": "harmless: 'drift'",
    });
    server.apply_as("somebody", &object);
    let shown = workspace.terraform(&["plan", "-no-color", "-input=false"]).succeeds();
    assert!(shown.stdout.contains("harmless"), "the control: {shown}");
    workspace.terraform(&["apply", "-refresh-only", "-auto-approve"]).succeeds();
    let state = std::fs::read_to_string(workspace.state_file()).unwrap();
    for part in [front, back, &escaped(front)[..20], &BASE64_STANDARD.encode(&secret)[..12]] {
        let part = part.replace('\\', "\\\\");
        assert!(!state.contains(&part) && !shown.stdout.contains(&part), "{part} is told: {shown}");
    }
    nothing_is_told(&workspace);
}

#[test]
fn what_stands_where_our_mark_stands_is_not_kept() {
    let (server, workspace) = scene();
    let (file, secret) = workspace.secret_file("key");
    let mut object = manifest(&[("key", &secret)]);
    object["metadata"]["annotations"] = json!({"tazlab.io/instance": secret});
    server.update_as("kubectl-create", &object);
    workspace.hcl(&one_file(&file, "  force_conflicts = true"));
    workspace.terraform(&["import", ONE, "a/one"]).succeeds();
    let state = std::fs::read_to_string(workspace.state_file()).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    let private = state["resources"][0]["instances"][0]["private"].as_str().unwrap_or_default();
    let private = String::from_utf8(BASE64_STANDARD.decode(private).unwrap()).unwrap();
    assert!(!private.contains(&secret), "{private}");
    nothing_is_told(&workspace);
    workspace.destroy().succeeds().warning(&["The object was not deleted", "Secret "]);
    assert!(server.secret("a", "one").is_some());
}
