//! Refusals: what is waited out, what a status hides, and who is to blame.

use super::*;

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
async fn requests_at_the_same_time_share_one_connection() {
    let vault = server(vec![role(); 20]).await;
    let client = Client::new(settings(&vault));
    let call = call();
    let all = (0..20).map(|_| client.jwt_role(&call, "jwt", "a"));
    assert!(futures::future::join_all(all).await.into_iter().all(|found| found.is_ok()));
    assert_eq!(vault.connections.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert!(vault.asked().iter().all(|asked| asked.version == http::Version::HTTP_2));
}
