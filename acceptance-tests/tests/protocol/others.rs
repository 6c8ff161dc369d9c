//! Everything but managed resources through the service.

use tf_plugin::protocol::codec;
use tokio_stream::StreamExt;
use tonic::Request;

use super::resources::{apply, create};
use super::*;

#[tokio::test]
async fn data_sources_need_a_configured_provider() {
    let host = notebook().await;
    let kind = note_type();
    let request = || {
        Request::new(wire::read_data_source::Request {
            type_name: "test_note".into(),
            config: sent(&note_type(), &note("t", Datum::Null, Datum::Null)),
            ..Default::default()
        })
    };
    let early = host.provider().read_data_source(request()).await.unwrap().into_inner();
    assert_eq!(early.diagnostics[0].summary, "The provider is not configured");
    let block = Type::object([("paper", Type::String)]);
    let config = sent(&block, &Datum::object([("paper", Datum::from("grey"))]));
    let configure = wire::configure_provider::Request { config, ..Default::default() };
    assert!(
        host.provider().configure_provider(Request::new(configure)).await.unwrap().into_inner().diagnostics.is_empty()
    );
    let read = host.provider().read_data_source(request()).await.unwrap().into_inner();
    assert_eq!(received(&kind, read.state), note("t", Datum::Null, "grey".into()));
}

#[tokio::test]
async fn ephemeral_resources_open_and_close_with_their_private_data() {
    let host = notebook().await;
    let open = wire::open_ephemeral_resource::Request {
        type_name: "test_note".into(),
        config: sent(&note_type(), &note("t", Datum::Null, Datum::Null)),
        ..Default::default()
    };
    let opened = host.provider().open_ephemeral_resource(Request::new(open)).await.unwrap().into_inner();
    assert_eq!(received(&note_type(), opened.result), note("t", Datum::Null, "1".into()));
    assert_eq!(opened.renew_at.unwrap().seconds, 0);
    let close = |private| wire::close_ephemeral_resource::Request { type_name: "test_note".into(), private };
    let closed =
        host.provider().close_ephemeral_resource(Request::new(close(opened.private))).await.unwrap().into_inner();
    assert!(closed.diagnostics.is_empty());
    let foreign = Request::new(close(Some(b"q".to_vec().into())));
    let refused = host.provider().close_ephemeral_resource(foreign).await.unwrap().into_inner();
    assert_eq!(refused.diagnostics.len(), 1);
    let nothing = host.provider().close_ephemeral_resource(Request::new(close(None))).await.unwrap().into_inner();
    assert!(nothing.diagnostics.is_empty(), "what was never made need not be ended");
}

#[tokio::test]
async fn lists_stop_at_the_limit() {
    let titles = |limit| async move {
        let request = wire::list_resource::Request { type_name: "test_note".into(), limit, ..Default::default() };
        let plugin = notebook().await;
        let stream = plugin.provider().list_resource(Request::new(request)).await.unwrap().into_inner();
        stream.map(|event| event.unwrap().identity.unwrap()).collect::<Vec<_>>().await
    };
    assert_eq!(titles(2).await, [identity("a"), identity("b")]);
    assert_eq!(titles(100).await.len(), 3);
}

