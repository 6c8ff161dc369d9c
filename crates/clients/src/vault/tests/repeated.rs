//! Servers that repeat what they were sent, answer with what no clock can count, or lead elsewhere.

use super::*;

const TOKEN: &str = "hvs.canary-of-a-token-of-some-length";

/// With a token that is long enough to be no word.
fn long(server: &Server) -> Client {
    Client::new(Settings { tokens: Tokens::Given(TOKEN.into()), ..settings(server) })
}

#[tokio::test]
async fn an_answer_that_repeats_the_token_where_it_would_be_stored_is_not_used() {
    let mount = |text: &str| ok(&json!({"data": {"type": "jwt", "accessor": "a", "description": text}}));
    let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("x:{TOKEN}"));
    for text in [TOKEN, &format!("about {TOKEN}"), &TOKEN.to_uppercase(), &base64] {
        let vault = server(vec![mount(text)]).await;
        let error = long(&vault).auth_method(&call(), "jwt").await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Repeats), "{text}: {error}");
        is_discreet(&error);
    }
    let keys = ok(&json!({"data": {"keys": ["a", TOKEN]}}));
    let config = ok(&json!({"data": {"bound_issuer": TOKEN}}));
    let mounts = ok(&json!({"data": {format!("{TOKEN}/"): {"type": "jwt"}}}));
    let vault = server(vec![keys, config, mounts, mount("the control")]).await;
    let client = long(&vault);
    assert!(matches!(*client.jwt_roles(&call(), "jwt").await.unwrap_err().cause, Cause::Repeats));
    assert!(matches!(*client.jwt_config(&call(), "jwt").await.unwrap_err().cause, Cause::Repeats));
    assert!(matches!(*client.auth_methods(&call()).await.unwrap_err().cause, Cause::Repeats));
    assert!(client.auth_method(&call(), "jwt").await.unwrap().is_some());
}

#[tokio::test]
async fn a_login_whose_policies_repeat_a_credential_is_not_used() {
    let jwt = "eyJcanary.of-some-length.canary";
    let with = |policy: &str| {
        ok(
            &json!({"auth": {"client_token": TOKEN, "accessor": "a", "policies": ["default", policy], "lease_duration": 60}}),
        )
    };
    let vault = server(vec![with(jwt), with(TOKEN), with("eso")]).await;
    let client = Client::new(Settings { tokens: Tokens::None, ..settings(&vault) });
    for _ in 0..2 {
        let error = client.login_jwt(&call(), "jwt", "a", &jwt.into()).await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Repeats), "{error}");
        is_discreet(&error);
    }
    assert_eq!(client.login_jwt(&call(), "jwt", "a", &jwt.into()).await.unwrap().policies, ["default", "eso"]);
}

#[tokio::test]
async fn what_was_sent_or_issued_before_is_not_repeated_later() {
    let said = json!({"errors": ["secret-canary and issued-canary-token and accessor-canary"]}).to_string();
    let vault = server(vec![login("issued-canary-token", 60), Reply::With(400, said)]).await;
    let error = approle(&vault).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(error.to_string().contains("(redacted)"), "{error}");
    is_discreet(&error);
}

#[tokio::test]
async fn a_host_that_is_the_token_is_not_printed() {
    let token = "hvs.Canary-Of-A-Token";
    for code in [302, 307] {
        let vault = server(vec![Reply::To(code, format!("https://{token}.evil.test/x")), refusal(404)]).await;
        let client = Client::new(Settings { tokens: Tokens::Given(token.into()), ..settings(&vault) });
        let error = client.jwt_role(&once(), "jwt", "a").await.unwrap_err();
        assert!(error.to_string().contains("redirects to"), "{error}");
        is_discreet(&error);
    }
}

#[tokio::test]
async fn the_active_node_is_followed_to_no_other_machine_without_tls() {
    // Vault itself says so, and this machine is a tunnel to it.
    let away = "http://192.0.2.1:8200";
    let standby = Server::plain(vec![
        Reply::To(307, format!("{away}/v1/auth/jwt/role/a")),
        ok(&json!({"ha_enabled": true, "leader_address": away})),
    ])
    .await;
    let error = Client::new(settings(&standby)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Redirected { why: Distrust::InClear, .. }), "{error}");
    assert!(error.to_string().contains(away) && error.is_unreachable(), "{error}");
    assert_eq!(standby.lines().len(), 1, "nobody is asked who is active");
}

