//! Logins to container registries, and binary contents that are never stored.

use serde_json::Value;

use super::*;

fn secret(namespace: &Namespace, arguments: &str) -> String {
    let variable = "variable \"password\" {\n  type = string\n  ephemeral = true\n  default = null\n}\n";
    format!(
        "{variable}resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n{arguments}\n}}\n",
        namespace.name()
    )
}

fn logins(namespace: &Namespace) -> Value {
    let live = namespace.secret("one").unwrap();
    assert_eq!(live["type"], "kubernetes.io/dockerconfigjson");
    serde_json::from_slice(&namespace.contents("one")[".dockerconfigjson"]).unwrap()
}

#[test]
fn passwords_of_files_and_programs_become_one_key_that_follows_them() {
    let (namespace, workspace) = (Namespace::made("registries"), Workspace::new());
    let (file, first) = workspace.secret_file("ghcr");
    let (other, second) = workspace.secret_file("other");
    workspace.hcl(&secret(
        &namespace,
        &format!(
            "  docker_registries = {{\n    \"ghcr.io\" = {{ username = \"me\", email = \"me@example.com\", password_file = \"{file}\" }}\n    \"registry.example:5000\" = {{ username = \"you\", password_command = [\"cat\", \"{other}\"] }}\n  }}"
        ),
    ));
    workspace.apply().succeeds();
    let found = logins(&namespace);
    assert_eq!(found["auths"]["ghcr.io"]["password"], first.as_str());
    assert_eq!(found["auths"]["ghcr.io"]["email"], "me@example.com");
    assert_eq!(found["auths"]["registry.example:5000"]["username"], "you");
    assert_eq!(found["auths"]["registry.example:5000"]["password"], second.as_str());
    workspace.plant(found["auths"]["ghcr.io"]["auth"].as_str().unwrap());
    workspace.plan().succeeds().changes_nothing();

    let rotated = workspace.secret();
    workspace.source("ghcr", format!("{rotated}\n"));
    workspace.plan().succeeds().only("update", ONE).warning(&[".dockerconfigjson"]);
    workspace.apply().succeeds();
    assert_eq!(logins(&namespace)["auths"]["ghcr.io"]["password"], rotated.as_str());
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn logins_that_are_never_stored_follow_their_version() {
    let (namespace, workspace) = (Namespace::made("loginswo"), Workspace::new());
    let of = |version: u8| {
        secret(
            &namespace,
            &format!(
                "  docker_registries_wo = {{ \"ghcr.io\" = {{ username = \"me\", password = var.password }} }}\n  docker_registries_wo_version = {version}"
            ),
        )
    };
    let (first, second) = (workspace.secret(), workspace.secret());
    workspace.variable("password", &first);
    workspace.hcl(&of(1));
    workspace.apply().succeeds();
    assert_eq!(logins(&namespace)["auths"]["ghcr.io"]["password"], first.as_str());
    assert!(workspace.attributes(ONE)["docker_registries_wo"].is_null());
    workspace.variable("password", &second);
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&of(2));
    workspace.apply().succeeds();
    assert_eq!(logins(&namespace)["auths"]["ghcr.io"]["password"], second.as_str());
}

#[test]
fn binary_contents_are_written_and_never_stored() {
    let (namespace, workspace) = (Namespace::made("binary"), Workspace::new());
    let content = workspace.secret();
    // In base64 of the bytes that are written: 0xff before the secret.
    let bytes = [&[0xff][..], content.as_bytes()].concat();
    let file = workspace.source("keystore", &bytes);
    workspace.hcl(&secret(
        &namespace,
        &format!("  values_wo_base64 = {{ keystore = filebase64(\"{file}\") }}\n  values_wo_version = 1"),
    ));
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["keystore"], bytes);
    workspace.plan().succeeds().changes_nothing();
}
