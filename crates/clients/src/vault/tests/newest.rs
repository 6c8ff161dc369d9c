//! KV version 2: numbers of versions, and what a 404 may still tell.

use serde_json::json;

use super::*;

const DELETED: &str = r#"{"data":{"data":null,"metadata":{"created_time":"2026-11-30T10:00:00.5Z","version":3,
    "deletion_time":"2026-11-30T11:00:00Z","destroyed":false,"custom_metadata":null}}}"#;

#[tokio::test]
async fn a_deleted_version_still_has_its_number() {
    let nothing = || Reply::With(404, json!({"errors": []}).to_string());
    let found =
        json!({"data": {"data": {"a": "b"}, "metadata": {"created_time": "2026-11-30T10:00:00Z", "version": 4}}});
    let server = server(vec![Reply::With(404, DELETED.to_owned()), nothing(), ok(&found)]).await;
    let client = Client::new(settings(&server));
    let deleted = client.kv2_newest(&call(), "secret", "kept/a").await.unwrap();
    assert!(deleted.fields.is_none() && deleted.version == 3 && deleted.written.is_some(), "{deleted:?}");
    let absent = client.kv2_newest(&call(), "secret", "kept/a").await.unwrap();
    assert!(absent.fields.is_none() && absent.version == 0, "{absent:?}");
    let found = client.kv2_newest(&call(), "secret", "kept/a").await.unwrap();
    assert!(found.version == 4 && matches!(found.fields.unwrap()["a"], KvField::Text(_)));
}

#[tokio::test]
async fn a_write_names_the_version_that_it_follows() {
    let written = json!({"data": {"created_time": "2026-11-30T10:00:00Z", "version": 4}});
    let server = server(vec![ok(&written), refusal(400), done()]).await;
    let client = Client::new(settings(&server));
    let fields = json!({"a": "canary"});
    let made = client.kv2_write_after(&call(), "secret", "kept/a", 3, &fields).await.unwrap();
    assert_eq!(made.version, 4);
    let sent = server.asked();
    let body: serde_json::Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(body, json!({"options": {"cas": 3}, "data": {"a": "canary"}}));
    let refused = client.kv2_write_after(&call(), "secret", "kept/a", 3, &fields).await.unwrap_err();
    assert!(refused.refusal().is_some() && !refused.to_string().contains("canary"), "{refused}");
    // As a KV engine of version 1 answers.
    let silent = client.kv2_write_after(&call(), "secret", "kept/a", 3, &fields).await.unwrap_err();
    assert!(matches!(*silent.cause, Cause::Answer { .. }), "{silent}");
}

#[tokio::test]
async fn what_is_no_kv_of_version_2_is_told() {
    let mounted = |kind: &str, options: serde_json::Value| ok(&json!({"data": {"type": kind, "options": options}}));
    let version = |number: &str| json!({"version": number});
    let script = vec![
        mounted("kv", version("2")),
        mounted("kv", version("1")),
        mounted("kv", serde_json::Value::Null),
        mounted("transit", serde_json::Value::Null),
    ];
    let server = server(script).await;
    let client = Client::new(settings(&server));
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(client.not_kv2(&call(), "secret").await.unwrap_or_default());
    }
    let one = "a KV engine of version 1";
    assert_eq!(told, ["", one, one, "an engine of type transit"]);
}
