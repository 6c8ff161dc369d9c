//! The sweep of many devices on a fake tailnet that answers in 50 ms and refuses some requests, beside one delete after
//! another.

#![allow(clippy::cast_precision_loss, reason = "a figure to read")]

use std::time::{Duration, Instant};

use acceptance_tests::Workspace;
use acceptance_tests::tailnet::{Fault, Rule, Tailnet};
use tazlab_clients::tailscale::{Call, Client, Credential, Settings};
use tokio_util::sync::CancellationToken;

use super::report::Report;

/// So many are deleted one after another; the rest would take as long each.
const SAMPLE: usize = 400;
const ANSWER: Duration = Duration::from_millis(50);
/// Refusals with `Retry-After: 1`, one every fiftieth of the deletions.
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

/// One apply that deletes `count` devices, beside one delete after another.
pub(crate) fn sweep(report: &mut Report, count: usize) {
    let tailnet = populated(SAMPLE);
    let one = one_after_another(&tailnet).as_secs_f64() / SAMPLE as f64;
    let sequential = one * count as f64;

    let tailnet = populated(count);
    let busy = Fault::Answer { code: 429, retry_after: Some("1".into()), body: String::new() };
    tailnet.fault(Rule::at_delete(busy).after(count / 50).every(count / 50).times(REFUSALS));
    let workspace = Workspace::without_cluster(&format!(
        "  tailscale = {{\n    base_url = \"{}\"\n    api_key = \"tskey-api-bench\"\n  }}",
        tailnet.url()
    ));
    workspace.without_traces();
    workspace.hcl(&format!(
        "resource \"tazlab_tailnet_cleanup\" \"all\" {{\n  tags = [\"tag:k8s\"]\n  max_deletions = {count}\n}}\n"
    ));
    let applied = workspace.terraform(&["apply", "-json", "-auto-approve"]).succeeds();
    assert_eq!(tailnet.deleted().len(), count);
    let took = applied.took.as_secs_f64();
    let seen = format!(
        "{took:.1} s, {} lists; one after another {sequential:.1} s, by {SAMPLE} of them: {:.1} times as fast",
        tailnet.count("GET", "/api/v2/tailnet/"),
        sequential / took,
    );
    let what =
        format!("terraform apply that deletes {count} devices; answers take 50 ms, {REFUSALS} are 429 for a second");
    report.row(&what, &seen, "≥ 8 times");
}

fn one_after_another(tailnet: &Tailnet) -> Duration {
    let ids: Vec<String> = tailnet.world().devices.iter().map(|device| device.node_id.clone()).collect();
    let credential = Credential::ApiKey("tskey-api-bench".into());
    let client = Client::new(Settings { base_url: tailnet.url().into(), tailnet: "-".into(), credential }).unwrap();
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
