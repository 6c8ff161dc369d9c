//! The program that a provider is: arguments, logs, wiring, exit code. What is served does not belong here.

use std::io::Write;
use std::process::ExitCode;

use crate::framework::provider::Provider;
use crate::plugin::{self, Environment, PluginError};
use crate::protocol::host::Host;

/// What a program says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The provider's name in configurations, `random`: the program is called `terraform-provider-random`.
    pub name: &'static str,
    /// Its version, `1.2.3`.
    pub version: &'static str,
    /// Its addresses in registries, `registry.terraform.io/hashicorp/random`: each client asks for a provider by its own.
    pub addresses: &'static [&'static str],
    /// The crates whose events are written to the log, by the beginnings of their names. What other libraries log may hold headers
    /// and bodies.
    pub crates: &'static [&'static str],
}

impl Program {
    /// Does what the process was started for, and gives its exit code: as Terraform's plugin, with `--debug` for whoever has the
    /// variable that it prints, with `--version` for people.
    pub fn run<P: Provider>(&self, provider: impl FnOnce() -> P) -> ExitCode {
        let variable = |name: &str| std::env::var(name).ok();
        let mut arguments = std::env::args().skip(1);
        let argument = arguments.next();
        if argument.as_deref() == Some("--version") {
            return print(&format!("terraform-provider-{} {}\n", self.name, self.version));
        }
        plugin::logging::install(self, variable);
        // The words of a panic may hold a secret: only its place is told.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a call panicked");
        }));
        let environment = Environment::read(variable);
        #[cfg(unix)]
        plugin::children::leave_terminal();
        let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&format!("cannot start: {error}\n")),
        };
        let host = Host::new(provider());
        let served = runtime.block_on(async {
            match argument.as_deref() {
                None => plugin::plugin(host, environment).await,
                Some("--debug") => plugin::debug(host, environment, self.addresses).await,
                Some(_) => Err(PluginError::NotAPlugin),
            }
        });
        // A call that hangs is not waited for.
        runtime.shutdown_background();
        match served {
            Ok(()) => ExitCode::SUCCESS,
            Err(PluginError::NotAPlugin) => fail(&self.by_hand()),
            Err(error) => fail(&format!("terraform-provider-{}: {error}\n", self.name)),
        }
    }

    /// What a human reads who started the plugin by hand.
    fn by_hand(&self) -> String {
        let Self { name, version, addresses, .. } = self;
        let source =
            addresses.first().map_or(*name, |address| address.split_once('/').map_or(*address, |(_, rest)| rest));
        format!(
            "This is terraform-provider-{name} {version}, a plugin that Terraform and OpenTofu start by themselves.\n\
             To use it, name it in a configuration:\n\n  \
             terraform {{\n    required_providers {{\n      {name} = {{ source = \"{source}\" }}\n    }}\n  }}\n\n\
             Options: --version prints the version; --debug serves until interrupted and prints the variable\n\
             TF_REATTACH_PROVIDERS, with which Terraform uses this process.\n"
        )
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
