//! The action, as Terraform 1.14 and newer call it: the built provider over its socket.

use acceptance_tests::Testbed;
use acceptance_tests::plugin::Plugin;
use acceptance_tests::tailnet::{Fault, Rule};
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::model::Model;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::{Schema, all_null};
use tf_plugin::framework::value::Datum;
use tf_plugin::protocol::to_wire;
use tf_plugin::wire::tfplugin6 as wire;
use tokio_stream::{Stream, StreamExt};
use wire::invoke_action::event::Type as Event;

use super::*;

const NAME: &str = "tazlab_tailnet_cleanup";
const KEY: &str = "tskey-api-canary";

/// A value of a schema with these arguments.
fn with(schema: &Schema, arguments: &[(&str, Datum)]) -> wire::DynamicValue {
    let Datum::Object(mut all) = all_null(&schema.attributes) else { panic!("no object") };
    for (name, value) in arguments {
        assert!(all.insert((*name).to_owned(), value.clone()).is_some(), "{name} is no argument");
    }
    to_wire::value(schema.object_type(), &Datum::Object(all)).unwrap()
}

async fn configured(tailnet: &Tailnet) -> Plugin {
    let plugin = Plugin::start(Testbed::provider()).await;
    let schema = Schema::new("", Configuration::attributes());
    let block = schema.attribute("tailscale").unwrap();
    let tf_plugin::framework::schema::Kind::Nested(_, nested) = &block.kind else { panic!("no block") };
    let Datum::Object(mut tailscale) = all_null(nested) else { panic!("no object") };
    tailscale.insert("base_url".into(), tailnet.url().as_str().into());
    tailscale.insert("api_key".into(), KEY.into());
    tailnet.world().access.key(KEY);
    let config = Some(with(&schema, &[("tailscale", Datum::Object(tailscale))]));
    let configure = wire::configure_provider::Request { config, ..Default::default() };
    let configured = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
    assert!(configured.diagnostics.is_empty(), "{configured:?}");
    plugin
}

/// Plans, which may only warn, and invokes.
async fn begin(plugin: &Plugin, arguments: &[(&str, Datum)]) -> impl Stream<Item = Event> + Unpin + use<> {
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let config = Some(with(registry.actions[NAME].schema(), arguments));
    let planned = wire::plan_action::Request { action_type: NAME.into(), config: config.clone(), ..Default::default() };
    let planned = plugin.provider().plan_action(planned).await.unwrap().into_inner();
    assert!(planned.diagnostics.iter().all(|told| told.severity == WARNING), "{planned:?}");
    let request = wire::invoke_action::Request { action_type: NAME.into(), config, ..Default::default() };
    let events = plugin.provider().invoke_action(request).await.unwrap().into_inner();
    events.map(|event| event.unwrap().r#type.unwrap())
}

/// The lines of progress and the diagnostics at the end.
async fn invoke(plugin: &Plugin, arguments: &[(&str, Datum)]) -> (Vec<String>, Vec<wire::Diagnostic>) {
    let events: Vec<Event> = begin(plugin, arguments).await.collect().await;
    assert!(!format!("{events:?}").contains(KEY), "{events:?}");
    let (mut lines, mut end) = (Vec::new(), None);
    for event in events {
        match event {
            Event::Progress(line) => lines.push(line.message),
            Event::Completed(completed) => end = Some(completed.diagnostics),
        }
    }
    (lines, end.expect("one last event"))
}

const WARNING: i32 = wire::diagnostic::Severity::Warning as i32;

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

#[tokio::test]
async fn a_dry_run_with_a_name_that_is_held_warns_as_the_resource_does() {
    let tailnet = Tailnet::start();
    let ghost = tailnet.ghost("k8s", TAG, HOUR);
    let plugin = configured(&tailnet).await;
    let arguments =
        |dry_run: bool| [("hostnames", set(&["other"])), ("dry_run", dry_run.into()), ("required_free", set(&["k8s"]))];
    let (lines, told) = invoke(&plugin, &arguments(true)).await;
    assert!(told.len() == 1 && told[0].severity == WARNING && told[0].detail.contains(&ghost), "{told:?}");
    assert!(lines.last().unwrap().starts_with("0 of 0"), "{lines:?}");
    let (_, told) = invoke(&plugin, &arguments(false)).await;
    assert!(told.len() == 1 && told[0].severity != WARNING && told[0].detail.contains(&ghost), "{told:?}");
}

#[tokio::test]
async fn lines_are_streamed_and_what_fails_says_how_to_go_on() {
    let tailnet = Tailnet::start();
    let ghosts: Vec<String> = (0..45).map(|_| tailnet.ghost("k8s", TAG, HOUR)).collect();
    let plugin = configured(&tailnet).await;
    let not_now = Fault::Answer { code: 409, retry_after: None, body: "{\"message\":\"not now\"}".into() };
    let refused = Rule { path: format!("/api/v2/device/{}", ghosts[44]), ..Rule::at_delete(not_now) };
    tailnet.fault(refused);
    tailnet.world().latency = Duration::from_millis(200);
    let mut events = begin(&plugin, &[("tags", set(TAG)), ("max_deletions", Datum::from(50))]).await;
    let first = events.next().await.unwrap();
    assert!(matches!(&first, Event::Progress(line) if line.message.starts_with("[1/45] deleted")), "{first:?}");
    assert!(tailnet.deleted().len() <= 20, "a line comes when its device is gone, not at the end");
    let rest: Vec<Event> = events.collect().await;
    let Some(Event::Completed(end)) = rest.last() else { panic!("{rest:?}") };
    let told = &end.diagnostics[0];
    assert!(told.detail.contains("Removed (44)") && told.detail.contains("not now"), "{told:?}");
    assert!(told.detail.contains("Invoke the action again") && !told.detail.contains("next apply"), "{told:?}");
    let (lines, told) = invoke(&plugin, &[("tags", set(TAG))]).await;
    assert!(told.is_empty() && lines[0].starts_with("[1/1] deleted"), "{lines:?} {told:?}");
    assert_eq!(sorted(tailnet.deleted()), sorted(ghosts));
}

#[tokio::test]
async fn of_another_tailnet_than_the_named_one_nothing_is_deleted() {
    let tailnet = Tailnet::start();
    let ghost = tailnet.ghost("k8s", TAG, HOUR);
    let plugin = configured(&tailnet).await;
    let named = |suffix: &str| [("tags", set(TAG)), ("tailnet", suffix.into())];
    let (_, told) = invoke(&plugin, &named("work.ts.net")).await;
    let detail = &told[0].detail;
    for words in ["work.ts.net", "magellanic-gondola.ts.net at http://127.0.0.1:", "Nothing was deleted"] {
        assert!(told.len() == 1 && told[0].severity != WARNING && detail.contains(words), "{words}: {told:?}");
    }
    assert_eq!(tailnet.deleted(), [""; 0]);
    let (lines, told) = invoke(&plugin, &named("magellanic-gondola.ts.net")).await;
    assert!(told.is_empty() && lines.last().unwrap().contains("magellanic-gondola.ts.net"), "{lines:?} {told:?}");
    assert_eq!(tailnet.deleted(), [ghost]);
}
