//! Measures the sweep of 5,000 devices on a fake tailnet that answers in 50 ms and refuses some requests, beside one
//! delete after another: `cargo run -p acceptance-tests --bin tailnet-bench`. Bounded: a minute or so. Nothing here is a test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement that fails says so and ends"
)]

use std::time::{Duration, Instant};

use acceptance_tests::tailnet::{Fault, Rule, Tailnet};
use acceptance_tests::{Testbed, Workspace};
use tazlab::clients::tailscale::{Call, Client, Credential, Settings};
use tokio_util::sync::CancellationToken;

const COUNT: usize = 5000;
/// So many are deleted one after another; the rest would take as long each.
const SAMPLE: usize = 400;
const ANSWER: Duration = Duration::from_millis(50);
/// Refusals with `Retry-After: 1`, one every hundred deletions.
const REFUSALS: usize = 10;

fn populated(count: usize) -> Tailnet {
    let tailnet = Tailnet::start();
    for number in 0..count {
        tailnet.ghost(&format!("ghost-x{number}"), &["tag:k8s"], Duration::from_hours(1));
    }
    let mut world = tailnet.world();
    world.access.key("tskey-api-bench");
    world.latency = ANSWER;
    drop(world);
    tailnet
}

fn main() {
    println!("provider: {}", Testbed::provider().display());
    let tailnet = populated(SAMPLE);
    let one = one_after_another(&tailnet) / u32::try_from(SAMPLE).unwrap();
    let sequential = one * u32::try_from(COUNT).unwrap();
    println!("one after another: {one:?} a device over {SAMPLE} devices, so {sequential:.1?} for {COUNT}");

    let tailnet = populated(COUNT);
    let busy = Fault::Answer { code: 429, retry_after: Some("1".into()), body: String::new() };
    tailnet.fault(Rule::at_delete(busy).after(100).every(100).times(REFUSALS));
    let workspace = Workspace::without_cluster(&format!(
        "  tailscale = {{\n    base_url = \"{}\"\n    api_key = \"tskey-api-bench\"\n  }}",
        tailnet.url()
    ));
    workspace.without_traces();
    workspace.hcl(&format!(
        "resource \"tazlab_tailnet_cleanup\" \"all\" {{\n  tags = [\"tag:k8s\"]\n  max_deletions = {COUNT}\n}}\n"
    ));
    let applied = workspace.terraform(&["apply", "-json", "-auto-approve"]).succeeds();
    assert_eq!(tailnet.deleted().len(), COUNT);
    println!(
        "terraform apply, {COUNT} devices, {REFUSALS} answers 429 with Retry-After 1: {:.1?}; {} lists, {} deletes sent",
        applied.took,
        tailnet.count("GET", "/api/v2/tailnet/"),
        tailnet.count("DELETE", "/"),
    );
    println!("{:.1} times as fast", sequential.as_secs_f64() / applied.took.as_secs_f64());
}

fn one_after_another(tailnet: &Tailnet) -> Duration {
    let ids: Vec<String> = tailnet.world().devices.iter().map(|device| device.node_id.clone()).collect();
    let credential = Credential::ApiKey("tskey-api-bench".into());
    let client = Client::new(Settings { base_url: tailnet.url(), tailnet: "-".into(), credential }).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let since = Instant::now();
    runtime.block_on(async {
        for id in &ids {
            let call = Call::new(CancellationToken::new(), None);
            client.delete_device(&call, id, tokio::time::Instant::now() + Duration::from_mins(1)).await.unwrap();
        }
    });
    since.elapsed()
}
