//! A Terraform at work: watched, interrupted, waited for.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::usage::{self, Usage};
use crate::{Run, diagnostics, poll};

/// No run of a test takes longer.
const LIMIT: Duration = Duration::from_mins(5);

/// Terraform at work.
#[derive(Debug)]
pub struct Started {
    pub(crate) child: Child,
    pub(crate) out: PathBuf,
    pub(crate) err: PathBuf,
    pub(crate) command: String,
    pub(crate) since: Instant,
}

impl Started {
    /// What it has printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }

    /// The process of Terraform itself.
    #[must_use]
    pub fn terraform(&self) -> u32 {
        self.child.id()
    }

    /// The provider that it has at work now: one follows another in a run.
    #[must_use]
    pub fn provider(&self) -> Option<u32> {
        usage::provider_of(self.child.id())
    }

    /// Has it ended?
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Watches the provider that it starts, until it ends.
    #[must_use]
    pub fn watch_provider(&self) -> std::thread::JoinHandle<Usage> {
        let parent = self.child.id();
        std::thread::spawn(move || usage::watch(parent))
    }

    /// Waits until its output says all of `words`.
    pub fn says(&self, limit: Duration, words: &str) {
        poll::until(limit, &format!("{words:?} from {}", self.command), || self.output().contains(words).then_some(()));
    }

    /// Sends a signal to Terraform and what it started, as Ctrl-C in a terminal does.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn signal(&self, signal: &str) {
        let group = format!("-{}", self.child.id());
        let sent = Command::new("kill").args(["-s", signal, "--", &group]).status().unwrap();
        assert!(sent.success(), "kill -s {signal} {group}");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end within five minutes: it is killed.
    #[must_use]
    pub fn end(mut self) -> Run {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                self.signal("KILL");
                panic!("{} did not end within {LIMIT:?}: {}", self.command, self.output());
            }
            std::thread::park_timeout(Duration::from_millis(20));
        };
        let run = Run {
            command: self.command.clone(),
            code: status.code(),
            took: self.since.elapsed(),
            stdout: self.output(),
            stderr: fs::read_to_string(&self.err).unwrap_or_default(),
        };
        diagnostics::note(&run);
        run
    }
}
