//! Managed resources through the service.

use tonic::Request;

use super::*;

pub(super) fn create(text: &str) -> wire::apply_resource_change::Request {
    let kind = note_type();
    wire::apply_resource_change::Request {
        type_name: "test_note".into(),
        planned_state: sent(&kind, &note("t", text.into(), Datum::unknown())),
        config: sent(&kind, &note("t", text.into(), Datum::Null)),
        planned_private: b"{\"a\":1}".to_vec().into(),
        ..Default::default()
    }
}

pub(super) async fn apply(
    plugin: &Plugin,
    request: wire::apply_resource_change::Request,
) -> wire::apply_resource_change::Response {
    plugin.provider().apply_resource_change(Request::new(request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_create_stores_state_private_and_identity() {
    let applied = apply(&notebook().await, create("hello")).await;
    assert!(applied.diagnostics.is_empty());
    assert_eq!(received(&note_type(), applied.new_state), note("t", "hello".into(), "7".into()));
    assert_eq!(applied.private, b"{\"a\":1}".as_slice());
    assert_eq!(applied.new_identity, Some(identity("t")));
}

#[tokio::test]
async fn a_panic_costs_one_call_and_repeats_nothing() {
    let host = notebook().await;
    let request = wire::apply_resource_change::Request { prior_state: None, ..create("panic") };
    let applied = apply(&host, request).await;
    assert!(applied.new_state.is_none());
    let shown = format!("{:?}", applied.diagnostics);
    assert!(shown.contains("crashed") && !shown.contains("s3cret"), "{shown}");
    assert!(apply(&host, create("hello")).await.diagnostics.is_empty());
}

#[tokio::test]
async fn bytes_that_cannot_be_read_change_nothing() {
    let prior = sent(&note_type(), &note("t", Datum::Null, "7".into()));
    let broken = Some(wire::DynamicValue { msgpack: vec![0xc1].into(), ..Default::default() });
    let request = wire::apply_resource_change::Request {
        prior_state: prior.clone(),
        planned_state: broken,
        planned_identity: Some(identity("t")),
        ..create("x")
    };
    let applied = apply(&notebook().await, request).await;
    assert_eq!(applied.new_state, prior);
    assert_eq!(applied.private, b"{\"a\":1}".as_slice());
    assert_eq!(applied.new_identity, Some(identity("t")));
    assert_eq!(applied.diagnostics.len(), 1);
}

#[tokio::test]
async fn a_stop_ends_what_runs_keeps_what_exists_and_serves_on() {
    let host = notebook().await;
    let mut client = host.provider();
    let running = tokio::spawn(async move { client.apply_resource_change(create("wait")).await });
    host.logs("waiting for the end of the world").await;
    host.provider().stop_provider(Request::new(wire::stop_provider::Request::default())).await.unwrap();
    let applied = running.await.unwrap().unwrap().into_inner();
    assert_eq!(received(&note_type(), applied.new_state), note("t", "wait".into(), "7".into()));
    assert_eq!(applied.diagnostics[0].detail, "stopped");
    assert!(apply(&host, create("hello")).await.diagnostics.is_empty());
}

#[tokio::test]
async fn a_plan_names_what_is_made_anew() {
    let kind = note_type();
    let request = wire::plan_resource_change::Request {
        type_name: "test_note".into(),
        prior_state: sent(&kind, &note("old", Datum::Null, "7".into())),
        proposed_new_state: sent(&kind, &note("new", Datum::Null, "7".into())),
        config: sent(&kind, &note("new", Datum::Null, Datum::Null)),
        ..Default::default()
    };
    let planned = notebook().await.provider().plan_resource_change(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(planned.requires_replace, [to_wire::attribute_path(tf_plugin::framework::AttributePath::new("title"))]);
    assert_eq!(planned.planned_identity, Some(identity("new")));
}

#[tokio::test]
async fn reads_echo_private_state_and_identity() {
    let state = sent(&note_type(), &note("t", Datum::Null, "7".into()));
    let request = wire::read_resource::Request {
        type_name: "test_note".into(),
        current_state: state.clone(),
        private: b"{\"a\":1}".to_vec().into(),
        current_identity: Some(identity("t")),
        ..Default::default()
    };
    let read = notebook().await.provider().read_resource(Request::new(request)).await.unwrap().into_inner();
    assert_eq!((read.new_state, read.new_identity), (state, Some(identity("t"))));
    assert_eq!(read.private, b"{\"a\":1}".as_slice());
}

#[tokio::test]
async fn state_of_the_same_version_goes_back_untouched() {
    let json = br#"{"big":123456789012345678901234567890.5}"#.to_vec();
    let raw = wire::RawState { json: json.clone().into(), ..Default::default() };
    let request = |version| wire::upgrade_resource_state::Request {
        type_name: "test_note".into(),
        version,
        raw_state: Some(raw.clone()),
    };
    let upgraded =
        notebook().await.provider().upgrade_resource_state(Request::new(request(0))).await.unwrap().into_inner();
    assert_eq!(upgraded.upgraded_state.unwrap().json, json);
    let refused =
        notebook().await.provider().upgrade_resource_state(Request::new(request(9))).await.unwrap().into_inner();
    assert!(refused.diagnostics[0].detail.contains("version 9"));
}

#[tokio::test]
async fn imports_take_ids_and_identities() {
    let by_id =
        wire::import_resource_state::Request { type_name: "test_note".into(), id: "a".into(), ..Default::default() };
    let by_identity =
        wire::import_resource_state::Request { id: String::new(), identity: Some(identity("a")), ..by_id.clone() };
    for request in [by_id, by_identity] {
        let answer =
            notebook().await.provider().import_resource_state(Request::new(request)).await.unwrap().into_inner();
        assert_eq!(answer.imported_resources[0].identity, Some(identity("a")));
        assert_eq!(answer.imported_resources[0].type_name, "test_note");
    }
}

#[tokio::test]
async fn moves_are_taken_or_refused_by_name() {
    let request = |source: &str| wire::move_resource_state::Request {
        source_type_name: source.into(),
        target_type_name: "test_note".into(),
        source_state: Some(wire::RawState { json: b"t".to_vec().into(), ..Default::default() }),
        ..Default::default()
    };
    let moved = notebook()
        .await
        .provider()
        .move_resource_state(Request::new(request("other_note")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(received(&note_type(), moved.target_state), note("t", Datum::Null, Datum::Null));
    let refused =
        notebook().await.provider().move_resource_state(Request::new(request("third"))).await.unwrap().into_inner();
    assert!(refused.diagnostics[0].detail.contains("third"));
}
