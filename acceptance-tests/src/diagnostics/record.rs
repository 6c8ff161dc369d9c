//! Notes what a run of Terraform showed: one line a diagnostic in `target/diagnostics`, a folder for each build of the provider and a
//! file for each suite. What differs from run to run (ports, times, random names, this machine's folders) is left out.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Run, Testbed};

/// A longer detail is a list of many objects.
const LONGEST: usize = 3000;

/// A diagnostic that was shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// The type that it is about, or `provider`.
    pub section: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Its summary.
    pub summary: String,
    /// Its detail.
    pub detail: String,
    /// The argument that it points at; empty for a whole block.
    pub at: String,
    /// The suite and the test.
    pub test: String,
}

/// What was noted of the built provider.
///
/// # Panics
/// When a note is none.
#[must_use]
pub fn records() -> Vec<Record> {
    let files = folder().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = files.map(|file| file.path()).collect();
    paths.sort();
    let texts = paths.iter().map(|path| fs::read_to_string(path).expect("a note is readable"));
    let mut all: Vec<Record> = texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).expect("a note")).collect::<Vec<_>>())
        .collect();
    all.sort();
    all
}

/// Where the notes of the built provider are; `None` where none is built.
fn folder() -> Option<PathBuf> {
    let built = fs::metadata(Testbed::built_provider().ok()?).ok()?;
    let since = built.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| super::root().join("target"), PathBuf::from);
    Some(target.join("diagnostics").join(format!("{since:x}-{:x}", built.len())))
}

/// Notes what the run showed.
pub(crate) fn note(run: &Run) {
    let shown = shown(run);
    let (Some(folder), false) = (folder(), shown.is_empty()) else { return };
    let Some((suite, test)) = running() else { return };
    fs::create_dir_all(&folder).expect("the folder of the notes");
    let lines: String = shown
        .into_iter()
        .map(|record| Record { test: format!("{suite}::{test}"), ..record })
        .map(|record| serde_json::to_string(&record).expect("texts") + "\n")
        .collect();
    let file = fs::OpenOptions::new().create(true).append(true).open(folder.join(format!("{suite}.jsonl")));
    // At once: several tests of a suite write here.
    file.expect("the file of the notes").write_all(lines.as_bytes()).expect("noted");
}

/// The suite and the test that this thread runs; `None` outside of one.
fn running() -> Option<(String, String)> {
    let program = std::env::current_exe().ok()?;
    let (suite, _) = program.file_stem()?.to_str()?.rsplit_once('-')?;
    let test = std::thread::current().name().filter(|name| *name != "main")?.to_owned();
    Some((suite.to_owned(), test))
}

fn shown(run: &Run) -> Vec<Record> {
    let events = run.events_of("diagnostic").into_iter().map(|event| event["diagnostic"].clone());
    let whole = serde_json::from_str::<Value>(&run.stdout).ok();
    let listed = whole.and_then(|whole| whole["diagnostics"].as_array().cloned()).unwrap_or_default();
    let of_json = events.chain(listed).filter_map(|diagnostic| of_json(&diagnostic));
    let text = [run.stdout.as_str(), run.stderr.as_str()].into_iter().flat_map(of_text);
    of_json.chain(text).map(normalised).collect()
}

fn of_json(diagnostic: &Value) -> Option<Record> {
    let text = |pointer: &str| diagnostic.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let block = text("/snippet/context");
    let place = if block.is_empty() { text("/address") } else { block };
    let detail = text("/detail");
    Some(Record {
        section: section(&place, &[detail.as_str(), &text("/snippet/code")].concat())?,
        severity: text("/severity"),
        summary: text("/summary"),
        at: argument(&text("/snippet/code")),
        detail,
        test: String::new(),
    })
}

/// What is printed without `-json`: `Error: summary`, where, and the detail in lines of 78 characters.
fn of_text(output: &str) -> Vec<Record> {
    let starts = |line: &str| line.starts_with("Error: ") || line.starts_with("Warning: ");
    let mut lines = output.lines().map(|line| line.trim_start_matches(['│', '╷', '╵']).trim_end()).peekable();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some((severity, summary)) = line.split_once(": ").filter(|_| starts(line)) else { continue };
        let (mut place, mut at, mut detail) = (String::new(), String::new(), Vec::new());
        while let Some(line) = lines.next_if(|line| !starts(line)) {
            match line.strip_prefix("  ") {
                Some(inner) if detail.iter().all(|line: &&str| line.is_empty()) => {
                    place =
                        inner.split_once(", in ").map_or(place, |(_, block)| block.trim_end_matches(':').to_owned());
                    at = inner.trim_start().split_once(": ").map_or(at, |(_, code)| argument(code));
                }
                _ => detail.push(line),
            }
        }
        let paragraphs: Vec<String> = detail.split(|line| line.is_empty()).map(|lines| lines.join(" ")).collect();
        let detail = paragraphs.join("\n\n").trim().to_owned();
        if let Some(section) = section(&place, &detail) {
            let (severity, summary) = (severity.to_lowercase(), summary.to_owned());
            found.push(Record { section, severity, summary, detail, at, test: String::new() });
        }
    }
    found
}

