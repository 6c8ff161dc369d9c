//! The rules of the house that no manifest can say: no type uses another, how long a module may be, what it must say, how it is called.
//! What a crate may use stands in its `Cargo.toml`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// The folders whose folders are types.
const TYPES: &[&str] = &["resources", "data_sources", "ephemeral", "actions"];

const DRAWERS: &[&str] = &["util", "utils", "helper", "helpers", "misc", "manager", "common"];

/// A source file: its place in the repository, and its text.
struct Source {
    place: PathBuf,
    text: String,
}

impl Source {
    fn is_test(&self) -> bool {
        self.place.iter().any(|part| part == "tests" || part == "tests.rs")
    }

    /// The code without comments and without what stands below `#[cfg(test)]`, where that is the file's last part.
    fn code(&self) -> String {
        let text = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

/// The sources of every crate, without what is generated.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(root, &root.join("src"), &mut found);
    for crate_ in fs::read_dir(root.join("crates")).expect("crates is readable").flatten() {
        collect(root, &crate_.path().join("src"), &mut found);
    }
    assert!(found.len() > 300, "the sources were not found: {}", found.len());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a crate has sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("wire/tfplugin6.rs")
            && !path.ends_with("wire/go_plugin.rs")
        {
            let text = fs::read_to_string(&path).expect("a source is UTF-8");
            found.push(Source { place: path.strip_prefix(root).expect("below the root").to_owned(), text });
        }
    }
}

/// A type uses what objects of its kind share, and never another type.
fn sibling_problems(source: &Source) -> Vec<String> {
    let (code, place) = (source.code(), source.place.display());
    let mut parts = source.place.iter().filter_map(|part| part.to_str()).skip_while(|part| *part == "src");
    let (Some(kind), Some(own)) = (parts.next(), parts.next()) else { return Vec::new() };
    if !source.place.starts_with("src") || !TYPES.contains(&kind) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for other_kind in TYPES {
        for part in code.split(&format!("crate::{other_kind}::")).skip(1) {
            let other: String =
                part.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
            if (other != own || *other_kind != kind) && own != "mod.rs" {
                found.push(format!("{place}: it uses its sibling {other}"));
            }
        }
    }
    found
}

fn form_problems(source: &Source) -> Vec<String> {
    let place = source.place.display();
    let mut found = Vec::new();
    let lines = source.text.lines().count();
    if lines > 400 {
        found.push(format!("{place} has {lines} lines, 400 are too many"));
    }
    let in_tests = source.is_test() && source.place.file_name().is_some_and(|name| name != "mod.rs");
    if !source.text.starts_with("//!") && !in_tests {
        found.push(format!("{place} does not say what it owns: begin with //!"));
    }
    for part in source.place.iter().filter_map(|part| part.to_str()) {
        if DRAWERS.contains(&part.strip_suffix(".rs").unwrap_or(part)) {
            found.push(format!("{place}: {part} names nothing"));
        }
    }
    found
}

fn none(problems: impl IntoIterator<Item = String>) {
    let problems: Vec<String> = problems.into_iter().collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_type_uses_another() {
    none(sources().iter().flat_map(sibling_problems));
}

#[test]
fn modules_are_short_and_say_what_they_own() {
    none(sources().iter().flat_map(form_problems));
}

#[test]
fn every_folder_of_a_type_is_registered_and_the_reverse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let provider = fs::read_to_string(root.join("provider/mod.rs")).unwrap();
    let registry = provider.split("fn registry").nth(1).expect("a registry");
    let registered = registry.split("\n    }").next().unwrap();
    let (mut expected, mut lists) = (0, 0);
    for kind in ["resources", "data_sources", "ephemeral", "functions", "actions"] {
        for entry in fs::read_dir(root.join(kind)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().trim_end_matches(".rs").to_owned();
            if name == "mod" {
                continue;
            }
            expected += 1;
            let used = provider.lines().find(|line| line.starts_with(&format!("use crate::{kind}::{name}::")));
            let used = used.unwrap_or_else(|| panic!("{kind}/{name} is not registered in src/provider/mod.rs"));
            let what = used.rsplit("::").next().unwrap().trim_matches([';', '{', '}']);
            for what in what.split(", ") {
                assert!(registered.contains(&format!("({what})")), "{what} is imported and not registered");
            }
            lists += usize::from(entry.path().join("list.rs").exists());
        }
    }
    assert_eq!(registered.matches(".list(").count(), lists, "a resource's list is registered beside it");
    let calls = [".resource(", ".data_source(", ".ephemeral(", ".function(", ".action("];
    let registrations: usize = calls.iter().map(|call| registered.matches(call).count()).sum();
    assert_eq!(registrations, expected, "a registration without a folder of its own");
}

#[test]
fn the_rules_can_be_broken() {
    let source = |place: &str, text: &str| Source { place: place.into(), text: text.into() };
    let bad = [
        ("src/resources/a/mod.rs", "//! x\nuse crate::resources::b::B;"),
        ("src/data_sources/a/mod.rs", "//! x\nuse crate::data_sources::b::B;"),
        ("src/data_sources/a/mod.rs", "//! x\nuse crate::resources::b::B;"),
        ("src/ephemeral/a.rs", "//! x\nfn f() { crate::actions::b::f() }"),
    ];
    for (place, text) in bad {
        assert!(!sibling_problems(&source(place, text)).is_empty(), "{place}: {text}");
    }
    for (place, text) in [
        ("src/resources/a/mod.rs", "//! x\nuse crate::resources::a::B;"),
        ("src/resources/a/mod.rs", "//! x\n// use crate::resources::b::B;"),
        ("src/provider/mod.rs", "//! x\nuse crate::resources::b::B;"),
    ] {
        assert!(sibling_problems(&source(place, text)).is_empty(), "{place}: {text}");
    }
    assert!(!form_problems(&source("a/utils.rs", "//! x")).is_empty());
    assert!(!form_problems(&source("a/x.rs", "use x;")).is_empty());
    assert!(!form_problems(&source("a/x.rs", &format!("//! x{}", "\n".repeat(500)))).is_empty());
}

/// Which of our crates names which, as Cargo says it.
fn manifests() -> BTreeSet<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    let all: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let arrows = metadata.packages.iter().filter(|package| package.name != "acceptance-tests").flat_map(|package| {
        let used =
            package.dependencies.iter().filter(|found| found.kind.is_none() && all.contains(found.name.as_str()));
        used.map(|found| (package.name.clone(), found.name.clone()))
    });
    arrows.collect()
}

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

/// The diagram is written from the manifests with `TAZLAB_WRITE_GENERATED=1`.
#[test]
fn the_diagram_of_the_crates_is_what_the_manifests_say() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/crates.md");
    let page = fs::read_to_string(&place).unwrap();
    let (before, rest) = page.split_once("```mermaid\n").expect("a diagram");
    let (_, after) = rest.split_once("```").expect("the diagram's end");
    let arrows: Vec<String> = manifests().into_iter().map(|(from, to)| format!("  {from} --> {to}\n")).collect();
    assert!(arrows.len() > 8, "{arrows:?}");
    let expected = format!("{before}```mermaid\nflowchart TD\n{}```{after}", arrows.concat());
    if std::env::var_os("TAZLAB_WRITE_GENERATED").is_some() {
        fs::write(&place, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&place).unwrap(), expected, "TAZLAB_WRITE_GENERATED=1 writes it again");
}
