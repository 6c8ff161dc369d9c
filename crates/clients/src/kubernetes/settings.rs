//! How to reach a cluster, as the caller gives it. Reading no environment and no file is the point of this module.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use tazlab_redacted::SecretText;

/// How to reach one cluster. An argument here outranks the same thing in a kubeconfig.
///
/// Only what stands here is used: never `~/.kube/config`, the ServiceAccount of a pod, or localhost.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Kubeconfig files; several are merged as kubectl does: the first that sets a value wins.
    pub config_paths: Vec<PathBuf>,
    /// The context to use; without it the file's `current-context`.
    pub config_context: Option<String>,
    /// The cluster of the kubeconfig to use, in place of the context's.
    pub config_context_cluster: Option<String>,
    /// The user of the kubeconfig to use, in place of the context's.
    pub config_context_auth_info: Option<String>,
    /// The API server's address, `https://host:6443`.
    pub host: Option<String>,
    /// A bearer token.
    pub token: Option<SecretText>,
    /// The client certificate, PEM.
    pub client_certificate: Option<String>,
    /// The client certificate's key, PEM.
    pub client_key: Option<SecretText>,
    /// The authorities that may sign the server's certificate, PEM.
    pub cluster_ca_certificate: Option<String>,
    /// Whether not to check the server's certificate; without it what the kubeconfig says.
    pub insecure: Option<bool>,
    /// The name that the server's certificate must have, where it is not the host.
    pub tls_server_name: Option<String>,
    /// A proxy: `http://`, `https://` or `socks5://`. It may hold a password.
    pub proxy_url: Option<SecretText>,
    /// A command that prints credentials.
    pub exec: Option<Exec>,
}

impl fmt::Debug for Settings {
    /// Addresses may hold a password, and arguments of a command a token.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Settings").finish_non_exhaustive()
    }
}

/// A credential plugin, as in a kubeconfig's `exec`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Exec {
    /// `client.authentication.k8s.io/v1` or `/v1beta1`.
    pub api_version: String,
    /// The program.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that are added to its environment. They may be secret.
    pub env: BTreeMap<String, SecretText>,
}
