//! The cluster's DNS: made from nothing, and a Corefile that is refused.

use std::time::Instant;

use acceptance_tests::dns::{self, ClusterDns};
use acceptance_tests::{Part, Workspace, kubectl};

use super::floor;
use super::report::{Report, mebibytes, median};

/// The cluster's DNS made by us, and the same objects by kubectl, one after the other.
pub(crate) fn first_install(report: &mut Report, rounds: usize) {
    let cluster = ClusterDns::alone();
    let workspace = Workspace::measuring();
    workspace.hcl(
        "resource \"tazlab_coredns\" \"this\" {\n  cluster_ip = \"10.96.0.10\"\n  upstreams = [\"192.0.2.53\"]\n}\n",
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let (mut ours, mut theirs, mut terraforms, mut peak) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let floor = floor::of(1);
    for _ in 0..rounds {
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
        terraforms.push(floor.terraform(&["apply", "-json", "-auto-approve"]).succeeds().took);
        floor.destroy().succeeds();
    }
    let [ours, theirs, terraforms] = [ours, theirs, terraforms].map(|times| median(times).as_secs_f64());
    let seen = format!("{ours:.2} s, kubectl {theirs:.2} s: {:.2}", ours / theirs);
    report.row("first install of CoreDNS, beside kubectl apply and rollout status, median", &seen, "≤ 1.15");
    let seen = format!("{terraforms:.2} s: {:.2} without", (ours - terraforms) / theirs);
    report.row("what of it Terraform takes to apply one terraform_data", &seen, "");
    report.row("the provider's peak during it", &mebibytes(peak), "≤ 20 MB");
}

/// A plan that is refused for one word of a long Corefile, Terraform's own beginning included.
pub(crate) fn refused_corefile(report: &mut Report) {
    let _dns = Part::Dns.shared();
    let workspace = Workspace::measuring();
    let rest = "    # a line\n".repeat(900);
    workspace.hcl(&format!(
        "resource \"tazlab_coredns\" \"this\" {{\n  cluster_ip = \"10.96.0.10\"\n  corefile = <<-EOT\n    .:53 {{\n      chace 30\n    }}\n    corp.lan {{\n      forward . 192.0.2.1\n    }}\n{rest}  EOT\n}}\n"
    ));
    let took = median((0..5).map(|_| workspace.plan().fails().took).collect());
    report.row(
        "terraform plan that refuses a wrong Corefile of 900 lines, median",
        &format!("{:.2} s", took.as_secs_f64()),
        "< 1 s",
    );
}
