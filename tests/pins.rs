//! Versions that are named in more than one place agree: what the testbed pins, by its own check, and what the code says.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What `pins` reads: its own folder, and the oracles' go.mod and go.sum.
fn copy_of_the_testbed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["testbed", "oracles"] {
        copy(&Path::new(ROOT).join("acceptance-tests").join(part), &folder.path().join("acceptance-tests").join(part));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// What the check says, and whether it agrees.
fn check(root: &Path) -> (bool, String) {
    let output = Command::new("bash")
        .arg(root.join("acceptance-tests/testbed/pins"))
        .env("TAZLAB_TESTBED_CACHE", root.join("cache"))
        .env_remove("KUBERNETES")
        .output()
        .expect("bash runs; the check needs go and jq: make packages");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn below(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, name, found);
        } else if path.file_name().is_some_and(|file| file == name) {
            found.push(path);
        }
    }
}

/// Each digit of a version goes up by one where it can, so that the line keeps its form.
fn other(version: &str) -> String {
    version.replace(|digit: char| digit.is_ascii_digit(), "7")
}

#[test]
fn every_pin_agrees() {
    let (agrees, said) = check(Path::new(ROOT));
    assert!(agrees, "{said}");
}

#[test]
fn a_pin_that_is_off_is_noticed_in_each_recipe() {
    let folder = copy_of_the_testbed();
    let (agrees, said) = check(folder.path());
    assert!(agrees, "the copy is as the original: {said}");
    let variables = fs::read_to_string(folder.path().join("acceptance-tests/testbed/versions.env")).unwrap();
    let mut tried = 0;
    for name in ["go.mod", "go.sum"] {
        let mut files = Vec::new();
        below(&folder.path().join("acceptance-tests"), name, &mut files);
        assert!(files.len() > 8, "{files:?}");
        for file in files {
            let before = fs::read_to_string(&file).unwrap();
            // The versions that versions.env says and this file has: each of them is changed here alone.
            let pinned = variables.lines().filter_map(|line| line.split_once('=')).flat_map(|(_, value)| {
                value.trim_matches('"').split(' ').map(|version| format!("v{version}")).collect::<Vec<_>>()
            });
            let mut noticed = 0;
            // One changed line of go.mod shows that the file is compared; of go.sum, the one of the module and the one of its go.mod.
            let wanted = if name == "go.mod" { 1 } else { 2 };
            for version in pinned.flat_map(|version| [format!("{version}/go.mod"), version]) {
                let is_pin = |line: &&str| line.split_whitespace().any(|word| word == version) && !line.contains("=>");
                for line in before.lines().filter(is_pin) {
                    if noticed == wanted {
                        break;
                    }
                    fs::write(&file, before.replacen(line, &line.replacen(&version, &other(&version), 1), 1)).unwrap();
                    let (agrees, said) = check(folder.path());
                    let place = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
                    // Another module may happen to have the number of a pin, which is not compared.
                    if !agrees {
                        assert!(said.contains(&format!("{place}/{name}")), "{line}: {said}");
                        noticed += 1;
                    }
                }
            }
            fs::write(&file, before).unwrap();
            assert_eq!(noticed, wanted, "a changed pin in {} is not noticed", file.display());
            tried += noticed;
        }
    }
    assert!(tried >= 30, "{tried}");
}

