//! Data sources: validate and read.

use super::{Host, unknown_type, with_warnings};
use crate::framework::context::ClientCapabilities;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::dispatch::AnyDataSource;
use crate::framework::provider::Provider;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;

impl<P: Provider> Host<P> {
    fn data_source(&self, name: &str) -> Result<&dyn AnyDataSource<P::Data>, Diagnostics> {
        self.registry().data_sources.get(name).map(AsRef::as_ref).ok_or_else(|| unknown_type("data source", name))
    }

    pub(super) fn validate_data_source(
        &self,
        request: &wire::validate_data_resource_config::Request,
    ) -> Result<wire::validate_data_resource_config::Response, Diagnostics> {
        let source = self.data_source(&request.type_name)?;
        let config =
            from_wire::value(source.schema().object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        // A data source has no write-only attributes: the client need not know them.
        let found = source.validate(config, ClientCapabilities::default());
        Ok(wire::validate_data_resource_config::Response { diagnostics: to_wire::diagnostics(found) })
    }

    pub(super) async fn read_data(
        &self,
        request: wire::read_data_source::Request,
    ) -> Result<wire::read_data_source::Response, Diagnostics> {
        let source = self.data_source(&request.type_name)?;
        let kind = source.schema().object_type();
        let config = from_wire::value(kind, request.config.as_ref()).map_err(Diagnostic::from)?;
        let context = self.context(request.client_capabilities);
        let state = with_warnings(&context, source.read(&context, config).await)?;
        Ok(wire::read_data_source::Response {
            state: Some(to_wire::value(kind, &state).map_err(Diagnostic::from)?),
            diagnostics: to_wire::diagnostics(context.take_warnings()),
            deferred: self.deferred(&context),
        })
    }
}
