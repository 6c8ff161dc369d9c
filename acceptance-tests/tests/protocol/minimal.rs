//! The example of the framework, as a stranger would start from it.

use tonic::Request;

use super::*;

#[tokio::test]
async fn the_example_is_a_whole_provider() {
    let plugin = Plugin::start(env!("CARGO_BIN_EXE_minimal")).await;
    let block = Type::object([("word", Type::String)]);
    let config = sent(&block, &Datum::object([("word", Datum::from("Servus"))]));
    let configure = wire::configure_provider::Request { config, ..Default::default() };
    let configured = plugin.provider().configure_provider(Request::new(configure)).await.unwrap().into_inner();
    assert_eq!(configured.diagnostics, []);
    let greeting = Type::object([("name", Type::String), ("text", Type::String)]);
    let of = |text: Datum| Datum::object([("name", Datum::from("you")), ("text", text)]);
    let create = wire::apply_resource_change::Request {
        type_name: "minimal_greeting".into(),
        planned_state: sent(&greeting, &of(Datum::unknown())),
        config: sent(&greeting, &of(Datum::Null)),
        ..Default::default()
    };
    let created = plugin.provider().apply_resource_change(Request::new(create)).await.unwrap().into_inner();
    assert_eq!(created.diagnostics, []);
    assert_eq!(received(&greeting, created.new_state), of("Servus, you".into()));
    let arguments = vec![to_wire::value(&Type::String, &"hey".into()).unwrap()];
    let call = wire::call_function::Request { name: "shout".into(), arguments };
    let answer = plugin.provider().call_function(Request::new(call)).await.unwrap().into_inner();
    assert_eq!(received(&Type::String, answer.result), "HEY".into());
}
