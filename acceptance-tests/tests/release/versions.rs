//! The version is said in one place, and what is missing for a release is told before anything is built.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::set::{Keyring, Set, run, scripts, succeeds};

/// A repository with the scripts, a version and a changelog.
fn repository(folder: &Path, changes: &str) {
    let scripts = scripts();
    succeeds(Command::new("cp").arg("-r").args([&scripts]).arg(folder));
    fs::write(folder.join("Cargo.toml"), "[workspace.package]\nversion = \"1.2.3\"\n").unwrap();
    fs::write(folder.join("CHANGELOG.md"), changes).unwrap();
    git(folder, &["init", "-q"]);
    git(folder, &["add", "--all"]);
    git(folder, &["-c", "user.name=a", "-c", "user.email=a@example.invalid", "commit", "-qm", "first"]);
}

fn git(folder: &Path, arguments: &[&str]) {
    succeeds(Command::new("git").arg("-C").arg(folder).args(arguments));
}

/// Code and all words of a script in a folder.
fn script(folder: &Path, name: &str, arguments: &[&str]) -> (bool, String) {
    let output = run(Command::new(folder.join("release").join(name)).args(arguments));
    let said = [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned());
    (output.status.success(), said.concat())
}

#[test]
fn the_version_is_the_one_of_cargo() {
    let said = succeeds(Command::new(scripts().join("version")).arg(env!("CARGO_PKG_VERSION")));
    assert_eq!(said, env!("CARGO_PKG_VERSION"));
    let output = run(Command::new(scripts().join("make")).arg("9.9.9"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("VERSION is \"9.9.9\", but Cargo.toml says"), "{said}");
}

#[test]
fn the_notes_of_a_release_are_a_section_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let unreleased = "# Changelog\n\n## [Unreleased]\n\n- New.\n\n## [1.2.2] - 2026-01-31\n\n- Old.\n";
    repository(folder.path(), unreleased);
    let notes = |version| script(folder.path(), "notes", &[version]);
    // A rehearsal.
    let (passed, said) = notes("1.2.3");
    assert!(passed && said.contains("- New.") && !said.contains("Old") && said.contains("a rehearsal"), "{said}");
    // The same commit as a release.
    git(folder.path(), &["tag", "v1.2.3"]);
    let (passed, said) = notes("1.2.3");
    assert!(!passed && said.contains("no section \"## [1.2.3] - DATE\""), "{said}");
    fs::write(folder.path().join("CHANGELOG.md"), unreleased.replace("[Unreleased]", "[1.2.3] - 2026-02-28")).unwrap();
    let (passed, said) = notes("1.2.3");
    assert!(passed && said.trim() == "- New.", "{said}");
    // Nothing at all to tell.
    git(folder.path(), &["tag", "-d", "v1.2.3"]);
    fs::write(folder.path().join("CHANGELOG.md"), "# Changelog\n\n## [Unreleased]\n").unwrap();
    let (passed, said) = notes("1.2.3");
    assert!(!passed && said.contains("neither a section"), "{said}");
}

#[test]
fn a_release_needs_a_key_and_says_so() {
    let set = Set::get();
    let empty = Keyring::new();
    let ready = |variables: &[(&str, &str)]| {
        let mut command = Command::new(scripts().join("sign"));
        command
            .arg("--ready")
            .env("GNUPGHOME", empty.path())
            .env_remove("GPG_PRIVATE_KEY")
            .env_remove("GPG_FINGERPRINT");
        let output = run(command.envs(variables.iter().copied()));
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (passed, said) = ready(&[]);
    assert!(!passed && said.contains("GPG_PRIVATE_KEY") && said.contains("--quick-generate-key"), "{said}");
    let (passed, said) = ready(&[("GPG_FINGERPRINT", "nobody@example.invalid")]);
    assert!(!passed && said.contains("gpg has no secret key nobody@example.invalid"), "{said}");
    let (passed, said) = ready(&[("GPG_PRIVATE_KEY", "not a key")]);
    assert!(!passed && said.contains("no key that gpg takes") && !said.contains("not a key"), "{said}");
    // The key itself, in the environment: it leaves nothing in anybody's keyring.
    let (passed, said) = ready(&[("GPG_PRIVATE_KEY", set.secret_key())]);
    assert!(passed, "{said}");
    assert_eq!(empty.gpg(&["--with-colons", "--list-secret-keys"]), "");
    // A curve is refused here, not by the registry after the upload.
    empty.gpg(&["--quick-generate-key", "curve@example.invalid", "ed25519", "sign", "1d"]);
    let (passed, said) = ready(&[("GPG_FINGERPRINT", "curve@example.invalid")]);
    assert!(!passed && said.contains("neither an RSA nor a DSA key"), "{said}");
    empty.gpg(&["--quick-generate-key", "rsa@example.invalid", "rsa2048", "sign", "1d"]);
    let (passed, said) = ready(&[("GPG_FINGERPRINT", "rsa@example.invalid")]);
    assert!(passed, "{said}");
}
