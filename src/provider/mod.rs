//! The provider itself: what it offers, and how its configuration becomes what calls work with.
//! A new type is one line in `registry`.

mod configuration;
mod given;
mod kubernetes;
mod tailscale;
#[cfg(test)]
mod tests;
mod vault;

use async_trait::async_trait;
use tf_plugin::Program;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::duration;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::registry::Registry;

use crate::actions::tailnet_cleanup::TailnetCleanupAction;
use crate::cluster::{Cluster, OnUnreachable};
use crate::configured::{Commands, Configured};
use crate::data_sources::bootstrap_status::BootstrapStatus;
use crate::data_sources::cluster_jwks::ClusterJwks;
use crate::data_sources::dns_lookup::DnsLookup;
use crate::data_sources::kustomization::KustomizationSource;
use crate::data_sources::tailnet_devices::TailnetDevices;
use crate::data_sources::tailnet_nameserver::TailnetNameserver;
use crate::data_sources::vault_jwt_login::VaultJwtLogin;
use crate::environment::Environment;
use crate::ephemeral::secret::Secret;
use crate::ephemeral::service_account_token::ServiceAccountToken;
use crate::ephemeral::tailnet_auth_key::TailnetAuthKey;
use crate::ephemeral::vault_token::VaultToken;
use crate::functions::corefile_checked::CorefileChecked;
use crate::functions::corefile_format::CorefileFormat;
use crate::functions::jwks_to_pem::JwksToPem;
use crate::functions::manifests::Manifests;
use crate::functions::tailnet_canonical_name::TailnetCanonicalName;
use crate::functions::talos_apiserver_patch::TalosApiserverPatch;
use crate::functions::talos_checked_patch::TalosCheckedPatch;
use crate::resources::bootstrap_manifest::BootstrapManifest;
use crate::resources::bootstrap_ready::BootstrapReady;
use crate::resources::bootstrap_secret::{BootstrapSecret, BootstrapSecrets};
use crate::resources::coredns::Coredns;
use crate::resources::kept_secret::KeptSecret;
use crate::resources::tailnet_apiserver::TailnetApiserver;
use crate::resources::tailnet_cleanup::TailnetCleanup;
use crate::resources::tailnet_egress::TailnetEgress;
use crate::resources::vault_jwt_auth::{VaultJwtAuth, VaultJwtAuths};
use crate::resources::vault_jwt_role::{VaultJwtRole, VaultJwtRoles};
use crate::resources::vault_secret_store::VaultSecretStore;
use crate::vault::Vault;

pub use configuration::Configuration;

/// What the program says of itself.
pub const PROGRAM: Program = Program {
    name: "tazlab",
    version: env!("CARGO_PKG_VERSION"),
    addresses: &["registry.terraform.io/tazlab/tazlab", "registry.opentofu.org/tazlab/tazlab"],
    crates: &["tazlab"],
};

/// The provider `tazlab`.
#[derive(Clone, Debug)]
pub struct Tazlab {
    environment: Environment,
}

impl Tazlab {
    /// The provider in this environment.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self { environment }
    }

    fn configured(&self, config: &Configuration) -> Result<Configured, Diagnostics> {
        let on_unreachable = match config.on_unreachable.as_deref_option() {
            Some("forget") => OnUnreachable::Forget,
            _ => OnUnreachable::Error,
        };
        // Both have defaults and were validated, so what does not parse is a bug that must not be survived quietly.
        let timeout = config.connect_timeout.as_deref_option().unwrap_or("5s");
        let connect_timeout = duration::parse(timeout)
            .map_err(|error| Diagnostic::error("Invalid connect_timeout", error.to_string()))?;
        Ok(Configured {
            cluster: Cluster::new(
                kubernetes::access(&config.kubernetes, &self.environment),
                on_unreachable,
                connect_timeout,
            ),
            vault: Vault::new(vault::access(&config.vault, &self.environment), connect_timeout),
            tailscale: tailscale::settings(&config.tailscale, &self.environment),
            commands: Commands::default(),
            environment: self.environment.clone(),
        })
    }
}

#[async_trait]
impl Provider for Tazlab {
    type Data = Configured;
    type Model = Configuration;

    fn registry(&self) -> Registry<Configured> {
        Registry::new()
            .function(CorefileChecked)
            .function(CorefileFormat)
            .function(JwksToPem)
            .function(Manifests)
            .function(TailnetCanonicalName)
            .function(TalosApiserverPatch)
            .function(TalosCheckedPatch)
            .resource(BootstrapManifest)
            .resource(BootstrapReady)
            .resource(BootstrapSecret)
            .resource(Coredns)
            .resource(KeptSecret)
            .resource(TailnetApiserver)
            .resource(TailnetCleanup)
            .resource(TailnetEgress)
            .resource(VaultJwtAuth)
            .resource(VaultJwtRole)
            .resource(VaultSecretStore)
            .data_source(BootstrapStatus)
            .data_source(ClusterJwks)
            .data_source(DnsLookup)
            .data_source(KustomizationSource)
            .data_source(TailnetDevices)
            .data_source(TailnetNameserver)
            .data_source(VaultJwtLogin)
            .ephemeral(Secret)
            .ephemeral(ServiceAccountToken)
            .ephemeral(TailnetAuthKey)
            .ephemeral(VaultToken)
            .list(BootstrapSecrets)
            .list(VaultJwtAuths)
            .list(VaultJwtRoles)
            .action(TailnetCleanupAction)
    }

    fn validate(&self, config: &Configuration, found: &mut Diagnostics) {
        kubernetes::validate(&config.kubernetes, found);
        vault::validate(&config.vault, found);
        tailscale::validate(&config.tailscale, found);
    }

    async fn configure(
        &self,
        context: &Context<Configured>,
        config: Configuration,
        _: &str,
    ) -> Result<Configured, Diagnostics> {
        if let Some(error) = kubernetes::outside_of_a_pod(&config.kubernetes, &self.environment) {
            return Err(error.into());
        }
        let access = kubernetes::access(&config.kubernetes, &self.environment);
        let switches = [
            kubernetes::unreadable_switch(&config.kubernetes, &self.environment),
            vault::unreadable_switch(&config.vault, &self.environment),
        ];
        if let Some(error) = switches.into_iter().flatten().next() {
            return Err(error.into());
        }
        for warning in kubernetes::warnings(&access).await {
            context.warn(warning);
        }
        let configured = self.configured(&config)?;
        if let Some(warning) = tailscale::exposure(&configured.tailscale) {
            context.warn(warning);
        }
        Ok(configured)
    }

    async fn end(&self, data: &Configured) {
        data.vault.end().await;
    }
}
