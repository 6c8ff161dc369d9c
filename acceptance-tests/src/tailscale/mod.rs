//! A real tailnet: Tailscale's own operator, proxies and nodes, against a control server of ours (`testbed/programs/tailscale`). What
//! the API answers where Tailscale's own is meant (faults, ages, shared devices) is [`Tailnet`](crate::Tailnet)'s.

mod control;
mod node;
mod operator;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::programs;

pub use control::{Client, ControlServer};
pub use node::TailnetNode;
pub use operator::{TailscaleOperator, image};

/// A program of the recipe, or what lies beside it.
fn part(name: &str) -> PathBuf {
    programs::program("tailscale").join(name)
}

/// The program that asks an API of a tailnet with Tailscale's own client; its `main.go` says what it needs.
#[must_use]
pub fn answers() -> PathBuf {
    part("answers")
}

/// A program that runs as long as its standard input is open: it ends with this value, and with the test's process.
#[derive(Debug)]
struct Attached(Child);

impl Attached {
    /// Starts it; gives the JSON of the first line that it prints.
    ///
    /// # Panics
    /// When it ends without one.
    fn start(command: &mut Command) -> (Self, Value) {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{command:?}: {error}: {line:?}"));
        (Self(child), said)
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Lets the certificate of the testbed's API server be for this name, too, as `certSANs` in a cluster's configuration do.
///
/// # Panics
/// When the cluster is not the testbed's own.
pub fn certify(name: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed/kind-cluster");
    let output = Command::new(script).args(["certify", name]).output().expect("a script of the testbed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A request with basic authentication by a key alone, as the API takes it; gives the status and the answer's JSON.
fn ask(method: &str, url: &str, key: &str, body: Option<&Value>) -> (u16, Value) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut settings = vec![
        "silent".to_owned(),
        "max-time = 20".to_owned(),
        "noproxy = \"*\"".to_owned(),
        format!("request = {method}"),
        format!("url = {}", quoted(url)),
        format!("user = {}", quoted(&format!("{key}:"))),
        "write-out = \"\\n%{http_code}\"".to_owned(),
    ];
    settings.extend(body.map(|body| format!("data = {}", quoted(&body.to_string()))));
    // Neither key nor body among the arguments.
    let mut curl = Command::new("curl")
        .args(["--config", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("curl");
    curl.stdin.take().unwrap().write_all(settings.join("\n").as_bytes()).unwrap();
    let output = curl.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, code) = text.rsplit_once('\n').unwrap_or_default();
    (code.parse().unwrap_or_default(), serde_json::from_str(body).unwrap_or_default())
}
