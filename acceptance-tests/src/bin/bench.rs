//! Measures the release build: `make bench`. Nothing here is a test; figures go to a file and to the screen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement that fails says so and ends"
)]

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use acceptance_tests::dns::{self, ClusterDns};
use acceptance_tests::plugin::Plugin;
use acceptance_tests::{Namespace, Testbed, Workspace, kubectl};
use tazlab::environment::Environment;
use tazlab::framework::model::Model;
use tazlab::framework::provider::Provider;
use tazlab::framework::schema::{Schema, all_null};
use tazlab::framework::value::Datum;
use tazlab::protocol::to_wire;
use tazlab::protocol::wire::tfplugin6 as wire;
use tazlab::provider::{Configuration, Tazlab};

const STARTS: usize = 30;
const PLANS: usize = 2000;

/// A table in Markdown, printed as it grows.
struct Report(String);

impl Report {
    fn line(&mut self, text: &str) {
        println!("{text}");
        writeln!(self.0, "{text}").unwrap();
    }

    fn row(&mut self, what: &str, seen: &str, goal: &str) {
        self.line(&format!("| {what} | {seen} | {goal} |"));
    }
}

#[tokio::main]
async fn main() {
    let mut report = Report(String::new());
    report.line("| what | seen | to reach |");
    report.line("|---|---|---|");
    sizes(&mut report);
    process(&mut report).await;
    for count in [100, 1000] {
        tokio::task::spawn_blocking(move || {
            let mut report = Report(String::new());
            walls(&mut report, count);
            report.0
        })
        .await
        .map(|rows| report.0.push_str(&rows))
        .unwrap();
    }
    let rows = tokio::task::spawn_blocking(|| {
        let mut report = Report(String::new());
        first_install(&mut report);
        refused_corefile(&mut report);
        report.0
    });
    report.0.push_str(&rows.await.unwrap());
    let file = Testbed::provider().parent().unwrap().join("../bench.md");
    std::fs::write(&file, &report.0).unwrap();
    println!("\nwritten to {}", file.canonicalize().unwrap().display());
}

fn sizes(report: &mut Report) {
    let binary = Testbed::provider();
    let size = std::fs::metadata(&binary).unwrap().len();
    report.row("release binary", &megabytes(size), "≤ 15 MB");
    let folder = tempfile::tempdir().unwrap();
    let zip = folder.path().join("provider.zip");
    let script = "import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED, compresslevel=9).write(sys.argv[2], 'p')";
    let zipped = Command::new("python3").args(["-c", script]).args([&zip, &binary]).status().unwrap();
    assert!(zipped.success());
    report.row("its zip", &megabytes(std::fs::metadata(&zip).unwrap().len()), "≤ 6 MB");
}

#[allow(clippy::cast_precision_loss, reason = "a figure to read")]
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

async fn process(report: &mut Report) {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(Plugin::start(Testbed::provider()).await.handshake);
    }
    starts.sort();
    report.row("exec → handshake line, median", &format!("{:.1} ms", millis(starts[STARTS / 2])), "≤ 4 ms");

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

