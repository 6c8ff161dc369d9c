//! Several Secrets whose names are generated, in one copy.

use super::*;

fn labelled(namespace: &Namespace, name: &str, content: &str) {
    let mut secret = namespace.manifest(name, &[("key", content)]);
    secret["metadata"]["labels"] = json!({"example.com/sealing-key": "active"});
    kubectl::apply_as("somebody", &secret);
}

#[test]
fn all_secrets_with_a_label_are_kept_together() {
    let vault = Vault::shared();
    let (namespace, place, workspace) = (Namespace::made("labels"), Place::free(&vault), workspace(&vault));
    let selected = |arguments: &str| {
        one(&namespace, &place, arguments).replace("name = \"one\"", "label_selector = \"example.com/sealing-key\"")
    };
    workspace.hcl(&selected("  create_namespace = true"));
    let (first, second) = (workspace.secret(), workspace.secret());
    labelled(&namespace, "key-abc", &first);
    make(&namespace, "not kept");
    workspace.apply().succeeds();
    assert_eq!(place.secrets().len(), 1);
    // The next key of a rotation.
    labelled(&namespace, "key-def", &second);
    workspace.plan().succeeds().only("update", ONE).warning(&["A newer copy will be kept", "key-def"]);
    workspace.apply().succeeds();
    let names: Vec<Value> = place.secrets().iter().map(|secret| secret["metadata"]["name"].clone()).collect();
    assert_eq!(names, ["key-abc", "key-def"]);
    workspace.plan().succeeds().changes_nothing();

    // A new cluster, whose controller has made a key of its own already.
    kubectl::succeeds(&["delete", "namespace", namespace.name()]);
    kubectl::succeeds(&["create", "namespace", namespace.name()]);
    let third = workspace.secret();
    labelled(&namespace, "key-xyz", &third);
    workspace.apply().succeeds();
    for (name, content) in [("key-abc", &first), ("key-def", &second), ("key-xyz", &third)] {
        assert_eq!(namespace.contents(name)["key"], content.as_bytes());
    }
    assert_eq!(place.secrets().len(), 3);
    assert!(namespace.secret("one").is_none(), "what has not the label is none of its business");
    workspace.plan().succeeds().changes_nothing();

    // One that has lost its label is left alone, and the others are restored.
    kubectl::succeeds(&["label", "secret", "key-abc", "-n", namespace.name(), "example.com/sealing-key-"]);
    kubectl::succeeds(&["delete", "secret", "key-def", "-n", namespace.name()]);
    workspace.apply().succeeds().warning(&["The live Secret is not copied", "key-abc", "without the labels"]);
    assert_eq!(namespace.contents("key-def")["key"], second.as_bytes());
    assert_eq!(place.secrets().len(), 3);

    let (other, wrong) = (Place::free(&vault), "label_selector = \"a in b\"");
    workspace.hcl(&one(&namespace, &other, "").replace("name = \"one\"", wrong).replace("\"one\" {", "\"two\" {"));
    workspace.apply().fails().error(&["Cannot read Secrets", wrong]);
}
