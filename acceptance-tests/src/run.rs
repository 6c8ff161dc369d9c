//! What one run of Terraform did: exit code, output, and its machine-readable events.

use std::time::Duration;

use serde_json::Value;

/// How much more a run may work than its control: other tests may have the machine meanwhile.
const BUSY: u32 = 8;

/// One line of `-json` output.
pub type Event = Value;

/// A run that has ended.
#[derive(Clone, Debug)]
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
    pub took: Duration,
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

    /// It waited for somebody no longer than `patience`; how long its work may take is told by `control`, a run of the same
    /// configuration that waits for nobody.
    ///
    /// # Panics
    /// When it took longer.
    pub fn waited_at_most(&self, patience: Duration, control: &Self) {
        let limit = patience + control.took * BUSY;
        assert!(self.took < limit, "longer than {limit:?}, where {} took {:?}: {self}", control.command, control.took);
    }

    /// It took less than so many times what `control` took, a run that waits as long for the same.
    ///
    /// # Panics
    /// When it took longer.
    pub fn took_at_most(&self, times: u32, control: &Self) {
        let limit = control.took * times;
        assert!(self.took < limit, "longer than {limit:?}, {times} times as long as {}: {self}", control.command);
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn run(seconds: u64) -> Run {
        let took = Duration::from_secs(seconds);
        Run { command: "terraform plan".into(), code: Some(0), stdout: String::new(), stderr: String::new(), took }
    }

    #[test]
    fn a_bound_grows_with_its_control() {
        let patience = Duration::from_secs(5);
        run(12).waited_at_most(patience, &run(1));
        assert!(std::panic::catch_unwind(|| run(13).waited_at_most(Duration::from_secs(5), &run(1))).is_err());
        run(84).waited_at_most(patience, &run(10));
        run(11).took_at_most(2, &run(6));
        assert!(std::panic::catch_unwind(|| run(12).took_at_most(2, &run(6))).is_err());
    }

    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    /// A bound in seconds holds on a machine that has nothing else to do, and there only.
    #[test]
    fn no_test_bounds_a_run_by_seconds_alone() {
        let mut files = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut files);
        assert!(files.len() > 50, "the tests were not found");
        let mut bounds = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let asserts = text.lines().filter(|line| line.contains("took") && line.contains("assert"));
            let bounded = asserts.filter(|line| {
                let limit = line.split_once(" < ").or_else(|| line.split_once(" <= ")).map(|(_, limit)| limit);
                let ranges = line.contains(".contains(");
                ranges
                    || limit.is_some_and(|limit| {
                        !limit.starts_with("limit") && !limit.contains("from_mins") && !limit.contains(" * ")
                    })
            });
            bounds.extend(bounded.map(|line| format!("{}: {}", file.display(), line.trim())));
        }
        assert!(bounds.is_empty(), "use Run::waited_at_most, Run::took_at_most, or minutes: {bounds:#?}");
    }
}