#[tokio::test]
async fn only_a_success_says_who_is_active() {
    let stranger = server(vec![role()]).await;
    let named = json!({"leader_address": stranger.url()}).to_string();
    for code in [301, 307, 403, 500, 503] {
        let to = Reply::To(307, format!("{}/v1/auth/jwt/role/a", stranger.url()));
        let standby = server(vec![to, Reply::With(code, named.clone())]).await;
        let both = format!("{}{}", standby.certificate.clone().unwrap(), stranger.certificate.clone().unwrap());
        let client = Client::new(Settings { ca_cert_pem: Some(both), ..settings(&standby) });
        let error = client.jwt_role(&once(), "jwt", "a").await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Redirected { why: Distrust::NotLeader { leader: None }, .. }), "{error}");
    }
    assert_eq!(stranger.lines(), [""; 0]);
}

#[tokio::test]
async fn times_that_no_clock_can_count_are_survived() {
    let vault = server(vec![Reply::Later(429, u64::MAX)]).await;
    let error = Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Overloaded { code: 429, .. }), "{error}");
    let vault = server(vec![login("one", u64::MAX), role(), login("two", u64::MAX)]).await;
    let client = approle(&vault);
    client.jwt_role(&call(), "jwt", "a").await.unwrap();
    let auth = client.login_jwt(&call(), "jwt", "a", &"jwt-canary".into()).await.unwrap();
    assert!(auth.lease.as_secs() > 0 && auth.lease.checked_mul(2).is_some());
    for time in ["-1", "9223372036854775807"] {
        let body = format!(r#"{{"initialized":true,"sealed":false,"server_time_utc":{time}}}"#);
        assert_eq!(Health::read(body.as_bytes()).unwrap().server_time_utc, None);
    }
}

#[tokio::test]
async fn a_name_leads_to_no_other_path() {
    let vault = server(vec![role()]).await;
    let client = Client::new(settings(&vault));
    for (mount, name) in [("jwt", ".."), ("jwt", "."), ("../sys/mounts", "a"), ("a/../b", "a")] {
        let error = client.delete_jwt_role(&call(), mount, name).await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Request { .. }), "{error}");
    }
    assert!(client.disable_auth(&call(), "x/../../mounts/secret").await.is_err());
    assert_eq!(vault.lines(), [""; 0]);
    client.jwt_role(&call(), "jwt", "..a").await.unwrap();
}

#[tokio::test]
async fn answers_of_a_wrong_shape_are_typed_errors() {
    for body in ["", "{", "[]", "null", "7", "\"canary\"", r#"{"data":"canary"}"#, r#"{"data":{"type":{"canary":1}}}"#]
    {
        let vault = server(vec![Reply::With(200, body.to_owned()); 4]).await;
        let client = Client::new(settings(&vault));
        for error in [
            client.auth_method(&call(), "jwt").await.err(),
            client.jwt_config(&call(), "jwt").await.err(),
            client.jwt_roles(&call(), "jwt").await.err(),
        ]
        .into_iter()
        .flatten()
        {
            assert!(matches!(*error.cause, Cause::Answer { .. }), "{body}: {error}");
            is_discreet(&error);
        }
        let error = client.login_jwt(&call(), "jwt", "a", &"jwt-canary".into()).await.unwrap_err();
        assert!(matches!(*error.cause, Cause::Answer { .. }), "{body}: {error}");
        is_discreet(&error);
    }
    // What is asked to explain a refusal may answer anything.
    for body in ["", "[]", r#"{"sealed":"canary"}"#, r#"{"initialized":7,"sealed":null}"#, "<html>canary"] {
        let vault = server(vec![refusal(503), Reply::With(200, body.to_owned())]).await;
        let error = Client::new(settings(&vault)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
        is_discreet(&error);
    }
}
