//! The client against a server that follows a script: the exact calls, and what each answer means.

mod connecting;
mod emptiness;
mod hostile;
mod issuing;
mod server;
mod watching;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use server::{Reply, Server};

fn call() -> Call {
    Call::default().within(Duration::from_secs(20))
}

fn ok(body: &serde_json::Value) -> Reply {
    Reply::With(200, body.to_string())
}

fn refusal(code: u16, message: &str) -> Reply {
    Reply::With(code, json!({"kind": "Status", "code": code, "message": message}).to_string())
}

fn secret(name: &str) -> Secret {
    Secret {
        metadata: ObjectMeta { name: Some(name.into()), namespace: Some("ns".into()), ..ObjectMeta::default() },
        data: Some(BTreeMap::from([("k".into(), ByteString(b"canary-value".to_vec()))])),
        ..Secret::default()
    }
}

#[tokio::test]
async fn a_read_is_one_get_and_managers_are_taken_apart() {
    let mut live = serde_json::to_value(secret("a")).unwrap();
    live["metadata"]["managedFields"] =
        json!([{"manager": "eso", "operation": "Apply", "fieldsV1": {"f:data": {"f:k": {}}}}]);
    let server = Server::plain(vec![ok(&live)]).await;
    let found = Client::new(server.settings()).get_secret(&call(), "ns", "a").await.unwrap().unwrap();
    assert_eq!(found.object.data, secret("a").data);
    assert!(found.object.metadata.managed_fields.is_none());
    assert!(found.managers[0].owns(&["data", "k"]));
    assert!(!format!("{found:?}").contains("canary"));
    assert_eq!(server.lines(), ["GET /api/v1/namespaces/ns/secrets/a"]);
    assert_eq!(server.asked()[0].authorization, "Bearer tok-canary");
}

#[tokio::test]
async fn what_is_not_there_is_none_and_deleting_it_is_no_error() {
    let server = Server::plain(vec![refusal(404, "not found"), refusal(404, "not found")]).await;
    let client = Client::new(server.settings());
    assert!(client.get::<Namespace>(&call(), None, "x").await.unwrap().is_none());
    assert!(!client.delete::<Namespace>(&call(), None, "x", &Preconditions::default()).await.unwrap());
    assert_eq!(server.lines(), ["GET /api/v1/namespaces/x", "DELETE /api/v1/namespaces/x"]);
}

#[tokio::test]
async fn an_apply_is_one_patch_and_tells_made_from_adopted() {
    let answer = serde_json::to_value(secret("a")).unwrap();
    let server = Server::plain(vec![Reply::With(201, answer.to_string()), ok(&answer)]).await;
    let client = Client::new(server.settings());
    assert!(client.apply(&call(), &secret("a"), Apply::default()).await.unwrap().created);
    let how = Apply { force: true, dry_run: true, ..Apply::default() };
    assert!(!client.apply(&call(), &secret("a"), how).await.unwrap().created);
    let path = "PATCH /api/v1/namespaces/ns/secrets/a?fieldManager=terraform-provider-tazlab&force=";
    assert_eq!(server.lines(), [format!("{path}false"), format!("{path}true&dryRun=All")]);
    let asked = &server.asked()[0];
    assert_eq!(asked.content_type, "application/apply-patch+yaml");
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!((&body["kind"], &body["apiVersion"]), (&json!("Secret"), &json!("v1")));
}

#[tokio::test]
async fn what_must_not_exist_is_applied_with_a_version_that_no_object_has() {
    let answer = serde_json::to_value(secret("a")).unwrap();
    let server = Server::plain(vec![Reply::With(201, answer.to_string()), refusal(409, "has been modified")]).await;
    let (client, how) = (Client::new(server.settings()), Apply { create_only: true, ..Apply::default() });
    assert!(client.apply(&call(), &secret("a"), how).await.unwrap().created);
    let error = client.apply_untyped(&call(), &Kind::of::<Secret>(), &answer, how).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Changed { .. }), "{error}");
    for asked in server.asked() {
        let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        let version: i64 = body["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
        assert_eq!(version, i64::MAX);
    }
}

#[tokio::test]
async fn a_delete_carries_its_preconditions() {
    let server = Server::plain(vec![ok(&json!({})), refusal(409, "Precondition failed: UID in precondition")]).await;
    let client = Client::new(server.settings());
    let only = Preconditions { uid: Some("u".into()), resource_version: None };
    assert!(client.delete::<Secret>(&call(), Some("ns"), "a", &only).await.unwrap());
    let body: serde_json::Value = serde_json::from_str(&server.asked()[0].body).unwrap();
    assert_eq!(body["preconditions"], json!({"uid": "u"}));
    let error = client.delete::<Secret>(&call(), Some("ns"), "a", &only).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Changed { .. }), "{error}");
}

