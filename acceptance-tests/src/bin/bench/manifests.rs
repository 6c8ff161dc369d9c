//! Many manifests under Terraform, beside the same number of resources without a provider.

use acceptance_tests::usage::Usage;
use acceptance_tests::{Namespace, Workspace};

use super::floor;
use super::report::{Report, mebibytes};

/// What each step may take of the time of none.
const STEPS: [(&str, &[&str], &str); 4] = [
    ("first plan", &["plan", "-json"], "≤ 2.5"),
    ("apply", &["apply", "-json", "-auto-approve"], "≤ 2.2"),
    ("second plan", &["plan", "-json"], "≤ 2.6"),
    ("destroy", &["destroy", "-json", "-auto-approve"], ""),
];

/// The provider's work on `count` `ConfigMap`s beside none: the same number of `terraform_data`.
pub(crate) fn walls(report: &mut Report, count: usize) {
    let (floor, ours) = (floor::of(count), Workspace::measuring());
    let namespace = Namespace::made("bench");
    ours.hcl(&format!(
        "resource \"tazlab_bootstrap_manifest\" \"m\" {{\n  count = {count}\n  manifest = {{\n    apiVersion = \"v1\"\n    kind = \"ConfigMap\"\n    metadata = {{ name = \"m-${{count.index}}\", namespace = \"{}\" }}\n    data = {{ cluster = \"tazlab\", domain = \"example.com\", index = tostring(count.index) }}\n  }}\n}}\n",
        namespace.name()
    ));
    for (name, arguments, goal) in STEPS {
        // A plan can be had again, and one is over so soon that a single one says little.
        let rounds = if arguments[0] == "plan" { 3 } else { 1 };
        let both = |_| (wall(&floor, arguments), wall(&ours, arguments));
        let (mut floors, mut runs): (Vec<_>, Vec<_>) = (0..rounds).map(both).unzip();
        floors.sort_by(|one, other| one.0.total_cmp(&other.0));
        runs.sort_by(|one, other| one.0.total_cmp(&other.0));
        let ((base, _), (run, usage)) = (floors.swap_remove(rounds / 2), runs.swap_remove(rounds / 2));
        let seen = format!(
            "{run:.2} s, floor {base:.2} s: {:.2}; {:.2} s of CPU, {}",
            run / base,
            usage.cpu,
            mebibytes(usage.peak)
        );
        report.row(&format!("{name} of {count} manifests"), &seen, goal);
    }
}

fn wall(workspace: &Workspace, arguments: &[&str]) -> (f64, Usage) {
    let started = workspace.start(arguments);
    let watch = started.watch_provider();
    let wall = started.end().succeeds().took.as_secs_f64();
    (wall, watch.join().unwrap())
}
