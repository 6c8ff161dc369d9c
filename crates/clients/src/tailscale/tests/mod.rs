//! Against a server on loopback that answers from a script: what is sent, what is sent again, and what is not.

mod hostile;
mod keys;
mod login;
mod server;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::server::{Reply, Server, ok, refuse};
use super::*;

const EMPTY: &str = r#"{"devices":[]}"#;
const TOKEN: &str = r#"{"access_token":"tok-canary","expires_in":3600,"scope":"devices:core:read"}"#;

fn client(server: &Server, credential: Credential) -> Client {
    Client::new(Settings { base_url: server.url.clone().into(), tailnet: "-".into(), credential }).unwrap()
}

fn by_key(server: &Server) -> Client {
    client(server, Credential::ApiKey("tskey-api-canary".into()))
}

fn by_oauth(server: &Server) -> Client {
    let scopes = vec!["devices:core:read".to_owned(), "auth_keys".to_owned()];
    client(server, Credential::OAuth { id: "id".into(), secret: "secret-canary".into(), scopes })
}

fn call() -> Call {
    Call::new(CancellationToken::new(), None).within(Duration::from_secs(30))
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

#[tokio::test]
async fn an_api_key_is_the_user_of_basic_authentication() {
    let server = Server::start(vec![ok(EMPTY)]).await;
    let listing = by_key(&server).devices(&call()).await.unwrap();
    assert_eq!((listing.devices.len(), listing.now.as_second()), (0, 1_795_550_400));
    assert_eq!(server.lines(), ["GET /api/v2/tailnet/-/devices?fields=all"]);
    // base64 of "tskey-api-canary:"
    assert!(server.asked()[0].contains("authorization: Basic dHNrZXktYXBpLWNhbmFyeTo="), "{}", server.asked()[0]);
}

#[tokio::test]
async fn a_secret_that_the_quote_would_cut_is_not_told_by_halves() {
    // The secret begins eight characters before the quote ends.
    let page = |secret: &str| format!("{}{secret} and more", "x".repeat(192));
    let script = vec![
        Reply::With(400, "", page("secret-canary")),
        ok(TOKEN),
        Reply::With(400, "", page("tok-canary")),
        // base64 of "tskey-api-canary:"
        Reply::With(400, "", page("dHNrZXktYXBpLWNhbmFyeTo=")),
        Reply::With(400, "", "no ".repeat(100)),
    ];
    let server = Server::start(script).await;
    for client in [by_oauth(&server), by_oauth(&server), by_key(&server)] {
        let told = client.devices(&call()).await.unwrap_err().to_string();
        assert!(told.ends_with("x(redacte"), "{told}");
    }
    let long = by_key(&server).devices(&call()).await.unwrap_err().to_string();
    assert!(long.matches("no").count() < 80, "{long}");
}

#[tokio::test(start_paused = true)]
async fn what_the_server_asks_for_is_waited_for_in_both_forms() {
    let by_date = "retry-after: Tue, 24 Nov 2026 20:00:40 GMT\r\n";
    let script = vec![
        Reply::With(429, "retry-after: 20\r\n", String::new()),
        Reply::With(429, by_date, String::new()),
        Reply::With(503, "", "<html>\u{7}busy</html>".into()),
        ok(EMPTY),
    ];
    let server = Server::start(script).await;
    let began = Instant::now();
    let far = Call::new(CancellationToken::new(), None).within(Duration::from_mins(10));
    by_key(&server).devices(&far).await.unwrap();
    assert!(began.elapsed() >= Duration::from_mins(1), "{:?}", began.elapsed());
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn a_wait_that_ends_after_the_deadline_is_not_begun() {
    let server = Server::start(vec![Reply::With(429, "retry-after: 3000\r\n", String::new())]).await;
    let began = std::time::Instant::now();
    let error = by_key(&server).devices(&call()).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Overloaded { code: 429, retry_after: Some(_) }), "{error}");
    // Far from what the server asks for.
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_and_that_did_it_is_a_delete() {
    let server = Server::start(vec![Reply::Hangup, refuse(404), refuse(404), refuse(500), refuse(404)]).await;
    let client = by_key(&server);
    assert_eq!(client.delete_device(&call(), "n1", soon()).await.unwrap(), Deleted::Now);
    assert_eq!(client.delete_device(&call(), "n2", soon()).await.unwrap(), Deleted::Before);
    assert_eq!(client.delete_device(&call(), "n3", soon()).await.unwrap(), Deleted::Now);
}

#[tokio::test]
async fn only_the_api_knows_that_something_does_not_exist() {
    let page = |code| Reply::With(code, "", "<html>Not Found</html>".into());
    let server = Server::start(vec![page(404), page(404), page(404), page(200), page(200), ok("null\n")]).await;
    let client = by_key(&server);
    let deleted = client.delete_device(&call(), "n1", soon()).await.unwrap_err();
    let looked = client.device(&call(), "n1").await.unwrap_err();
    let revoked = client.revoke_key(&call(), "k1").await.unwrap_err();
    for error in [&deleted, &looked, &revoked] {
        assert!(matches!(*error.cause, Cause::Foreign { code: 404, .. }) && error.is_general(), "{error}");
        assert!(error.to_string().contains("base_url") && error.to_string().ends_with("<html>Not Found</html>"));
    }
    for _ in 0..2 {
        let error = client.delete_device(&call(), "n1", soon()).await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Answer { .. }) && error.uncertain, "a page is no deletion: {error}");
    }
    assert_eq!(client.delete_device(&call(), "n1", soon()).await.unwrap(), Deleted::Now);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_ridden_out_as_long_as_the_patience_says() {
    let gone = || (0..20).map(|_| Reply::Hangup).collect::<Vec<_>>();
    for (patience, least, most) in [(Patience::GLANCE, 1, 4), (Patience::BLIP, 6, 15)] {
        let server = Server::start(gone()).await;
        let began = Instant::now();
        let error = by_key(&server).with(patience).devices(&call()).await.unwrap_err();
        let took = began.elapsed();
        assert!(error.is_unreachable(), "{error}");
        assert!(took >= Duration::from_secs(least) && took <= Duration::from_secs(most), "{took:?}");
    }
    // Five failures in a row take six seconds at least, and twelve and a half at most.
    let script = (0..5).map(|_| Reply::Hangup).chain([ok(EMPTY)]).collect();
    let server = Server::start(script).await;
    by_key(&server).with(Patience::BLIP).devices(&call()).await.unwrap();
    let server = Server::start((0..20).map(|_| Reply::Silence).collect()).await;
    let began = Instant::now();
    let error = by_key(&server).with(Patience::BLIP).devices(&call()).await.unwrap_err();
    assert!(error.to_string().contains("silent"), "{error}");
    assert!(began.elapsed() <= Duration::from_millis(16_500), "the last try is no longer: {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_delete_is_not_repeated_on_a_look_that_became_old() {
    let wait = |headers| Reply::With(429, headers, String::new());
    let script = vec![wait("retry-after: 300\r\n"), wait("retry-after: 1\r\n"), ok("")];
    let server = Server::start(script).await;
    let client = by_key(&server);
    let far = Call::new(CancellationToken::new(), None);
    let error = client.delete_device(&far, "n1", soon()).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Outdated { failing: None }) && !error.uncertain, "{error}");
    assert_eq!(server.lines().len(), 1, "the second try is the caller's to justify");
    assert_eq!(client.delete_device(&far, "n1", soon()).await.unwrap(), Deleted::Now);
    assert_eq!(server.lines().len(), 3, "a short wait does not make a look old");
}

