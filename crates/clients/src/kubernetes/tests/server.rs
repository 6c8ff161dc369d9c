//! The scripted server as an API server.

use super::super::Settings;
pub(super) use crate::scripted::{Reply, Server};

impl Server {
    /// Settings that reach this server.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            host: Some(self.url()),
            cluster_ca_certificate: self.certificate.clone(),
            token: Some("tok-canary".into()),
            ..Settings::default()
        }
    }
}
