//! The client against servers that follow a script, on TLS: standby nodes, refusals that mean something else, what is sent
//! again and what is not. What a real Vault does by itself is shown by `acceptance-tests`.

mod kv;
mod newest;
mod refusals;
mod renewal;
mod repeated;
mod standby;
mod urls;

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::scripted::{Reply, Server};

/// What a Vault at work says of itself.
const HEALTHY: &str = r#"{"initialized":true,"sealed":false,"standby":false,"enterprise":true}"#;

async fn server(script: Vec<Reply>) -> Server {
    Server::tls("127.0.0.1", script).await
}

fn settings(server: &Server) -> Settings {
    Settings {
        address: server.url().into(),
        ca_cert_pem: server.certificate.clone(),
        tokens: Tokens::Given("tok-canary".into()),
        ..Settings::default()
    }
}

fn approle(server: &Server) -> Client {
    let tokens = Tokens::AppRole {
        mount: "approle".to_owned(),
        role_id: "role".to_owned(),
        secret_id: Some("secret-canary".into()),
    };
    Client::new(Settings { tokens, ..settings(server) })
}

fn call() -> Call {
    Call::default().within(Duration::from_secs(20))
}

/// A call that has no time for many tries.
fn once() -> Call {
    Call::default().within(Duration::from_secs(1))
}

fn ok(body: &serde_json::Value) -> Reply {
    Reply::With(200, body.to_string())
}

fn done() -> Reply {
    Reply::With(204, String::new())
}

fn refusal(code: u16) -> Reply {
    Reply::With(code, json!({"errors": [format!("refused with {code}")]}).to_string())
}

fn health(body: &str, code: u16) -> Reply {
    Reply::With(code, body.to_owned())
}

fn login(token: &str, lease: u64) -> Reply {
    ok(
        &json!({"request_id": "", "lease_id": "", "renewable": false, "lease_duration": 0, "data": null, "warnings": null,
        "auth": {"client_token": token, "accessor": "accessor-canary", "policies": ["a"], "token_policies": ["a"],
            "metadata": {}, "lease_duration": lease, "renewable": true, "entity_id": "", "token_type": "service",
            "orphan": true}}),
    )
}

fn role() -> Reply {
    ok(&json!({"data": {"role_type": "jwt", "user_claim": "sub"}}))
}

fn token_of(server: &Server, index: usize) -> String {
    server.asked()[index].headers["x-vault-token"].to_str().unwrap().to_owned()
}

/// Nothing that must not be told.
fn is_discreet(error: &Error) {
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
