//! Standby nodes: one that sends the request on, those that do not, and what only looks like one.

use super::*;

#[tokio::test]
async fn a_standby_sends_reads_and_writes_on_to_the_active_node() {
    let active = server(vec![role(), ok(&json!({"warnings": ["mind it"]}))]).await;
    let to = |path: &str| Reply::To(307, format!("{}/v1/{path}", active.url()));
    // Whom it names is asked once.
    let standby = server(vec![to("auth/jwt/role/a"), leader(&active), to("auth/jwt/role/a")]).await;
    let both = format!("{}{}", standby.certificate.clone().unwrap(), active.certificate.clone().unwrap());
    let client = Client::new(Settings { ca_cert_pem: Some(both), ..settings(&standby) });
    let found = client.jwt_role(&call(), "jwt", "a").await.unwrap().unwrap();
    assert_eq!(found.user_claim, "sub");
    let warnings = client.write_jwt_role(&call(), "jwt", "a", &found).await.unwrap();
    assert_eq!(warnings, ["mind it"]);
    assert_eq!(active.lines(), ["GET /v1/auth/jwt/role/a", "POST /v1/auth/jwt/role/a"]);
    assert_eq!((token_of(&active, 0), token_of(&active, 1)), ("tok-canary".into(), "tok-canary".into()));
    assert!(active.asked()[1].body.contains("\"user_claim\":\"sub\""), "the body goes along");
    let read = "GET /v1/auth/jwt/role/a";
    assert_eq!(standby.lines(), [read, "GET /v1/sys/leader", "POST /v1/auth/jwt/role/a"]);
    assert!(!standby.asked()[1].headers.contains_key("x-vault-token"), "no token is shown for that");
}

#[tokio::test]
async fn an_active_node_whose_certificate_is_not_trusted_gets_no_token() {
    let active = server(vec![role()]).await;
    let to = Reply::To(307, format!("{}/v1/auth/jwt/role/a", active.url()));
    let standby = server(vec![to, leader(&active)]).await;
    let error = Client::new(settings(&standby)).jwt_role(&call(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::UnknownAuthority { .. }) && error.is_unreachable(), "{error}");
    assert!(error.to_string().contains(&active.url()), "the server that is not trusted is named: {error}");
    assert_eq!(active.lines(), [""; 0]);
}

#[tokio::test]
async fn nobody_is_followed_out_of_tls_or_in_a_circle() {
    let plain = Server::plain(vec![role()]).await;
    // Not even where Vault itself says so.
    let to = Reply::To(307, format!("{}/v1/auth/jwt/role/a", plain.url()));
    let standby = server(vec![to, leader(&plain)]).await;
    let error = Client::new(settings(&standby)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    names_both(&error, &standby, &plain.url());
    assert!(matches!(*error.cause, Cause::Redirected { why: Distrust::LosesTls, .. }), "{error}");
    assert_eq!(plain.lines(), [""; 0]);
    let mut script = vec![Reply::To(307, "/v1/auth/jwt/role/a".to_owned()); 40];
    script.push(role());
    let circle = server(script).await;
    let error = Client::new(settings(&circle)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Standby { code: 307, .. }), "{error}");
    assert!(circle.lines().len() < 40, "{:?}", circle.lines());
}

fn leader(active: &Server) -> Reply {
    ok(&json!({"ha_enabled": true, "is_self": false, "leader_address": format!("{}/", active.url())}))
}

fn names_both(error: &Error, standby: &Server, to: &str) {
    let text = error.to_string();
    assert!(text.contains(&standby.url()) && text.contains(to), "{text}");
    is_discreet(error);
}

