//! The plugin's process: arguments, logs, wiring, exit code.

use std::io::Write;
use std::process::ExitCode;

use tazlab::plugin::{self, Environment, PluginError};
use tazlab::protocol::host::Host;
use tazlab::provider::{ADDRESSES, Tazlab, VERSION};

fn main() -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let mut arguments = std::env::args().skip(1);
    let argument = arguments.next();
    if argument.as_deref() == Some("--version") {
        return print(&format!("terraform-provider-tazlab {VERSION}\n"));
    }
    plugin::logging::install(variable);
    // The words of a panic may hold a secret: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a call panicked");
    }));
    let environment = Environment::read(variable);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}\n")),
    };
    let provider = Tazlab::new(tazlab::environment::Environment::of_process());
    let served = runtime.block_on(async {
        match argument.as_deref() {
            None => plugin::plugin(Host::new(provider), environment).await,
            Some("--debug") => plugin::debug(Host::new(provider), environment, &ADDRESSES).await,
            Some(_) => Err(PluginError::NotAPlugin),
        }
    });
    // A call that hangs is not waited for.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(PluginError::NotAPlugin) => fail(&plugin::by_hand(VERSION)),
        Err(error) => fail(&format!("terraform-provider-tazlab: {error}\n")),
    }
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(text: &str) -> ExitCode {
    // There is nowhere else to say it.
    drop(std::io::stderr().write_all(text.as_bytes()));
    ExitCode::FAILURE
}
