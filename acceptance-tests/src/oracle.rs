//! Oracles: small Go programs that say what upstream's own code says. They are built on first use, and judge many texts in
//! one process.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

use crate::lock;

/// Where this package is.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A built oracle.
#[derive(Debug)]
pub struct Oracle(PathBuf);

impl Oracle {
    /// Builds `oracles/<name>`; `TAZLAB_<NAME>_ORACLE` names one that exists.
    ///
    /// # Panics
    /// When it cannot be built, with what is missing.
    #[must_use]
    pub fn build(name: &str) -> Self {
        let variable = format!("TAZLAB_{}_ORACLE", name.to_uppercase());
        if let Some(path) = std::env::var_os(&variable) {
            return Self(path.into());
        }
        let binary = root().join(format!("../target/oracles/{name}-oracle"));
        // Nobody starts it while another writes it.
        let _maker = lock::maker_of(&binary);
        let built = Command::new("go")
            // As the testbed's programs are built: what they have in common is compiled once.
            .env("CGO_ENABLED", "0")
            .args(["build", "-trimpath", "-o"])
            .arg(&binary)
            .arg(".")
            .current_dir(root().join("oracles").join(name))
            .status()
            .unwrap_or_else(|error| panic!("go: {error}: install Go 1.26, or set {variable} to a built oracle"));
        assert!(built.success(), "the oracle {name} does not build: see the words of go above");
        Self(binary)
    }

    /// What it prints.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn prints(&self, arguments: &[&str]) -> String {
        self.prints_in(Path::new("."), arguments)
    }

    /// What it prints when it runs in a folder.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn prints_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let run = Command::new(&self.0).args(arguments).current_dir(folder).output().expect("the oracle starts");
        assert!(run.status.success(), "the oracle failed: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).expect("the oracle prints UTF-8")
    }

    /// One verdict for each text: it reads frames of a decimal length, a newline and that many bytes, and prints a line of
    /// JSON for each.
    ///
    /// # Panics
    /// When it dies over a text, with which one.
    #[must_use]
    pub fn verdicts<T: DeserializeOwned>(&self, arguments: &[&str], folder: &Path, texts: &[String]) -> Vec<T> {
        let mut child = Command::new(&self.0)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the oracle starts");
        let mut input = child.stdin.take().expect("a pipe to the oracle");
        let output = BufReader::new(child.stdout.take().expect("a pipe from the oracle"));
        let found: Vec<T> = std::thread::scope(|scope| {
            scope.spawn(move || {
                for text in texts {
                    // When it has died, the missing verdict says so.
                    if write!(input, "{}\n{text}", text.len()).is_err() {
                        return;
                    }
                }
            });
            let lines = output.lines().map(|line| line.expect("a verdict"));
            lines.map(|line| serde_json::from_str(&line).expect("a verdict in JSON")).collect()
        });
        child.wait().expect("the oracle ends");
        assert_eq!(
            found.len(),
            texts.len(),
            "the oracle died over this:\n{}",
            texts.get(found.len()).map_or("", |t| t)
        );
        found
    }
}
