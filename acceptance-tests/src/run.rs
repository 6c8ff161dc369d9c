//! What one run of Terraform did: exit code, output, and its machine-readable events.

use serde_json::Value;

/// One line of `-json` output.
pub type Event = Value;

/// A run that has ended.
#[derive(Debug)]
pub struct Run {
    /// What was run.
    pub command: String,
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// How long it took.
    pub took: std::time::Duration,
}

impl Run {
    /// # Panics
    /// When the run failed.
    pub fn succeeds(self) -> Self {
        assert!(matches!(self.code, Some(0 | 2)), "{self}");
        self
    }

    /// # Panics
    /// When the run did not fail.
    pub fn fails(self) -> Self {
        assert_eq!(self.code, Some(1), "{self}");
        self
    }

    fn events(&self) -> impl Iterator<Item = Event> {
        self.stdout.lines().filter_map(|line| serde_json::from_str(line).ok())
    }

    /// The events of one type, such as `action_progress`.
    #[must_use]
    pub fn events_of(&self, kind: &str) -> Vec<Event> {
        self.events().filter(|event| event["type"] == kind).collect()
    }

    /// Errors or warnings: summary, detail and address in one line each.
    #[must_use]
    pub fn told(&self, severity: &str) -> Vec<String> {
        let told =
            self.events().filter(|event| event["type"] == "diagnostic" && event["diagnostic"]["severity"] == severity);
        told.map(|event| {
            let part = |name: &str| event["diagnostic"][name].as_str().unwrap_or_default().to_owned();
            let at = event["diagnostic"]["range"]["start"]["line"].as_i64().unwrap_or_default();
            let code = event["diagnostic"]["snippet"]["code"].as_str().unwrap_or_default().trim().to_owned();
            format!("{} | {} | {} | line {at}: {code}", part("address"), part("summary"), part("detail"))
        })
        .filter(|text| !text.contains("Provider development overrides are in effect"))
        .collect()
    }

    /// The errors.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        self.told("error")
    }

    /// The warnings.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.told("warning")
    }

    /// One error, which says all of `words`.
    ///
    /// # Panics
    /// When there is none.
    pub fn error(&self, words: &[&str]) -> String {
        self.one_of(&self.errors(), words)
    }

    /// One warning, which says all of `words`.
    ///
    /// # Panics
    /// When there is none.
    pub fn warning(&self, words: &[&str]) -> String {
        self.one_of(&self.warnings(), words)
    }

    fn one_of(&self, all: &[String], words: &[&str]) -> String {
        let says = |text: &String| words.iter().all(|word| text.contains(word));
        all.iter()
            .find(|text| says(text))
            .cloned()
            .unwrap_or_else(|| panic!("nothing says {words:?}: {all:#?}\n{self}"))
    }

    /// What is planned: action by address, without what does not change.
    #[must_use]
    pub fn changes(&self) -> Vec<(String, String)> {
        let planned = self.events().filter(|event| event["type"] == "planned_change");
        planned
            .map(|event| {
                let part =
                    |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
                (part("/change/action"), part("/change/resource/addr"))
            })
            .collect()
    }

    /// # Panics
    /// When something is planned to change.
    pub fn changes_nothing(self) -> Self {
        assert_eq!(self.changes(), [], "{self}");
        self
    }

    /// # Panics
    /// When something else is planned than `action` of exactly one object.
    pub fn only(self, action: &str, address: &str) -> Self {
        assert_eq!(self.changes(), [(action.to_owned(), address.to_owned())], "{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{} ended with {:?} after {:?}\n{}\n{}",
            self.command, self.code, self.took, self.stdout, self.stderr
        )
    }
}
