//! A type's program: called with `create`, `read`, `update` or `delete` as its argument and
//! `{"provider": …, "value": …}` on its input: the provider block, and what is planned or stored. What it prints is an object
//! with values for what was unknown; `null` from `read` means that the object is gone. It fails with its last line.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Runs the program of `name`, if the test has one.
pub(super) async fn run(
    folder: Option<&Path>,
    name: &str,
    operation: &str,
    input: &Value,
) -> Result<Option<Vec<u8>>, String> {
    let Some(program) = folder.map(|folder| folder.join(name)).filter(|program| program.is_file()) else {
        return Ok(None);
    };
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut child = Command::new(&program)
        .arg(operation)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program need not read its input.
        drop(pipe.write_all(input.to_string().as_bytes()).await);
    }
    let output = child.wait_with_output().await.map_err(failed)?;
    if output.status.success() {
        return Ok(Some(output.stdout));
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(told.lines().last().unwrap_or("it failed without a word").to_owned())
}