/// The type of the block or the address; `None` where it is another provider's. `words` are the detail and the code.
fn section(place: &str, words: &str) -> Option<String> {
    if words.contains("provider::tazlab::") && !place.contains("tazlab_") {
        return Some("functions".to_owned());
    }
    if place.is_empty() || place.contains("provider \"tazlab\"") {
        return Some("provider".to_owned());
    }
    let (before, rest) = place.split_once("tazlab_")?;
    let name: String = rest.chars().take_while(|one| one.is_alphanumeric() || *one == '_').collect();
    // `data "tazlab_…"` of a block, `data.tazlab_…` of an address.
    let kind = before.trim_end_matches([' ', '"', '.']).rsplit(['.', ' ', ']']).next().unwrap_or_default();
    Some(match kind {
        "data" | "ephemeral" | "list" | "action" => format!("{kind}.tazlab_{name}"),
        _ => format!("tazlab_{name}"),
    })
}

/// The name before the sign of equality of a line of code.
fn argument(code: &str) -> String {
    let name = code.split_once('=').map_or("", |(name, _)| name.trim());
    let is_name = !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
    if is_name { name.to_owned() } else { String::new() }
}

fn normalised(record: Record) -> Record {
    let detail: String = plain(&record.detail).chars().take(LONGEST).collect();
    Record { summary: plain(&record.summary), detail, ..record }
}

/// Without what differs between two runs, or between two machines.
fn plain(text: &str) -> String {
    static RULES: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
        let repository = super::root().canonicalize().unwrap_or_default();
        let folders = [std::env::temp_dir(), repository, Path::new(&home).to_owned()];
        let folders = folders.map(|folder| regex::escape(&folder.display().to_string())).join("|");
        let rule = |pattern: &str, with: &'static str| (Regex::new(pattern).expect("a pattern"), with);
        vec![
            rule(&format!(r#"(?:{folders})/(?:[^\s"'`,;:()]*/)?"#), "…/"),
            rule(r"(127\.0\.0\.1|localhost|\[::1\]):\d+", "$1:…"),
            rule(r"\b(10\.244|172\.\d+)\.\d+\.\d+\b", "$1.…"),
            rule(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "…"),
            rule(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "…"),
            rule(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "…"),
            // A pod, and what the tests name at random.
            rule(r"-[0-9a-f]{8,10}-[a-z0-9]{5}\b", "-…"),
            rule(r"-[0-9a-f]{8}\b", "-…"),
            rule(r"\b[A-Za-z0-9+/]{40,}={0,2}", "…"),
            rule(r"\b[A-Za-z0-9_-]{43,}", "…"),
            rule(r"\b[0-9a-f]{16,}\b", "…"),
            rule(r"\b\d+\.\d+ ?(ns|µs|ms|s)\b", "… $1"),
        ]
    });
    let text = rules.iter().fold(text.to_owned(), |text, (rule, with)| rule.replace_all(&text, *with).into_owned());
    let random = Regex::new(r"\b[A-Za-z0-9]{24}\b").expect("a pattern");
    let has_both = |word: &str| word.contains(|one: char| one.is_ascii_digit()) && word.contains(char::is_alphabetic);
    let hidden = |found: &regex::Captures<'_>| if has_both(&found[0]) { "…".to_owned() } else { found[0].to_owned() };
    random.replace_all(&text, hidden).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stdout: &str, stderr: &str) -> Run {
        let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
        Run { command: String::new(), code: Some(1), stdout, stderr, took: std::time::Duration::ZERO }
    }

    #[test]
    fn both_forms_of_output_are_read() {
        let diagnostic = serde_json::json!({
            "severity": "error", "summary": "Cannot read it", "detail": "It is\n\nlate.", "address": "module.a.data.tazlab_dns_lookup.b",
            "snippet": {"context": null, "code": "  name = \"x\""},
        });
        let event = serde_json::json!({"type": "diagnostic", "diagnostic": diagnostic}).to_string();
        let validated = serde_json::json!({"valid": false, "diagnostics": [diagnostic]}).to_string();
        let text = "\nError: Cannot read it\n\n  with module.a.data.tazlab_dns_lookup.b,\n  on main.tf line 3, in data \"tazlab_dns_lookup\" \"b\":\n   3:   name = \"x\"\n\nIt\nis\n\nlate.\n\nWarning: Another\n\n  on main.tf line 1, in resource \"talos_machine\" \"b\":\n   1: x\n\nNothing.\n";
        let expected = Record {
            section: "data.tazlab_dns_lookup".to_owned(),
            severity: "error".to_owned(),
            summary: "Cannot read it".to_owned(),
            detail: "It is\n\nlate.".to_owned(),
            at: "name".to_owned(),
            test: String::new(),
        };
        for run in [run(&event, ""), run(&validated, ""), run("", text)] {
            assert_eq!(shown(&run), std::slice::from_ref(&expected), "{run}");
        }
    }

    #[test]
    fn nothing_of_one_run_is_left() {
        for (told, expected) in [
            ("https://127.0.0.1:34567/v1", "https://127.0.0.1:…/v1"),
            ("Secret test-life-0a1b2c3d/a in pod coredns-7d9f8b6c5f-x2x4z", "Secret test-life-…/a in pod coredns-…"),
            ("uid 01234567-89ab-cdef-0123-456789abcdef at 2026-11-30T13:55:01Z", "uid … at …"),
            ("after 2.35s, policy test-abcdefghijkl012345678901", "after … s, policy test-…"),
            (
                "a sentence of words that are long: internationalizations",
                "a sentence of words that are long: internationalizations",
            ),
        ] {
            assert_eq!(plain(told), expected);
        }
        let file = std::env::temp_dir().join(".tmpAbC/sources/token");
        assert_eq!(plain(&format!("{}: late", file.display())), "…/token: late");
    }
}
