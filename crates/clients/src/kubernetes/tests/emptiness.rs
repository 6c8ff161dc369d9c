//! Whether a namespace is empty: what cannot be looked at counts as being there.

use serde_json::{Value, json};

use super::super::*;
use super::server::{Reply, Server};
use super::{call, ok, refusal};

fn kind(plural: &str, kind: &str, scope: &str, verbs: &[&str]) -> Value {
    json!({"resource": plural, "responseKind": {"kind": kind}, "scope": scope, "verbs": verbs})
}

fn groups(all: &[(&str, Value)]) -> Value {
    let items: Vec<Value> = all
        .iter()
        .map(|(name, resources)| {
            let version = json!({"version": "v1", "freshness": "Current", "resources": resources});
            json!({"metadata": {"name": name}, "versions": [version]})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items})
}

fn core() -> Value {
    let resources = json!([
        kind("configmaps", "ConfigMap", "Namespaced", &["list", "delete"]),
        kind("events", "Event", "Namespaced", &["list", "delete"]),
        kind("nodes", "Node", "Cluster", &["list", "delete"]),
        kind("bindings", "Binding", "Namespaced", &["create"]),
    ]);
    groups(&[("", resources)])
}

fn list(names: &[&str]) -> Value {
    let items: Vec<Value> = names.iter().map(|name| json!({"metadata": {"name": name}})).collect();
    json!({"kind": "PartialObjectMetadataList", "items": items})
}

/// The answer about the objects of a kind.
fn about(plural: &'static str, reply: Reply) -> Reply {
    Reply::About(plural, Box::new(reply))
}

fn object(kind: &str, name: &str) -> Held {
    Held::Object { kind: kind.into(), name: name.into(), leaving: false }
}

async fn holds(script: Vec<Reply>) -> (Vec<Held>, Vec<String>) {
    let server = Server::plain(script).await;
    (Client::new(server.settings()).namespace_holds(&call(), "ns").await.unwrap(), server.lines())
}

/// The only doubt that there is.
fn doubt(held: &[Held]) -> String {
    let [doubt @ Held::Unseen { .. }] = held else { panic!("{held:?}") };
    doubt.to_string()
}

const BORN: &str = "kube-root-ca.crt";

#[tokio::test]
async fn a_namespace_is_empty_when_only_what_it_is_born_with_is_left() {
    for (left, expected) in [(vec![BORN], vec![]), (vec![BORN, "mine"], vec![object("ConfigMap", "mine")])] {
        let (held, lines) = holds(vec![ok(&core()), ok(&groups(&[])), ok(&list(&left))]).await;
        assert_eq!(held, expected);
        assert_eq!(lines, ["GET /api", "GET /apis", "GET /api/v1/namespaces/ns/configmaps?limit=3"]);
    }
}

#[tokio::test]
async fn discovery_in_another_form_leaves_a_doubt() {
    let resources = json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "apps"}]});
    for answer in [
        ok(&resources),
        ok(&json!({})),
        ok(&json!({"kind": "Other", "items": []})),
        Reply::With(200, "<html>".into()),
        refusal(403, "no"),
        refusal(406, "only the following media types are accepted"),
        refusal(404, "not found"),
    ] {
        let (held, _) = holds(vec![ok(&core()), answer.clone(), ok(&list(&[BORN]))]).await;
        assert!(doubt(&held).contains("/apis"), "{answer:?}: {held:?}");
    }
    let (held, _) = holds(vec![ok(&json!({"kind": "APIVersions", "versions": ["v1"]})), ok(&groups(&[]))]).await;
    assert!(doubt(&held).contains("aggregated discovery"), "{held:?}");
    let (held, _) = holds(vec![ok(&groups(&[])), ok(&groups(&[]))]).await;
    assert!(doubt(&held).contains("lists none"), "a server without a kind is none: {held:?}");
}

