//! Refusals: what is waited out, what a status hides, and who is to blame.

use super::*;
use crate::limit::LARGEST_ANSWER;

#[tokio::test(start_paused = true)]
async fn what_is_not_in_step_or_overloaded_is_waited_out_by_writes_too() {
    let script = vec![refusal(412), Reply::Later(429, 20), refusal(503), health(HEALTHY, 200), done()];
    let vault = server(script).await;
    let client = Client::new(settings(&vault));
    let began = tokio::time::Instant::now();
    let long = Call::default().within(Duration::from_mins(5));
    client.write_jwt_role(&long, "jwt", "a", &JwtRole::default()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(20), "{:?}", began.elapsed());
    let write = "POST /v1/auth/jwt/role/a";
    assert_eq!(vault.lines(), [write, write, write, "GET /v1/sys/health", write]);
}

#[tokio::test]
async fn what_stays_overloaded_is_told_with_vaults_words_and_no_longer_than_there_is_time() {
    let vault = server(vec![Reply::Later(429, 3000)]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Overloaded { code: 429, retry_after: Some(_), .. }), "{error}");
    let vault = server(vec![refusal(412); 9]).await;
    let error = Client::new(settings(&vault)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    assert!(error.to_string().contains("(412): refused with 412"), "{error}");
}

#[tokio::test]
async fn a_vault_that_is_not_at_work_says_why() {
    let fresh = r#"{"initialized":false,"sealed":true,"standby":true}"#;
    let sealed = r#"{"initialized":true,"sealed":true,"standby":true}"#;
    for (state, code, words) in [(fresh, 501, "vault operator init"), (sealed, 503, "vault operator unseal")] {
        let vault = server(vec![refusal(503), health(state, code)]).await;
        let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
        assert!(error.is_unreachable() && error.to_string().contains(words), "{error}");
        assert_eq!(vault.lines().len(), 2, "nothing is waited for that needs a hand");
        // A login says the same as a request with a token.
        let vault = server(vec![refusal(503), health(state, code)]).await;
        let error = approle(&vault).jwt_role(&call(), "jwt", "a").await.unwrap_err();
        assert!(error.is_unreachable() && error.to_string().contains(words), "{error}");
        is_discreet(&error);
    }
}

#[tokio::test]
async fn a_missing_right_and_a_token_that_is_none_are_told_apart() {
    let own = ["GET /v1/auth/token/lookup-self", "GET /v1/sys/internal/ui/mounts"];
    let vault = server(vec![refusal(403), refusal(403), refusal(403)]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::BadToken), "{error}");
    assert_eq!(vault.lines()[1..], own);
    // A token without the policy `default` may not look at itself.
    let vault = server(vec![refusal(403), refusal(403), ok(&json!({"data": {}}))]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(error.to_string().contains(r#"path "auth/jwt/role/a" { capabilities = ["read"] }"#), "{error}");
    is_discreet(&error);
}

#[tokio::test]
async fn a_denied_login_blames_no_policy() {
    let vault = server(vec![refusal(403)]).await;
    let error = approle(&vault).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("the login at auth/approle failed") && text.contains("no auth method is mounted"), "{text}");
    let vault = server(vec![refusal(403)]).await;
    let client = Client::new(settings(&vault));
    let error = client.login_jwt(&call(), "nowhere", "a", &"jwt-canary".into()).await.unwrap_err();
    assert!(matches!(&*error.cause, Cause::LoginDenied { path } if path == "auth/nowhere/login"), "{error}");
    assert!(!error.to_string().contains("capabilities"), "{error}");
    is_discreet(&error);
}

#[tokio::test]
async fn a_namespace_goes_only_to_a_vault_that_has_them() {
    let vault = server(vec![health(HEALTHY, 200), role(), role()]).await;
    let client = Client::new(settings(&vault)).in_namespace("team");
    for _ in 0..2 {
        client.jwt_role(&call(), "jwt", "a").await.unwrap();
    }
    assert_eq!(vault.asked()[2].headers["x-vault-namespace"], "team");
    assert_eq!(vault.lines().len(), 3, "it is asked once");

    let community = r#"{"initialized":true,"sealed":false,"standby":false,"enterprise":false}"#;
    let vault = server(vec![health(community, 200)]).await;
    let error = Client::new(settings(&vault)).in_namespace("team").jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::NoNamespaces { .. }), "{error}");
    // By the other way of making requests too.
    let vault = server(vec![health(community, 200)]).await;
    let error = approle(&vault).in_namespace("team").jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::NoNamespaces { .. }), "{error}");
    assert_eq!(vault.lines(), ["GET /v1/sys/health"]);

    // While nobody knows, nothing is written into what may be the root.
    let vault = server(vec![Reply::Hangup, health(community, 200)]).await;
    let client = Client::new(settings(&vault)).in_namespace("team");
    let error = client.write_jwt_role(&call(), "jwt", "a", &JwtRole::default()).await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
    let error = client.write_jwt_role(&call(), "jwt", "a", &JwtRole::default()).await.unwrap_err();
    assert!(matches!(*error.cause, Cause::NoNamespaces { .. }), "{error}");
    assert!(vault.lines().iter().all(|line| line == "GET /v1/sys/health"), "{:?}", vault.lines());
}

