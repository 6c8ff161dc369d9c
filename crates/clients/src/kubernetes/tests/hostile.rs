//! What credential plugins print, what servers and proxies repeat, and answers without end.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tempfile::TempDir;

use super::super::*;
use super::server::{Reply, Server};
use super::{call, ok, refusal, secret};

/// A credential plugin: a shell script in a folder of its own.
struct Plugin {
    folder: TempDir,
}

impl Plugin {
    fn new(script: &str) -> Self {
        let plugin = Self { folder: tempfile::tempdir().unwrap() };
        let mut file = std::fs::File::create(plugin.path("plugin")).unwrap();
        file.write_all(format!("#!/bin/sh\ncd {}\n{script}\n", plugin.folder.path().display()).as_bytes()).unwrap();
        file.set_permissions(std::fs::Permissions::from_mode(0o700)).unwrap();
        plugin
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn settings(&self, server: &Server) -> Settings {
        let exec = Exec {
            api_version: "client.authentication.k8s.io/v1".into(),
            command: self.path("plugin"),
            args: vec!["login".into(), "--token=canary-arg".into(), "canary-arg-alone".into()],
            env: [("PASS".to_owned(), "canary-pass".into()), ("LONGER".to_owned(), "canary-pass-longer".into())].into(),
        };
        Settings { token: None, exec: Some(exec), ..server.settings() }
    }
}

const CREDENTIAL: &str = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"canary-token-1","expirationTimestamp":"EXPIRES"}}"#;

fn credential(expires: &str) -> String {
    format!("echo '{}'", CREDENTIAL.replace("EXPIRES", expires))
}

fn shows_nothing(error: &Error) {
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    assert!(error.is_authentication() && !error.is_unreachable(), "{error:?}");
}

#[tokio::test]
async fn a_credential_plugin_is_run_and_its_failure_explained() {
    let server = Server::plain(vec![refusal(404, "")]).await;
    let good = Plugin::new(&credential("2099-01-01T00:00:00Z"));
    assert!(Client::new(good.settings(&server)).get_secret(&call(), "ns", "a").await.unwrap().is_none());
    assert_eq!(server.asked()[0].authorization, "Bearer canary-token-1");
    let says = r#"echo canary-out; echo "no $LONGER, $PASS, $2, $3 and canary-out" >&2; exit 3"#;
    let bad = Plugin::new(says);
    let error = Client::new(bad.settings(&server)).get_secret(&call(), "ns", "a").await.unwrap_err();
    shows_nothing(&error);
    let Cause::Authentication(AuthenticationError::Plugin { status, ran: true, .. }) = &*error.cause else { panic!() };
    assert!(status.contains('3'), "{status}");
    assert!(error.to_string().contains("run it by hand"), "{error}");
    let told = format!("{error} {error:?}");
    // What it inherits is as secret as what it was given, and nobody here knows which of it.
    let inherits = Plugin::new("env >&2; exit 4");
    let error = Client::new(inherits.settings(&server)).get_secret(&call(), "ns", "a").await.unwrap_err();
    let path = std::env::var("PATH").unwrap();
    assert!(!format!("{error} {error:?}").contains(&path) && !told.contains("no "), "{error:?}");
    let missing =
        Settings { exec: Some(Exec { command: "/nowhere/plugin".into(), ..exec() }), ..good.settings(&server) };
    let error = Client::new(missing).get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(error.to_string().contains("cannot be started") && !error.to_string().contains("by hand"), "{error}");
}

