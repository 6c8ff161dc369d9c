//! List resources: validate a filter, stream what is found.

use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Host, crashed, unknown_type};
use crate::framework::context::ClientCapabilities;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::dispatch::AnyListResource;
use crate::framework::list::Listed;
use crate::framework::provider::Provider;
use crate::protocol::{from_wire, to_wire};
use crate::wire::tfplugin6 as wire;

pub(super) type Events = ReceiverStream<Result<wire::list_resource::Event, Status>>;

/// How many objects wait for a slow reader.
const BUFFER: usize = 64;

impl<P: Provider> Host<P> {
    fn lister(&self, name: &str) -> Result<&dyn AnyListResource<P::Data>, Diagnostics> {
        self.registry().list_resources.get(name).map(AsRef::as_ref).ok_or_else(|| unknown_type("list resource", name))
    }

    pub(super) fn validate_list(
        &self,
        request: &wire::validate_list_resource_config::Request,
    ) -> Result<wire::validate_list_resource_config::Response, Diagnostics> {
        let list = self.lister(&request.type_name)?;
        let config =
            from_wire::value(list.schema().object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        let found = list.validate(config, ClientCapabilities::default());
        Ok(wire::validate_list_resource_config::Response { diagnostics: to_wire::diagnostics(found) })
    }

    /// A stream that ends with the objects, or with one event that says why not. A reader that goes away ends the work.
    pub(super) fn list(&self, request: wire::list_resource::Request) -> Events {
        let (events, stream) = mpsc::channel(BUFFER);
        let host = self.clone();
        let work = tokio::spawn({
            let events = events.clone();
            async move {
                let worked = tokio::select! {
                    worked = host.send_found(request, &events) => worked,
                    () = events.closed() => Ok(()),
                };
                if let Err(found) = worked {
                    drop(events.send(Ok(unnamed(found))).await);
                }
            }
        });
        tokio::spawn(async move {
            if work.await.is_err_and(|error| error.is_panic()) {
                drop(events.send(Ok(unnamed(crashed("ListResource").into()))).await);
            }
        });
        ReceiverStream::new(stream)
    }

    async fn send_found(
        &self,
        request: wire::list_resource::Request,
        events: &mpsc::Sender<Result<wire::list_resource::Event, Status>>,
    ) -> Result<(), Diagnostics> {
        let list = self.lister(&request.type_name)?;
        let resource = self.registry().resources.get(request.type_name.as_str());
        let resource = resource.ok_or_else(|| unknown_type("resource type", &request.type_name))?;
        let filter =
            from_wire::value(list.schema().object_type(), request.config.as_ref()).map_err(Diagnostic::from)?;
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let (sender, found) = mpsc::channel::<Listed>(BUFFER);
        let context = self.context(None);
        let listing = list.list(&context, filter, request.include_resource_object, limit, sender);
        let mut found = ReceiverStream::new(found).take(limit);
        let sending = async {
            while let Some(object) = found.next().await {
                let event = wire::list_resource::Event {
                    identity: to_wire::identity(resource.identity_schema(), Some(&object.identity))
                        .map_err(Diagnostic::from)?,
                    display_name: object.display_name,
                    resource_object: match &object.object {
                        Some(state) => {
                            Some(to_wire::value(resource.schema().object_type(), state).map_err(Diagnostic::from)?)
                        }
                        None => None,
                    },
                    diagnostic: to_wire::diagnostics(object.diagnostics),
                };
                if events.send(Ok(event)).await.is_err() {
                    break;
                }
            }
            // The lister sees a closed channel and stops.
            drop(found);
            Ok::<_, Diagnostics>(())
        };
        let (listed, sent) = tokio::join!(listing, sending);
        // Warnings about no object in particular: an event without identity.
        let warnings = context.take_warnings();
        if !warnings.is_empty() {
            drop(events.send(Ok(unnamed(warnings))).await);
        }
        listed.and(sent)
    }
}

/// An event about no object: why there are no more, or a warning.
fn unnamed(found: Diagnostics) -> wire::list_resource::Event {
    wire::list_resource::Event { diagnostic: to_wire::diagnostics(found), ..Default::default() }
}