#[tokio::test]
async fn overload_is_waited_out_as_long_as_the_server_asks() {
    let answer = ok(&serde_json::to_value(secret("a")).unwrap());
    let server = Server::plain(vec![Reply::Later(429, 1), refusal(503, "starting"), answer]).await;
    let begun = Instant::now();
    Client::new(server.settings()).apply(&call(), &secret("a"), Apply::default()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn a_broken_connection_repeats_reads_and_never_writes() {
    let answer = ok(&serde_json::to_value(secret("a")).unwrap());
    let server = Server::plain(vec![Reply::Hangup, answer, Reply::Hangup]).await;
    let client = Client::new(server.settings());
    client.get_secret(&call(), "ns", "a").await.unwrap();
    let error = client.apply(&call(), &secret("a"), Apply::default()).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Unreachable { reason: Unreachable::Reset, .. }), "{error:?}");
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn silence_ends_at_the_deadline_and_at_a_stop() {
    let server = Server::plain(vec![Reply::Silence, Reply::Silence]).await;
    let client = Client::new(server.settings());
    let soon = Call::default().within(Duration::from_millis(200));
    let error = client.get_secret(&soon, "ns", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TimedOut { .. }) && error.is_unreachable(), "{error}");
    let stop = CancellationToken::new();
    let stopped = Call::new(stop.clone(), None);
    let work = client.get_secret(&stopped, "ns", "a");
    let (outcome, ()) = tokio::join!(work, async { stop.cancel() });
    assert!(matches!(*outcome.unwrap_err().cause, Cause::Stopped));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_quoted() {
    let server = Server::plain(vec![ok(&json!({"metadata": {"name": "a"}, "data": "canary-value"}))]).await;
    let error = Client::new(server.settings()).get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Answer { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn a_list_follows_its_pages_and_begins_again_when_they_expire() {
    let page =
        |name: &str, next: &str| ok(&json!({"metadata": {"continue": next}, "items": [{"metadata": {"name": name}}]}));
    let script = vec![page("old", "t/1"), refusal(410, "expired"), page("a", "t/2"), page("b", "")];
    let server = Server::plain(script).await;
    let client = Client::new(server.settings());
    let found = client.list_metadata(&call(), &Kind::of::<Secret>(), Some("ns")).await.unwrap();
    assert_eq!(found.iter().filter_map(|one| one.name.as_deref()).collect::<Vec<_>>(), ["a", "b"]);
    let path = "GET /api/v1/namespaces/ns/secrets?limit=500";
    let pages = [path.to_owned(), format!("{path}&continue=t%2F1"), path.to_owned(), format!("{path}&continue=t%2F2")];
    assert_eq!(server.lines(), pages);
    assert!(server.asked()[0].accept.contains("as=PartialObjectMetadataList"));
}

#[tokio::test]
async fn waiting_for_readiness_tells_what_it_sees() {
    let script = vec![refusal(503, "starting"), refusal(500, "[-]etcd failed"), Reply::With(200, "ok".into())];
    let server = Server::plain(script).await;
    let mut told = Vec::new();
    Client::new(server.settings()).wait_ready(&call(), |line| told.push(line.to_owned())).await.unwrap();
    assert!(told[0].contains("starting") && told[1].contains("etcd failed"), "{told:?}");
    assert_eq!(server.lines(), ["GET /readyz", "GET /readyz", "GET /readyz"]);
}

#[tokio::test]
async fn a_probe_asks_once_whether_the_server_is_ready() {
    let cases = [
        (Reply::With(200, "ok".into()), None),
        (refusal(403, "who may not read it is known to a server that answers"), None),
        (refusal(500, "[-]etcd failed"), Some("etcd failed")),
    ];
    for (reply, expected) in cases {
        let server = Server::plain(vec![reply]).await;
        let told = Client::new(server.settings()).probe_ready(&call()).await.unwrap();
        match (expected, told.as_deref()) {
            (None, None) => {}
            (Some(expected), Some(told)) => assert!(told.contains(expected), "{told}"),
            (expected, told) => panic!("{expected:?}: {told:?}"),
        }
        assert_eq!(server.lines(), ["GET /readyz"]);
    }
}

#[tokio::test]
async fn many_reads_share_one_http2_connection() {
    let answer = ok(&serde_json::to_value(secret("a")).unwrap());
    let server = Server::tls("127.0.0.1", vec![answer; 50]).await;
    let client = Client::new(server.settings());
    let bounds = call();
    let reads = (0..50).map(|_| client.get_secret(&bounds, "ns", "a"));
    for read in futures::future::join_all(reads).await {
        assert!(read.unwrap().is_some());
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    assert!(server.asked().iter().all(|asked| asked.version == http::Version::HTTP_2));
}
