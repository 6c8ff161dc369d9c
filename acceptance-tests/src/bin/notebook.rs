//! The small provider of the protocol tests as a plugin, put together like the real one.

use std::process::ExitCode;

use acceptance_tests::notebook::Notebook;
use tf_plugin::Program;
use tf_plugin::plugin::{self, Environment};
use tf_plugin::protocol::host::Host;

#[tokio::main]
async fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let program = Program { name: "notebook", version: "0.0.0", addresses: &[], crates: &["acceptance_tests"] };
    plugin::logging::install(&program, variable);
    match plugin::plugin(Host::new(Notebook), Environment::read(variable)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