#[tokio::test]
async fn a_group_whose_server_is_away_leaves_a_doubt() {
    let group = |name: &str, versions: Value| json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": name}, "versions": versions}]});
    let resources = json!([kind("things", "Thing", "Namespaced", &["list", "delete"])]);
    for versions in [
        json!([{"version": "v1", "freshness": "Stale", "resources": []}]),
        json!([{"version": "v1", "freshness": "Current"}]),
        json!([]),
    ] {
        let (held, _) = holds(vec![ok(&core()), ok(&group("a.test", versions.clone())), ok(&list(&[]))]).await;
        assert!(doubt(&held).contains("a.test"), "{versions}: {held:?}");
        let metrics = group("metrics.k8s.io", versions);
        let (held, _) = holds(vec![ok(&core()), ok(&metrics), ok(&list(&[]))]).await;
        assert_eq!(held, [], "metrics keep nothing");
    }
    let stale = json!([{"version": "v1", "freshness": "Stale", "resources": resources}]);
    let (held, lines) = holds(vec![
        ok(&core()),
        ok(&group("a.test", stale)),
        about("configmaps", ok(&list(&[]))),
        about("things", ok(&list(&["one"]))),
    ])
    .await;
    assert_eq!(held[0], object("Thing", "one"), "what is seen is the better reason");
    assert_eq!((held.len(), lines.len()), (2, 4));
}

#[tokio::test]
async fn a_kind_that_cannot_be_listed_leaves_a_doubt() {
    let one = |verbs: &[&str]| groups(&[("a.test", json!([kind("things", "Thing", "Namespaced", verbs)]))]);
    for verbs in [&["get", "delete"][..], &["deletecollection"], &[]] {
        let (held, _) = holds(vec![ok(&core()), ok(&one(verbs)), ok(&list(&[]))]).await;
        assert!(doubt(&held).contains("things.a.test"), "{verbs:?}: {held:?}");
    }
    let (held, _) = holds(vec![ok(&core()), ok(&one(&["create"])), ok(&list(&[]))]).await;
    assert_eq!(held, [], "a request that is no object");
    // Again and again: 503 may be over in a moment.
    let away = || refusal(503, "the server is currently unable to handle the request");
    for answers in [
        vec![refusal(403, "no")],
        vec![refusal(406, "no")],
        vec![ok(&json!({}))],
        vec![ok(&json!({"kind": "Status", "status": "Success"}))],
        vec![Reply::With(200, "<html>".into())],
        vec![away(); 8],
    ] {
        let answers = answers.into_iter().map(|answer| about("things", answer));
        let script = [ok(&core()), ok(&one(&["list", "delete"])), about("configmaps", ok(&list(&[BORN])))]
            .into_iter()
            .chain(answers);
        let server = Server::plain(script.collect()).await;
        let held = Client::new(server.settings()).namespace_holds(&call(), "ns").await.unwrap();
        assert_eq!(held.len(), 1, "{held:?}");
        assert!(matches!(held[0], Held::Unseen { .. }), "{held:?}");
    }
    // One that is named and not found; and one that has gone meanwhile.
    for (later, doubts) in [(one(&["list", "delete"]), 1), (groups(&[]), 0)] {
        let script = vec![
            ok(&core()),
            ok(&one(&["list", "delete"])),
            about("configmaps", ok(&list(&[]))),
            about("things", Reply::With(404, "404 page not found".into())),
            ok(&core()),
            ok(&later),
        ];
        let (held, _) = holds(script).await;
        assert_eq!(held.len(), doubts, "{held:?}");
    }
    let silent = Server::plain(vec![ok(&core()), ok(&groups(&[])), Reply::Silence]).await;
    let soon = call().within(std::time::Duration::from_millis(500));
    let error = Client::new(silent.settings()).namespace_holds(&soon, "ns").await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
}

#[tokio::test]
async fn kinds_of_others_are_no_events_and_a_page_that_goes_on_is_followed() {
    let groups = groups(&[("a.test", json!([kind("events", "Event", "Namespaced", &["list"])]))]);
    let (held, _) = holds(vec![
        ok(&core()),
        ok(&groups),
        about("configmaps", ok(&list(&[]))),
        about("a.test", ok(&list(&["one"]))),
    ])
    .await;
    assert_eq!(held, [object("Event", "one")]);
    let page = json!({"metadata": {"continue": "t"}, "items": null});
    let nameless = json!({"items": [{"metadata": {}}]});
    let (held, lines) = holds(vec![ok(&core()), ok(&self::groups(&[])), ok(&page), ok(&nameless)]).await;
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(lines[3].ends_with("&continue=t"), "{lines:?}");
}
