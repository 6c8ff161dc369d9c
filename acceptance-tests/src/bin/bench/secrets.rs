//! Many bootstrap secrets under Terraform, beside the same number of resources without a provider.

use acceptance_tests::usage::Usage;
use acceptance_tests::{Namespace, Workspace};

use super::floor;
use super::report::{Report, mebibytes};

/// The provider's work beside none: the same number of `terraform_data`.
pub(crate) fn walls(report: &mut Report, count: usize) {
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
    let goals = ["≤ 2", "≤ 1.9", "≤ 2.2", "≤ 1.4"];
    let steps: [(&str, &[&str]); 4] = [
        ("first plan", &["plan", "-json"]),
        ("apply", &["apply", "-json", "-auto-approve"]),
        ("second plan", &["plan", "-json"]),
        ("destroy", &["destroy", "-json", "-auto-approve"]),
    ];
    for ((name, arguments), goal) in steps.into_iter().zip(goals) {
        // A plan can be had again, and one is over so soon that a single one says little.
        let rounds = if arguments[0] == "plan" { 5 } else { 1 };
        let both = |_| (Measured::of(&floor, arguments), Measured::of(&ours, arguments));
        let (floors, runs): (Vec<_>, Vec<_>) = (0..rounds).map(both).unzip();
        let (base, run) = (Measured::median(floors), Measured::median(runs));
        let times = run.wall / base.wall;
        let seen = format!("{:.2} s, floor {:.2} s: {times:.2}", run.wall, base.wall);
        let thousand = count == 1000;
        report.row(&format!("{name} of {count}"), &seen, if thousand { goal } else { "" });
        if thousand {
            let seen = format!("{}, {:.2} s of CPU", mebibytes(run.usage.peak), run.usage.cpu);
            let goal = if name == "second plan" { "≤ 25 MiB, ≤ 0.6 s" } else { "" };
            report.row(&format!("{name} of {count}: the provider's peak"), &seen, goal);
            let (own, alone) = (run.usage.terraform, base.usage.terraform);
            let seen = format!("{own:.2} s of CPU, floor {alone:.2} s: {:.2}", own / alone);
            report.row(&format!("{name} of {count}: Terraform's own work"), &seen, "");
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

    /// The one in the middle by its wall.
    fn median(mut runs: Vec<Self>) -> Self {
        runs.sort_by(|one, other| one.wall.total_cmp(&other.wall));
        runs.swap_remove(runs.len() / 2)
    }
}