#[test]
fn a_changed_version_and_a_recipe_without_a_pin_are_noticed() {
    let folder = copy_of_the_testbed();
    let testbed = folder.path().join("acceptance-tests/testbed");
    let file = testbed.join("versions.env");
    let before = fs::read_to_string(&file).unwrap();
    let pins: Vec<&str> = before.lines().filter(|line| !line.starts_with('#') && line.contains('=')).collect();
    assert!(pins.len() > 15, "{pins:?}");
    // Each is a row of the table in README.md; three of them stand in no go.mod.
    for line in pins
        .into_iter()
        .filter(|line| ["KIND=", "TYPOS=", "TERRAFORM_OLDEST="].iter().any(|name| line.starts_with(name)))
    {
        let (name, value) = line.split_once('=').unwrap();
        fs::write(&file, before.replacen(line, &format!("{name}={}", other(value)), 1)).unwrap();
        let (agrees, said) = check(folder.path());
        assert!(!agrees, "{line}: the table of README.md is another, at least: {said}");
    }
    fs::write(&file, before).unwrap();
    fs::create_dir(testbed.join("programs/stray")).unwrap();
    fs::write(testbed.join("programs/stray/go.mod"), "module stray\n").unwrap();
    let (agrees, said) = check(folder.path());
    assert!(!agrees && said.contains("programs/stray/go.mod is in no line"), "{said}");
}

/// Every step of the hosted workflows that runs an action: where it stands, and what it names.
fn actions() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for name in ["action.yml", "ci.yml", "release.yml"] {
        below(&Path::new(ROOT).join(".github"), name, &mut files);
    }
    let steps = files.into_iter().flat_map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let named = text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("uses: "));
        named.map(|named| (file.clone(), named.to_owned())).collect::<Vec<_>>()
    });
    steps.collect()
}

/// Whose action a step runs, by which commit, and which release that is; none for our own and for what is not pinned.
fn pin(named: &str) -> Option<(&str, &str, &str)> {
    let (action, rest) = named.split_once('@')?;
    let (commit, release) = rest.split_once(" # v")?;
    let is_commit = commit.len() == 40 && commit.chars().all(|one| matches!(one, '0'..='9' | 'a'..='f'));
    let is_release = release.split('.').count() == 3 && release.split('.').all(|part| part.parse::<u32>().is_ok());
    (is_commit && is_release).then_some((action, commit, release))
}

#[test]
fn every_hosted_action_is_pinned_by_commit() {
    let actions = actions();
    assert!(actions.len() > 20, "{actions:?}");
    let mut pins: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (file, named) in actions.iter().filter(|(_, named)| !named.starts_with("./")) {
        let place = file.display();
        let (action, commit, release) = pin(named)
            .unwrap_or_else(|| panic!("{place}: {named} is not pinned: write owner/name@<commit> # v<release>"));
        let first = *pins.entry(action).or_insert((commit, release));
        assert_eq!(first, (commit, release), "{place}: {action} is pinned to another commit elsewhere");
    }
    let commit = "08c6903cd8c0fde910a37f88322edcfb5dd907a8";
    for loose in ["a/b@v5", "a/b@main", "a/b@08c6903", &format!("a/b@{commit}"), &format!("a/b@{commit} # v5")] {
        assert_eq!(pin(loose), None, "{loose}");
    }
    assert_eq!(pin(&format!("a/b@{commit} # v5.0.0")), Some(("a/b", commit, "5.0.0")));
}

#[test]
fn hosted_machines_and_containers_have_the_testbeds_go() {
    let read = |place: &str| fs::read_to_string(Path::new(ROOT).join(place)).unwrap();
    let variables = read("acceptance-tests/testbed/versions.env");
    let go = variables.lines().find_map(|line| line.strip_prefix("GO=")).unwrap();
    let hosted = read(".github/actions/prepare/action.yml");
    assert!(hosted.contains(&format!("go-version: '{go}'")), "{hosted}");
    let (minor, _) = go.rsplit_once('.').unwrap();
    let container = read(".devcontainer/devcontainer.json");
    assert!(container.contains(&format!("features/go:1\": {{ \"version\": \"{minor}\" }}")), "{container}");
}

#[test]
fn the_code_names_the_testbeds_coredns() {
    let variables = fs::read_to_string(Path::new(ROOT).join("acceptance-tests/testbed/versions.env")).unwrap();
    let pinned = variables.lines().find_map(|line| line.strip_prefix("COREDNS=")).unwrap();
    assert_eq!(tazlab_corefile::COREDNS_VERSION, pinned);
}
