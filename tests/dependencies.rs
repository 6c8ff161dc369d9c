//! What is linked is listed with its reason: `docs/design/dependencies.md` names every direct dependency, and every crate that is
//! linked in more than one major version.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/dependencies.md")).unwrap()
}

fn named(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// Name and version of what the binary is built from, as Cargo says it.
fn tree(arguments: &[&str]) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--prefix", "none", "--edges", "normal", "--target", "all"])
        .args(["--package", env!("CARGO_PKG_NAME"), "--format", "{p}"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    let parts = lines.iter().filter_map(|line| line.split_once(" v"));
    parts.map(|(name, rest)| (name.to_owned(), rest.split(' ').next().unwrap_or_default().to_owned())).collect()
}

/// What is incompatible by Cargo's rule: the first number that is not zero.
fn major(version: &str) -> String {
    let numbers: Vec<&str> = version.split('.').collect();
    let kept = numbers.iter().take_while(|number| **number == "0").count() + 1;
    numbers.into_iter().take(kept).collect::<Vec<_>>().join(".")
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let page = page();
    let (direct, _) = page.split_once("## More than one version").expect("both parts");
    let (_, table) = direct.split_once("|---|---|").expect("a table");
    let first = |line: &str| line.split('|').nth(1).map(named).unwrap_or_default();
    let listed: BTreeSet<String> = table.lines().flat_map(first).collect();
    let mut linked: BTreeSet<String> = tree(&["--depth", "1"]).into_iter().map(|(name, _)| name).collect();
    linked.remove(env!("CARGO_PKG_NAME"));
    assert_eq!(listed, linked, "docs/design/dependencies.md beside Cargo.toml");
}

#[test]
fn every_crate_that_is_linked_twice_has_its_reason() {
    let page = page();
    let (_, doubles) = page.split_once("## More than one version").expect("both parts");
    let second = |line: &str| line.split('|').nth(2).map(named).unwrap_or_default();
    let listed: BTreeSet<String> = doubles.lines().flat_map(second).collect();
    let mut majors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version) in tree(&[]) {
        majors.entry(name).or_default().insert(major(&version));
    }
    let twice: BTreeSet<String> =
        majors.into_iter().filter(|(_, majors)| majors.len() > 1).map(|(name, _)| name).collect();
    assert_eq!(listed, twice, "docs/design/dependencies.md beside `cargo tree --duplicates`");
}
