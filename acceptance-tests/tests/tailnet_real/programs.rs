//! The control server's own tests, in Go: they need its module, so they run here.

use std::path::Path;
use std::process::Command;

#[test]
fn the_control_server_passes_its_own_tests() {
    let recipe = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed/programs/tailscale");
    // Built as the recipe builds, so that what is compiled for it is not compiled again.
    let output = Command::new("go")
        .args(["test", "-trimpath", "-count=1", "-timeout=5m", "./..."])
        .current_dir(recipe)
        .env("CGO_ENABLED", "0")
        .output()
        .expect("go is in PATH");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("ok  \ttazlab/testbed/tailscale/control"), "{said}");
}
