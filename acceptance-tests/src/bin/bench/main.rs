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
mod process;
mod report;
mod secrets;
mod tailnet;
mod vault;

use std::path::PathBuf;

use report::Report;

/// `bench FILE [--short] [--process]`: measures everything into a file; `--short` leaves out what takes longer than half a minute,
/// `--process` all that needs more than the process.
fn main() {
    let file = std::env::args_os().nth(1).map(PathBuf::from).expect("bench FILE [--short] [--process]");
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    let short = asked("--short");
    let mut report = Report::begin();
    process::sizes(&mut report);
    process::start_and_plan(&mut report);
    if !asked("--process") {
        with_terraform(&mut report, short);
    }
    report.write(&file);
}

fn with_terraform(report: &mut Report, short: bool) {
    secrets::walls(report, 100);
    if !short {
        secrets::walls(report, 1000);
    }
    coredns::first_install(report, if short { 1 } else { 5 });
    coredns::refused_corefile(report);
    vault::refresh(report, if short { 100 } else { 500 });
    tailnet::sweep(report, if short { 500 } else { 5000 });
}
