//! How a client logs in, and when again.

use super::*;

#[tokio::test]
async fn an_oauth_client_logs_in_once_and_again_after_a_refusal() {
    let script =
        vec![ok(TOKEN), ok(EMPTY), ok(EMPTY), refuse(401), ok(TOKEN), ok(EMPTY), refuse(401), ok(TOKEN), refuse(401)];
    let server = Server::start(script).await;
    let client = by_oauth(&server);
    for _ in 0..3 {
        client.devices(&call()).await.unwrap();
    }
    let error = client.devices(&call()).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Unauthorized { .. }), "a second refusal in one call is the answer: {error}");
    let logins = server.lines().iter().filter(|line| *line == "POST /api/v2/oauth/token").count();
    assert_eq!((logins, server.lines().len()), (3, 9));
    let asked = server.asked();
    assert!(asked[0].ends_with(
        "grant_type=client_credentials&client_id=id&client_secret=secret-canary&scope=devices%3Acore%3Aread+auth_keys"
    ));
    assert!(asked[1].contains("authorization: Bearer tok-canary"));
}

#[tokio::test]
async fn an_identity_token_is_exchanged() {
    let short = r#"{"access_token":"t","expires_in":0}"#;
    let server = Server::start(vec![ok(short), ok(EMPTY), ok(TOKEN), ok(EMPTY)]).await;
    let client = client(&server, Credential::Identity { id: "id".into(), token: "jwt-canary".into() });
    client.devices(&call()).await.unwrap();
    client.devices(&call()).await.unwrap();
    let paths = ["POST /api/v2/oauth/token-exchange", "GET /api/v2/tailnet/-/devices?fields=all"];
    assert_eq!(server.lines(), [paths, paths].concat(), "a token that is at its end is not used");
    assert!(server.asked()[0].ends_with("client_id=id&jwt=jwt-canary"));
}

#[tokio::test]
async fn a_refused_login_is_told_without_the_secret_and_not_tried_again() {
    let echo = Reply::With(401, "", r#"{"message":"bad secret secret-canary"}"#.into());
    let server = Server::start(vec![echo]).await;
    let error = by_oauth(&server).devices(&call()).await.unwrap_err();
    assert_eq!(error.operation, Operation::LogIn);
    assert!(error.is_general());
    assert_eq!(
        error.to_string(),
        "cannot log in to the Tailscale API: the login is refused with status 401: bad secret (redacted)"
    );
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_login_that_nobody_answers_does_not_wait_again() {
    let server = Server::start((0..20).map(|_| Reply::Silence).collect()).await;
    let client = by_oauth(&server).with(Patience::GLANCE);
    let (began, one) = (Instant::now(), call());
    let (first, second) = tokio::join!(client.devices(&one), client.device(&one, "n1"));
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert!(error.operation == Operation::LogIn && error.may_pass(), "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    // Who comes later, or would wait for longer, asks for itself.
    let later = Instant::now();
    client.devices(&one).await.unwrap_err();
    assert!(later.elapsed() > Duration::from_secs(3), "{:?}", later.elapsed());
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let server = Server::start(vec![ok(TOKEN), refuse(403)]).await;
    let error = by_oauth(&server).delete_device(&call(), "n1", soon()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("needs the scope \"devices:core\", and has \"devices:core:read\": refused with 403"),
        "{text}"
    );
    assert!(!error.is_general());
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_a_minute_before_it_ends() {
    let server = Server::start(vec![ok(TOKEN), ok(EMPTY), ok(EMPTY), ok(TOKEN), ok(EMPTY)]).await;
    let client = by_oauth(&server);
    client.devices(&call()).await.unwrap();
    tokio::time::advance(Duration::from_secs(3600 - 60 - 5)).await;
    client.devices(&call()).await.unwrap();
    assert_eq!(server.lines().len(), 3, "it is good still");
    tokio::time::advance(Duration::from_secs(6)).await;
    client.devices(&call()).await.unwrap();
    assert_eq!(server.lines()[3], "POST /api/v2/oauth/token");
}
