//! Settings, kubeconfigs, credential plugins, and servers that are not there or not the right ones.

use std::io::Write;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::super::*;
use super::server::{Reply, Server};
use super::{call, refusal};

async fn failure(settings: Settings) -> Error {
    Client::new(settings).get_secret(&call(), "ns", "a").await.unwrap_err()
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn kubeconfig(context: &str, server: &str, user: &str) -> NamedTempFile {
    file(&format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: {context}-c\n  cluster: {{server: \"{server}\"}}\n\
         users:\n- name: {context}-u\n  user: {user}\n\
         contexts:\n- name: {context}\n  context: {{cluster: {context}-c, user: {context}-u}}\ncurrent-context: {context}\n"
    ))
}

#[tokio::test]
async fn nothing_is_dialled_without_settings() {
    let error = failure(Settings::default()).await;
    assert!(matches!(*error.cause, Cause::MissingSettings { .. }) && error.is_unreachable(), "{error}");
    let error = failure(Settings { host: Some(String::new()), ..Settings::default() }).await;
    assert!(matches!(*error.cause, Cause::InvalidSetting { setting: "host", .. }), "{error}");
}

#[tokio::test]
async fn files_are_merged_and_the_first_wins() {
    let server = Server::plain(vec![refusal(404, ""), refusal(404, "")]).await;
    let here = format!("http://{}", server.address);
    let (one, two) = (kubeconfig("one", &here, "{token: first}"), kubeconfig("two", &here, "{token: second}"));
    let paths = vec![one.path().to_owned(), two.path().to_owned()];
    let settings = Settings { config_paths: paths, ..Settings::default() };
    let chosen = Settings { config_context: Some("two".into()), ..settings.clone() };
    for settings in [settings, chosen] {
        assert!(Client::new(settings).get_secret(&call(), "ns", "a").await.unwrap().is_none());
    }
    let asked: Vec<_> = server.asked().into_iter().map(|asked| asked.authorization).collect();
    assert_eq!(asked, ["Bearer first", "Bearer second"]);
}

#[tokio::test]
async fn kubeconfig_problems_name_the_file_and_the_contexts() {
    let settings = |path: &std::path::Path| Settings { config_paths: vec![path.to_owned()], ..Settings::default() };
    let error = failure(settings("/nowhere/config".as_ref())).await;
    assert!(matches!(*error.cause, Cause::KubeconfigUnreadable { .. }), "{error}");
    assert!(error.to_string().contains("/nowhere/config"), "{error}");
    let broken = file("users: [canary-token");
    let error = failure(settings(broken.path())).await;
    assert!(matches!(*error.cause, Cause::KubeconfigInvalid { .. }), "{error}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    let good = kubeconfig("one", "https://127.0.0.1:1", "{}");
    assert_eq!(settings(good.path()).server().await.unwrap(), "https://127.0.0.1:1");
    let partly = kubeconfig("one", "127.0.0.1:1", "{}");
    let error = failure(settings(partly.path())).await;
    assert!(error.to_string().contains("not a URL with a scheme"), "{error}");
    let error = failure(Settings { config_context: Some("other".into()), ..settings(good.path()) }).await;
    assert!(error.to_string().contains("no context \"other\"; it has one"), "{error}");
}

#[tokio::test]
async fn a_refused_connection_is_said_within_the_deadline() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = Settings { host: Some(format!("https://{free}")), ..Settings::default() };
    let soon = Call::default().within(Duration::from_secs(1));
    let error = Client::new(settings).get_secret(&soon, "ns", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Unreachable { reason: Unreachable::Refused, .. }), "{error:?}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_said() {
    // A label of 64 characters is no name at all, so that the resolver need not ask anybody.
    let host = format!("http://{}.invalid:6443", "a".repeat(64));
    let error = failure(Settings { host: Some(host), ..Settings::default() }).await;
    assert!(matches!(*error.cause, Cause::Unreachable { reason: Unreachable::Dns { .. }, .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_not_the_right_one_is_said() {
    let server = Server::tls("other.example", vec![]).await;
    let error = failure(server.settings()).await;
    let Cause::Unreachable { reason: Unreachable::WrongName { names }, .. } = &*error.cause else {
        panic!("{error:?}")
    };
    assert!(names[0].contains("other.example"), "{names:?}");
    let foreign = Server::tls("127.0.0.1", vec![]).await;
    let settings = Settings { cluster_ca_certificate: server.settings().cluster_ca_certificate, ..foreign.settings() };
    let error = failure(settings).await;
    assert!(matches!(*error.cause, Cause::Unreachable { reason: Unreachable::UnknownAuthority, .. }), "{error:?}");
}

#[tokio::test]
async fn another_name_and_no_check_are_possible_when_asked_for() {
    let server = Server::tls("other.example", vec![refusal(404, ""), refusal(404, "")]).await;
    let named = Settings { tls_server_name: Some("other.example".into()), ..server.settings() };
    let unchecked = Settings { insecure: Some(true), cluster_ca_certificate: None, ..server.settings() };
    for settings in [named, unchecked] {
        assert!(Client::new(settings).get_secret(&call(), "ns", "a").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let server = Server::plain(vec![refusal(401, "Unauthorized"), refusal(403, "secrets is forbidden")]).await;
    let client = Client::new(server.settings());
    let error = client.get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Authentication(AuthenticationError::Refused)), "{error}");
    assert!(error.is_authentication() && !error.is_unreachable());
    let error = client.get_secret(&call(), "ns", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Forbidden { verb: "get", .. }), "{error}");
    assert!(!error.is_unreachable());
}

#[tokio::test]
async fn a_wait_with_wrong_settings_ends_at_once() {
    let error = Client::new(Settings::default()).wait_ready(&call(), |_| {}).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::MissingSettings { .. }), "{error}");
    let server = Server::plain(vec![Reply::Silence]).await;
    let soon = Call::default().within(Duration::from_millis(200));
    let error = Client::new(server.settings()).wait_ready(&soon, |_| {}).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn cluster_and_user_of_a_kubeconfig_may_be_named_without_its_context() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kubeconfig");
    let of = |current: &str| {
        let cluster = |name: &str| json!({"name": name, "cluster": {"server": format!("https://{name}.test:6443")}});
        let context = |name: &str, cluster: &str| json!({"name": name, "context": {"cluster": cluster, "user": "one"}});
        let file = json!({"apiVersion": "v1", "kind": "Config", "current-context": current,
            "clusters": [cluster("production"), cluster("staging")],
            "contexts": [context("p", "production"), context("s", "staging")],
            "users": [{"name": "one", "user": {"token": "1"}}, {"name": "two", "user": {}}]});
        std::fs::write(&path, file.to_string()).unwrap();
    };
    let settings = |context: Option<&str>, cluster: Option<&str>, user: Option<&str>| Settings {
        config_paths: vec![path.clone()],
        config_context: context.map(ToOwned::to_owned),
        config_context_cluster: cluster.map(ToOwned::to_owned),
        config_context_auth_info: user.map(ToOwned::to_owned),
        ..Settings::default()
    };
    of("p");
    for (context, cluster, expected) in [
        (None, None, "production"),
        (Some("s"), None, "staging"),
        (None, Some("staging"), "staging"),
        (Some("s"), Some("production"), "production"),
    ] {
        let server = settings(context, cluster, None).server().await.unwrap();
        assert_eq!(server, format!("https://{expected}.test:6443"), "{context:?} {cluster:?}");
    }
    let sends = |user: &'static str| settings(None, None, Some(user));
    assert!(sends("one").endpoint().await.unwrap().sends_credentials);
    assert!(!sends("two").endpoint().await.unwrap().sends_credentials);
    for nowhere in [settings(Some("x"), None, None), settings(None, Some("x"), None), sends("nobody")] {
        assert!(nowhere.server().await.is_err(), "nothing else is taken in its place");
    }
    of("");
    assert!(settings(None, Some("staging"), None).server().await.is_err(), "whose credentials?");
    let server = settings(None, Some("staging"), Some("one")).server().await.unwrap();
    assert_eq!(server, "https://staging.test:6443");
}
