//! What the testbed's scripts share, where it can be tried without a testbed.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test says what failed by panicking")]

use std::path::Path;
use std::process::{Command, Output};

fn sourced(script: &str) -> (Output, tempfile::TempDir) {
    let (folder, testbed) =
        (tempfile::tempdir().unwrap(), Path::new(env!("CARGO_MANIFEST_DIR")).join("acceptance-tests/testbed"));
    let output = Command::new("bash")
        .args(["-c", &format!(". ./place.bash; {script}")])
        .current_dir(testbed)
        .env("TAZLAB_TESTBED_CACHE", folder.path())
        .output()
        .expect("bash runs");
    (output, folder)
}

#[test]
fn a_step_takes_any_command_and_keeps_its_output() {
    let tried = [
        ("true", "true.log"),
        ("echo --bin fake", "echo---bin.log"),
        ("echo -n", "echo--n.log"),
        ("/bin/echo ../a/b", "echo-b.log"),
        ("echo ''", "echo.log"),
    ];
    for (command, log) in tried {
        let (output, folder) = sourced(&format!("will 1 1; step 'a title' {command}"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("1/2 a title"), "{command}: {said}");
        assert!(folder.path().join("logs").join(log).exists(), "{command}: {log}");
    }
    let (output, _folder) = sourced("step 'a title' bash -c 'echo why; exit 3'");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("| why"), "{said}");
}