/// The provider's work beside none: the same number of `terraform_data`.
fn walls(report: &mut Report, count: usize) {
    let floor = Workspace::measuring();
    std::fs::remove_file(floor.path().join("provider.tf")).unwrap();
    floor.hcl(&format!(
        "resource \"terraform_data\" \"s\" {{\n  count = {count}\n  input = {{ namespace = \"bench\", name = \"s-${{count.index}}\", file = \"key-${{count.index}}\" }}\n}}\n"
    ));
    floor.terraform(&["init"]).succeeds();
    // Made beforehand: a namespace takes the cluster five seconds to take away, whatever it holds.
    let namespace = Namespace::made("bench");
    let ours = Workspace::measuring();
    for index in 0..count {
        let _ = ours.secret_file(&format!("key-{index}"));
    }
    let folder = ours.source("folder", "");
    let folder = folder.trim_end_matches("/folder");
    ours.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"s\" {{\n  count = {count}\n  namespace = \"{}\"\n  name = \"s-${{count.index}}\"\n  files = {{ key = \"{folder}/key-${{count.index}}\" }}\n}}\n",
        namespace.name()
    ));
    let goals = ["≤ 2", "≤ 1.9", "≤ 2.2", "≤ 1.4"];
    let steps: [(&str, &[&str]); 4] = [
        ("first plan", &["plan", "-json"]),
        ("apply", &["apply", "-json", "-auto-approve"]),
        ("second plan", &["plan", "-json"]),
        ("destroy", &["destroy", "-json", "-auto-approve"]),
    ];
    for ((name, arguments), goal) in steps.into_iter().zip(goals) {
        let goal = if count == 1000 { goal } else { "" };
        let alone = floor.start(arguments);
        let watch = alone.watch_provider();
        let base = alone.end().succeeds().took;
        let floor_usage = watch.join().unwrap();
        let started = ours.start(arguments);
        let watch = started.watch_provider();
        let run = started.end().succeeds();
        let provider = watch.join().unwrap();
        let times = run.took.as_secs_f64() / base.as_secs_f64();
        let seen = format!("{:.2} s, floor {:.2} s: {times:.2}", run.took.as_secs_f64(), base.as_secs_f64());
        report.row(&format!("{name} of {count}"), &seen, goal);
        if count == 1000 {
            let seen = format!("{}, {:.2} s of CPU", mebibytes(provider.peak), provider.cpu);
            let goal = if name == "second plan" { "≤ 25 MiB, ≤ 0.6 s" } else { "" };
            report.row(&format!("{name} of {count}: the provider's peak"), &seen, goal);
            let (own, alone) = (provider.terraform, floor_usage.terraform);
            let seen = format!("{own:.2} s of CPU, floor {alone:.2} s: {:.2}", own / alone);
            report.row(&format!("{name} of {count}: Terraform's own work"), &seen, "");
        }
    }
}

/// The cluster's DNS made by us, and the same objects by kubectl, one after the other.
fn first_install(report: &mut Report) {
    const ROUNDS: usize = 5;
    let cluster = ClusterDns::alone();
    let workspace = Workspace::measuring();
    workspace.hcl(
        "resource \"tazlab_coredns\" \"this\" {\n  cluster_ip = \"10.96.0.10\"\n  upstreams = [\"192.0.2.53\"]\n}\n",
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let (mut ours, mut theirs, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        cluster.remove();
        let started = workspace.start(&["apply", "-json", "-auto-approve"]);
        let watch = started.watch_provider();
        ours.push(started.end().succeeds().took);
        peak = peak.max(watch.join().unwrap().peak);

        let budget = kubectl::object(&["poddisruptionbudget", "coredns", "-n", "kube-system"]);
        let items: Vec<_> = dns::seen().into_iter().chain(budget).map(|object| dns::manifest(&object)).collect();
        let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
        std::fs::write(path, list.to_string()).unwrap();
        workspace.destroy().succeeds();
        cluster.remove();
        let since = Instant::now();
        kubectl::succeeds(&["apply", "-f", path]);
        kubectl::succeeds(&["rollout", "status", "deployment/coredns", "-n", "kube-system", "--timeout", "120s"]);
        theirs.push(since.elapsed());
    }
    ours.sort();
    theirs.sort();
    let (ours, theirs) = (ours[ROUNDS / 2].as_secs_f64(), theirs[ROUNDS / 2].as_secs_f64());
    let seen = format!("{ours:.2} s, kubectl {theirs:.2} s: {:.2}", ours / theirs);
    report.row("first install of CoreDNS, beside kubectl apply and rollout status, median", &seen, "≤ 1.15");
    report.row("the provider's peak during it", &mebibytes(peak), "≤ 20 MB");
}

/// A plan that is refused for one word of a long Corefile, Terraform's own beginning included.
fn refused_corefile(report: &mut Report) {
    let workspace = Workspace::measuring();
    let zones = "    corp.lan {\n      forward . 192.0.2.1\n    }\n".to_owned() + &"    # a line\n".repeat(900);
    workspace.hcl(&format!(
        "resource \"tazlab_coredns\" \"this\" {{\n  cluster_ip = \"10.96.0.10\"\n  corefile = <<-EOT\n    .:53 {{\n      chace 30\n    }}\n{zones}  EOT\n}}\n"
    ));
    let mut took: Vec<Duration> = (0..5).map(|_| workspace.plan().fails().took).collect();
    took.sort();
    report.row(
        "terraform plan that refuses a wrong Corefile of 900 lines, median",
        &format!("{:.2} s", took[2].as_secs_f64()),
        "< 1 s",
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[allow(clippy::cast_precision_loss, reason = "a figure to read")]
fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}
