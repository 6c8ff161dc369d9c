//! `tazlab_vault_token`: a Vault token for the time of a run, by a ServiceAccount's JWT, by AppRole, or as a child of the
//! provider's own.

mod errors;
mod lease;
mod model;
mod obtain;

use async_trait::async_trait;
use lease::Lease;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::ephemeral::{EphemeralResource, Opened, Renewed};
use tf_plugin::framework::value::Value;

use crate::configured::Configured;

/// The ephemeral resource.
#[derive(Clone, Copy, Debug)]
pub struct VaultToken;

#[async_trait]
impl EphemeralResource for VaultToken {
    type Data = Configured;
    type Model = model::VaultToken;

    const NAME: &'static str = "tazlab_vault_token";

    async fn open(
        &self,
        context: &Context<Configured>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics> {
        let auth = match obtain::obtain(context, context.provider()?, &config).await {
            Ok(auth) => auth,
            // Vault or the cluster may be created, or recreated, in this very run: apply opens it again.
            Err(error) if error.may_pass() => {
                context.warn(error.not_yet());
                return Ok(Opened::not_yet(&config).map_err(Diagnostic::from)?);
            }
            Err(error) => return Err(error.diagnostic().into()),
        };
        for warning in &auth.warnings {
            context.warn(Diagnostic::warning("Vault returned a warning", format!("The token of the run: {warning}")));
        }
        let lease = Lease::of(&auth, config.namespace.as_deref_option());
        let model = Self::Model {
            policies: Value::Value(auth.policies),
            token_ttl: Value::Value(i64::try_from(auth.lease.as_secs()).unwrap_or(i64::MAX)),
            renewable: Value::Value(auth.renewable),
            token: Value::Value(auth.token),
            accessor: Value::Value(auth.accessor),
            ..config
        };
        let (private, renew_at) = lease.map_or((Vec::new(), None), |lease| (lease.to_bytes(), lease.renew_at()));
        Ok(Opened { model, private, renew_at })
    }

    async fn renew(&self, context: &Context<Configured>, private: Vec<u8>) -> Result<Renewed, Diagnostics> {
        let lease = Lease::from_bytes(&private)?;
        let renewed = match lease.renew(context, context.provider()?).await {
            Ok(renewed) => renewed,
            Err(error) if error.ends_renewal() => return Err(error.diagnostic().into()),
            Err(error) if lease.is_over() => return Err(error.at_the_end().diagnostic().into()),
            Err(error) => {
                if !error.is_stop() {
                    context.warn(error.put_off(lease.left()));
                }
                return Ok(Renewed { private, renew_at: Some(lease.retry_at()) });
            }
        };
        if renewed.renew_at().is_none() {
            context.warn(Diagnostic::warning(
                "The Vault token expires during this run",
                "Vault does not extend it (max_ttl of the role or of the mount, or explicit_max_ttl).",
            ));
        }
        Ok(Renewed { private: renewed.to_bytes(), renew_at: renewed.renew_at() })
    }

    async fn close(&self, context: &Context<Configured>, private: Vec<u8>) -> Result<(), Diagnostics> {
        let lease = Lease::from_bytes(&private)?;
        Ok(lease.revoke(context, context.provider()?).await.map_err(|error| error.diagnostic())?)
    }
}
