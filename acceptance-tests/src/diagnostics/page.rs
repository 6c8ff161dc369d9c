//! `docs/design/diagnostics.md`: its form, written and read. What stands on it is decided in [`super::renewed`].

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Record, Sources};

const HEAD: &str = "# Diagnostics

What users are shown, for reviewers of its words: one example of each error and warning of each type, as the runs of the
acceptance tests have shown it. `acceptance-tests/diagnostics` writes this page from those runs, and a test compares it with the
sources: change a message there, run the suites that show it, and run the command again. `…` stands for what differs between runs.
";

const UNSEEN: &str = "\n## Shown by no suite\n
These summaries are in the sources, and no run of the acceptance tests has shown them: unit tests cover them, or other words stand
before or behind them.\n\n";

/// The page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What is on it, in its order.
    pub entries: Vec<Entry>,
}

/// What names an entry: the type, the severity, and the pattern of its summary.
pub type Key = (String, String, String);

/// One error or warning of one type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The type that it is about.
    pub section: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Its summary.
    pub summary: String,
    /// Its detail; empty where all of it are others' words.
    pub detail: String,
    /// The argument that it points at; empty for a whole block.
    pub at: String,
    /// The test that showed it.
    pub test: String,
}

impl Entry {
    /// The entry of what was shown. A detail in which nothing is of the sources cannot be checked, and is left out.
    #[must_use]
    pub fn of(record: &Record, sources: &Sources) -> Self {
        let detail = sources.pattern_in(&record.detail).map_or_else(String::new, |_| record.detail.clone());
        let Record { section, severity, summary, at, test, .. } = record.clone();
        Self { section, severity, summary, detail, at, test }
    }

    /// What names it; `None` where no source says it. The summary of a function's error is Terraform's.
    #[must_use]
    pub fn key(&self, sources: &Sources) -> Option<Key> {
        let pattern = match self.section.as_str() {
            "functions" => sources.pattern_in(&self.detail)?,
            _ => sources.pattern_of(&self.summary)?,
        };
        Some((self.section.clone(), self.severity.clone(), pattern.to_owned()))
    }

    pub(super) fn is_as(&self, other: &Self) -> bool {
        (&self.summary, &self.detail, &self.at) == (&other.summary, &other.detail, &other.at)
    }

    /// Why the provider cannot say this any more.
    #[must_use]
    pub fn problem(&self, sources: &Sources) -> Option<String> {
        let problem = match self.key(sources) {
            None => "no source says this",
            Some(_) if self.detail.is_empty() || sources.pattern_in(&self.detail).is_some() => return None,
            Some(_) => "no source has a word of this detail",
        };
        Some(format!("{}: {}: {}: {problem}", self.section, self.severity, self.summary))
    }
}

impl Page {
    /// Its text.
    #[must_use]
    pub fn render(&self, sources: &Sources) -> String {
        let (mut text, mut section) = (HEAD.to_owned(), "");
        for entry in &self.entries {
            if entry.section != section {
                section = &entry.section;
                let _ = write!(text, "\n## {section}\n");
            }
            let severity = if entry.severity == "error" { "Error" } else { "Warning" };
            let at = if entry.at.is_empty() { "The whole block".to_owned() } else { format!("At `{}`", entry.at) };
            let summary = escaped(&entry.summary);
            let _ = write!(text, "\n**{severity}: {summary}**\n\n{at}; shown by `{}`.\n", entry.test);
            if !entry.detail.is_empty() {
                let lines: Vec<String> =
                    entry.detail.split('\n').map(|line| format!("> {}", escaped(line)).trim_end().to_owned()).collect();
                let _ = write!(text, "\n{}\n", lines.join("\n"));
            }
        }
        let seen: BTreeSet<&str> = self.entries.iter().filter_map(|entry| sources.pattern_of(&entry.summary)).collect();
        let unseen: Vec<&str> = sources.summaries().filter(|summary| !seen.contains(summary)).collect();
        if !unseen.is_empty() {
            text.push_str(UNSEEN);
            for summary in unseen {
                let _ = writeln!(text, "- {}", escaped(summary));
            }
        }
        text
    }

    /// What is on a page of this text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut entries, mut section) = (Vec::<Entry>::new(), "");
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("## ") {
                section = name;
            } else if let Some(title) = line.strip_prefix("**").and_then(|line| line.strip_suffix("**")) {
                let Some((severity, summary)) = title.split_once(": ") else { continue };
                let (severity, summary) = (severity.to_lowercase(), unescaped(summary));
                let (section, none) = (section.to_owned(), String::new);
                entries.push(Entry { section, severity, summary, detail: none(), at: none(), test: none() });
            } else if let (Some(entry), Some((at, test))) = (entries.last_mut(), line.split_once("; shown by `")) {
                at.strip_prefix("At `").unwrap_or_default().trim_end_matches('`').clone_into(&mut entry.at);
                test.trim_end_matches("`.").clone_into(&mut entry.test);
            } else if let (Some(entry), Some(line)) = (entries.last_mut(), line.strip_prefix('>')) {
                if !entry.detail.is_empty() {
                    entry.detail.push('\n');
                }
                entry.detail.push_str(&unescaped(line.strip_prefix(' ').unwrap_or(line)));
            }
        }
        Self { entries }
    }
}

/// What Markdown would read as its own is marked; the rest is as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if matches!(character, '\\' | '<' | '*' | '`' | '[' | ']' | '#' | '|' | '_') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn unescaped(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text.chars());
    while let Some(character) = rest.next() {
        plain.extend(if character == '\\' { rest.next() } else { Some(character) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let text = |text: &str| text.to_owned();
        let entry = |section: &str, at: &str, detail: &str| Entry {
            section: text(section),
            severity: text("error"),
            summary: text("Cannot read Secret a_b/*"),
            detail: text(detail),
            at: text(at),
            test: text("suite::module::test"),
        };
        let entries = vec![
            entry("tazlab_a", "files", "Write `<name>` \\ here.\n\n- a [b](c)\n  # d | e"),
            entry("tazlab_a", "", ""),
            entry("tazlab_b", "", "One line."),
        ];
        let sources = Sources::of(&["fn f() { Diagnostic::error(\"Cannot do that\", \"A detail of the source.\") }"]);
        let page = Page { entries };
        let written = page.render(&sources);
        assert_eq!(Page::read(&written), page, "{written}");
        assert!(written.contains("## Shown by no suite") && written.contains("- Cannot do that\n"), "{written}");
    }

    #[test]
    fn what_no_source_says_is_a_problem() {
        let sources = Sources::of(&["fn f() { Diagnostic::error(\"Cannot do that\", \"A detail of the source.\") }"]);
        let entry = |summary: &str, detail: &str| Entry {
            section: "tazlab_a".to_owned(),
            severity: "error".to_owned(),
            summary: summary.to_owned(),
            detail: detail.to_owned(),
            at: String::new(),
            test: String::new(),
        };
        assert_eq!(entry("Cannot do that", "Now: A detail of the source.").problem(&sources), None);
        assert!(entry("Cannot do this", "").problem(&sources).is_some());
        assert!(entry("Cannot do that", "Something else entirely.").problem(&sources).is_some());
    }
}
