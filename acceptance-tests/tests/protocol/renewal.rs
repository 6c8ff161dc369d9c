//! Renewals of `tazlab_vault_token` while Vault is away: Terraform 1.17 makes an error of one a hard one and never renews again
//! (hashicorp/terraform #38989), so only what Vault says of the token itself may be one. The built provider, over its socket.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use acceptance_tests::web::{Heard, Reply};
use acceptance_tests::{FakeVault, Testbed};
use serde_json::{Value, json};
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::model::Model;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::{Attribute, Kind, Schema, all_null};

use super::*;

const NAME: &str = "tazlab_vault_token";

/// An object with these arguments.
fn object(attributes: &[Attribute], arguments: &[(&str, Datum)]) -> Datum {
    let Datum::Object(mut all) = all_null(attributes) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    Datum::Object(all)
}

fn block(attributes: &[Attribute], name: &str, arguments: &[(&str, Datum)]) -> Datum {
    let attribute = attributes.iter().find(|attribute| attribute.name == name).unwrap();
    let Kind::Nested(_, inner) = &attribute.kind else { panic!("{name} has no arguments") };
    object(inner, arguments)
}

/// The provider with this Vault.
async fn configured(vault: &FakeVault) -> Plugin {
    let plugin = Plugin::start(Testbed::provider()).await;
    let schema = Schema::new("", Configuration::attributes());
    let there = [("address", vault.web.url().as_str().into()), ("token", vault.token().into())];
    let config = object(&schema.attributes, &[("vault", block(&schema.attributes, "vault", &there))]);
    let config = sent(schema.object_type(), &config);
    let configure = wire::configure_provider::Request { config, ..Default::default() };
    let answer = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
    assert!(answer.diagnostics.is_empty(), "{answer:?}");
    plugin
}

/// A child of the provider's token, which Vault calls `name`; its private data.
async fn opened(plugin: &Plugin, name: &str) -> Vec<u8> {
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let schema = registry.ephemeral_resources[NAME].schema();
    let child = [("display_name", name.into()), ("ttl", "1h".into())];
    let config = object(&schema.attributes, &[("child", block(&schema.attributes, "child", &child))]);
    let config = sent(schema.object_type(), &config);
    let request = wire::open_ephemeral_resource::Request { type_name: NAME.into(), config, ..Default::default() };
    let opened = plugin.provider().open_ephemeral_resource(request).await.unwrap().into_inner();
    assert!(opened.diagnostics.is_empty() && opened.renew_at.is_some(), "{opened:?}");
    opened.private.unwrap().to_vec()
}

async fn renewed(plugin: &Plugin, private: &[u8]) -> wire::renew_ephemeral_resource::Response {
    let private = Some(private.to_vec().into());
    let request = wire::renew_ephemeral_resource::Request { type_name: NAME.into(), private };
    plugin.provider().renew_ephemeral_resource(request).await.unwrap().into_inner()
}

/// Seconds until the next renewal.
fn wait(answer: &wire::renew_ephemeral_resource::Response) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    answer.renew_at.as_ref().expect("it is renewed again").seconds - i64::try_from(now).unwrap()
}

/// How long tokens of this name are given.
fn lease(name: &str) -> u64 {
    if name.starts_with("short") { 2 } else { 3600 }
}

fn auth(name: &str) -> Value {
    json!({"auth": {"client_token": name, "accessor": "a", "policies": ["p"], "lease_duration": lease(name), "renewable": true}})
}

