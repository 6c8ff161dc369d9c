//! What a check knows of the world around the Corefile.

use std::net::IpAddr;

use super::environment::{Imports, UnknownFiles, Variable, Variables};

/// The cluster that the Corefile serves, as far as it is known. Warnings and two errors depend on it, nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// Addresses of the Service in front of CoreDNS.
    pub service_addresses: Vec<IpAddr>,
    /// Domain of the cluster, such as `cluster.local`; empty if unknown.
    pub domain: String,
    /// Domains of tailnets that CoreDNS answers for.
    pub tailnet_domains: Vec<String>,
    /// Port that the pod's liveness probe asks, by `health`.
    pub health_port: Option<u16>,
    /// Port that the pod's readiness probe asks, by `ready`.
    pub ready_port: Option<u16>,
}

/// Options of a check.
pub struct CheckOptions<'a> {
    /// Name of the Corefile in messages.
    pub file_name: &'a str,
    /// Plugins that a custom build has besides those of CoreDNS; their grammar is not judged.
    pub known_plugins: &'a [String],
    /// Environment of the CoreDNS process.
    pub variables: Variables<'a>,
    /// Where imported files come from.
    pub imports: &'a dyn Imports,
    /// The cluster.
    pub cluster: Cluster,
}

impl Default for CheckOptions<'_> {
    fn default() -> Self {
        Self {
            file_name: "Corefile",
            known_plugins: &[],
            variables: &|_| Variable::Unset,
            imports: &UnknownFiles,
            cluster: Cluster::default(),
        }
    }
}
