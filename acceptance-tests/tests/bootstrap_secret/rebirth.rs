//! The same cluster, empty again: one apply makes everything.

use acceptance_tests::kubectl;

use super::*;

#[test]
fn changed_triggers_make_whatever_is_missing_in_one_apply() {
    let (namespace, workspace) = (Namespace::named("rebirth"), Workspace::new());
    let (file, secret) = workspace.secret_file("key");
    let configuration = |generation: &str| {
        format!(
            "resource \"terraform_data\" \"generation\" {{\n  triggers_replace = [\"{generation}\"]\n}}\n{}",
            one_file(
                &namespace,
                &file,
                "  create_namespace = true\n  triggers = { cluster = terraform_data.generation.id }"
            )
        )
    };
    workspace.hcl(&configuration("1"));
    workspace.apply().succeeds();
    let before = workspace.attributes(ONE)["uid"].clone();

    // Planned while the old objects are still there, applied when they are gone.
    workspace.hcl(&configuration("2"));
    workspace.terraform(&["plan", "-out", "saved.plan"]).succeeds();
    kubectl::succeeds(&["delete", "namespace", namespace.name()]);
    workspace.terraform(&["apply", "saved.plan"]).succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    let after = workspace.attributes(ONE)["uid"].clone();
    assert!(after != before && after == namespace.secret("one").unwrap()["metadata"]["uid"]);
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}
