//! Auth keys: minted once, and revoked.

use super::*;

const KEY: &str = r#"{"id":"k1","key":"tskey-auth-canary","created":"2026-11-24T20:00:00Z",
    "capabilities":{"devices":{"create":{"reusable":true,"ephemeral":false,"preauthorized":false,"tags":["tag:b","tag:a"]}}}}"#;

fn wanted() -> KeyRequest {
    let tags = vec!["tag:a".to_owned(), "tag:b".to_owned()];
    let capabilities = Capabilities { reusable: true, tags, ..Capabilities::default() };
    KeyRequest { capabilities, expiry: Duration::from_hours(1), description: "d".into() }
}

#[tokio::test]
async fn a_key_is_minted_once() {
    let server = Server::start(vec![ok(KEY), refuse(500), Reply::Hangup, refuse(404)]).await;
    let client = by_key(&server);
    let key = client.mint_key(&call(), &wanted()).await.unwrap();
    assert!(key.secret.unwrap().is(b"tskey-auth-canary"));
    let allowed = key.capabilities.unwrap();
    assert!(allowed.is_complete() && !allowed.differs(&wanted().capabilities), "{allowed}");
    assert!(server.asked()[0].contains(r#""expirySeconds":3600"#));
    for _ in 0..2 {
        assert!(client.mint_key(&call(), &wanted()).await.unwrap_err().uncertain);
    }
    assert_eq!(server.lines().len(), 3, "what may have made a key is not sent again");
    assert!(!client.revoke_key(&call(), "k1").await.unwrap());
}

#[tokio::test]
async fn a_key_whose_answer_is_half_read_can_be_revoked_and_one_without_an_id_may_exist() {
    let bare = r#"{"id":"k1","key":"s","created":null,"capabilities":{"devices":{"create":{"tags":null}}}}"#;
    let server = Server::start(vec![ok(bare), ok(r#"{"id":"k2"}"#), ok("{}"), ok(r#"{"id":"k3","ke"#)]).await;
    let client = by_key(&server);
    let key = client.mint_key(&call(), &wanted()).await.unwrap();
    let allowed = key.capabilities.unwrap();
    assert!(key.secret.is_some() && !allowed.differs(&Capabilities::default()) && !allowed.is_complete());
    let key = client.mint_key(&call(), &wanted()).await.unwrap();
    assert!(key.id == "k2" && key.secret.is_none() && key.capabilities.is_none());
    for _ in 0..2 {
        let error = client.mint_key(&call(), &wanted()).await.unwrap_err();
        assert!(error.uncertain && matches!(*error.cause, Cause::Answer { .. }), "{error}");
    }
}
