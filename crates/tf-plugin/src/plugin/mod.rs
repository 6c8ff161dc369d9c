//! The process that Terraform starts: handshake, mutual TLS, go-plugin's services, logs, signals, end.
//! What is served is `protocol`'s; nothing in here knows a message of Terraform.

#[cfg(unix)]
pub(crate) mod children;
mod connection;
mod handshake;
mod listen;
pub mod logging;
#[cfg(target_os = "linux")]
mod memory;
mod reattach;
mod serve;
mod services;
mod tls;
#[cfg(unix)]
mod watch;

pub use handshake::{Environment, MAGIC_COOKIE};
pub use serve::{debug, plugin};

use std::path::PathBuf;

use async_trait::async_trait;
use thiserror::Error;

use crate::wire::tfplugin6::provider_server::Provider as Service;

/// What a plugin serves: a service of Terraform's protocol, of which copies share everything.
#[async_trait]
pub trait Served: Service + Clone {
    /// The process ends: gives back what is held, within less than a second.
    async fn end(&self);
}

/// Why the plugin could not be served.
#[derive(Debug, Error)]
pub enum PluginError {
    /// Started by a human.
    #[error("this program is a Terraform plugin and is started by Terraform")]
    NotAPlugin,
    /// Terraform asks for other protocol versions only.
    #[error("Terraform offers plugin protocol {0}; this provider speaks 6, which Terraform 1.0 and newer do")]
    ProtocolVersion(String),
    /// The client's certificate cannot be read.
    #[error("PLUGIN_CLIENT_CERT is not a PEM certificate")]
    ClientCertificate,
    /// The own certificate cannot be made.
    #[error("cannot make the plugin's certificate: {0}")]
    Certificate(#[source] rcgen::Error),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[source] rustls::Error),
    /// No socket to listen on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Path or address.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The group that shall own the socket does not exist.
    #[error("PLUGIN_UNIX_SOCKET_GROUP names the group {0:?}, which does not exist")]
    Group(String),
    /// The socket's owner or mode cannot be set.
    #[error("cannot give {path} to its group: {source}")]
    Permissions {
        /// The socket.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The handshake line cannot be written.
    #[error("cannot write the handshake to standard output: {0}")]
    Handshake(#[source] std::io::Error),
    /// Signals cannot be watched.
    #[error("cannot watch for signals: {0}")]
    Signals(#[source] std::io::Error),
    /// The server broke.
    #[error("the server ended: {0}")]
    Serve(#[source] tonic::transport::Error),
}
