//! What a configured provider gives to every call: the cluster, Vault, the tailnet, the environment.
//!
//! It holds settings that are resolved when they are first needed. Reading HCL is `provider`'s, speaking to servers is
//! `clients`'.

mod commands;
mod tailscale;

pub use commands::{CommandError, Commands};
pub use tailscale::Tailscale;

use crate::cluster::Cluster;
use crate::environment::Environment;
use crate::vault::Vault;

/// A configured provider.
#[derive(Debug)]
pub struct Configured {
    /// The Kubernetes cluster.
    pub cluster: Cluster,
    /// Vault.
    pub vault: Vault,
    /// The tailnet.
    pub tailscale: Tailscale,
    /// The programs that sources of secrets are read from.
    pub commands: Commands,
    /// The process' environment.
    pub environment: Environment,
}
