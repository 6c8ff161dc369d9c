//! Deferral: only where the client can wait, only where a setting of the provider is not known, and only of answers that had
//! to do without it. The built provider, over its socket.

use acceptance_tests::Testbed;
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::model::Model;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::{Kind, Schema, all_null};
use wire::deferred::Reason;

use super::*;

/// A value of a schema with these arguments.
fn with(schema: &Schema, arguments: &[(&str, Datum)]) -> Option<wire::DynamicValue> {
    let Datum::Object(mut all) = all_null(&schema.attributes) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    sent(schema.object_type(), &Datum::Object(all))
}

/// The provider with this host of a cluster.
async fn configured(host: Datum) -> Plugin {
    let plugin = Plugin::start(Testbed::provider()).await;
    let schema = Schema::new("", Configuration::attributes());
    let Kind::Nested(_, nested) = &schema.attribute("kubernetes").unwrap().kind else { panic!("no block") };
    let Datum::Object(mut kubernetes) = all_null(nested) else { panic!("no object") };
    kubernetes.insert("host".into(), host);
    let arguments = [("kubernetes", Datum::Object(kubernetes)), ("connect_timeout", "1s".into())];
    let configure = wire::configure_provider::Request { config: with(&schema, &arguments), ..Default::default() };
    let answer = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
    assert!(answer.diagnostics.is_empty(), "{answer:?}");
    plugin
}

/// What a read of a data source, a refresh, an import and the opening of a token say of deferral, and with how many errors.
async fn asked(plugin: &Plugin, deferral_allowed: bool) -> [(Option<Reason>, usize); 4] {
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let client_capabilities = Some(wire::ClientCapabilities { deferral_allowed, ..Default::default() });
    let told = |deferred: Option<wire::Deferred>, found: Vec<wire::Diagnostic>| {
        (deferred.map(|deferred| deferred.reason()), found.iter().filter(|one| one.severity == 1).count())
    };
    let (mut provider, name) = (plugin.provider(), "tazlab_cluster_jwks".to_owned());
    let config = with(registry.data_sources["tazlab_cluster_jwks"].schema(), &[]);
    let request =
        wire::read_data_source::Request { type_name: name, config, client_capabilities, ..Default::default() };
    let read = provider.read_data_source(request).await.unwrap().into_inner();

    let schema = registry.resources["tazlab_bootstrap_secret"].schema();
    let type_name = "tazlab_bootstrap_secret".to_owned();
    let stored = with(schema, &[("namespace", "a".into()), ("name", "b".into()), ("type", "Opaque".into())]);
    let request = wire::read_resource::Request {
        type_name: type_name.clone(),
        current_state: stored.clone(),
        client_capabilities,
        ..Default::default()
    };
    let refreshed = provider.read_resource(request).await.unwrap().into_inner();
    if refreshed.diagnostics.iter().all(|one| one.severity != 1) {
        assert_eq!(refreshed.new_state, stored, "what could not be seen is kept");
    }

    let request =
        wire::import_resource_state::Request { type_name, id: "a/b".into(), client_capabilities, ..Default::default() };
    let imported = provider.import_resource_state(request).await.unwrap().into_inner();

    let name = "tazlab_service_account_token".to_owned();
    let config = with(
        registry.ephemeral_resources["tazlab_service_account_token"].schema(),
        &[("namespace", "a".into()), ("name", "b".into())],
    );
    let request = wire::open_ephemeral_resource::Request { type_name: name, config, client_capabilities };
    let opened = provider.open_ephemeral_resource(request).await.unwrap().into_inner();
    [
        told(read.deferred, read.diagnostics),
        told(refreshed.deferred, refreshed.diagnostics),
        told(imported.deferred, imported.diagnostics),
        told(opened.deferred, opened.diagnostics),
    ]
}

#[tokio::test]
async fn an_answer_without_an_unknown_setting_is_put_off_where_the_client_can_wait() {
    let plugin = configured(Datum::unknown()).await;
    assert_eq!(asked(&plugin, true).await, [(Some(Reason::ProviderConfigUnknown), 0); 4]);
    // A client that cannot wait gets the answer that there is: an import has none.
    assert_eq!(asked(&plugin, false).await, [(None, 0), (None, 0), (None, 1), (None, 0)]);
}

#[tokio::test]
async fn a_cluster_that_is_known_and_not_there_is_no_reason_to_wait() {
    let plugin = configured("https://127.0.0.1:1".into()).await;
    let answers = asked(&plugin, true).await;
    assert!(answers.iter().all(|(deferred, _)| deferred.is_none()), "{answers:?}");
}
