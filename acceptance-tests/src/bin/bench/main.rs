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
mod process;
mod report;
mod secrets;
mod tailnet;
mod vault;

use acceptance_tests::Testbed;
use report::Report;

/// Measures everything; `--short` leaves out what takes longer than half a minute.
fn main() {
    let short = std::env::args().any(|argument| argument == "--short");
    let mut report = Report::begin();
    process::sizes(&mut report);
    process::start_and_plan(&mut report);
    secrets::walls(&mut report, 100);
    if !short {
        secrets::walls(&mut report, 1000);
    }
    coredns::first_install(&mut report, if short { 1 } else { 5 });
    coredns::refused_corefile(&mut report);
    vault::refresh(&mut report, if short { 100 } else { 500 });
    tailnet::sweep(&mut report, if short { 500 } else { 5000 });
    let folder = Testbed::provider().parent().and_then(|folder| folder.parent()).unwrap().to_owned();
    report.write(&folder.join("bench.md"));
}
