//! The calls of the protocol that Terraform makes of a provider with resources and data sources. All others are refused.

use std::pin::Pin;

use async_trait::async_trait;
use serde_json::json;
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;
use tf_plugin::plugin::Served;
use tf_plugin::protocol::codec::{CodecError, decode_json};
use tf_plugin::protocol::{from_wire, to_wire};
use tf_plugin::wire::tfplugin6 as wire;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};
use wire::provider_server::Provider as Service;

use super::schema::{Block, Schema};
use super::value::{filled, json as as_json, planned};
use super::{StandIn, program};

type Answer<T> = Result<Response<T>, Status>;
type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn bug(error: &CodecError) -> Status {
    Status::internal(error.to_string())
}

fn read(kind: &Type, message: Option<&wire::DynamicValue>) -> Result<Datum, Status> {
    from_wire::value(kind, message).map_err(|error| bug(&error))
}

fn written(kind: &Type, datum: &Datum) -> Result<Option<wire::DynamicValue>, Status> {
    to_wire::value(kind, datum).map(Some).map_err(|error| bug(&error))
}

fn failure(name: &str, detail: String) -> Vec<wire::Diagnostic> {
    let severity = wire::diagnostic::Severity::Error.into();
    vec![wire::Diagnostic { severity, summary: format!("{name} failed"), detail, attribute: None }]
}

impl StandIn {
    fn resource(&self, name: &str) -> Result<&Schema, Status> {
        self.0.schemas.resource_schemas.get(name).ok_or_else(|| Status::not_found(name.to_owned()))
    }

    /// What the program says: nothing where there is none.
    async fn ask(&self, name: &str, operation: &str, value: &Datum) -> Result<Option<Vec<u8>>, String> {
        let settings = self.0.settings.read().map(|settings| settings.clone()).unwrap_or_default();
        let input = json!({"provider": settings, "value": as_json(value)});
        program::run(self.0.programs.as_deref(), name, operation, &input).await
    }

    /// The value with everything known, by the program's word.
    async fn known(&self, name: &str, operation: &str, block: &Block, planned: Datum) -> Result<Datum, String> {
        let kind = block.value_type();
        let printed = self.ask(name, operation, &planned).await?.unwrap_or_default();
        let answer = decode_json(&kind, &printed).map_err(|error| format!("its program's answer: {error}"))?;
        let id = (!planned.get("id").is_null()).then(|| format!("{name}-{}", crate::canary::plant()));
        let mut value = filled(&kind, planned.clone(), &answer);
        // Each is another one, as it is with any provider.
        if let (Datum::Object(entries), Some(id)) = (&mut value, id)
            && planned.get("id").is_unknown()
            && answer.get("id").is_null()
        {
            entries.insert("id".to_owned(), id.into());
        }
        Ok(value)
    }
}

#[async_trait]
impl Served for StandIn {
    async fn end(&self) {}
}

/// Calls that a provider may refuse.
macro_rules! refused {
    ($($rpc:ident($message:ident))*) => {$(
        fn $rpc<'life, 'answer>(
            &'life self,
            _: Request<wire::$message::Request>,
        ) -> Pin<Box<dyn Future<Output = Answer<wire::$message::Response>> + Send + 'answer>>
        where
            'life: 'answer,
        {
            Box::pin(async { Err(Status::unimplemented(stringify!($rpc))) })
        }
    )*};
}

/// Calls that have nothing to say.
macro_rules! agreed {
    ($($rpc:ident($message:ident))*) => {$(
        fn $rpc<'life, 'answer>(
            &'life self,
            _: Request<wire::$message::Request>,
        ) -> Pin<Box<dyn Future<Output = Answer<wire::$message::Response>> + Send + 'answer>>
        where
            'life: 'answer,
        {
            Box::pin(async { Ok(Response::new(wire::$message::Response::default())) })
        }
    )*};
}

#[async_trait]
impl Service for StandIn {
    type ListResourceStream = Events<wire::list_resource::Event>;
    type ReadStateBytesStream = Events<wire::read_state_bytes::Response>;
    type InvokeActionStream = Events<wire::invoke_action::Event>;

    agreed! {
        validate_provider_config(validate_provider_config)
        validate_resource_config(validate_resource_config)
        validate_data_resource_config(validate_data_resource_config)
        validate_ephemeral_resource_config(validate_ephemeral_resource_config)
        get_resource_identity_schemas(get_resource_identity_schemas)
        get_functions(get_functions)
        stop_provider(stop_provider)
    }

    refused! {
        upgrade_resource_identity(upgrade_resource_identity)
        import_resource_state(import_resource_state)
        move_resource_state(move_resource_state)
        generate_resource_config(generate_resource_config)
        open_ephemeral_resource(open_ephemeral_resource)
        renew_ephemeral_resource(renew_ephemeral_resource)
        close_ephemeral_resource(close_ephemeral_resource)
        validate_list_resource_config(validate_list_resource_config)
        call_function(call_function)
        validate_state_store_config(validate_state_store)
        configure_state_store(configure_state_store)
        lock_state(lock_state)
        unlock_state(unlock_state)
        get_states(get_states)
        delete_state(delete_state)
        plan_action(plan_action)
        validate_action_config(validate_action_config)
    }

