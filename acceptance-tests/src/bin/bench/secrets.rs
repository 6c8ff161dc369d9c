//! Many bootstrap secrets under Terraform, beside the same number of resources without a provider, and of another provider's where
//! one is given.

use acceptance_tests::usage::Usage;
use acceptance_tests::{Namespace, Workspace};

use super::floor;
use super::peer::Peer;
use super::report::{Report, mebibytes};

/// What is run: its name, Terraform's arguments, how many times the floor, and what part of the peer's wall.
const STEPS: [(&str, &[&str], &str, &str); 4] = [
    ("first plan", &["plan", "-json"], "≤ 2", "≤ 0.45"),
    ("apply", &["apply", "-json", "-auto-approve"], "≤ 1.9", "≤ 0.5"),
    ("second plan", &["plan", "-json"], "≤ 2.2", "≤ 0.3"),
    ("destroy", &["destroy", "-json", "-auto-approve"], "≤ 1.4", "≤ 0.55"),
];

/// The provider's work beside none: the same number of `terraform_data`. Each round runs all of them, one after the other.
pub(crate) fn walls(report: &mut Report, count: usize, peer: Option<&Peer>) {
    let floor = floor::of(count);
    // Made beforehand: a namespace takes the cluster five seconds to take away, whatever it holds.
    let namespace = Namespace::made("bench");
    let ours = Workspace::measuring();
    for index in 0..count {
        let _ = ours.secret_file(&format!("key-{index}"));
    }
    let folder = ours.sources();
    let folder = folder.display();
    ours.hcl(&format!(
        "resource \"tazlab_bootstrap_secret\" \"s\" {{\n  count = {count}\n  namespace = \"{}\"\n  name = \"s-${{count.index}}\"\n  files = {{ key = \"{folder}/key-${{count.index}}\" }}\n}}\n",
        namespace.name()
    ));
    let theirs = peer.map(|peer| {
        let namespace = Namespace::made("bench-peer");
        (peer.of(&namespace, count), namespace)
    });
    for (name, arguments, goal, goal_of_peer) in STEPS {
        // A plan can be had again, and one is over so soon that a single one says little.
        let rounds = if arguments[0] == "plan" { 5 } else { 1 };
        let (mut floors, mut runs, mut peers) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            floors.push(Measured::of(&floor, arguments));
            runs.push(Measured::of(&ours, arguments));
            peers.extend(theirs.as_ref().map(|(workspace, _)| Measured::of(workspace, arguments)));
        }
        let (base, run) = (Measured::median(floors), Measured::median(runs));
        let times = run.wall / base.wall;
        let seen = format!("{:.2} s, floor {:.2} s: {times:.2}", run.wall, base.wall);
        let thousand = count == 1000;
        let at_thousand = |goal: &'static str| if thousand { goal } else { "" };
        report.row(&format!("{name} of {count}"), &seen, at_thousand(goal));
        if thousand {
            let seen = format!("{}, {:.2} s of CPU", mebibytes(run.usage.peak), run.usage.cpu);
            let goal = if name == "second plan" { "≤ 25 MiB, ≤ 0.6 s" } else { "" };
            report.row(&format!("{name} of {count}: the provider's peak"), &seen, goal);
            let (own, alone) = (run.usage.terraform, base.usage.terraform);
            let seen = format!("{own:.2} s of CPU, floor {alone:.2} s: {:.2}", own / alone);
            report.row(&format!("{name} of {count}: Terraform's own work"), &seen, "");
        }
        if !peers.is_empty() {
            run.beside(
                report,
                &format!("{name} of {count}"),
                &base,
                &Measured::median(peers),
                at_thousand(goal_of_peer),
            );
        }
    }
}

/// One run of Terraform.
struct Measured {
    /// In seconds.
    wall: f64,
    usage: Usage,
}

impl Measured {
    fn of(workspace: &Workspace, arguments: &[&str]) -> Self {
        let started = workspace.start(arguments);
        let watch = started.watch_provider();
        let wall = started.end().succeeds().took.as_secs_f64();
        Self { wall, usage: watch.join().unwrap() }
    }

    /// The peer's rows.
    #[allow(clippy::cast_precision_loss, reason = "a figure to read")]
    fn beside(&self, report: &mut Report, what: &str, floor: &Self, peer: &Self, goal: &str) {
        let of_peer = self.wall / peer.wall;
        let seen = format!("floor {:.2} s, ours {:.2} s, peer {:.2} s: {of_peer:.2}", floor.wall, self.wall, peer.wall);
        report.row(&format!("{what}: beside the peer"), &seen, goal);
        // The form that the chart draws.
        let seen = format!("{:.2} s, floor {:.2} s: {:.2}", peer.wall, floor.wall, peer.wall / floor.wall);
        report.row(&format!("{what}, hashicorp/kubernetes"), &seen, "");
        let (own, other) = (self.usage, peer.usage);
        let seen = format!("{:.2} s, peer {:.2} s: {:.2}", own.cpu, other.cpu, own.cpu / other.cpu);
        let has_goal = !goal.is_empty();
        report.row(&format!("{what}: CPU of the provider"), &seen, if has_goal { "≤ 0.15" } else { "" });
        let of_peer = own.peak as f64 / other.peak as f64;
        let seen = format!("{}, peer {}: {of_peer:.2}", mebibytes(own.peak), mebibytes(other.peak));
        report.row(&format!("{what}: peak memory of the provider"), &seen, if has_goal { "≤ 0.25" } else { "" });
    }

    /// The one in the middle by its wall.
    fn median(mut runs: Vec<Self>) -> Self {
        runs.sort_by(|one, other| one.wall.total_cmp(&other.wall));
        runs.swap_remove(runs.len() / 2)
    }
}
