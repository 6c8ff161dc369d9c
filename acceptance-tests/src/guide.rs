//! Messages that the guides and the index quote. Each is compared with what a run told, so that no guide shows what nobody gets.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Run;

/// A message as a guide shows it: a block that begins with `Error: ` or `Warning: ` and the summary.
#[derive(Clone, Debug)]
pub struct Quote {
    severity: String,
    summary: String,
    detail: String,
}

impl Quote {
    /// The one whose first line is this, in whichever guide it is.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn of(first_line: &str) -> Self {
        let mut found: Vec<Self> = all().into_iter().filter(|quote| quote.first_line() == first_line).collect();
        assert_eq!(found.len(), 1, "the guides quote {first_line:?} {} times", found.len());
        found.remove(0)
    }

    /// With another name than the guide's.
    pub fn with(mut self, shown: &str, own: &str) -> Self {
        assert!(
            self.detail.contains(shown) || self.summary.contains(shown),
            "the quote does not say {shown}: {self:?}"
        );
        self.detail = self.detail.replace(shown, own);
        self.summary = self.summary.replace(shown, own);
        self
    }

    /// Its first line.
    pub fn first_line(&self) -> String {
        format!("{}: {}", self.severity, self.summary)
    }

    /// Is it among what the run told? `…` stands for anything.
    ///
    /// # Panics
    /// When it is not.
    pub fn is_told_by(&self, run: &Run) {
        let told = run.told(&self.severity.to_lowercase());
        let all = format!("| {} | {}", self.summary, self.detail);
        let says = |text: &String| {
            let text = one_line(text);
            let mut rest = text.as_str();
            all.split('…').all(|piece| match rest.split_once(one_line(piece).as_str()) {
                Some((_, after)) => {
                    rest = after;
                    true
                }
                None => false,
            })
        };
        assert!(told.iter().any(says), "nothing says what the guide shows,\n{all}\nbut:\n{told:#?}");
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where they are written.
fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates")
}

/// Every message that is quoted.
///
/// # Panics
/// When the documents cannot be read.
pub fn all() -> Vec<Quote> {
    let guides = fs::read_dir(templates().join("guides")).unwrap().flatten().map(|file| file.path());
    let files = guides.chain([templates().join("index.md.tmpl")]);
    files.flat_map(|file| quotes(&fs::read_to_string(file).unwrap())).collect()
}

fn quotes(text: &str) -> Vec<Quote> {
    let blocks = text.split("\n```\n").skip(1);
    let quote = |block: &str| {
        let (first, detail) = block.split_once('\n')?;
        let (severity, summary) = first.split_once(": ").filter(|(word, _)| matches!(*word, "Error" | "Warning"))?;
        Some(Quote { severity: severity.to_owned(), summary: summary.to_owned(), detail: one_line(detail) })
    };
    blocks.filter_map(quote).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(detail: &str) -> Run {
        let diagnostic = serde_json::json!({"severity": "error", "summary": "It is late", "detail": detail});
        let event = serde_json::json!({"type": "diagnostic", "diagnostic": diagnostic});
        let (command, stderr) = (String::new(), String::new());
        Run { command, code: Some(1), stdout: event.to_string(), stderr, took: std::time::Duration::ZERO }
    }

    fn quote() -> Quote {
        quotes("Text\n\n```\nError: It is late\n\nThe train of ten\no'clock … has left.\n```\n\n```\nno message\n```\n")
            .remove(0)
    }

    #[test]
    fn a_quote_is_compared_without_its_line_breaks() {
        quote().is_told_by(&run("The train of\n  ten o'clock, as always, has left."));
        quote().with("ten", "two").is_told_by(&run("The train of two o'clock (or so) has left."));
    }

    #[test]
    #[should_panic(expected = "nothing says what the guide shows")]
    fn another_message_is_none() {
        quote().is_told_by(&run("The train of ten o'clock will leave."));
    }
}