#[tokio::test]
async fn a_token_goes_to_nobody_whom_vault_does_not_name() {
    let (stranger, active) = (server(vec![role(); 9]).await, server(vec![]).await);
    let to = || Reply::To(307, format!("{}/v1/auth/jwt/role/a", stranger.url()));
    let nobody = ok(&json!({"ha_enabled": false, "leader_address": ""}));
    for (answer, leader) in [(leader(&active), Some(active.url())), (nobody, None), (refusal(404), None)] {
        let standby = server(vec![to(), answer]).await;
        let both = format!("{}{}", standby.certificate.clone().unwrap(), stranger.certificate.clone().unwrap());
        let client = Client::new(Settings { ca_cert_pem: Some(both), ..settings(&standby) });
        let error = client.jwt_role(&once(), "jwt", "a").await.unwrap_err();
        names_both(&error, &standby, &stranger.url());
        assert!(
            matches!(&*error.cause, Cause::Redirected { why: Distrust::NotLeader { leader: named }, .. } if *named == leader),
            "{error}"
        );
    }
    // A login's secret, and a revocation's token, go no other way.
    let standby = server(vec![Reply::To(308, format!("{}/v1/auth/approle/login", stranger.url())), refusal(404)]).await;
    let error = approle(&standby).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    names_both(&error, &standby, &stranger.url());
    // Who is not verified vouches for nobody.
    let standby = server(vec![to(), leader(&stranger)]).await;
    let blind = Settings { ca_cert_pem: None, skip_tls_verify: true, ..settings(&standby) };
    let error = Client::new(blind).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Redirected { why: Distrust::Unverified, .. }), "{error}");
    assert_eq!(standby.lines().len(), 1);
    for location in ["", "mailto:x", "http://", "//"] {
        let standby = server(vec![Reply::To(307, location.to_owned()); 40]).await;
        let error = Client::new(settings(&standby)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
        assert!(error.is_unreachable(), "{location}: {error}");
    }
    assert_eq!(stranger.lines(), [""; 0]);
}

#[tokio::test]
async fn a_redirect_to_the_same_server_is_followed_once_and_without_a_login_of_its_own() {
    let vault = server(vec![]).await;
    let other = vault.url().replace("https://", "https://user:canary@");
    vault.then(Reply::To(308, format!("{other}/v1/auth/jwt/role/b")));
    vault.then(role());
    Client::new(settings(&vault)).jwt_role(&call(), "jwt", "a").await.unwrap();
    assert_eq!(vault.lines(), ["GET /v1/auth/jwt/role/a", "GET /v1/auth/jwt/role/b"]);
    assert_eq!(vault.asked()[1].authorization, "");
}

#[tokio::test]
async fn plain_servers_of_this_machine_may_be_nodes_of_one_vault() {
    let active = Server::plain(vec![role()]).await;
    let to = Reply::To(307, format!("{}/v1/auth/jwt/role/a", active.url()));
    let standby = Server::plain(vec![to, leader(&active)]).await;
    Client::new(settings(&standby)).jwt_role(&call(), "jwt", "a").await.unwrap();
    assert_eq!(token_of(&active, 0), "tok-canary");
}

#[tokio::test]
async fn a_redirect_that_would_make_a_read_of_a_write_is_told_and_not_followed() {
    for code in [301, 302, 303] {
        let proxy = server(vec![Reply::To(code, "https://vault.test:8200/v1/x?token=canary".to_owned())]).await;
        let client = Client::new(settings(&proxy));
        let error = client.write_jwt_role(&call(), "jwt", "a", &JwtRole::default()).await.unwrap_err();
        assert!(
            matches!(&*error.cause, Cause::Moved { to: Some(to), .. } if to == "https://vault.test:8200"),
            "{error}"
        );
        names_both(&error, &proxy, "https://vault.test:8200");
        is_discreet(&error);
        assert_eq!(proxy.lines(), ["POST /v1/auth/jwt/role/a"]);
    }
}

#[tokio::test]
async fn standby_nodes_that_do_not_send_on_are_told_with_their_code() {
    // 472: a secondary for disaster recovery; 473: a performance standby.
    for code in [472, 473] {
        let node = server(vec![refusal(code); 9]).await;
        let error = Client::new(settings(&node)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
        assert!(matches!(&*error.cause, Cause::Standby { code: told, .. } if *told == code), "{error}");
        assert!(error.is_unreachable() && error.to_string().contains(&node.url()), "{error}");
    }
    // One that looks for an active node, and one that finds it meanwhile.
    let waiting = r#"{"initialized":true,"sealed":false,"standby":true}"#;
    let node = server(vec![[refusal(503), health(waiting, 429)]; 9].concat()).await;
    let error = Client::new(settings(&node)).jwt_role(&once(), "jwt", "a").await.unwrap_err();
    assert!(matches!(*error.cause, Cause::Standby { code: 503, .. }), "{error}");
    let node = server(vec![refusal(503), health(waiting, 429), refusal(473), done()]).await;
    Client::new(settings(&node)).write_jwt_role(&call(), "jwt", "a", &JwtRole::default()).await.unwrap();
    assert_eq!(node.lines().len(), 4);
}
