//! The rules of the house, read off the sources: which room may use which, how long a module may be, what it must say.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms that know nothing but themselves.
const PURE: &[&str] = &["corefile", "jwk", "talos"];

/// What a room may use of its own crate beside itself (and `redacted`, which everybody may), and why no more.
const ROOMS: &[(&str, &[&[&str]], &str)] = &[
    ("framework", &[], "the framework knows neither clients, nor the wire, nor what is written in it"),
    ("clients", &[PURE, &["file"]], "clients know no Terraform"),
    ("corefile", &[], "pure rooms know nothing but themselves"),
    ("jwk", &[], "pure rooms know nothing but themselves"),
    ("talos", &[], "pure rooms know nothing but themselves"),
    ("environment", &[], "the environment is read, and nothing else"),
    ("credential", &[&["file"]], "a credential is read, and nothing else"),
    ("file", &[], "a file is read, whatever is in it"),
    ("protocol", &[&["framework", "plugin"]], "the host knows traits, not types"),
    ("plugin", &[&["framework", "protocol"]], "the process knows nothing of what it serves"),
    ("cluster", &[&["clients", "credential", "framework"]], "what objects share knows no object"),
    (
        "configured",
        &[&["clients", "cluster", "credential", "environment", "framework", "tailnet", "vault"]],
        "settings know nobody who uses them",
    ),
    ("readiness", &[&["clients", "cluster", "framework"]], "what is looked at knows nobody who shows it"),
    ("tailnet", &[PURE, &["clients", "credential", "framework"]], "what knows devices knows no type"),
    (
        "vault",
        &[PURE, &["clients", "cluster", "credential", "file", "framework"]],
        "what objects share knows no object",
    ),
    ("functions", &[PURE, &["framework", "tailnet"]], "functions are pure"),
    ("resources", TYPE_USES, "a type knows the framework, clients and pure rooms"),
    ("data_sources", TYPE_USES, "a type knows the framework, clients and pure rooms"),
    ("ephemeral", TYPE_USES, "a type knows the framework, clients and pure rooms"),
    ("actions", TYPE_USES, "a type knows the framework, clients and pure rooms"),
];

const TYPE_USES: &[&[&str]] = &[
    PURE,
    &[
        "clients",
        "cluster",
        "configured",
        "credential",
        "environment",
        "file",
        "framework",
        "readiness",
        "tailnet",
        "vault",
    ],
];

/// Crates that stay in some rooms.
const CRATES: &[(&str, &[&str])] = &[
    ("tonic", &["plugin", "protocol"]),
    ("prost", &["plugin", "protocol"]),
    ("prost_types", &["plugin", "protocol"]),
    ("tf_provider", &["framework"]),
    ("kube", &["clients"]),
    ("vaultrs", &["clients"]),
    ("reqwest", &["clients"]),
    ("rustify", &["clients"]),
    ("hyper", &["clients", "plugin"]),
    ("rmp", &["protocol"]),
];

const DRAWERS: &[&str] = &["util", "utils", "helper", "helpers", "misc", "manager", "common"];

/// A source file: its place below `src` and its text without comments and tests of its own.
struct Source {
    place: PathBuf,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        let first = self.place.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_test(&self) -> bool {
        self.place.iter().any(|part| part == "tests" || part == "tests.rs")
    }

    /// The code without comments and without what stands below `#[cfg(test)]`, where that is the file's last part.
    fn code(&self) -> String {
        let text = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    assert!(found.len() > 50, "src was not found");
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("src is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is UTF-8");
            found.push(Source { place: path.strip_prefix(root).expect("below src").to_owned(), text });
        }
    }
}

/// Does the code name `path` as a path of its own (not as the end of a longer word)?
fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || matches!(character, '_' | ':' | '"'))
    })
}

/// Does the code use `crate::<room>`, alone or in a group of imports?
fn uses_room(code: &str, room: &str) -> bool {
    names(code, &format!("crate::{room}::"))
        || names(code, &format!("crate::{room};"))
        || code.split("use crate::{").skip(1).any(|group| {
            let group = group.split(';').next().unwrap_or_default();
            group.split([',', '{', '}', ' ', '\n']).any(|name| name == room || name.starts_with(&format!("{room}::")))
        })
}

/// The rooms that `src/lib.rs` lists.
fn rooms() -> Vec<String> {
    let map =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("src/lib.rs is readable");
    let rooms: Vec<_> =
        map.lines().filter_map(|line| Some(line.strip_prefix("pub mod ")?.trim_end_matches(';').to_owned())).collect();
    assert!(rooms.len() > 10, "src/lib.rs lists no rooms");
    rooms
}