/// A Vault that answers the renewal of each token as its name says; without an answer there it renews.
fn vault(answers: &[(&'static str, u16)]) -> FakeVault {
    let answers: BTreeMap<&str, u16> = answers.iter().copied().collect();
    let vault = FakeVault::plain();
    vault.twist(move |heard: &Heard| {
        let token = heard.header("x-vault-token").to_owned();
        let refusal = |code| Some(Reply::of(code, &json!({"errors": ["refused"]}).to_string()));
        match heard.target.as_str() {
            "/v1/auth/token/create" => {
                let body: Value = serde_json::from_str(&heard.body).unwrap();
                Some(Reply::json(&auth(body["display_name"].as_str().unwrap())))
            }
            "/v1/auth/token/renew-self" => match answers.get(token.as_str()) {
                Some(code) => refusal(*code),
                None => Some(Reply::json(&auth(&token))),
            },
            // It is not known (any more), or may not renew itself.
            "/v1/auth/token/lookup-self" | "/v1/sys/internal/ui/mounts" if token == "gone" => refusal(403),
            "/v1/auth/token/lookup-self" => Some(Reply::json(&json!({"data": {"ttl": 60}}))),
            "/v1/sys/health" => Some(Reply::json(&json!({"initialized": true, "sealed": true, "standby": false}))),
            _ => None,
        }
    });
    vault
}

/// The server lives outside of the runtime that the test runs in.
fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(test);
}

#[test]
fn a_vault_that_is_away_at_a_renewal_is_a_warning_and_the_token_is_renewed_later() {
    let away = [
        ("sealed", 503),
        ("busy", 429),
        ("broken", 500),
        ("gateway", 502),
        ("standby", 473),
        ("policy", 403),
        ("proxy", 404),
    ];
    let vault = vault(&away);
    run(async {
        let plugin = configured(&vault).await;
        for (name, code) in away {
            let private = opened(&plugin, name).await;
            let answer = renewed(&plugin, &private).await;
            let told: Vec<_> = answer.diagnostics.iter().map(|one| (one.severity, one.summary.as_str())).collect();
            assert_eq!(told, [(2, "The Vault token was not renewed yet")], "{name} ({code}): {answer:?}");
            assert_eq!(answer.private.as_deref(), Some(private.as_slice()), "{name}: the private data is unchanged");
            assert!((0..=31).contains(&wait(&answer)), "{name}: {}", wait(&answer));
            assert!(!format!("{:?}", answer.diagnostics).contains(vault.token()));
        }
        // Control: what is answered is renewed, with the whole of its time.
        let private = opened(&plugin, "good").await;
        let answer = renewed(&plugin, &private).await;
        assert!(answer.diagnostics.is_empty() && wait(&answer) > 2000, "{answer:?}");
    });
}

#[test]
fn a_vault_that_cannot_be_reached_is_a_warning_until_the_token_is_over() {
    let vault = vault(&[]);
    run(async move {
        let plugin = configured(&vault).await;
        let (long, short) = (opened(&plugin, "long").await, opened(&plugin, "short").await);
        // It has a runtime of its own.
        tokio::task::block_in_place(|| drop(vault));
        let answer = renewed(&plugin, &long).await;
        assert!(answer.diagnostics.len() == 1 && answer.diagnostics[0].severity == 2, "{answer:?}");
        assert!(answer.diagnostics[0].detail.contains("refused"), "{answer:?}");
        assert_eq!((answer.private.as_deref(), wait(&answer) <= 31), (Some(long.as_slice()), true));
        // The other comes to its end meanwhile, and then it is an error.
        let limit = tokio::time::Instant::now() + Duration::from_mins(1);
        loop {
            let answer = renewed(&plugin, &short).await;
            assert_eq!(answer.diagnostics.len(), 1, "{answer:?}");
            if answer.diagnostics[0].severity == 1 {
                assert_eq!(answer.diagnostics[0].summary, "The Vault token has expired");
                break;
            }
            assert_eq!(answer.private.as_deref(), Some(short.as_slice()));
            assert!(tokio::time::Instant::now() < limit, "it never ends");
        }
    });
}

#[test]
fn what_vault_says_of_the_token_itself_is_an_error() {
    let vault = vault(&[("gone", 403), ("refused", 400)]);
    run(async {
        let plugin = configured(&vault).await;
        for name in ["gone", "refused"] {
            let private = opened(&plugin, name).await;
            let answer = renewed(&plugin, &private).await;
            assert!(answer.diagnostics.len() == 1 && answer.diagnostics[0].severity == 1, "{name}: {answer:?}");
            assert_eq!(answer.diagnostics[0].summary, "The Vault token cannot be renewed");
        }
    });
}
