//! A cluster that is not there yet, or not any more, a wait that is stopped, and arguments that are none.

use acceptance_tests::{Part, Proxy, Workspace, kubeconfig, poll};
use serde_json::{Value, json};

use super::{CONTROLLERS, READY, output, status};

const COREDNS: &str = "  deployments = [\"kube-system/coredns\"]\n";

/// The other data sources that look at a cluster's own DNS and the tailnet's.
const OTHERS: &str = r#"
data "tazlab_dns_lookup" "this" { name = "a.b" }
data "tazlab_tailnet_nameserver" "this" {}
output "others" { value = [data.tazlab_dns_lookup.this.ready, data.tazlab_tailnet_nameserver.this.ready] }
"#;

fn ready(arguments: &str) -> String {
    format!("resource \"tazlab_bootstrap_ready\" \"this\" {{\n{arguments}}}\n")
}

fn through(workspace: &Workspace, proxy: &Proxy, more: &str) {
    let path = kubeconfig::through(workspace, &proxy.url());
    workspace.provider(&format!("kubernetes = {{ config_path = \"{path}\" }}\nconnect_timeout = \"2s\"\n{more}"));
}

#[test]
fn a_dead_cluster_is_told_and_never_in_the_way() {
    let _dns = Part::Dns.shared();
    let (proxy, workspace) = (Proxy::start(), Workspace::new());
    through(&workspace, &proxy, "");
    workspace.hcl(&(ready(COREDNS) + &status(COREDNS)));
    let control = workspace.apply().succeeds();
    proxy.fall_silent();
    let refused = workspace.plan().fails();
    refused.error(&["Cannot read the readiness of the cluster", "on_unreachable"]);
    // Data sources answer that they cannot see.
    let other = Workspace::new();
    through(&other, &proxy, "");
    other.hcl(&(status(COREDNS) + OTHERS));
    let blind = other.apply().succeeds();
    blind.warning(&["Not everything is ready", "Cannot read the cluster"]);
    blind.warning(&["The cluster's DNS does not answer as it should | a.b: ", "Cannot query the cluster's DNS"]);
    blind.warning(&["The tailnet's nameserver is not in step", "Cannot read the cluster"]);
    assert_eq!(output(&other, "status")["ready"], false);
    assert_eq!(output(&other, "others"), json!([false, false]));
    // What is stored is kept, and goes without a word to the cluster.
    through(&workspace, &proxy, "on_unreachable = \"forget\"\n");
    let gone = workspace.destroy().succeeds();
    gone.waited_at_most(std::time::Duration::from_secs(4), &control);
    assert!(workspace.addresses().is_empty());
}

#[test]
fn unknown_settings_wait_for_the_apply() {
    let _dns = Part::Dns.shared();
    let workspace = Workspace::new();
    let path = acceptance_tests::Testbed::get().kubeconfig().display().to_string();
    workspace.provider("kubernetes = { config_path = terraform_data.cluster.output }\n");
    workspace.hcl(&format!(
        "resource \"terraform_data\" \"cluster\" {{ input = \"{path}\" }}\n\n{}{}{OTHERS}",
        ready(COREDNS),
        status(COREDNS)
    ));
    let planned = workspace.plan().succeeds();
    assert!(planned.changes().contains(&("create".to_owned(), READY.to_owned())), "{planned}");
    planned.warning(&["Not everything is ready", "Cannot read the cluster", "is not known yet"]);
    planned.warning(&["Cannot query the cluster's DNS", "is not known yet"]);
    planned.warning(&["The tailnet's nameserver is not in step", "is not known yet"]);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(READY)["summary"], "1/1 Deployments available");
}

#[test]
fn a_wait_that_is_stopped_says_what_it_waited_for() {
    let _dns = Part::Dns.shared();
    let workspace = Workspace::new();
    workspace.hcl(&ready("  deployments = [\"kube-system/coredns\", \"kube-system/nowhere\"]\n"));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let waits = "waiting: 1/2 Deployments available; Deployment kube-system/nowhere: it does not exist";
    poll::until(CONTROLLERS, waits, || workspace.traces().contains(waits).then_some(()));
    started.signal("INT");
    let stopped = started.end().fails();
    stopped.error(&["Stopped before everything was ready", "Deployment kube-system/nowhere: it does not exist"]);
    assert!(workspace.addresses().is_empty());
}

#[test]
fn arguments_that_are_none_are_refused_at_their_place() {
    let workspace = Workspace::new();
    let wrong = [
        ("", "crds"),
        ("  deployments = []\n", "It has no elements"),
        ("  deployments = [\"kube-system/coredns\", \"coredns\"]\n", "\"coredns\" is not \"namespace/name\""),
        ("  flux_kustomizations = [\"*/apps\"]\n", "is not \"namespace/name\""),
        ("  crds = [\"widgets\"]\n", "\"widgets\" is not the name of a CRD"),
        ("  secret_stores = [\"Store\"]\n", "\"Store\" is not \"name\" of a ClusterSecretStore"),
        ("  services = [\"a/b/c\"]\n", "\"a/b/c\" is not \"namespace/name\""),
        ("  deployments = [\"a/b\"]\n  timeouts = { create = \"soon\" }\n", "soon"),
    ];
    // All at once: each block has an error of its own, at its own line.
    let mut blocks = Vec::new();
    for (number, (arguments, words)) in wrong.iter().enumerate() {
        for kind in ["resource \"tazlab_bootstrap_ready\"", "data \"tazlab_bootstrap_status\""] {
            if kind.starts_with("resource") || !arguments.contains("timeouts") {
                blocks.push((format!("{kind} \"n{number}\" {{\n{arguments}}}\n"), *words));
            }
        }
    }
    workspace.hcl(&blocks.iter().map(|(block, _)| block.as_str()).collect::<String>());
    let said: Value = serde_json::from_str(&workspace.terraform(&["validate", "-json"]).fails().stdout).unwrap();
    let mut line = 1;
    for (block, words) in &blocks {
        let lines = line..line + i64::try_from(block.lines().count()).unwrap();
        line = lines.end;
        let here = |one: &&Value| lines.contains(&one["range"]["start"]["line"].as_i64().unwrap_or_default());
        let told: Vec<&Value> = said["diagnostics"].as_array().unwrap().iter().filter(here).collect();
        let says = |one: &&Value| ["summary", "detail"].iter().any(|part| one[part].as_str().unwrap().contains(words));
        assert!(told.len() == 1 && told.iter().all(says), "{block}{words}: {said:#}");
    }
}
