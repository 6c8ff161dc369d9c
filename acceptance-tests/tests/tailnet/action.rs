//! The action, as Terraform 1.14 and newer call it: the built provider over its socket.

use acceptance_tests::Testbed;
use acceptance_tests::plugin::Plugin;
use tazlab::environment::Environment;
use tazlab::framework::model::Model;
use tazlab::framework::provider::Provider;
use tazlab::framework::schema::{Schema, all_null};
use tazlab::framework::value::Datum;
use tazlab::protocol::to_wire;
use tazlab::protocol::wire::tfplugin6 as wire;
use tazlab::provider::{Configuration, Tazlab};
use tokio_stream::StreamExt;
use wire::invoke_action::event::Type as Event;

use super::*;

const NAME: &str = "tazlab_tailnet_cleanup";

/// A value of a schema with these arguments.
#[allow(clippy::unnecessary_wraps, reason = "messages hold it so")]
fn with(schema: &Schema, arguments: &[(&str, Datum)]) -> Option<wire::DynamicValue> {
    let Datum::Object(mut all) = all_null(&schema.attributes) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    Some(to_wire::value(schema.object_type(), &Datum::Object(all)).unwrap())
}

async fn configured(tailnet: &Tailnet) -> Plugin {
    let plugin = Plugin::start(Testbed::provider()).await;
    let schema = Schema::new("", Configuration::attributes());
    let block = schema.attribute("tailscale").unwrap();
    let tazlab::framework::schema::Kind::Nested(_, nested) = &block.kind else { panic!("no block") };
    let Datum::Object(mut tailscale) = all_null(nested) else { panic!("no object") };
    tailscale.insert("base_url".into(), tailnet.url().as_str().into());
    tailscale.insert("api_key".into(), "tskey-api-x".into());
    tailnet.world().access.key("tskey-api-x");
    let config = with(&schema, &[("tailscale", Datum::Object(tailscale))]);
    let configure = wire::configure_provider::Request { config, ..Default::default() };
    let configured = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
    assert!(configured.diagnostics.is_empty(), "{configured:?}");
    plugin
}

/// The lines of progress and the diagnostics at the end.
async fn invoke(plugin: &Plugin, arguments: &[(&str, Datum)]) -> (Vec<String>, Vec<wire::Diagnostic>) {
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let config = with(registry.actions[NAME].schema(), arguments);
    let planned = wire::plan_action::Request { action_type: NAME.into(), config: config.clone(), ..Default::default() };
    let planned = plugin.provider().plan_action(planned).await.unwrap().into_inner();
    assert!(planned.diagnostics.iter().all(|told| told.severity == 2), "{planned:?}");
    let request = wire::invoke_action::Request { action_type: NAME.into(), config, ..Default::default() };
    let events = plugin.provider().invoke_action(request).await.unwrap().into_inner();
    let events: Vec<Event> = events.map(|event| event.unwrap().r#type.unwrap()).collect().await;
    let (mut lines, mut end) = (Vec::new(), None);
    for event in events {
        match event {
            Event::Progress(line) => lines.push(line.message),
            Event::Completed(completed) => end = Some(completed.diagnostics),
        }
    }
    (lines, end.expect("one last event"))
}

fn set(values: &[&str]) -> Datum {
    Datum::Set(values.iter().map(|value| Datum::from(*value)).collect())
}

#[tokio::test]
async fn the_action_tells_each_device_and_keeps_to_the_same_rules() {
    let tailnet = Tailnet::start();
    let ghosts: Vec<String> = (0..3).map(|_| tailnet.ghost("k8s", TAG, HOUR)).collect();
    tailnet.joins("alive", TAG);
    let plugin = configured(&tailnet).await;
    let tags = || ("tags", set(TAG));

    let (lines, told) = invoke(&plugin, &[tags(), ("dry_run", true.into())]).await;
    assert_eq!((tailnet.deleted(), told.len()), (Vec::new(), 0));
    assert_eq!(lines.iter().filter(|line| line.starts_with("would delete k8s")).count(), 3, "{lines:?}");

    let (_, told) = invoke(&plugin, &[tags(), ("max_deletions", Datum::from(2))]).await;
    assert!(told.len() == 1 && told[0].detail.contains("max_deletions is 2"), "{told:?}");
    assert_eq!(tailnet.deleted(), [""; 0]);

    let (lines, told) = invoke(&plugin, &[tags(), ("required_free", set(&["k8s", "alive"]))]).await;
    assert_eq!(told, [], "a connected device of ours may hold a name");
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts.clone()));
    assert_eq!(lines.iter().filter(|line| line.contains("deleted k8s")).count(), 3, "{lines:?}");
    assert!(
        lines.iter().any(|line| line.starts_with("[3/3] ")) && lines.last().unwrap().starts_with("3 of 3"),
        "{lines:?}"
    );
}
