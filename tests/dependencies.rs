//! `docs/design/dependencies.md` names every direct dependency with its reason, and every crate that is linked in more than one major
//! version.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/dependencies.md")).unwrap()
}

fn named(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// What a command of Cargo prints about the project. It may fetch: a new machine has built for its own system only, and has no crate
/// that others need.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Name and version of what the binary is built from, as Cargo says it.
fn tree(arguments: &[&str]) -> Vec<(String, String)> {
    let all = ["tree", "--locked", "--prefix", "none", "--edges", "normal", "--target", "all"];
    let text = cargo(&[&all[..], &["--package", env!("CARGO_PKG_NAME"), "--format", "{p}"], arguments].concat());
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

/// What stands in the first column of a part of the page.
fn listed(part: &str) -> BTreeSet<String> {
    let (_, table) = part.split_once("|---|---|").expect("a table");
    table.lines().filter_map(|line| line.split('|').nth(1)).flat_map(named).collect()
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let page = page();
    let (linked, rest) = page.split_once("## Built and tested with").expect("the first two parts");
    let (tools, _) = rest.split_once("## More than one version").expect("all parts");
    let (linked, tools) = (listed(linked), listed(tools));
    let workspace = packages("Cargo.toml");
    // Our own crates are no dependencies; what they link is in the binary.
    let own: BTreeSet<&str> = workspace.iter().map(|package| package.name.as_str()).collect();
    let foreign = |found: &Dependency| !own.contains(found.name.as_str());
    let in_binary = workspace.iter().filter(|package| package.name != "acceptance-tests");
    let normal = in_binary.flat_map(|package| &package.dependencies).filter(|found| found.kind.is_none());
    let direct: BTreeSet<String> = normal.filter(|found| foreign(found)).map(|found| found.name.clone()).collect();
    assert_eq!(linked, direct, "docs/design/dependencies.md beside each Cargo.toml that is linked");
    // The fuzz targets are no members of the workspace.
    let fuzz = packages("fuzz/Cargo.toml");
    let all = workspace.iter().chain(&fuzz).flat_map(|package| &package.dependencies);
    let all: BTreeSet<String> = all.filter(|found| foreign(found)).map(|found| found.name.clone()).collect();
    let others: BTreeSet<String> = all.difference(&linked).cloned().collect();
    assert_eq!(tools, others, "docs/design/dependencies.md beside every Cargo.toml");
}

/// What `cargo metadata` says of each package of a workspace, as far as it is read here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; none for what is linked.
    kind: Option<String>,
}

/// The packages of a manifest's workspace, with what they name for the binary, the build and the tests.
fn packages(manifest: &str) -> Vec<Package> {
    let text = cargo(&["metadata", "--no-deps", "--format-version", "1", "--manifest-path", manifest]);
    let metadata: Metadata = serde_json::from_str(&text).unwrap();
    metadata.packages
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