fn exec() -> Exec {
    Exec { api_version: "client.authentication.k8s.io/v1".into(), command: String::new(), args: vec![], env: [].into() }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_plugin_leaves_running_holds_up_nobody_and_ends_with_it() {
    let server = Server::plain(vec![refusal(404, ""), refusal(404, "")]).await;
    // The grandchild has another parent by the end, ignores what asks it to end, and keeps both outputs open.
    let forks = "(trap '' TERM HUP INT; sleep 600 & echo $! >pid)\n";
    for (script, fails) in [
        (format!("{forks}{}", credential("2099-01-01T00:00:00Z")), false),
        (format!("{forks}exit 5"), true),
        (format!("{forks}head -c 9000000 /dev/zero; sleep 600"), true),
        (format!("{forks}trap '' PIPE; while true; do echo 0123456789 || true; done"), true),
        (format!("{forks}sleep 600"), true),
    ] {
        let plugin = Plugin::new(&script);
        let soon = call().within(Duration::from_secs(10));
        let outcome = Client::new(plugin.settings(&server)).get_secret(&soon, "ns", "a").await;
        assert_eq!(outcome.is_err(), fails, "{script}: {outcome:?}");
        if script.contains("0 /dev/zero") || script.contains("0123") {
            let told = outcome.unwrap_err().to_string();
            assert!(told.contains("larger than 1 MiB"), "{script}: {told}");
        }
        let pid = std::fs::read_to_string(plugin.path("pid")).unwrap();
        let stat = || std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        let runs = || stat().rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']));
        let since = std::time::Instant::now();
        while runs() {
            assert!(since.elapsed() < Duration::from_mins(1), "{script}: {pid} lives on");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_is_not_an_absence_and_shows_nothing() {
    let server = Server::plain(vec![refusal(404, ""), refusal(404, "")]).await;
    // A token that has ended is sent once, since it is as good as any other that the plugin gives.
    let renew = format!(
        r#"echo run >>runs; if test "$(wc -l <runs)" -gt 1; then echo canary-out; echo "old canary-token-1, $PASS" >&2; exit 1; fi; {}"#,
        credential("2001-01-01T00:00:00Z")
    );
    let plugin = Plugin::new(&renew);
    let client = Client::new(plugin.settings(&server));
    assert!(client.get_secret(&call(), "ns", "a").await.unwrap().is_none());
    let error = client.get_secret(&call(), "ns", "a").await.unwrap_err();
    shows_nothing(&error);
    assert!(error.to_string().contains("failed (exit status: 1)"), "{error}");
    assert_eq!(server.lines().len(), 1);
    let yaml = Plugin::new("echo 'kind: ExecCredential\nstatus: {token: canary-yaml}'");
    assert!(Client::new(yaml.settings(&server)).get_secret(&call(), "ns", "a").await.unwrap().is_none());
    assert_eq!(server.asked()[1].authorization, "Bearer canary-yaml");
    let giant = Plugin::new("head -c 3000000 /dev/zero");
    let error = Client::new(giant.settings(&server)).get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(error.is_authentication() && error.to_string().contains("larger than 1 MiB"), "{error}");
}

#[tokio::test]
async fn a_plugin_that_does_not_end_says_nothing_about_the_server() {
    let server = Server::plain(vec![]).await;
    let plugin = Plugin::new("exec sleep 3");
    let soon = Call::default().within(Duration::from_millis(300));
    let error = Client::new(plugin.settings(&server)).get_secret(&soon, "ns", "a").await.unwrap_err();
    shows_nothing(&error);
    assert!(error.to_string().contains("did not finish"), "{error}");
    let silent = Server::plain(vec![Reply::Silence]).await;
    let good = Plugin::new(&credential("2099-01-01T00:00:00Z"));
    let (client, soon) = (Client::new(good.settings(&silent)), call().within(Duration::from_secs(3)));
    let error = client.get_secret(&soon, "ns", "a").await.unwrap_err();
    assert!(error.is_unreachable() && !error.is_authentication(), "the server is silent: {error}");
}

#[tokio::test]
async fn a_webhook_and_a_proxy_repeat_nothing_of_what_is_written() {
    let echo = serde_json::to_string(&secret("a")).unwrap();
    let quoted =
        refusal(403, &format!("admission webhook \"x\" denied the request: canary-value in {echo}, tok-canary"));
    let bodies = [(400, echo.clone()), (403, echo.clone()), (404, echo.clone()), (502, format!("<pre>{echo}</pre>"))];
    let script = [quoted].into_iter().chain(bodies.into_iter().map(|(code, body)| Reply::With(code, body))).collect();
    let server = Server::plain(script).await;
    let client = Client::new(server.settings());
    for place in ["admission", "400", "403", "404", "502"] {
        let error = client.apply(&call(), &secret("a"), Apply::default()).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(told.contains(place), "{told}");
        for hidden in ["canary", "Y2FuYXJ5", "tok-"] {
            assert!(!told.contains(hidden), "{place}: {told}");
        }
        assert!(!error.is_not_found() && !error.is_unreachable(), "{told}");
    }
}

#[tokio::test]
async fn user_info_is_sent_and_never_shown() {
    let server = Server::plain(vec![refusal(404, "")]).await;
    let host = format!("http://user:canary%40pass@{}", server.address);
    let settings = Settings { host: Some(host), token: None, ..server.settings() };
    assert!(!format!("{settings:?}").contains("canary"));
    assert_eq!(settings.server().await.unwrap(), format!("http://{}", server.address));
    assert!(Client::new(settings).get_secret(&call(), "ns", "a").await.unwrap().is_none());
    assert_eq!(server.asked()[0].authorization, "Basic dXNlcjpjYW5hcnlAcGFzcw==");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = Settings { host: Some(format!("http://user:canary@{free}/x")), ..Settings::default() };
    let error = Client::new(away).get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(error.to_string().contains(&format!("at http://{free} is")), "{error}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    let proxied = Settings { proxy_url: Some(format!("http://user:canary@{free}").into()), ..server.settings() };
    let error = Client::new(proxied).get_secret(&call(), "ns", "a").await.unwrap_err();
    let Cause::Unreachable { reason: Unreachable::Proxy { message }, .. } = &*error.cause else { panic!("{error:?}") };
    assert!(message.contains("connection refused"), "{message}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let list = Reply::Giant(200, "{\"items\": [{\"metadata\": {\"name\": \"", 2048);
    let server = Server::plain(vec![list.clone(), list, Reply::Giant(500, "x", 2048), ok(&json!({}))]).await;
    let client = Client::new(server.settings());
    let error = client.list_metadata(&call(), &Kind::of::<Secret>(), None).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TooLarge(_)) && error.to_string().contains("64 MiB"), "{error}");
    assert!(!error.is_unreachable() && !error.is_not_found());
    let error = client.get::<k8s_openapi::api::core::v1::Pod>(&call(), Some("ns"), "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TooLarge(_)), "{error}");
    let error = client.get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Api { code: 500, .. }) && error.to_string().len() < 200, "{error}");
}
