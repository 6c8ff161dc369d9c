//! The diagnostics that users meet: noted during the runs of the suites ([`record`]), compared with what the sources can say
//! ([`source`]), and written to `docs/design/diagnostics.md` ([`page`]). What a diagnostic should say is decided in the provider.

mod page;
mod record;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use page::{Entry, Key, Page};
pub(crate) use record::note;
pub use record::{Record, records};
pub use source::Sources;

/// Where the page is.
#[must_use]
pub fn place() -> PathBuf {
    root().join("docs/design/diagnostics.md")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The page as it becomes with these records. Suites that did not run leave their entries as they are: an entry goes when the
/// sources cannot say it any more, and its example changes only when the runs that showed it show another one.
#[must_use]
pub fn renewed(page: &Page, records: &[Record], sources: &Sources) -> Page {
    let mut examples: BTreeMap<Key, BTreeMap<Entry, usize>> = BTreeMap::new();
    for record in records {
        let entry = Entry::of(record, sources);
        if let Some(key) = entry.key(sources) {
            *examples.entry(key).or_default().entry(entry).or_default() += 1;
        }
    }
    let mut entries: BTreeMap<Key, Entry> = BTreeMap::new();
    for entry in page.entries.iter().filter(|entry| entry.problem(sources).is_none()) {
        if let Some(key) = entry.key(sources) {
            entries.insert(key, entry.clone());
        }
    }
    for (key, seen) in examples {
        let kept = entries.get(&key).is_some_and(|entry| seen.keys().any(|other| entry.is_as(other)));
        if kept {
            continue;
        }
        // The most frequent, and among those the first: what one run in ten shows is no example.
        let most = seen.into_iter().max_by(|(one, count), (other, more)| count.cmp(more).then(other.cmp(one)));
        if let Some((entry, _)) = most {
            entries.insert(key, entry);
        }
    }
    Page { entries: entries.into_values().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources::of(&[
            "fn f() { Diagnostic::warning(\"The Secret will change\", format!(\"Secret {id}: keys {keys} are written.\")) }",
            "fn g() { failure.diagnostic(format!(\"Cannot read {title}\"), at) }\n/// \"No text\"\nmod tests { const A: &str = \"What a test says\"; }",
        ])
    }

    fn record(summary: &str, detail: &str, test: &str) -> Record {
        Record {
            section: "tazlab_bootstrap_secret".to_owned(),
            severity: "warning".to_owned(),
            summary: summary.to_owned(),
            detail: detail.to_owned(),
            at: "files".to_owned(),
            test: test.to_owned(),
        }
    }

    #[test]
    fn an_example_stays_until_its_runs_show_another() {
        let change = "The Secret will change";
        let first = [record(change, "Secret a/b: keys x are written.", "s::t"), record("No such thing", "", "s::t")];
        let page = renewed(&Page::default(), &first, &sources());
        assert_eq!(page.entries.len(), 1, "what no source says is Terraform's own: {page:?}");
        assert_eq!(renewed(&page, &[], &sources()), page, "no suite ran");
        let more = [record(change, "Secret a/c: keys x are written.", "s::u"), first[0].clone()];
        assert_eq!(renewed(&page, &more, &sources()), page, "the example was shown again");
        let other = renewed(&page, &more[..1], &sources());
        assert_eq!(other.entries[0].detail, "Secret a/c: keys x are written.");
        let reworded =
            Sources::of(&["fn f() { Diagnostic::warning(\"The Secret changes\", \"Some keys are written.\") }"]);
        assert_eq!(renewed(&page, &[], &reworded), Page::default());
    }

    #[test]
    fn the_kept_page_is_what_the_sources_can_say() {
        let sources = Sources::of_repository();
        let text = std::fs::read_to_string(place()).unwrap();
        let page = Page::read(&text);
        let problems: Vec<String> = page.entries.iter().filter_map(|entry| entry.problem(&sources)).collect();
        assert!(
            problems.is_empty(),
            "{}\nrun the suites that show these, then acceptance-tests/diagnostics",
            problems.join("\n")
        );
        assert!(page.entries.len() > 100, "only {} entries were read", page.entries.len());
        assert!(page.render(&sources) == text, "acceptance-tests/diagnostics writes docs/design/diagnostics.md");
    }
}
