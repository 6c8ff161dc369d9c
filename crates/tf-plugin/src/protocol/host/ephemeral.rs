//! Ephemeral resources: validate, open, renew, close.

use super::{Host, unknown_type, with_warnings};
use crate::framework::context::ClientCapabilities;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::dispatch::AnyEphemeralResource;
use crate::framework::provider::Provider;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;

impl<P: Provider> Host<P> {
    fn ephemeral(&self, name: &str) -> Result<&dyn AnyEphemeralResource<P::Data>, Diagnostics> {
        let found = self.registry().ephemeral_resources.get(name);
        found.map(AsRef::as_ref).ok_or_else(|| unknown_type("ephemeral resource", name))
    }

    pub(super) fn validate_ephemeral(
        &self,
        request: &wire::validate_ephemeral_resource_config::Request,
    ) -> Result<wire::validate_ephemeral_resource_config::Response, Diagnostics> {
        let resource = self.ephemeral(&request.type_name)?;
        let config =
            from_wire::value(resource.schema().object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        let found = resource.validate(config, ClientCapabilities::default());
        Ok(wire::validate_ephemeral_resource_config::Response { diagnostics: to_wire::diagnostics(found) })
    }

    pub(super) async fn open_ephemeral(
        &self,
        request: wire::open_ephemeral_resource::Request,
    ) -> Result<wire::open_ephemeral_resource::Response, Diagnostics> {
        let resource = self.ephemeral(&request.type_name)?;
        let kind = resource.schema().object_type();
        let config = from_wire::value(kind, request.config.as_ref()).map_err(Diagnostic::from)?;
        let context = self.context(request.client_capabilities);
        let opened = with_warnings(&context, resource.open(&context, config).await)?;
        Ok(wire::open_ephemeral_resource::Response {
            diagnostics: to_wire::diagnostics(context.take_warnings()),
            renew_at: opened.renew_at.map(to_wire::timestamp),
            result: Some(to_wire::value(kind, &opened.model).map_err(Diagnostic::from)?),
            private: Some(opened.private.into()),
            deferred: self.deferred(&context),
        })
    }

    pub(super) async fn renew_ephemeral(
        &self,
        request: wire::renew_ephemeral_resource::Request,
    ) -> Result<wire::renew_ephemeral_resource::Response, Diagnostics> {
        let context = self.context(None);
        let private = request.private.unwrap_or_default().into();
        let renewed = with_warnings(&context, self.ephemeral(&request.type_name)?.renew(&context, private).await)?;
        Ok(wire::renew_ephemeral_resource::Response {
            diagnostics: to_wire::diagnostics(context.take_warnings()),
            renew_at: renewed.renew_at.map(to_wire::timestamp),
            private: Some(renewed.private.into()),
        })
    }

    pub(super) async fn close_ephemeral(
        &self,
        request: wire::close_ephemeral_resource::Request,
    ) -> Result<wire::close_ephemeral_resource::Response, Diagnostics> {
        let context = self.context(None);
        let private = request.private.unwrap_or_default().into();
        with_warnings(&context, self.ephemeral(&request.type_name)?.close(&context, private).await)?;
        Ok(wire::close_ephemeral_resource::Response { diagnostics: to_wire::diagnostics(context.take_warnings()) })
    }
}