#[tokio::test]
async fn a_broken_connection_repeats_reads_and_never_writes() {
    let vault = server(vec![Reply::Hangup, role(), Reply::Hangup]).await;
    let client = Client::new(settings(&vault));
    client.jwt_role(&call(), "jwt", "a").await.unwrap();
    let error = client.write_jwt_role(&call(), "jwt", "a", &JwtRole::default()).await.unwrap_err();
    assert!(error.is_unreachable(), "{error:?}");
    assert_eq!(vault.lines().len(), 3);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_quoted() {
    let vault = server(vec![ok(&json!({"data": {"user_claim": {"canary": 1}}}))]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Answer { .. }), "{error}");
    is_discreet(&error);
}

#[tokio::test]
async fn what_the_request_held_is_not_repeated() {
    let echo = |said: &str| Reply::With(400, json!({"errors": [said, said.repeat(1000)]}).to_string());
    let vault = server(vec![echo("tok-canary is not a role")]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(error.to_string().contains("(redacted) is not a role"), "{error}");
    assert!(error.to_string().len() < 3000, "{}", error.to_string().len());
    is_discreet(&error);
    let vault = server(vec![ok(&json!({"warnings": ["tok-canary is old"]}))]).await;
    let warnings =
        Client::new(settings(&vault)).write_jwt_role(&call(), "jwt", "a", &JwtRole::default()).await.unwrap();
    assert_eq!(warnings, ["(redacted) is old"]);
    let vault = server(vec![echo("secret-canary for role")]).await;
    let error = approle(&vault).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    is_discreet(&error);
    let vault = server(vec![echo("jwt-canary")]).await;
    let error = Client::new(settings(&vault)).login_jwt(&call(), "jwt", "a", &"jwt-canary".into()).await.unwrap_err();
    is_discreet(&error);
    // What a login gives may be in its own warnings.
    let granted = json!({"auth": {"client_token": "new-canary", "accessor": "accessor-canary"},
        "warnings": ["new-canary and accessor-canary"]});
    let vault = server(vec![ok(&granted)]).await;
    let auth = Client::new(settings(&vault)).login_jwt(&call(), "jwt", "a", &"j".into()).await.unwrap();
    assert_eq!(auth.warnings, ["(redacted) and (redacted)"]);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let large = || Reply::With(200, "x".repeat(LARGEST_ANSWER + 1));
    let vault = server(vec![large(), large()]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains(" MiB") && error.to_string().contains(&vault.url()), "{error}");
    // A login, too.
    let error = approle(&vault).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::TooLarge { .. }), "{error}");
    // Of a refusal the beginning is read, which is no JSON then.
    let vault = server(vec![Reply::With(400, json!({"errors": ["x".repeat(LARGEST_ANSWER)]}).to_string())]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(&*error.cause, Cause::Refused { messages } if messages.is_empty()), "{error}");
}

#[tokio::test]
async fn user_and_password_of_an_address_are_sent_and_not_printed() {
    // `user-canary:pass-canary`, as it is sent.
    let echo = "Basic dXNlci1jYW5hcnk6cGFzcy1jYW5hcnk= of user-canary";
    let vault = server(vec![Reply::With(400, json!({"errors": [echo]}).to_string())]).await;
    let with = |url: String| url.replace("https://", "https://user-canary:pass-canary@");
    let client = Client::new(Settings { address: with(vault.url()).into(), ..settings(&vault) });
    let error = client.jwt_role(&call(), "jwt", "a").await.unwrap_err();
    is_discreet(&error);
    assert!(!error.to_string().contains("dXNlci1j"), "{error}");
    assert!(vault.asked()[0].authorization.starts_with("Basic "), "whoever stands before Vault wants it");
    assert!(!format!("{client:?} {}", client.address()).contains("canary"));
    let address = with("https://127.0.0.1:9".to_owned()).into();
    let error = Client::new(Settings { address, ..settings(&vault) }).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    assert!(error.to_string().contains("https://127.0.0.1:9"), "{error}");
    is_discreet(&error);
    for address in ["user-canary:pass-canary@vault.test", "ftp://user-canary@vault.test", "https://"] {
        let client = Client::new(Settings { address: address.into(), ..settings(&vault) });
        let error = client.jwt_role(&once(), "jwt", "a").await.unwrap_err();
        assert!(matches!(*error.cause, Cause::InvalidSetting { setting: "address", .. }), "{error}");
        is_discreet(&error);
    }
}

#[tokio::test]
async fn requests_at_the_same_time_share_one_connection() {
    let vault = server(vec![role(); 20]).await;
    let client = Client::new(settings(&vault));
    let call = call();
    let all = (0..20).map(|_| client.jwt_role(&call, "jwt", "a"));
    assert!(futures::future::join_all(all).await.into_iter().all(|found| found.is_ok()));
    assert_eq!(vault.connections.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert!(vault.asked().iter().all(|asked| asked.version == http::Version::HTTP_2));
}
