//! Stands in for the provider that it is called after: as `terraform-provider-helm` for Helm's. See `acceptance_tests::stand_in`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use acceptance_tests::stand_in::{PROGRAMS, StandIn};
use tf_plugin::Program;
use tf_plugin::plugin::{self, Environment};

#[tokio::main]
async fn main() -> ExitCode {
    let called = std::env::args().next().unwrap_or_default();
    let file = Path::new(&called).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = file.rsplit('-').next().unwrap_or_default();
    let stand_in = StandIn::of(name, std::env::var_os(PROGRAMS).map(PathBuf::from));
    let variable = |name: &str| std::env::var(name).ok();
    let program = Program { name: "stand-in", version: "0.0.0", addresses: &[], crates: &["acceptance_tests"] };
    plugin::logging::install(&program, variable);
    match plugin::plugin(stand_in, Environment::read(variable)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
