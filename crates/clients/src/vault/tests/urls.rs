//! URLs that Vault could not use, tried as Vault would.

use super::*;

const KEYS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

fn text(body: &str) -> Reply {
    Reply::With(200, body.to_owned())
}

#[tokio::test]
async fn keys_are_looked_for_as_vault_would() {
    let tried = |reply: Vec<Reply>| async move {
        let keys = server(reply).await;
        let problem = try_keys_url(&call(), &format!("{}/keys", keys.url()), keys.certificate.as_deref()).await;
        (problem, keys)
    };
    assert!(matches!(tried(vec![text(KEYS)]).await.0, UrlProblem::NoneHere));
    let (problem, keys) = tried(vec![Reply::To(302, "/elsewhere".to_owned()), text(KEYS)]).await;
    assert!(matches!(problem, UrlProblem::NoneHere), "{problem}");
    assert_eq!(keys.lines(), ["GET /keys", "GET /elsewhere"]);
    assert!(!keys.asked()[0].headers.contains_key("x-vault-token"));
    for (reply, words) in [
        (refusal(401), "anonymous access is off"),
        (refusal(403), "anonymous access is off"),
        (refusal(404), "answers 404"),
        (text("<html>"), "not with keys: this is not JSON"),
        (text(r#"{"keys":[]}"#), "no key that signs"),
        (Reply::Hangup, "cannot be reached"),
    ] {
        let (problem, _) = tried(vec![reply]).await;
        assert!(problem.to_string().contains(words), "{problem}");
    }
}

#[tokio::test]
async fn a_certificate_says_who_signed_it_and_for_whom() {
    let keys = server(vec![text(KEYS)]).await;
    let url = format!("{}/keys", keys.url());
    let problem = try_keys_url(&call(), &url, None).await.to_string();
    assert!(problem.contains("it was signed by") && problem.contains("127.0.0.1"), "{problem}");
    let named = Server::tls("k8s.test", vec![text(KEYS)]).await;
    let problem = try_keys_url(&call(), &format!("{}/keys", named.url()), named.certificate.as_deref()).await;
    assert!(matches!(&problem, UrlProblem::WrongName(all) if all[0].contains("k8s.test")), "{problem:?}");
    let problem = try_keys_url(&call(), &url, Some("no certificate")).await.to_string();
    assert!(problem.contains("the authority cannot be used"), "{problem}");
}

#[tokio::test]
async fn a_discovery_document_is_followed_to_its_keys() {
    let keys = Server::plain(vec![text(KEYS), refusal(401)]).await;
    let jwks = format!("{}/openid/v1/jwks", keys.url());
    let tried = |issuer: Option<&str>, document: Option<Reply>| {
        let (issuer, jwks) = (issuer.map(ToOwned::to_owned), jwks.clone());
        async move {
            // The issuer is the server's own address, which is known when it runs.
            let server = Server::plain(Vec::new()).await;
            let issuer = issuer.unwrap_or_else(|| server.url());
            server.then(document.unwrap_or_else(|| ok(&json!({"issuer": issuer, "jwks_uri": jwks}))));
            let problem = try_discovery_url(&call(), &server.url(), None).await;
            assert_eq!(server.lines(), ["GET /.well-known/openid-configuration"]);
            problem
        }
    };
    assert!(matches!(tried(None, None).await, UrlProblem::NoneHere));
    let problem = tried(None, None).await.to_string();
    assert!(problem.contains(&jwks) && problem.contains("anonymous access is off"), "{problem}");
    let problem = tried(Some("https://other/"), None).await.to_string();
    assert!(problem.contains("issuer \"https://other/\""), "{problem}");
    let problem = tried(None, Some(text(KEYS))).await;
    assert!(matches!(problem, UrlProblem::NotDiscovery), "{problem}");
    let problem = tried(None, Some(refusal(404))).await;
    assert!(matches!(problem, UrlProblem::Status(404)), "{problem}");
    assert_eq!(discovery_url("https://a/"), discovery_url("https://a"));
}
