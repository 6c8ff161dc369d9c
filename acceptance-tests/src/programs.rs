//! The testbed's programs that a test runs itself, where it needs them for itself.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The path of a program, or of the folder that its recipe makes. It is built where it is not yet.
///
/// # Panics
/// When it cannot be had.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed/program");
    let output = Command::new(script).arg(name).output().expect("the testbed's programs");
    assert!(output.status.success(), "no {name}: {}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}
