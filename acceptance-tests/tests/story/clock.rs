//! How long each stage of the example took, by Terraform's own events, and the whole beside the sum of what was waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use acceptance_tests::Run;
use jiff::Timestamp;
use serde_json::Value;

/// The example's stages, and how the types in them begin.
const STAGES: [(&str, &[&str]); 9] = [
    ("1 stale devices", &["tazlab_tailnet_cleanup"]),
    ("2 machines (stand-ins)", &["proxmox_", "talos_image_"]),
    ("3 Talos (stand-ins)", &["talos_machine_", "talos_cluster_", "talos_client_"]),
    ("4 DNS", &["tazlab_coredns"]),
    ("5 secrets", &["tazlab_bootstrap_secret"]),
    ("6 Vault", &["tazlab_vault_jwt_auth", "tazlab_vault_jwt_role", "tazlab_vault_secret_store"]),
    ("7 releases (stand-ins)", &["helm_"]),
    ("8 tailnet", &["tazlab_tailnet_egress", "tazlab_tailnet_apiserver", "terraform_data.joined"]),
    ("9 ready", &["tazlab_bootstrap_ready", "tazlab_kustomization", "tazlab_vault_jwt_login"]),
];

/// From when to when something was at work, and for how long in all.
#[derive(Clone, Copy)]
struct Span {
    from: Timestamp,
    to: Timestamp,
    sum: Duration,
}

/// What of a run took how long.
pub(crate) struct Clock {
    whole: Duration,
    stages: BTreeMap<usize, Span>,
    /// Everything that was waited for, one after another.
    pub(crate) waits: Duration,
}

impl Clock {
    /// # Panics
    /// When an address belongs to no stage.
    pub(crate) fn of(run: &Run) -> Self {
        let mut begun = BTreeMap::new();
        let mut clock = Self { whole: run.took, stages: BTreeMap::new(), waits: Duration::ZERO };
        for event in run.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let key = (event["hook"]["resource"]["addr"].to_string(), event["hook"]["action"].to_string());
            let at = || event["@timestamp"].as_str().unwrap().parse::<Timestamp>().unwrap();
            if event["type"] == "apply_start" {
                begun.insert(key, at());
            } else if event["type"] == "apply_complete" {
                let from = begun.remove(&key).expect("what ends has begun");
                clock.add(&key.0, from, at());
            }
        }
        clock
    }

    fn add(&mut self, address: &str, from: Timestamp, to: Timestamp) {
        let address = address.trim_matches('"').trim_start_matches("data.");
        if address == "terraform_data.cluster_generation" {
            return;
        }
        let is_in = |(_, types): &(&str, &[&str])| types.iter().any(|kind| address.starts_with(kind));
        let stage = STAGES.iter().position(is_in).unwrap_or_else(|| panic!("{address} is in no stage"));
        let took = Duration::try_from(to - from).unwrap_or_default();
        let span = self.stages.entry(stage).or_insert(Span { from, to, sum: Duration::ZERO });
        (span.from, span.to, span.sum) = (span.from.min(from), span.to.max(to), span.sum + took);
        self.waits += took;
    }

    /// Prints it, with the time at which each stage began.
    pub(crate) fn print(&self, what: &str) {
        let seconds = |time: Duration| time.as_secs_f64();
        println!(
            "\n{what}: {:.1} s; one after another, what it waited for would have taken {:.1} s",
            seconds(self.whole),
            seconds(self.waits)
        );
        let Some(start) = self.stages.values().map(|span| span.from).min() else { return };
        println!("  {:<24}{:>8}{:>8}{:>8}", "stage", "from", "wall", "waits");
        for (stage, span) in &self.stages {
            let since = |to: Timestamp, from: Timestamp| seconds(Duration::try_from(to - from).unwrap_or_default());
            println!(
                "  {:<24}{:>7.1}s{:>7.1}s{:>7.1}s",
                STAGES[*stage].0,
                since(span.from, start),
                since(span.to, span.from),
                seconds(span.sum)
            );
        }
    }
}