#[tokio::test]
async fn a_device_of_another_tailnet_and_other_refusals_are_answers() {
    let body = r#"{"message":"no","data":[{"user":"a@b","errors":["x","y"]}]}"#;
    let server =
        Server::start(vec![refuse(501), Reply::With(400, "", body.into()), Reply::With(302, "", String::new())]).await;
    let client = by_key(&server);
    let mut causes = Vec::new();
    for _ in 0..3 {
        causes.push(client.delete_device(&call(), "n1", soon()).await.unwrap_err().cause);
    }
    assert!(matches!(*causes[0], Cause::Outside { .. }));
    assert_eq!(causes[1].to_string(), "status 400: no (a@b: x, y)");
    assert!(matches!(*causes[2], Cause::Api { code: 302, .. }), "a redirect is not followed");
    assert_eq!(server.lines().len(), 3);
}

#[tokio::test]
async fn ids_are_opaque_and_stay_one_segment() {
    let server = Server::start(vec![refuse(404)]).await;
    let _ = by_key(&server).device(&call(), "../tailnet/-/keys?x#y").await.unwrap();
    assert_eq!(server.lines(), ["GET /api/v2/device/..%2Ftailnet%2F-%2Fkeys%3Fx%23y"]);
}

#[tokio::test]
async fn a_silent_or_absent_server_ends_in_time() {
    let server = Server::start(vec![Reply::Silence, Reply::Silence]).await;
    let began = std::time::Instant::now();
    let short = Patience { silence: Duration::from_millis(300), outage: Duration::from_millis(200) };
    let error = by_key(&server).with(short).devices(&call()).await.unwrap_err();
    assert!(error.is_unreachable() && error.to_string().contains("silent"), "{error}");
    let settings = Settings {
        base_url: "http://127.0.0.1:9".into(),
        tailnet: "-".into(),
        credential: Credential::ApiKey("k".into()),
    };
    let error = Client::new(settings).unwrap().with(short).devices(&call()).await.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
    // With the patience of a call that works it would be two minutes.
    assert!(began.elapsed() < Patience::WORK.outage, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_stop_lets_a_delete_finish_and_begins_none() {
    let server = Server::start(vec![ok("")]).await;
    let stopped = call();
    stopped.stop.cancel();
    let error = by_key(&server).delete_device(&stopped, "n1", soon()).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Stopped) && !error.uncertain);
    assert_eq!(server.lines(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_list_is_an_error_and_no_date_too() {
    let server = Server::start(vec![ok("<html>"), ok("{}")]).await;
    let client = by_key(&server);
    for _ in 0..2 {
        assert!(matches!(*client.devices(&call()).await.unwrap_err().cause, Cause::Answer { .. }));
    }
    let wrong =
        Settings { base_url: "mailto:x".into(), tailnet: "-".into(), credential: Credential::ApiKey("k".into()) };
    assert!(Client::new(wrong).is_err());
}
