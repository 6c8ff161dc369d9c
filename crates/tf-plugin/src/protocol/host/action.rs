//! Actions: validate, plan, and invoke as a stream of progress that ends with exactly one `completed`.

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Host, crashed, unknown_type};
use crate::framework::context::ClientCapabilities;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::dispatch::AnyAction;
use crate::framework::provider::Provider;
use crate::framework::schema::all_null;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;
use wire::invoke_action::{Event, event};

pub(super) type Events = ReceiverStream<Result<Event, Status>>;

/// How many lines of progress wait for a slow reader.
const BUFFER: usize = 64;

impl<P: Provider> Host<P> {
    fn action(&self, name: &str) -> Result<&dyn AnyAction<P::Data>, Diagnostics> {
        self.registry().actions.get(name).map(AsRef::as_ref).ok_or_else(|| unknown_type("action", name))
    }

    pub(super) fn validate_action(
        &self,
        request: &wire::validate_action_config::Request,
    ) -> Result<wire::validate_action_config::Response, Diagnostics> {
        let action = self.action(&request.type_name)?;
        let schema = action.schema();
        let config = from_wire::value(schema.object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        let config = if config.is_null() { all_null(&schema.attributes) } else { config };
        let found = action.validate(config, ClientCapabilities::default());
        Ok(wire::validate_action_config::Response { diagnostics: to_wire::diagnostics(found) })
    }

    pub(super) async fn look_at_action(
        &self,
        request: wire::plan_action::Request,
    ) -> Result<wire::plan_action::Response, Diagnostics> {
        let action = self.action(&request.action_type)?;
        let config =
            from_wire::value(action.schema().object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        let context = self.context(request.client_capabilities);
        action.plan(&context, config).await?;
        let diagnostics = to_wire::diagnostics(context.take_warnings());
        Ok(wire::plan_action::Response { diagnostics, deferred: self.deferred(&context) })
    }

    /// Without the last event Terraform would take a broken stream for success: a panic sends it too.
    pub(super) fn invoke(&self, request: wire::invoke_action::Request) -> Events {
        let (events, stream) = mpsc::channel(BUFFER);
        let host = self.clone();
        let work = tokio::spawn({
            let events = events.clone();
            async move { host.run_action(request, &events).await }
        });
        tokio::spawn(async move {
            let found = match work.await {
                Ok(Ok(warnings)) => warnings,
                Ok(Err(found)) => found,
                Err(_) => crashed("InvokeAction").into(),
            };
            let completed = event::Completed { diagnostics: to_wire::diagnostics(found) };
            drop(events.send(Ok(Event { r#type: Some(event::Type::Completed(completed)) })).await);
        });
        ReceiverStream::new(stream)
    }

    async fn run_action(
        &self,
        request: wire::invoke_action::Request,
        events: &mpsc::Sender<Result<Event, Status>>,
    ) -> Result<Diagnostics, Diagnostics> {
        let action = self.action(&request.action_type)?;
        let config =
            from_wire::value(action.schema().object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        let context = self.context(request.client_capabilities);
        let (progress, mut lines) = mpsc::channel::<String>(BUFFER);
        let sending = async {
            while let Some(message) = lines.recv().await {
                let message = to_wire::printable(message);
                let progress = event::Type::Progress(event::Progress { message });
                // A reader that went away does not undo what the action does: it ends by the stop signal only.
                drop(events.send(Ok(Event { r#type: Some(progress) })).await);
            }
        };
        let (invoked, ()) = tokio::join!(action.invoke(&context, config, progress), sending);
        invoked.map(|()| context.take_warnings())
    }
}
