//! The small provider of the protocol tests as a plugin, put together like the real one.

use std::process::ExitCode;

use acceptance_tests::notebook::Notebook;
use tazlab::plugin::{self, Environment};
use tazlab::protocol::host::Host;

#[tokio::main]
async fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    plugin::logging::install(variable);
    match plugin::plugin(Host::new(Notebook), Environment::read(variable)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
