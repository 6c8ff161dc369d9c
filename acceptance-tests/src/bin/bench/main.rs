//! Measures the release build: `make bench`. Nothing here is a test; figures go to a file and to the screen.
//!
//! This module says what is measured and in which order; each room's figures have a file of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a measurement that fails says so and ends"
)]

mod coredns;
mod floor;
mod manifests;
mod peer;
mod process;
mod report;
mod secrets;
mod tailnet;
mod vault;

use std::path::PathBuf;

use peer::Peer;
use report::Report;

/// `bench FILE [--short] [--process] [--manifests] [--peer PATH]`: measures everything into a file; `--short` leaves out what takes longer
/// than half a minute, `--process` all that needs more than the process, `--manifests` all but the manifests. `--peer` is a built
/// `hashicorp/kubernetes`, to run beside.
fn main() {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let file = file.expect("bench FILE [--short] [--process] [--manifests] [--peer PATH]");
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    let short = asked("--short");
    let peer = std::env::args_os().skip_while(|argument| argument != "--peer").nth(1);
    let peer = peer.map(|path| Peer(PathBuf::from(path).canonicalize().expect("the peer's binary")));
    let mut report = Report::begin();
    if asked("--manifests") {
        manifests::walls(&mut report, if short { 100 } else { 500 });
        return report.write(&file);
    }
    process::sizes(&mut report);
    process::start_and_plan(&mut report);
    if !asked("--process") {
        with_terraform(&mut report, short, peer.as_ref());
    }
    report.write(&file);
}

fn with_terraform(report: &mut Report, short: bool, peer: Option<&Peer>) {
    secrets::walls(report, 100, peer);
    if !short {
        secrets::walls(report, 1000, peer);
    }
    manifests::walls(report, if short { 100 } else { 500 });
    coredns::first_install(report, if short { 1 } else { 5 });
    coredns::refused_corefile(report);
    vault::refresh(report, if short { 100 } else { 500 });
    tailnet::sweep(report, if short { 500 } else { 5000 });
}
