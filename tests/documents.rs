//! What is written for readers: links that lead somewhere.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what failed by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// This repository, as a page on the registry must name a file that is no page.
const REPOSITORY: &str = "https://github.com/tazlab/terraform-provider-tazlab/";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every document below the folder, by its place in the repository. A template stands where its page will be.
fn documents(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("the folder is readable").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | "fuzz") && !name.starts_with('.') {
                documents(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md" || extension == "tmpl") {
            let place = path.strip_prefix(root()).expect("below the root").to_owned();
            found.insert(place, fs::read_to_string(&path).expect("a document is UTF-8"));
        }
    }
}

/// The text without blocks and spans of code, each replaced by nothing that could be a link.
fn prose(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !fence && !inside
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The targets of the links in the text.
fn links(text: &str) -> Vec<String> {
    let text = prose(text);
    let inline = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
    let named = text.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split_once("]: "));
    inline.chain(named.map(|(_, target)| target.to_owned())).collect()
}

/// What one can link to in the text: headings, as GitHub and the registry name them, and marks.
fn anchors(text: &str) -> BTreeSet<String> {
    let text = prose(text);
    let headings = text.lines().filter_map(|line| {
        let title = line.trim_start_matches('#');
        (title.len() < line.len()).then(|| title.strip_prefix(' ')).flatten()
    });
    let kept = |character: &char| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_');
    let slug = |title: &str| title.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-");
    let marks = text.split("<a id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    headings.map(slug).chain(marks).collect()
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Where the page of a template will be.
fn rendered(place: &Path) -> PathBuf {
    let Ok(below) = place.strip_prefix("templates") else { return place.to_owned() };
    let name = below.to_string_lossy();
    Path::new("docs").join(name.strip_suffix(".tmpl").unwrap_or(&name))
}

/// What is wrong with a link of the document at `place`.
fn problem(place: &Path, link: &str, documents: &BTreeMap<PathBuf, String>) -> Option<String> {
    let place = rendered(place);
    let told = |what: &str| Some(format!("{}: {link}: {what}", place.display()));
    if let Some(path) = link.strip_prefix(REPOSITORY) {
        let path = ["tree/main/", "blob/main/", "raw/main/"].iter().find_map(|folder| path.strip_prefix(folder));
        return match path {
            Some(path) if !root().join(path).exists() => told("there is no such file"),
            _ => None,
        };
    }
    if link.starts_with("https://") {
        return None;
    }
    if link.contains("://") {
        return told("no https");
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = match path {
        "" => place.clone(),
        path => plain(&place.parent().unwrap_or(Path::new("")).join(path)),
    };
    if !root().join(&target).exists() {
        return told("there is no such file");
    }
    let is_page = place.starts_with("docs") && !place.starts_with("docs/design");
    if is_page && (!target.starts_with("docs") || target.starts_with("docs/design")) {
        return told("the registry has no such page: name the file by its address in the repository");
    }
    let anchor = anchor?;
    let text = documents.get(&target)?;
    if anchors(text).contains(anchor) { None } else { told("there is no such heading") }
}

#[test]
fn every_link_leads_somewhere() {
    let mut all = BTreeMap::new();
    documents(root(), &mut all);
    assert!(all.len() > 60, "the documents were not found: {:?}", all.keys());
    let problems: Vec<String> = all
        .iter()
        .flat_map(|(place, text)| links(text).into_iter().map(move |link| (place, link)))
        .filter_map(|(place, link)| problem(place, &link, &all))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_link_can_be_wrong() {
    let mut all = BTreeMap::new();
    documents(root(), &mut all);
    let wrong = |place: &str, link: &str| problem(Path::new(place), link, &all);
    for (place, link) in [
        ("README.md", "docs/nowhere.md"),
        ("README.md", "docs/index.md#nowhere"),
        ("README.md", "http://example.com"),
        ("README.md", &format!("{REPOSITORY}tree/main/nowhere")),
        ("README.md", &format!("{REPOSITORY}raw/main/nowhere.svg")),
        ("templates/guides/clients.md", "../../README.md"),
        ("templates/guides/clients.md", "../resources/coredns"),
    ] {
        assert!(wrong(place, link).is_some(), "{place}: {link}");
    }
    for (place, link) in [
        ("README.md", "docs/index.md#schema"),
        ("templates/guides/clients.md", "../resources/coredns.md#import"),
        ("templates/index.md.tmpl", "guides/clients.md"),
        ("docs/resources/coredns.md", "#nestedatt--timeouts"),
    ] {
        assert_eq!(wrong(place, link), None, "{place}: {link}");
    }
    assert_eq!(links("[a](b.md)\n```\n[c](d.md)\n```\n[e]: f.md"), ["b.md", "f.md"]);
    assert!(anchors("## 1. The `key` & more").contains("1-the-key--more"));
}

/// The index is the way to every page.
#[test]
fn every_page_is_linked_from_the_index() {
    let mut all = BTreeMap::new();
    documents(&root().join("docs"), &mut all);
    let index = links(&all[Path::new("docs/index.md")]);
    let pages = all.keys().filter(|place| !place.starts_with("docs/design") && !place.ends_with("index.md"));
    let missing: Vec<_> = pages
        .filter(|place| {
            let page = place.strip_prefix("docs").unwrap().to_string_lossy();
            !index.iter().any(|link| link.split('#').next() == Some(&page))
        })
        .collect();
    assert!(missing.is_empty(), "the index does not link {missing:?}");
}

/// Every page tells what the type is for, how it is used, and what it never does; that of a resource how it is imported, or
/// that it is not.
#[test]
fn every_page_has_what_a_reader_looks_for() {
    let mut all = BTreeMap::new();
    documents(&root().join("docs"), &mut all);
    let kinds = ["resources", "data-sources", "ephemeral-resources", "list-resources", "actions", "functions"];
    let mut problems = Vec::new();
    for (place, text) in &all {
        let Some(kind) = kinds.iter().find(|kind| place.starts_with(Path::new("docs").join(kind))) else { continue };
        for part in ["## Example Usage", "```terraform", "## What it never does"] {
            if !text.contains(part) {
                problems.push(format!("{}: there is no {part:?}", place.display()));
            }
        }
        if text.contains("subcategory: \"\"") {
            problems.push(format!("{}: it is in no category", place.display()));
        }
        if *kind == "resources" && !text.contains("## Import") && !text.contains("There is no import") {
            problems.push(format!("{}: it says nothing of imports", place.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A reader of any guide finds the others: from the index, and where the guides touch.
#[test]
fn every_guide_is_linked_from_the_index_and_from_another_guide() {
    let mut all = BTreeMap::new();
    documents(&root().join("templates"), &mut all);
    let guides: Vec<PathBuf> =
        all.keys().map(|place| rendered(place)).filter(|place| place.starts_with("docs/guides")).collect();
    assert!(guides.len() >= 6, "{guides:?}");
    let linked_from = |place: &Path| -> BTreeSet<PathBuf> {
        let found = links(&all[place]).into_iter().filter(|link| !link.contains("://"));
        let target =
            |link: String| plain(&rendered(place).parent().unwrap().join(link.split('#').next().unwrap_or_default()));
        found.map(target).collect()
    };
    let index = linked_from(Path::new("templates/index.md.tmpl"));
    for guide in &guides {
        assert!(index.contains(guide), "the index does not link {}", guide.display());
        let others = all.keys().filter(|place| rendered(place).starts_with("docs/guides") && rendered(place) != *guide);
        let linked = others.filter(|place| linked_from(place).contains(guide)).count();
        assert!(linked > 0, "no other guide links {}", guide.display());
    }
}

/// Words of our own that readers stumble over, with those of the field.
const WORDS: &[(&str, &str)] = &[
    ("anew", "again, replaced, recreated"),
    ("ghost", "stale device"),
    ("ghosts", "stale devices"),
    ("born", "created"),
    ("newborn", "new"),
    ("reborn", "recreated"),
    ("birth", "creation"),
    ("rebirth", "recreation"),
    ("estate", "environment"),
    ("mend", "fix, repair, revert"),
    ("mended", "fixed, repaired, reverted"),
    ("hopeless", "failed"),
    ("in vain", "without effect"),
    ("is told", "is reported, is configured"),
    ("are told", "are reported, are configured"),
    ("says of", "reports"),
    ("looks at", "reads, checks"),
    ("looked at", "read, checked"),
    ("is to be", "must be, should be"),
    ("are to be", "must be, should be"),
];

/// Such words in the text, as whole words.
fn stumbling(text: &str) -> Vec<&'static str> {
    let parts = text.to_lowercase();
    let words: Vec<&str> = parts.split(|one: char| !one.is_alphanumeric() && one != '_').collect();
    let line = format!(" {} ", words.join(" "));
    WORDS.iter().map(|(word, _)| *word).filter(|word| line.contains(&format!(" {word} "))).collect()
}

/// The text without what is between these two.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once(to).map_or("", |(_, rest)| rest))
}

/// What a user reads of a document: without code, without where links lead, without marks and calls of a template.
fn readable(text: &str) -> String {
    let text = without(&without(text, "<a id=", ">"), "{{", "}}");
    let text = text.as_str();
    let spans = prose(text).split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let links = spans.split("](").enumerate();
    links
        .map(|(index, part)| if index == 0 { part } else { part.split_once(')').map_or("", |(_, rest)| rest) })
        .collect()
}

/// The texts in a source's code, as far as they begin and end in one line: messages, without what is put in.
fn messages(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    without(&lines.flat_map(|line| line.split('"').skip(1).step_by(2)).collect::<Vec<_>>().join("\n"), "{", "}")
}

/// `words` of documents and messages are the field's: nobody has to learn ours.
#[test]
fn users_read_the_words_of_the_field() {
    let mut all = BTreeMap::new();
    documents(root(), &mut all);
    let is_for_users = |place: &Path| {
        let pages = ["docs", "templates", "examples"].iter().any(|folder| place.starts_with(folder));
        let whole = ["README.md", "SECURITY.md", "CHANGELOG.md"].iter().any(|name| place == Path::new(name));
        (pages && !place.starts_with("docs/design")) || whole
    };
    let pages =
        all.iter().filter(|(place, _)| is_for_users(place)).map(|(place, text)| (place.clone(), readable(text)));
    let is_ours = |place: &Path| {
        let in_tests = place.iter().any(|part| part == "tests" || part == "tests.rs");
        (place.starts_with("src") || place.starts_with("crates")) && !in_tests
    };
    let sources = sources().into_iter().filter(|(place, _)| is_ours(place));
    let sources = sources.map(|(place, text)| (place, messages(&text)));
    let problems: Vec<String> = pages
        .chain(sources)
        .flat_map(|(place, text)| {
            let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
            lines.into_iter().map(move |line| (place.clone(), line))
        })
        .flat_map(|(place, line)| {
            let words = stumbling(&line);
            words.into_iter().map(move |word| format!("{}: {word:?}: {}", place.display(), line.trim()))
        })
        .collect();
    assert!(problems.is_empty(), "write what {WORDS:?} says:\n{}", problems.join("\n"));
    assert_eq!(stumbling("It is made Anew, and ghosts stay."), ["anew", "ghosts"]);
    assert!(stumbling("a renewed host").is_empty());
    assert_eq!(readable("A [word](anew.md) `anew` here\n```\nanew\n```\n").trim(), "A [word   here");
    assert_eq!(messages("// \"anew\"\nf(\"told {ghost} anew\");\n"), "told  anew");
}

/// The tests that the last cell of a row names: `path::test`.
fn shown_by(row: &str) -> Vec<(String, String)> {
    let cells: Vec<&str> = row.trim().trim_matches('|').split('|').collect();
    let last = cells.last().copied().unwrap_or_default();
    let named = last.split('`').skip(1).step_by(2).filter_map(|name| name.rsplit_once("::"));
    named.map(|(path, test)| (path.to_owned(), test.to_owned())).collect()
}

/// Whether the file has a test of that name: a function below a mark that makes it one.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_it = |line: &str| {
        let after = line.trim_start_matches("pub ").trim_start_matches("async ").strip_prefix("fn ");
        after.is_some_and(|rest| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('(')))
    };
    lines.iter().enumerate().any(|(index, line)| {
        let marks = lines.iter().take(index).rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        is_it(line) && marks.into_iter().any(|mark| mark.starts_with("#[test]") || mark.starts_with("#[tokio::test"))
    })
}

/// What is wrong with the rows of the tables below the heading whose last column is "shown by".
fn without_tests(page: &str, heading: &str, at_least: usize) -> Vec<String> {
    let page = fs::read_to_string(root().join(page)).unwrap();
    let (_, promises) = page.split_once(heading).expect("the first table of promises");
    let rows = promises.lines().filter(|line| line.starts_with('|'));
    let rows: Vec<&str> = rows.filter(|line| !line.starts_with("|---") && !line.ends_with("| shown by |")).collect();
    assert!(rows.len() >= at_least, "{rows:?}");
    let mut problems = Vec::new();
    for row in rows {
        let named = shown_by(row);
        if named.is_empty() {
            problems.push(format!("no test: {row}"));
        }
        for (path, test) in named {
            let below = if path.starts_with("src/") || path.starts_with("tests/") || path.starts_with("crates/") {
                root().join(&path)
            } else {
                root().join("acceptance-tests/tests").join(&path)
            };
            match fs::read_to_string(below) {
                Err(error) => problems.push(format!("{path}: {error}")),
                Ok(text) if !has_test(&text, &test) => problems.push(format!("{path} has no test {test}")),
                Ok(_) => {}
            }
        }
    }
    problems
}

/// A promise is worth the test that shows it.
#[test]
fn every_promise_of_the_threat_model_names_tests_that_exist() {
    let problems = without_tests("docs/design/threat-model.md", "## Secrets stay in memory", 11);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The README compares this provider with others only where a test shows what it says.
#[test]
fn every_comparison_of_the_readme_names_tests_that_exist() {
    let problems = without_tests("README.md", "## Beside other providers", 6);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_function_that_is_not_a_test_shows_nothing() {
    let text =
        "#[test]\n/// Why.\nfn shows() {}\n#[tokio::test(start_paused = true)]\nasync fn waits() {}\nfn helps() {}\n";
    assert!(has_test(text, "shows") && has_test(text, "waits"));
    assert!(!has_test(text, "helps") && !has_test(text, "show") && !has_test(text, "nowhere"));
    assert_eq!(
        shown_by("| a | b | `x.rs::y`, `src/z.rs::w` |"),
        [("x.rs".into(), "y".into()), ("src/z.rs".into(), "w".into())]
    );
}

/// Whatever `SECURITY.md` lists says where the threat model promises it.
#[test]
fn what_counts_as_a_vulnerability_is_in_the_threat_model() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (_, counts) = page.split_once("## What counts").expect("the part that lists what counts");
    let counts = counts.split("\n## ").next().unwrap();
    let items: Vec<String> =
        counts.split("\n- ").skip(1).map(|item| item.split("\n\n").next().unwrap().to_owned()).collect();
    assert!(items.len() >= 3, "{items:?}");
    for item in items {
        let linked = links(&item).iter().any(|link| link.starts_with("docs/design/threat-model.md#"));
        assert!(linked, "the threat model has no place for: {item}");
    }
}

/// Sources below the folders, by their place in the repository.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> =
        ["src", "crates", "tests", "benches", "acceptance-tests/src", "acceptance-tests/tests", "fuzz/fuzz_targets"]
            .map(|folder| root().join(folder))
            .into();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the folder is readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is UTF-8");
                found.push((path.strip_prefix(root()).expect("below the root").to_owned(), text));
            }
        }
    }
    found
}

/// What comments call a page, a source or a folder of this repository: from its root, in backticks.
fn cited(text: &str) -> Vec<&str> {
    let comments = text.lines().filter(|line| line.trim_start().starts_with("//"));
    let spans = comments.flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_ours = |span: &&str| {
        let below = [
            "docs/",
            "src/",
            "crates/",
            "tests/",
            "acceptance-tests/",
            "examples/",
            "templates/",
            "release/",
            "proto/",
        ];
        let named = below.iter().any(|folder| span.starts_with(folder)) && !span.contains(['<', '*', ' ', '$', '{']);
        named || (Path::new(span).extension().is_some_and(|extension| extension == "md") && !span.contains('/'))
    };
    spans.filter(is_ours).collect()
}

#[test]
fn comments_cite_what_is_there() {
    let all = sources();
    assert!(all.len() > 300, "the sources were not found: {}", all.len());
    let is_there = |place: &Path, cited: &str| {
        let path = cited.split("::").next().unwrap_or(cited).trim_end_matches('/');
        let beside = place.ancestors().skip(1).any(|folder| root().join(folder).join(path).exists());
        beside || root().join("docs/design").join(path).exists()
    };
    let dead: Vec<String> = all
        .iter()
        .flat_map(|(place, text)| cited(text).into_iter().map(move |cited| (place, cited)))
        .filter(|(place, cited)| !is_there(place, cited))
        .map(|(place, cited)| format!("{}: {cited}", place.display()))
        .collect();
    assert!(dead.is_empty(), "comments cite what is not there:\n{}", dead.join("\n"));
    assert_eq!(
        cited("//! See `docs/nowhere.md` and `facts.md`.\nlet a = \"`docs/x.md`\";"),
        ["docs/nowhere.md", "facts.md"]
    );
}
