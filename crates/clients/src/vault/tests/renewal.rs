//! The provider's own login: got when it is needed, renewed while the process lives, replaced when it runs out, revoked at the
//! end.

use super::*;

const LOGIN: &str = "POST /v1/auth/approle/login";
const RENEW: &str = "POST /v1/auth/token/renew-self";
const REVOKE: &str = "POST /v1/auth/token/revoke-self";
const READ: &str = "GET /v1/auth/jwt/role/a";

async fn read(client: &Client) {
    let long = Call::default().within(Duration::from_mins(5));
    client.jwt_role(&long, "jwt", "a").await.unwrap().unwrap();
}

/// Lets so many seconds pass, each of them in a few milliseconds, in which answers have the time to come.
async fn after(seconds: u64) {
    for _ in 0..seconds {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(1)).await;
        tokio::time::resume();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn it_is_renewed_in_time_until_it_comes_to_its_end_and_then_got_anew() {
    // Two renewals, the second of which gives hardly any time: the token is at the end of its life.
    let script = vec![
        login("one", 60),
        role(),
        login("one", 60),
        role(),
        login("one", 3),
        role(),
        login("two", 60),
        role(),
        done(),
    ];
    let vault = server(script).await;
    let client = approle(&vault);
    read(&client).await;
    after(41).await;
    assert_eq!(vault.lines(), [LOGIN, READ, RENEW], "at two thirds of its time");
    // It would be over by now without the renewal.
    after(30).await;
    read(&client).await;
    after(20).await;
    assert_eq!(vault.lines()[4..], [RENEW]);
    read(&client).await;
    after(30).await;
    read(&client).await;
    assert_eq!(vault.lines()[5..], [READ, LOGIN, READ]);
    client.end().await;
    assert_eq!(vault.lines()[8..], [REVOKE]);
    let tokens: Vec<String> = [1, 2, 3, 4, 5, 7, 8].map(|index| token_of(&vault, index)).into();
    assert_eq!(tokens, ["one", "one", "one", "one", "one", "two", "two"]);
    // The renewal ends with the login.
    after(45).await;
    assert_eq!(vault.lines().len(), 9);
}

#[tokio::test]
async fn a_renewal_that_fails_is_tried_again_while_there_is_time() {
    let vault = server(vec![login("one", 60), role(), refusal(500), Reply::Hangup, login("one", 60), role()]).await;
    let client = approle(&vault);
    read(&client).await;
    after(59).await;
    read(&client).await;
    assert_eq!(vault.lines(), [LOGIN, READ, RENEW, RENEW, RENEW, READ]);
}

#[tokio::test]
async fn a_login_that_vault_has_forgotten_is_got_anew_once() {
    let refused = || vec![refusal(403), refusal(403), refusal(403)];
    let script = [
        vec![login("one", 60)],
        refused(),
        vec![login("two", 60), role()],
        refused(),
        vec![login("three", 60)],
        refused(),
    ];
    let vault = server(script.concat()).await;
    let client = approle(&vault);
    client.jwt_role(&call(), "jwt", "a").await.unwrap();
    let error = client.jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::BadToken), "{error}");
    assert_eq!(vault.lines().iter().filter(|line| *line == LOGIN).count(), 3);
    is_discreet(&error);
}

#[tokio::test]
async fn many_requests_wait_for_one_login() {
    let script = [vec![login("one", 0)], vec![role(); 9], vec![done()]].concat();
    let vault = server(script).await;
    let client = approle(&vault);
    let call = call();
    let all = (0..9).map(|_| client.jwt_role(&call, "jwt", "a"));
    assert!(futures::future::join_all(all).await.into_iter().all(|found| found.is_ok()));
    client.end().await;
    client.end().await;
    assert_eq!(vault.lines()[10..], [REVOKE], "revoked once");
}

#[tokio::test]
async fn a_login_that_nobody_waits_for_any_more_is_revoked_all_the_same() {
    let slow = match login("one", 60) {
        Reply::With(code, body) => Reply::Slow(1400, code, body),
        other => other,
    };
    let vault = server(vec![slow, done()]).await;
    let client = approle(&vault);
    let error = client.jwt_role(&once(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TimedOut { .. }), "{error}");
    client.end().await;
    assert_eq!(vault.lines(), [LOGIN, REVOKE]);
    assert_eq!(token_of(&vault, 1), "one");
}

#[tokio::test]
async fn an_end_does_not_wait_for_a_vault_that_is_silent() {
    let vault = server(vec![login("one", 60), role(), Reply::Silence]).await;
    let client = approle(&vault);
    client.jwt_role(&call(), "jwt", "a").await.unwrap();
    let began = std::time::Instant::now();
    client.end().await;
    // Far from the patience for an answer, which is half a minute.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_jwt_logs_in_as_well() {
    let vault = server(vec![login("one", 60), role(), done()]).await;
    let tokens = Tokens::Jwt { mount: "team/jwt".to_owned(), role: "runner".to_owned(), jwt: "jwt-canary".into() };
    let client = Client::new(Settings { tokens, ..settings(&vault) });
    client.jwt_role(&call(), "jwt", "a").await.unwrap();
    client.end().await;
    assert_eq!(vault.lines(), ["POST /v1/auth/team/jwt/login", READ, REVOKE]);
    let body: serde_json::Value = serde_json::from_str(&vault.asked()[0].body).unwrap();
    assert_eq!(body, json!({"role": "runner", "jwt": "jwt-canary"}));
    assert!(!vault.asked()[0].headers.contains_key("x-vault-token"));
}