fn room_problems(source: &Source) -> Vec<String> {
    let code = source.code();
    let place = source.place.display();
    let mut found = Vec::new();
    for (room, allowed, why) in ROOMS.iter().filter(|(room, ..)| *room == source.room()) {
        let may = |other: &&String| {
            other == room || *other == "redacted" || allowed.iter().any(|some| some.contains(&other.as_str()))
        };
        for other in rooms().iter().filter(|other| !may(other) && uses_room(&code, other)) {
            found.push(format!("{place}: {room} uses {other}: {why}"));
        }
    }
    if !source.is_test() {
        for (name, rooms) in CRATES {
            if !rooms.contains(&source.room()) && names(&code, &format!("{name}::")) {
                found.push(format!("{place}: {name} stays in {}", rooms.join(" and ")));
            }
        }
    }
    let mut parts = source.place.iter().filter_map(|part| part.to_str());
    if let (Some(kind @ ("resources" | "data_sources" | "ephemeral" | "actions")), Some(own)) =
        (parts.next(), parts.next())
    {
        for part in code.split(&format!("crate::{kind}::")).skip(1) {
            let other: String =
                part.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
            if other != own && own != "mod.rs" {
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
fn rooms_use_only_what_they_may() {
    none(sources().iter().flat_map(room_problems));
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
        ("framework/x.rs", "//! x\nuse crate::clients::kubernetes::Client;"),
        ("framework/x.rs", "//! x\nuse crate::{clients, redacted};"),
        ("clients/x.rs", "//! x\nfn f() { crate::framework::value::f() }"),
        ("resources/a/mod.rs", "//! x\nuse crate::resources::b::B;"),
        ("data_sources/a/mod.rs", "//! x\nuse crate::data_sources::b::B;"),
        ("data_sources/a/mod.rs", "//! x\nuse crate::resources::b::B;"),
        ("talos/mod.rs", "//! x\nuse crate::jwk::Key;"),
        ("resources/a/mod.rs", "//! x\nuse kube::Client;"),
        ("cluster/x.rs", "//! x\nfn f(_: tonic::Status) {}"),
    ];
    for (place, text) in bad {
        assert!(!room_problems(&source(place, text)).is_empty(), "{place}: {text}");
    }
    for (place, text) in [
        ("resources/a/mod.rs", "//! x\nuse crate::resources::a::B;"),
        ("framework/x.rs", "//! x\n// use tonic::Status;"),
    ] {
        assert!(room_problems(&source(place, text)).is_empty(), "{place}: {text}");
    }
    assert!(!form_problems(&source("a/utils.rs", "//! x")).is_empty());
    assert!(!form_problems(&source("a/x.rs", "use x;")).is_empty());
    assert!(!form_problems(&source("a/x.rs", &format!("//! x{}", "\n".repeat(500)))).is_empty());
}

/// What each room uses of the others, in the code without its tests.
fn uses() -> BTreeSet<(String, String)> {
    let (rooms, mut found) = (rooms(), BTreeSet::new());
    for source in sources().iter().filter(|source| !source.is_test()) {
        let code = source.code();
        for other in rooms.iter().filter(|other| *other != source.room() && uses_room(&code, other)) {
            found.insert((source.room().to_owned(), other.clone()));
        }
    }
    found
}

/// Small rooms that many use; the diagram leaves them out.
const EVERYWHERE: &[&str] = &["credential", "environment", "file", "redacted"];

/// The arrows of a diagram: `a --> b & c`.
fn arrows(diagram: &str) -> BTreeSet<(String, String)> {
    let lines = diagram.lines().filter_map(|line| line.trim().split_once(" --> "));
    let each = |(from, to): (&str, &str)| {
        let from = from.to_owned();
        to.split(" & ").map(|to| (from.clone(), to.trim().to_owned())).collect::<Vec<_>>()
    };
    lines.flat_map(each).collect()
}

#[test]
fn the_diagram_of_the_rooms_is_what_the_imports_say() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/design/rooms.md")).unwrap();
    let diagram = page.split("```mermaid\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a diagram");
    let (drawn, mut used) = (arrows(diagram), uses());
    used.retain(|(_, to)| !EVERYWHERE.contains(&to.as_str()));
    let missing = used.difference(&drawn).map(|(from, to)| format!("{from} uses {to}, and no arrow says so"));
    let idle = drawn.difference(&used).map(|(from, to)| format!("{from} does not use {to} (any more)"));
    none(missing.chain(idle));
    for room in rooms() {
        assert!(page.contains(&room), "{room} is not on the page");
    }
}
