//! The process by itself, as a go-plugin client sees it: size, start, memory, one plan.

use std::process::Command;
use std::time::{Duration, Instant};

use acceptance_tests::Testbed;
use acceptance_tests::plugin::Plugin;
use tazlab::environment::Environment;
use tazlab::provider::{Configuration, Tazlab};
use tf_plugin::framework::model::Model;
use tf_plugin::framework::provider::Provider;
use tf_plugin::framework::schema::{Schema, all_null};
use tf_plugin::framework::value::Datum;
use tf_plugin::protocol::to_wire;
use tf_plugin::wire::tfplugin6 as wire;

use super::report::{Report, mebibytes, median, megabytes, millis};

const STARTS: usize = 30;
const PLANS: usize = 2000;

/// What is downloaded.
pub(crate) fn sizes(report: &mut Report) {
    let binary = Testbed::provider();
    let size = std::fs::metadata(&binary).unwrap().len();
    report.row("release binary", &megabytes(size), "≤ 15 MB");
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("provider.zip");
    let archive = concat!(env!("CARGO_MANIFEST_DIR"), "/../release/archive");
    let mut archive = Command::new(archive);
    let zipped = archive.arg(&zip).arg(binary.file_name().unwrap()).current_dir(binary.parent().unwrap());
    assert!(zipped.status().unwrap().success());
    report.row("its zip", &megabytes(std::fs::metadata(&zip).unwrap().len()), "≤ 6 MB");
}

/// How fast the process is there, what it holds then, and how long it takes to plan one object.
pub(crate) fn start_and_plan(report: &mut Report) {
    tokio::runtime::Runtime::new().unwrap().block_on(alone(report));
}

async fn alone(report: &mut Report) {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(Plugin::start(Testbed::provider()).await.handshake);
    }
    report.row("exec → handshake line, median", &format!("{:.1} ms", millis(median(starts))), "≤ 4 ms");

    let plugin = Plugin::start(Testbed::provider()).await;
    let schema = plugin.provider().get_provider_schema(wire::get_provider_schema::Request {}).await.unwrap();
    assert!(schema.into_inner().resource_schemas.contains_key("tazlab_bootstrap_secret"));
    report.row("RSS after GetProviderSchema", &mebibytes(plugin.memory("VmRSS")), "≤ 8 MiB");

    let mut times = plan_times(&plugin).await;
    times.sort();
    let at = |part: usize| format!("{:.0} µs", times[times.len() * part / 100].as_secs_f64() * 1e6);
    report.row("PlanResourceChange (create, no remote reads) p50", &at(50), "≤ 300 µs");
    report.row("the same, p99", &at(99), "");
}

async fn plan_times(plugin: &Plugin) -> Vec<Duration> {
    let block = Schema::new("", Configuration::attributes());
    let config = to_wire::value(block.object_type(), &all_null(&block.attributes)).unwrap();
    let configure = wire::configure_provider::Request { config: Some(config), ..Default::default() };
    let configured = plugin.provider().configure_provider(configure).await.unwrap().into_inner();
    assert!(configured.diagnostics.is_empty(), "{configured:?}");
    let registry = Tazlab::new(Environment::of(&[])).registry();
    let schema = registry.resources["tazlab_bootstrap_secret"].schema();
    let kind = schema.object_type();
    let given = |name: &str| match name {
        "namespace" | "name" => Datum::from("bench"),
        "values" => Datum::Map([("key".to_owned(), Datum::from("value"))].into()),
        _ => Datum::Null,
    };
    let config = Datum::object(schema.attributes.iter().map(|attribute| (attribute.name, given(attribute.name))));
    let config = Some(to_wire::value(kind, &config).unwrap());
    let mut times = Vec::new();
    let mut client = plugin.provider();
    for _ in 0..PLANS {
        let request = wire::plan_resource_change::Request {
            type_name: "tazlab_bootstrap_secret".into(),
            proposed_new_state: config.clone(),
            config: config.clone(),
            ..Default::default()
        };
        let since = Instant::now();
        let planned = client.plan_resource_change(request).await.unwrap().into_inner();
        times.push(since.elapsed());
        assert!(planned.planned_state.is_some() && planned.diagnostics.is_empty(), "{planned:?}");
    }
    times
}
