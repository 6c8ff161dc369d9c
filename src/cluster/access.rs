//! How to reach a cluster, as far as it is known: settings, credentials that may lie in files, and what is missing.

use tazlab_clients::kubernetes::Settings;
use tazlab_redacted::SecretText;

use crate::credential::{Credential, CredentialError};

/// The way to a cluster.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The settings without the four credentials below.
    pub settings: Settings,
    /// The bearer token.
    pub token: Option<Credential>,
    /// The client certificate.
    pub client_certificate: Option<Credential>,
    /// Its key.
    pub client_key: Option<Credential>,
    /// The authorities that may sign the server's certificate.
    pub cluster_ca_certificate: Option<Credential>,
    /// The variable that switches the check of the server's certificate off, where it is one.
    pub insecure_by: Option<&'static str>,
    /// Does the environment replace the address of a kubeconfig that the block names?
    pub replaced_host: bool,
    /// Arguments whose value is not known yet, `kubernetes.host`.
    pub unknown: Vec<String>,
    /// Arguments that are empty texts.
    pub empty: Vec<String>,
}

impl Access {
    /// The settings with their credentials, read from files where they lie in files.
    ///
    /// # Errors
    /// [`CredentialError`] when a file cannot be read.
    pub(super) fn resolve(&self) -> Result<Settings, CredentialError> {
        let read = |credential: &Option<Credential>| credential.as_ref().map(Credential::read).transpose();
        let plain = |text: Option<SecretText>| text.map(|text| text.expose().clone());
        Ok(Settings {
            token: read(&self.token)?,
            client_certificate: plain(read(&self.client_certificate)?),
            client_key: read(&self.client_key)?,
            cluster_ca_certificate: plain(read(&self.cluster_ca_certificate)?),
            ..self.settings.clone()
        })
    }
}
