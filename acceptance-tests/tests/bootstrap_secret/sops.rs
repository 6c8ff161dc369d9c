//! The real sops, with a real key of age, as the source of a Secret.

use std::path::Path;
use std::process::Command;

use acceptance_tests::programs;

use super::*;

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_file_that_sops_has_encrypted_for_age_is_a_source() {
    let (namespace, workspace, programs) = (Namespace::made("sops"), Workspace::new(), programs::program("sops"));
    let (sops, keygen) = (programs.join("sops"), programs.join("age-keygen"));
    let path = |name: &str| workspace.sources().join(name).to_str().unwrap().to_owned();
    let (key, file) = (path("age.txt"), path("github.yaml"));
    run(&keygen, &["-o", &key]);
    let identity = std::fs::read_to_string(&key).unwrap();
    workspace.plant(identity.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap());
    let recipient = run(&keygen, &["-y", &key]);
    let token = workspace.secret();
    workspace.source("github.yaml", format!("token: {token}\n"));
    run(&sops, &["encrypt", "--age", recipient.trim(), "--in-place", &file]);
    assert!(!std::fs::read_to_string(&file).unwrap().contains(&token));

    let hcl = format!(
        "resource \"tazlab_bootstrap_secret\" \"one\" {{\n  namespace = \"{}\"\n  name = \"one\"\n  commands = {{ token = [\"{}\", \"decrypt\", \"--extract\", \"[\\\"token\\\"]\", \"{file}\"] }}\n}}\n",
        namespace.name(),
        sops.display()
    );
    workspace.hcl(&hcl);
    // What unlocks it is the user's, and comes from the environment of Terraform.
    workspace.environment("SOPS_AGE_KEY_FILE", &key);
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("one")["token"], token.as_bytes());
    workspace.plan().succeeds().changes_nothing();

    // Without its key it fails, and the live key stays.
    workspace.environment("SOPS_AGE_KEY_FILE", &path("nowhere"));
    let kept = workspace.plan().succeeds().changes_nothing();
    kept.warning(&["A key has no source", "failed with exit status", "is kept"]);
    workspace.destroy().succeeds();
}
