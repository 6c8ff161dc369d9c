//! The language of CoreDNS's configuration: reads a Corefile as CoreDNS 1.15.0 does, finds what would keep it from
//! starting and what would harm, formats it, and writes one from arguments.
//!
//! Pure: no file, no network, no clock. What a Corefile takes from outside (variables, imported files) the caller brings
//! through [`CheckOptions`]. Knows neither Terraform nor Kubernetes' API. The grammar of each plugin is in `plugins/`.

mod address;
mod check;
mod diagnostic;
mod dispenser;
mod domain;
mod encryption;
mod environment;
mod format;
mod generate;
mod lexer;
mod meant;
mod nearest;
mod network;
mod parser;
mod pattern;
mod plugins;
mod repairs;
mod settings;
mod source;
mod transport;
mod warnings;

pub use check::check;
pub use diagnostic::{Diagnostic, Kind, Report, Requirement, Severity};
pub use environment::{Found, Imports, UnknownFiles, Variable, Variables};
pub use format::format;
pub use generate::{Argument, Generated, Settings, Tailnet, generate};
pub use settings::{CheckOptions, Cluster};
pub use source::Location;

/// Version of CoreDNS whose grammar this is.
pub const COREDNS_VERSION: &str = "1.15.0";

#[cfg(test)]
mod differences;
#[cfg(test)]
mod hints;
#[cfg(test)]
mod slips;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unknowns;
