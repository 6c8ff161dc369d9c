//! Writes `docs/design/diagnostics.md` from what the suites have shown of the built provider; `diagnostics --check` says what is
//! missing on it and changes nothing.

use std::process::ExitCode;

use acceptance_tests::diagnostics::{Entry, Page, Sources, place, records, renewed};

fn main() -> ExitCode {
    let check = std::env::args().nth(1).is_some_and(|argument| argument == "--check");
    let (sources, records, place) = (Sources::of_repository(), records(), place());
    let text = std::fs::read_to_string(&place).unwrap_or_default();
    let before = Page::read(&text);
    let after = renewed(&before, &records, &sources);
    eprintln!("{} diagnostics were noted, the page has {} entries", records.len(), after.entries.len());
    if !check {
        return match std::fs::write(&place, after.render(&sources)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {}: {error}", place.display());
                ExitCode::FAILURE
            }
        };
    }
    // An example that another variant replaced is no error: only what no reviewer has seen, and what nobody says any more.
    let named = |page: &Page| -> Vec<String> {
        let key = |entry: &Entry| {
            entry.key(&sources).map(|(section, severity, text)| format!("{section}: {severity}: {text}"))
        };
        page.entries.iter().map(|entry| key(entry).unwrap_or_else(|| entry.summary.clone())).collect()
    };
    let (old, new) = (named(&before), named(&after));
    let missing: Vec<&String> = new.iter().filter(|name| !old.contains(name)).collect();
    let stale: Vec<&String> = old.iter().filter(|name| !new.contains(name)).collect();
    if missing.is_empty() && stale.is_empty() && before.render(&sources) == text {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "error: docs/design/diagnostics.md: missing: {missing:#?}; stale: {stale:#?}: run acceptance-tests/diagnostics and commit"
    );
    ExitCode::FAILURE
}
