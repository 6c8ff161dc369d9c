//! Every RPC of the service, each handed to the file of its group. No decision is made here.

use async_trait::async_trait;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use super::{Host, action, guarded, list, state_store};
use crate::framework::provider::Provider;
use crate::wire::tfplugin6 as wire;
use wire::provider_server::Provider as Service;

type Answer<T> = Result<Response<T>, Status>;

/// The one event of a stream that ends at once.
type Once<T> = std::pin::Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Calls that take a message and give one, each behind the wall of [`guarded`].
macro_rules! unary {
    ($self:ident, $request:ident: $($rpc:ident($message:ident) $name:literal => $work:expr;)*) => {$(
        #[allow(clippy::manual_async_fn, reason = "one form for calls that wait and calls that do not")]
        fn $rpc<'life, 'answer>(
            &'life $self,
            request: Request<wire::$message::Request>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Answer<wire::$message::Response>> + Send + 'answer>>
        where
            'life: 'answer,
        {
            let $request = request.into_inner();
            Box::pin(async move { Ok(Response::new(guarded($name, $work).await)) })
        }
    )*};
}

/// Calls about state stores, all refused in the same way.
macro_rules! no_state_store {
    ($($rpc:ident($message:ident))*) => {$(
        fn $rpc<'life, 'answer>(
            &'life self,
            request: Request<wire::$message::Request>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Answer<wire::$message::Response>> + Send + 'answer>>
        where
            'life: 'answer,
        {
            Box::pin(async move { Ok(Response::new(state_store::refused(&request.into_inner().type_name))) })
        }
    )*};
}

#[async_trait]
impl<P: Provider> Service for Host<P> {
    type ListResourceStream = list::Events;
    type ReadStateBytesStream = Once<wire::read_state_bytes::Response>;
    type InvokeActionStream = action::Events;

    unary! {
        self, request:
        validate_provider_config(validate_provider_config) "ValidateProviderConfig" => async { self.validate_provider(&request) };
        validate_resource_config(validate_resource_config) "ValidateResourceConfig" => async { self.validate_resource(&request) };
        validate_data_resource_config(validate_data_resource_config) "ValidateDataResourceConfig" => async { self.validate_data_source(&request) };
        upgrade_resource_state(upgrade_resource_state) "UpgradeResourceState" => async { self.upgrade_resource(request) };
        upgrade_resource_identity(upgrade_resource_identity) "UpgradeResourceIdentity" => async { self.upgrade_identity(request) };
        configure_provider(configure_provider) "ConfigureProvider" => self.configure(request);
        read_resource(read_resource) "ReadResource" => self.refresh_resource(request);
        plan_resource_change(plan_resource_change) "PlanResourceChange" => self.plan_resource(request);
        import_resource_state(import_resource_state) "ImportResourceState" => self.import_resource(request);
        generate_resource_config(generate_resource_config) "GenerateResourceConfig" => async { self.generate_config(&request) };
        move_resource_state(move_resource_state) "MoveResourceState" => async { self.move_resource(&request) };
        read_data_source(read_data_source) "ReadDataSource" => self.read_data(request);
        validate_ephemeral_resource_config(validate_ephemeral_resource_config) "ValidateEphemeralResourceConfig" => async { self.validate_ephemeral(&request) };
        open_ephemeral_resource(open_ephemeral_resource) "OpenEphemeralResource" => self.open_ephemeral(request);
        renew_ephemeral_resource(renew_ephemeral_resource) "RenewEphemeralResource" => self.renew_ephemeral(request);
        close_ephemeral_resource(close_ephemeral_resource) "CloseEphemeralResource" => self.close_ephemeral(request);
        validate_list_resource_config(validate_list_resource_config) "ValidateListResourceConfig" => async { self.validate_list(&request) };
        call_function(call_function) "CallFunction" => async { self.call(&request) };
        plan_action(plan_action) "PlanAction" => self.look_at_action(request);
        validate_action_config(validate_action_config) "ValidateActionConfig" => async { self.validate_action(&request) };
    }

    no_state_store! {
        validate_state_store_config(validate_state_store)
        lock_state(lock_state)
        unlock_state(unlock_state)
        get_states(get_states)
        delete_state(delete_state)
    }

    async fn get_metadata(&self, _: Request<wire::get_metadata::Request>) -> Answer<wire::get_metadata::Response> {
        Ok(Response::new(self.metadata()))
    }

    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Answer<wire::get_provider_schema::Response> {
        Ok(Response::new(self.schemas()))
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Answer<wire::get_resource_identity_schemas::Response> {
        Ok(Response::new(self.identity_schemas()))
    }

    async fn get_functions(&self, _: Request<wire::get_functions::Request>) -> Answer<wire::get_functions::Response> {
        Ok(Response::new(self.functions()))
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answer<wire::apply_resource_change::Response> {
        Ok(Response::new(self.apply_resource(request.into_inner()).await))
    }

    async fn list_resource(&self, request: Request<wire::list_resource::Request>) -> Answer<Self::ListResourceStream> {
        Ok(Response::new(self.list(request.into_inner())))
    }

    async fn invoke_action(&self, request: Request<wire::invoke_action::Request>) -> Answer<Self::InvokeActionStream> {
        Ok(Response::new(self.invoke(request.into_inner())))
    }

    /// Terraform reads the capabilities of this answer even when it carries errors: absent ones crash it.
    async fn configure_state_store(
        &self,
        request: Request<wire::configure_state_store::Request>,
    ) -> Answer<wire::configure_state_store::Response> {
        let refused: wire::configure_state_store::Response = state_store::refused(&request.get_ref().type_name);
        let capabilities = Some(wire::StateStoreServerCapabilities::default());
        Ok(Response::new(wire::configure_state_store::Response { capabilities, ..refused }))
    }

    /// The same holds for the range of each chunk.
    async fn read_state_bytes(
        &self,
        request: Request<wire::read_state_bytes::Request>,
    ) -> Answer<Self::ReadStateBytesStream> {
        let refused: wire::read_state_bytes::Response = state_store::refused(&request.get_ref().type_name);
        let chunk = wire::read_state_bytes::Response { range: Some(wire::StateRange::default()), ..refused };
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(chunk)))))
    }

    async fn write_state_bytes(
        &self,
        request: Request<Streaming<wire::write_state_bytes::RequestChunk>>,
    ) -> Answer<wire::write_state_bytes::Response> {
        let first = request.into_inner().message().await?;
        let name = first.and_then(|chunk| chunk.meta).unwrap_or_default().type_name;
        Ok(Response::new(state_store::refused(&name)))
    }

    async fn stop_provider(&self, _: Request<wire::stop_provider::Request>) -> Answer<wire::stop_provider::Response> {
        self.stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }
}
