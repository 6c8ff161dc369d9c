//! Watches, logs and objects as JSON, against a server that follows a script.

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};

use super::*;

fn pod(name: &str, version: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "resourceVersion": version}})
}

fn list(version: &str, pods: &[Value]) -> Reply {
    ok(&json!({"metadata": {"resourceVersion": version}, "items": pods}))
}

fn lines(events: &[Value]) -> Reply {
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    Reply::With(200, lines.join("\n") + "\n")
}

fn event(kind: &str, object: &Value) -> Value {
    json!({"type": kind, "object": object})
}

fn told(seen: &Seen<Pod>) -> String {
    let name = |live: &Live<Pod>| live.object.metadata.name.clone().unwrap();
    match seen {
        Seen::All(all) => format!("all {}", all.iter().map(name).collect::<Vec<_>>().join(" ")),
        Seen::Changed(live) => format!("changed {}", name(live)),
        Seen::Gone(live) => format!("gone {}", name(live)),
        Seen::Lost(_) => "lost".to_owned(),
    }
}

#[tokio::test]
async fn a_watch_goes_on_where_it_was_and_begins_again_where_it_must() {
    let bookmark = event("BOOKMARK", &json!({"metadata": {"resourceVersion": "9"}}));
    let expired = event("ERROR", &json!({"kind": "Status", "code": 410, "message": "too old"}));
    let script = vec![
        list("5", &[pod("a", "4")]),
        lines(&[event("ADDED", &pod("b", "6")), event("DELETED", &pod("a", "7")), bookmark]),
        lines(&[expired]),
        list("20", &[pod("b", "6")]),
        Reply::Hangup,
        Reply::With(200, "ok".to_owned()),
        list("30", &[]),
        refusal(403, "not yours"),
    ];
    let server = Server::plain(script).await;
    let selector = Selector::Labels("k8s-app=kube-dns".to_owned());
    let watch = Client::new(server.settings()).watch::<Pod>(&call(), "ns", &selector);
    let seen: Vec<_> = watch.collect().await;
    let words: Vec<String> = seen.iter().filter_map(|one| one.as_ref().ok()).map(told).collect();
    assert_eq!(words, ["all a", "changed b", "gone a", "all b", "lost", "all "]);
    let end = seen.last().unwrap().as_ref().unwrap_err();
    assert!(matches!(*end.cause, Cause::Forbidden { .. }), "{end}");
    let path = "GET /api/v1/namespaces/ns/pods?";
    let at = |version: &str| {
        format!(
            "{path}watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion={version}&labelSelector=k8s-app%3Dkube-dns"
        )
    };
    let list = format!("{path}labelSelector=k8s-app%3Dkube-dns");
    let expected = [list.clone(), at("5"), at("9"), list.clone(), at("20"), "GET /readyz".to_owned(), list, at("30")];
    assert_eq!(server.lines(), expected);
}

#[tokio::test]
async fn a_server_that_has_come_back_may_refuse_for_a_moment() {
    let script = vec![
        Reply::Hangup,
        Reply::With(200, "ok".to_owned()),
        refusal(403, "no roles yet"),
        Reply::With(200, "ok".to_owned()),
        list("1", &[]),
    ];
    let server = Server::plain(script).await;
    let selector = Selector::Fields("metadata.name=x".to_owned());
    let watch = Client::new(server.settings()).watch::<Pod>(&call(), "ns", &selector);
    let seen: Vec<String> = watch.take(3).map(|one| told(&one.unwrap())).collect().await;
    assert_eq!(seen, ["lost", "lost", "all "]);
}

#[tokio::test]
async fn a_log_is_text_and_bounded() {
    let server = Server::plain(vec![Reply::With(200, "plugin/health: wrong\n".to_owned())]).await;
    let log = Client::new(server.settings()).log(&call(), "ns", "p", "c", true, 5).await.unwrap();
    assert_eq!(log, "plugin/health: wrong\n");
    let path = "GET /api/v1/namespaces/ns/pods/p/log?container=c&previous=true&tailLines=5&limitBytes=65536";
    assert_eq!(server.lines(), [path]);
    assert_eq!(server.asked()[0].accept, "*/*");
}

#[tokio::test]
async fn a_managers_name_is_succeeded_and_the_others_stay() {
    let entry = |manager: &str, operation: &str| json!({"manager": manager, "operation": operation, "fieldsV1": {}});
    let object = |entries: Vec<Value>| {
        let mut object = pod("a", "7");
        object["metadata"]["managedFields"] = entries.into();
        ok(&object)
    };
    let script = vec![
        object(vec![entry("talos", "Apply"), entry("kubelet", "Update")]),
        ok(&pod("a", "8")),
        object(vec![entry("talos", "Apply"), entry(FIELD_MANAGER, "Apply")]),
        ok(&pod("a", "9")),
        object(vec![entry("kubelet", "Update")]),
    ];
    let server = Server::plain(script).await;
    let client = Client::new(server.settings());
    let kind = Kind::of::<Pod>();
    let mut done = Vec::new();
    for _ in 0..3 {
        done.push(client.succeed_manager(&call(), &kind, Some("ns"), "a", "talos").await.unwrap());
    }
    assert_eq!(done, [true, true, false]);
    let sent = |at: usize| serde_json::from_str::<Value>(&server.asked()[at].body).unwrap()["metadata"].clone();
    assert_eq!(sent(1)["resourceVersion"], "7");
    let names = |metadata: Value| -> Vec<String> {
        let entries = metadata["managedFields"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["manager"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(sent(1)), ["kubelet", FIELD_MANAGER]);
    assert_eq!(names(sent(3)), [FIELD_MANAGER]);
    assert_eq!(server.asked()[1].content_type, "application/merge-patch+json");
}