#[tokio::test]
async fn an_action_ends_with_one_completed_event_even_when_it_panics() {
    use wire::invoke_action::event::Type as Event;
    let block = Type::object([("paper", Type::String)]);
    let invoke = |config| async move {
        let request = wire::invoke_action::Request { action_type: "test_note".into(), config, ..Default::default() };
        let plugin = notebook().await;
        let stream = plugin.provider().invoke_action(Request::new(request)).await.unwrap().into_inner();
        stream.map(|event| event.unwrap().r#type.unwrap()).collect::<Vec<_>>().await
    };
    let events = invoke(None).await;
    assert!(matches!(&events[..], [Event::Progress(line), Event::Completed(end)]
        if line.message == "written" && end.diagnostics.is_empty()));
    let events = invoke(sent(&block, &Datum::object([("paper", Datum::from("grey"))]))).await;
    assert!(matches!(&events[..], [Event::Completed(end)] if end.diagnostics.len() == 1));
}

#[tokio::test]
async fn an_action_checks_again_what_was_unknown_when_it_was_validated() {
    use wire::invoke_action::event::Type as Event;
    let block = Type::object([("paper", Type::String)]);
    let config = sent(&block, &Datum::object([("paper", Datum::from(""))]));
    let plugin = notebook().await;
    let request =
        wire::plan_action::Request { action_type: "test_note".into(), config: config.clone(), ..Default::default() };
    let planned = plugin.provider().plan_action(request).await.unwrap().into_inner();
    assert!(matches!(&planned.diagnostics[..], [one] if one.attribute.is_some()), "{planned:?}");
    let request = wire::invoke_action::Request { action_type: "test_note".into(), config, ..Default::default() };
    let stream = plugin.provider().invoke_action(Request::new(request)).await.unwrap().into_inner();
    let events: Vec<_> = stream.map(|event| event.unwrap().r#type.unwrap()).collect().await;
    assert!(matches!(&events[..], [Event::Completed(end)] if end.diagnostics.len() == 1), "nothing was written");
}

#[tokio::test]
async fn functions_take_what_their_signature_says() {
    let call = |arguments: Vec<Datum>| async move {
        let arguments = arguments.iter().map(|datum| to_wire::value(&Type::String, datum).unwrap()).collect();
        let request = wire::call_function::Request { name: "join".into(), arguments };
        notebook().await.provider().call_function(Request::new(request)).await.unwrap().into_inner()
    };
    let answer = call(vec!["a".into(), "b".into(), "c".into()]).await;
    assert_eq!(codec::decode(&Type::String, &answer.result.unwrap().msgpack).unwrap(), Datum::from("abc"));
    assert!(call(vec![]).await.error.unwrap().text.contains("takes 1 arguments"));
    let wrong = wire::call_function::Request {
        name: "join".into(),
        arguments: vec![to_wire::value(&Type::Bool, &true.into()).unwrap()],
    };
    let answer = notebook().await.provider().call_function(Request::new(wrong)).await.unwrap().into_inner();
    assert_eq!(answer.error.unwrap().function_argument, Some(0));
}

#[tokio::test]
async fn schemas_and_metadata_name_the_same_types() {
    let host = notebook().await;
    let schemas = host
        .provider()
        .get_provider_schema(Request::new(wire::get_provider_schema::Request::default()))
        .await
        .unwrap()
        .into_inner();
    let metadata =
        host.provider().get_metadata(Request::new(wire::get_metadata::Request::default())).await.unwrap().into_inner();
    assert!(schemas.provider.unwrap().block.is_some());
    assert!(metadata.resources.iter().all(|named| schemas.resource_schemas.contains_key(&named.type_name)));
    assert_eq!((metadata.resources.len(), schemas.resource_schemas.len()), (1, 1));
    assert!(schemas.action_schemas["test_note"].schema.is_some());
    assert!(schemas.functions["join"].r#return.is_some());
    let identities = host
        .provider()
        .get_resource_identity_schemas(Request::new(wire::get_resource_identity_schemas::Request::default()))
        .await
        .unwrap()
        .into_inner();
    assert!(identities.identity_schemas["test_note"].identity_attributes[0].required_for_import);
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let host = notebook().await;
    let unknown = wire::apply_resource_change::Request { type_name: "test_ghost".into(), ..create("x") };
    assert!(apply(&host, unknown).await.diagnostics[0].detail.contains("test_ghost"));
    let store = wire::configure_state_store::Request { type_name: "ghost".into(), ..Default::default() };
    let answer = host.provider().configure_state_store(Request::new(store)).await.unwrap().into_inner();
    assert!(answer.capabilities.is_some() && answer.diagnostics.len() == 1);
    let read = wire::read_state_bytes::Request { type_name: "ghost".into(), ..Default::default() };
    let mut chunks = host.provider().read_state_bytes(Request::new(read)).await.unwrap().into_inner();
    assert!(chunks.next().await.unwrap().unwrap().range.is_some());
}
