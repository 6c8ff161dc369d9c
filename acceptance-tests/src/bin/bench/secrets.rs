//! Many bootstrap secrets under Terraform, beside the same number of resources without a provider.

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
