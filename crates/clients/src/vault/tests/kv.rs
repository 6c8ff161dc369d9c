//! What is not found: by an engine, or by something else.

use super::*;

#[tokio::test]
async fn only_an_engine_says_that_a_secret_is_absent() {
    let deleted = json!({"data": {"data": null, "metadata": {"version": 3, "deletion_time": "2026-01-01T00:00:00Z"}}});
    for (body, absent) in [
        (json!({"errors": []}).to_string(), true),
        (deleted.to_string(), true),
        (json!({"errors": ["no handler for route \"secret/data/a\". route entry not found."]}).to_string(), false),
        ("404 page not found".to_owned(), false),
        ("{}".to_owned(), false),
        (json!({"message": "no such route"}).to_string(), false),
        (String::new(), false),
    ] {
        let vault = server(vec![Reply::With(404, body.clone())]).await;
        let found = Client::new(settings(&vault)).kv2(&call(), "secret", "a", None).await.unwrap();
        assert_eq!(matches!(found, Kv::Absent), absent, "{body}");
        assert!(absent || matches!(found, Kv::NotFound), "{body}");
    }
}
