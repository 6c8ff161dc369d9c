use super::*;
use crate::kubernetes::TokenRequest;

#[tokio::test]
async fn keys_and_issuer_are_two_reads_of_documents() {
    let keys = r#"{"keys":[]}"#;
    let discovery =
        json!({"issuer": "https://a", "jwks_uri": "https://a/openid/v1/jwks", "response_types_supported": []});
    let server = Server::plain(vec![Reply::With(200, keys.into()), ok(&discovery), refusal(403, "no")]).await;
    let client = Client::new(server.settings());
    assert_eq!(client.jwks(&call()).await.unwrap(), keys);
    assert_eq!(client.discovery(&call()).await.unwrap().issuer, "https://a");
    let refused = client.jwks(&call()).await.unwrap_err().to_string();
    assert!(refused.contains("cannot get /openid/v1/jwks: forbidden") && refused.contains("\"get\""), "{refused}");
    assert_eq!(server.lines()[..2], ["GET /openid/v1/jwks", "GET /.well-known/openid-configuration"]);
    // The server answers 406 to whoever asks for plain JSON only.
    assert_eq!(server.asked()[0].accept, "application/jwk-set+json");
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_never_printed() {
    let issued = json!({"status": {"token": "canary-token", "expirationTimestamp": "2026-01-01T00:00:00Z"}});
    let script = vec![Reply::With(201, issued.to_string()), refusal(404, "not found"), refusal(403, "no")];
    let server = Server::plain(script).await;
    let client = Client::new(server.settings());
    let request = TokenRequest { audiences: vec!["https://v".into()], seconds: 600 };
    let token = client.service_account_token(&call(), "ns", "a", &request).await.unwrap();
    assert_eq!((token.token.expose().as_str(), token.expires.as_str()), ("canary-token", "2026-01-01T00:00:00Z"));
    assert!(!format!("{token:?}").contains("canary"));
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /api/v1/namespaces/ns/serviceaccounts/a/token");
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body["spec"], json!({"audiences": ["https://v"], "expirationSeconds": 600}));

    let missing = client.service_account_token(&call(), "ns", "a", &request).await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    let refused = client.service_account_token(&call(), "ns", "a", &request).await.unwrap_err().to_string();
    assert!(refused.contains("cannot create serviceaccounts/token ns/a: forbidden"), "{refused}");
    assert!(client.service_account_token(&call(), "ns", "", &request).await.is_err());
}
