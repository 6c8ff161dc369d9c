//! The plugin's process.

use std::process::ExitCode;

use tazlab::environment::Environment;
use tazlab::provider::{PROGRAM, Tazlab};

fn main() -> ExitCode {
    PROGRAM.run(|| Tazlab::new(Environment::of_process()))
}
