//! Answers that are a part of what was asked for, about something else, or that repeat the credential.

use super::*;

#[tokio::test]
async fn a_part_of_a_list_is_no_list() {
    let next = |header: &'static str, code| Reply::With(code, header, EMPTY.to_owned());
    let script = vec![
        ok(r#"{"devices":[],"nextPageToken":"x"}"#),
        next("link: <https://a/b>; rel=\"next\"\r\n", 200),
        next("", 206),
        next("link: <https://a/b>; rel=\"prev\"\r\n", 200),
    ];
    let server = Server::start(script).await;
    let client = by_key(&server);
    for _ in 0..3 {
        let error = client.devices(&call()).await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Partial), "{error}");
    }
    client.devices(&call()).await.unwrap();
}

#[tokio::test]
async fn an_answer_about_another_device_says_nothing_of_this_one() {
    let device = |node: &str, id: &str| ok(&format!(r#"{{"nodeId":"{node}","id":"{id}","isExternal":false}}"#));
    let server = Server::start(vec![device("n2", "2"), device("", ""), device("n1", "1"), device("n3", "n1")]).await;
    let client = by_key(&server);
    for _ in 0..2 {
        let error = client.device(&call(), "n1").await.unwrap_err();
        assert!(matches!(*error.cause, Cause::OtherDevice), "{error}");
    }
    for _ in 0..2 {
        assert!(client.device(&call(), "n1").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_device_that_is_called_like_the_credential_is_not_told() {
    let named = |field: &str, text: &str| {
        format!(r#"{{"devices":[{{"nodeId":"n1","id":"1","{field}":{}}}]}}"#, serde_json::Value::from(text))
    };
    // base64 of "tskey-api-canary:"
    let shown = "dHNrZXktYXBpLWNhbmFyeTo=";
    for (field, text) in [
        ("name", "tskey-api-canary.x.ts.net"),
        ("hostname", "TSKEY-API-CANARY"),
        ("os", shown),
        ("user", "a tskey-api-canary"),
    ] {
        let server = Server::start(vec![ok(&named(field, text)), ok(&named(field, "tskey-api"))]).await;
        let error = by_key(&server).devices(&call()).await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Repeats), "{field}: {error}");
        assert!(!format!("{error} {error:?}").to_lowercase().contains("canary"), "{error:?}");
        by_key(&server).devices(&call()).await.unwrap();
    }
}
