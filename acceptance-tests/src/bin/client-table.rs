//! Prints the table of what was shown to work with which client: `client-table REPORT…`, one folder a client, as
//! `acceptance-tests/testacc` had them written.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let reports: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match acceptance_tests::client::table(&reports) {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(missing) => {
            eprintln!("error: {missing}");
            ExitCode::FAILURE
        }
    }
}
