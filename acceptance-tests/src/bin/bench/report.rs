//! The table of figures, and how figures are written. What is measured is not its business.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// A table in Markdown, printed as it grows.
#[derive(Debug)]
pub(crate) struct Report(String);

impl Report {
    /// A table without rows.
    pub(crate) fn begin() -> Self {
        let mut report = Self(String::new());
        report.line("| what | seen | to reach |");
        report.line("|---|---|---|");
        report
    }

    /// Writes it to a file, and says where.
    pub(crate) fn write(&self, file: &Path) {
        std::fs::write(file, &self.0).unwrap();
        println!("\nwritten to {}", file.display());
    }

    fn line(&mut self, text: &str) {
        println!("{text}");
        writeln!(self.0, "{text}").unwrap();
    }

    /// One figure: what, what was seen, and what it is to be.
    pub(crate) fn row(&mut self, what: &str, seen: &str, goal: &str) {
        self.line(&format!("| {what} | {seen} | {goal} |"));
    }
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Of a duration.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Of KiB.
#[allow(clippy::cast_precision_loss, reason = "a figure to read")]
pub(crate) fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

/// Of bytes.
#[allow(clippy::cast_precision_loss, reason = "a figure to read")]
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
