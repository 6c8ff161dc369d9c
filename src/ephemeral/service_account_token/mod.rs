//! `tazlab_service_account_token`: a token of a ServiceAccount, that lives in memory. Nothing ends it but its own time.

mod model;

use async_trait::async_trait;
use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::{Diagnostic, Diagnostics};
use tf_plugin::framework::duration;
use tf_plugin::framework::ephemeral::{EphemeralResource, Opened};
use tf_plugin::framework::value::Value;

use crate::cluster::account::Account;
use crate::configured::Configured;

/// The ephemeral resource.
#[derive(Clone, Copy, Debug)]
pub struct ServiceAccountToken;

#[async_trait]
impl EphemeralResource for ServiceAccountToken {
    type Data = Configured;
    type Model = model::ServiceAccountToken;

    const NAME: &'static str = "tazlab_service_account_token";

    async fn open(
        &self,
        context: &Context<Configured>,
        config: Self::Model,
    ) -> Result<Opened<Self::Model>, Diagnostics> {
        let text = |value: &Value<String>| value.as_deref_option().unwrap_or_default().to_owned();
        let account = Account { namespace: text(&config.namespace), name: text(&config.name) };
        let lasts = duration::parse(&text(&config.expiration)).map_err(|error| {
            Diagnostic::error("Invalid expiration", error.to_string()).at(AttributePath::new("expiration"))
        })?;
        let seconds = i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX);
        let audiences = config.audiences.as_ref_option().cloned().unwrap_or_default();
        match context.provider()?.cluster.token_of(context, &account, audiences, seconds).await {
            Ok(issued) => {
                let model = Self::Model {
                    token: Value::Value(issued.token),
                    expires_at: Value::Value(issued.expires),
                    ..config
                };
                Ok(Opened { model, private: Vec::new(), renew_at: None })
            }
            // It may be created, or recreated, in this very run: apply opens it again.
            Err(failure) if failure.is_unreachable() => {
                let detail = format!(
                    "ServiceAccount {account}: {failure}. This is harmless during plan: apply tries again. During apply, Terraform also reports unknown values: add depends_on, so that the token is requested when the cluster answers."
                );
                context.warn(Diagnostic::warning("The cluster cannot be reached yet", detail));
                Ok(Opened::not_yet(&config).map_err(Diagnostic::from)?)
            }
            Err(failure) => {
                let summary = format!("Cannot get a token of ServiceAccount {account}");
                Err(failure.diagnostic(summary, AttributePath::new("name")).into())
            }
        }
    }

    /// A token of a ServiceAccount cannot be taken back.
    async fn close(&self, _: &Context<Configured>, _: Vec<u8>) -> Result<(), Diagnostics> {
        Ok(())
    }
}
