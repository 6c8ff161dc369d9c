//! Every RPC of the protocol is called by a test here; those that no other test is about are called below.

use tokio_stream::StreamExt;

use super::*;

const PROTOCOL: &str = include_str!("../../../proto/tfplugin6.proto");
const TESTS: &[&str] = &[
    include_str!("every_rpc.rs"),
    include_str!("others.rs"),
    include_str!("process.rs"),
    include_str!("resources.rs"),
];

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[test]
fn none_is_forgotten() {
    let service = PROTOCOL.lines().filter_map(|line| line.trim_start().strip_prefix("rpc "));
    let names: Vec<String> = service.map(|line| snake(line.split('(').next().unwrap())).collect();
    assert_eq!(names.len(), 36);
    let uncalled: Vec<&String> =
        names.iter().filter(|name| !TESTS.iter().any(|text| text.contains(&format!(".{name}(")))).collect();
    assert!(uncalled.is_empty(), "no test calls {uncalled:?}");
}

#[tokio::test]
async fn configurations_are_checked() {
    let plugin = notebook().await;
    let block = Type::object([("paper", Type::String)]);
    let paper = sent(&block, &Datum::object([("paper", Datum::Null)]));
    let config = wire::validate_provider_config::Request { config: paper.clone() };
    assert!(plugin.provider().validate_provider_config(config).await.unwrap().into_inner().diagnostics.is_empty());

    // A required argument is missing; it is Terraform that enforces it, and an unknown type that we refuse.
    let config = sent(&note_type(), &note("t", Datum::Null, Datum::Null));
    for (type_name, refused) in [("test_note", false), ("test_ghost", true)] {
        let type_name = type_name.to_owned();
        let request = wire::validate_resource_config::Request {
            type_name: type_name.clone(),
            config: config.clone(),
            ..Default::default()
        };
        let checked = plugin.provider().validate_resource_config(request).await.unwrap().into_inner();
        assert_eq!(!checked.diagnostics.is_empty(), refused, "{checked:?}");
        let request =
            wire::validate_data_resource_config::Request { type_name: type_name.clone(), config: config.clone() };
        let checked = plugin.provider().validate_data_resource_config(request).await.unwrap().into_inner();
        assert_eq!(!checked.diagnostics.is_empty(), refused, "{checked:?}");
        let request =
            wire::validate_ephemeral_resource_config::Request { type_name: type_name.clone(), config: config.clone() };
        let checked = plugin.provider().validate_ephemeral_resource_config(request).await.unwrap().into_inner();
        assert_eq!(!checked.diagnostics.is_empty(), refused, "{checked:?}");
        let request = wire::validate_list_resource_config::Request {
            type_name: type_name.clone(),
            config: paper.clone(),
            ..Default::default()
        };
        let checked = plugin.provider().validate_list_resource_config(request).await.unwrap().into_inner();
        assert_eq!(!checked.diagnostics.is_empty(), refused, "{checked:?}");
        let request = wire::validate_action_config::Request { type_name, config: paper.clone() };
        let checked = plugin.provider().validate_action_config(request).await.unwrap().into_inner();
        assert_eq!(!checked.diagnostics.is_empty(), refused, "{checked:?}");
    }
}

#[tokio::test]
async fn functions_identities_and_actions_are_told_and_planned() {
    let plugin = notebook().await;
    let functions = plugin.provider().get_functions(wire::get_functions::Request {}).await.unwrap().into_inner();
    assert!(functions.functions.contains_key("join"));
    let json = br#"{"title":"t"}"#.to_vec();
    let request = wire::upgrade_resource_identity::Request {
        type_name: "test_note".into(),
        version: 0,
        raw_identity: Some(wire::RawState { json: json.clone().into(), ..Default::default() }),
    };
    let upgraded = plugin.provider().upgrade_resource_identity(request).await.unwrap().into_inner();
    let given_back = upgraded.upgraded_identity.unwrap().identity_data.unwrap();
    assert_eq!(given_back.json, json, "of the same version it goes back untouched");
    let request = wire::plan_action::Request { action_type: "test_note".into(), ..Default::default() };
    assert!(plugin.provider().plan_action(request).await.unwrap().into_inner().diagnostics.is_empty());
    let request = wire::plan_action::Request { action_type: "test_ghost".into(), ..Default::default() };
    assert_eq!(plugin.provider().plan_action(request).await.unwrap().into_inner().diagnostics.len(), 1);
}

#[tokio::test]
async fn an_ephemeral_resource_is_renewed_or_says_why_not() {
    let plugin = notebook().await;
    let request =
        wire::renew_ephemeral_resource::Request { type_name: "test_note".into(), private: Some(b"p".to_vec().into()) };
    let renewed = plugin.provider().renew_ephemeral_resource(request).await.unwrap().into_inner();
    assert!(renewed.renew_at.is_none(), "what was opened lasts");
    let request = wire::renew_ephemeral_resource::Request { type_name: "test_ghost".into(), ..Default::default() };
    assert_eq!(plugin.provider().renew_ephemeral_resource(request).await.unwrap().into_inner().diagnostics.len(), 1);
}

#[tokio::test]
async fn a_configuration_is_generated_without_what_the_provider_sets() {
    let kind = note_type();
    let state = sent(&kind, &note("t", "hello".into(), "7".into()));
    let request = wire::generate_resource_config::Request { type_name: "test_note".into(), state };
    let generated = notebook().await.provider().generate_resource_config(request).await.unwrap().into_inner();
    assert!(generated.diagnostics.is_empty(), "{generated:?}");
    assert_eq!(received(&kind, generated.config), note("t", "hello".into(), Datum::Null));
}

#[tokio::test]
async fn what_has_no_implementation_answers_as_the_go_framework_would() {
    let plugin = notebook().await;
    let mut client = plugin.provider();
    let type_name = || "ghost".to_owned();
    let generate = wire::generate_resource_config::Request { type_name: type_name(), ..Default::default() };
    let generated = client.generate_resource_config(generate).await.unwrap().into_inner();
    assert_eq!(generated.diagnostics.len(), 1);
    let validate = wire::validate_state_store::Request { type_name: type_name(), ..Default::default() };
    assert_eq!(client.validate_state_store_config(validate).await.unwrap().into_inner().diagnostics.len(), 1);
    let lock = wire::lock_state::Request { type_name: type_name(), ..Default::default() };
    assert_eq!(client.lock_state(lock).await.unwrap().into_inner().diagnostics.len(), 1);
    let unlock = wire::unlock_state::Request { type_name: type_name(), ..Default::default() };
    assert_eq!(client.unlock_state(unlock).await.unwrap().into_inner().diagnostics.len(), 1);
    let states = wire::get_states::Request { type_name: type_name() };
    assert_eq!(client.get_states(states).await.unwrap().into_inner().diagnostics.len(), 1);
    let delete = wire::delete_state::Request { type_name: type_name(), ..Default::default() };
    assert_eq!(client.delete_state(delete).await.unwrap().into_inner().diagnostics.len(), 1);
    let chunk = wire::write_state_bytes::RequestChunk {
        meta: Some(wire::RequestChunkMeta { type_name: type_name(), ..Default::default() }),
        ..Default::default()
    };
    let written = client.write_state_bytes(tokio_stream::iter([chunk])).await.unwrap().into_inner();
    assert_eq!(written.diagnostics.len(), 1);
    let list = wire::list_resource::Request { type_name: type_name(), ..Default::default() };
    let mut listed = client.list_resource(list).await.unwrap().into_inner();
    assert_eq!(listed.next().await.unwrap().unwrap().diagnostic.len(), 1);
}
