//! The provider block: validate and configure.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

use super::Host;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::model::decode;
use crate::framework::plan::with_defaults;
use crate::framework::provider::Provider;
use crate::framework::schema::all_null;
use crate::framework::validation;
use crate::framework::value::Datum;
use crate::plugin::Served;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;

impl<P: Provider> Host<P> {
    /// A provider without a block arrives as null, which means: no argument is set.
    fn provider_config(&self, message: Option<&wire::DynamicValue>) -> Result<Datum, Diagnostic> {
        let schema = self.provider_schema();
        let config = from_wire::value(schema.object_type(), message)?;
        Ok(if config.is_null() { all_null(&schema.attributes) } else { config })
    }

    pub(super) fn validate_provider(
        &self,
        request: &wire::validate_provider_config::Request,
    ) -> Result<wire::validate_provider_config::Response, Diagnostics> {
        let config = self.provider_config(request.config.as_ref())?;
        let mut found = validation::validate(&self.provider_schema().attributes, &config);
        if !found.has_error() {
            let model = decode::<P::Model>(config).map_err(Diagnostic::from)?;
            self.0.provider.validate(&model, &mut found);
        }
        Ok(wire::validate_provider_config::Response { diagnostics: to_wire::diagnostics(found) })
    }

    pub(super) async fn configure(
        &self,
        request: wire::configure_provider::Request,
    ) -> Result<wire::configure_provider::Response, Diagnostics> {
        let config = with_defaults(&self.provider_schema().attributes, self.provider_config(request.config.as_ref())?);
        self.0.settings_unknown.store(!config.is_wholly_known(), Ordering::Relaxed);
        let model = decode::<P::Model>(config).map_err(Diagnostic::from)?;
        let context = self.context(request.client_capabilities);
        let data = self.0.provider.configure(&context, model, &request.terraform_version).await?;
        let before = self.0.data.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(data));
        if let Some(before) = before {
            let host = self.clone();
            tokio::spawn(async move { host.0.provider.end(&before).await });
        }
        Ok(wire::configure_provider::Response { diagnostics: to_wire::diagnostics(context.take_warnings()) })
    }
}

#[async_trait]
impl<P: Provider> Served for Host<P> {
    /// Gives back what the provider holds.
    async fn end(&self) {
        let data = self.0.data.write().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(data) = data {
            self.0.provider.end(&data).await;
        }
    }
}