    async fn get_metadata(&self, _: Request<wire::get_metadata::Request>) -> Answer<wire::get_metadata::Response> {
        Err(Status::unimplemented("get_metadata"))
    }

    async fn list_resource(&self, _: Request<wire::list_resource::Request>) -> Answer<Self::ListResourceStream> {
        Err(Status::unimplemented("list_resource"))
    }

    async fn read_state_bytes(
        &self,
        _: Request<wire::read_state_bytes::Request>,
    ) -> Answer<Self::ReadStateBytesStream> {
        Err(Status::unimplemented("read_state_bytes"))
    }

    async fn write_state_bytes(
        &self,
        _: Request<Streaming<wire::write_state_bytes::RequestChunk>>,
    ) -> Answer<wire::write_state_bytes::Response> {
        Err(Status::unimplemented("write_state_bytes"))
    }

    async fn invoke_action(&self, _: Request<wire::invoke_action::Request>) -> Answer<Self::InvokeActionStream> {
        Err(Status::unimplemented("invoke_action"))
    }

    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Answer<wire::get_provider_schema::Response> {
        Ok(Response::new(self.0.schemas.message()))
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Answer<wire::configure_provider::Response> {
        let kind = self.0.schemas.provider.block.value_type();
        let config = read(&kind, request.get_ref().config.as_ref())?;
        if let Ok(mut settings) = self.0.settings.write() {
            *settings = as_json(&config);
        }
        Ok(Response::new(wire::configure_provider::Response::default()))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Answer<wire::upgrade_resource_state::Response> {
        let json = request.into_inner().raw_state.unwrap_or_default().json;
        let upgraded_state = Some(wire::DynamicValue { json, ..Default::default() });
        Ok(Response::new(wire::upgrade_resource_state::Response { upgraded_state, ..Default::default() }))
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Answer<wire::read_resource::Response> {
        let request = request.into_inner();
        let kind = self.resource(&request.type_name)?.block.value_type();
        let state = read(&kind, request.current_state.as_ref())?;
        let mut answer = wire::read_resource::Response { new_state: request.current_state, ..Default::default() };
        match self.ask(&request.type_name, "read", &state).await {
            Ok(Some(printed)) if printed.trim_ascii() == b"null" => answer.new_state = written(&kind, &Datum::Null)?,
            Ok(_) => {}
            Err(detail) => answer.diagnostics = failure(&request.type_name, detail),
        }
        Ok(Response::new(answer))
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Answer<wire::plan_resource_change::Response> {
        let request = request.into_inner();
        let schema = self.resource(&request.type_name)?;
        let kind = schema.block.value_type();
        let (prior, proposed) =
            (read(&kind, request.prior_state.as_ref())?, read(&kind, request.proposed_new_state.as_ref())?);
        if proposed.is_null() {
            let planned_state = request.proposed_new_state;
            return Ok(Response::new(wire::plan_resource_change::Response { planned_state, ..Default::default() }));
        }
        let planned = planned(&schema.block, proposed);
        let anew = |name: &&String| !prior.is_null() && prior.get(name) != planned.get(name);
        let path = |name: &String| {
            let selector = wire::attribute_path::step::Selector::AttributeName(name.clone());
            wire::AttributePath { steps: vec![wire::attribute_path::Step { selector: Some(selector) }] }
        };
        Ok(Response::new(wire::plan_resource_change::Response {
            planned_state: written(&kind, &planned)?,
            requires_replace: schema.requires_replace.iter().filter(anew).map(path).collect(),
            ..Default::default()
        }))
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Answer<wire::apply_resource_change::Response> {
        let request = request.into_inner();
        let name = &request.type_name;
        let block = &self.resource(name)?.block;
        let kind = block.value_type();
        let (prior, planned) =
            (read(&kind, request.prior_state.as_ref())?, read(&kind, request.planned_state.as_ref())?);
        let done = match (prior.is_null(), planned.is_null()) {
            (_, true) => self.ask(name, "delete", &prior).await.map(|_| Datum::Null),
            (true, false) => self.known(name, "create", block, planned).await,
            (false, false) => self.known(name, "update", block, planned).await,
        };
        let answer = match done {
            Ok(value) => {
                wire::apply_resource_change::Response { new_state: written(&kind, &value)?, ..Default::default() }
            }
            Err(detail) => wire::apply_resource_change::Response {
                new_state: request.prior_state,
                diagnostics: failure(name, detail),
                ..Default::default()
            },
        };
        Ok(Response::new(answer))
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Answer<wire::read_data_source::Response> {
        let request = request.into_inner();
        let schemas = &self.0.schemas.data_source_schemas;
        let schema = schemas.get(&request.type_name).ok_or_else(|| Status::not_found(request.type_name.clone()))?;
        let kind = schema.block.value_type();
        let config = planned(&schema.block, read(&kind, request.config.as_ref())?);
        let answer = match self.known(&request.type_name, "read", &schema.block, config).await {
            Ok(value) => wire::read_data_source::Response { state: written(&kind, &value)?, ..Default::default() },
            Err(detail) => {
                let diagnostics = failure(&request.type_name, detail);
                wire::read_data_source::Response { diagnostics, ..Default::default() }
            }
        };
        Ok(Response::new(answer))
    }
}
