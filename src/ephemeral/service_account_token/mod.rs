//! `tazlab_service_account_token`: a token of a ServiceAccount, that lives in memory. Nothing ends it but its own time.

mod model;

use async_trait::async_trait;

use crate::clients::kubernetes::TokenRequest;
use crate::configured::Configured;
use crate::framework::AttributePath;
use crate::framework::context::Context;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::duration;
use crate::framework::ephemeral::{EphemeralResource, Opened};
use crate::framework::value::Value;

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
        let (namespace, name) = (text(&config.namespace), text(&config.name));
        let lasts = duration::parse(&text(&config.expiration)).map_err(|error| {
            Diagnostic::error("Invalid expiration", error.to_string()).at(AttributePath::new("expiration"))
        })?;
        let request = TokenRequest {
            audiences: config.audiences.as_ref_option().cloned().unwrap_or_default(),
            seconds: i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX),
        };
        let (of, called, request) = (namespace.as_str(), name.as_str(), &request);
        let ask = |client: crate::clients::kubernetes::Client, call| async move {
            client.service_account_token(&call, of, called, request).await
        };
        match context.provider()?.cluster.look(context, ask).await {
            Ok(issued) => {
                let model = Self::Model {
                    token: Value::Value(issued.token),
                    expires_at: Value::Value(issued.expires),
                    ..config
                };
                Ok(Opened { model, private: Vec::new(), renew_at: None })
            }
            // It may be born, or be born anew, in this very run: apply opens it again.
            Err(failure) if failure.is_unreachable() => {
                let detail = format!(
                    "ServiceAccount {namespace}/{name}: {failure}. While planning this does no harm: apply asks again. During apply Terraform goes on to complain of unknown values: add depends_on, so that the token is asked for when the cluster answers."
                );
                context.warn(Diagnostic::warning("The cluster cannot be reached (yet)", detail));
                Ok(Opened::not_yet(&config).map_err(Diagnostic::from)?)
            }
            Err(failure) => {
                let summary = format!("No token of ServiceAccount {namespace}/{name}");
                Err(failure.diagnostic(summary, AttributePath::new("name")).into())
            }
        }
    }

    /// A token of a ServiceAccount cannot be taken back.
    async fn close(&self, _: &Context<Configured>, _: Vec<u8>) -> Result<(), Diagnostics> {
        Ok(())
    }
}
