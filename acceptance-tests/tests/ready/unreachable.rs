//! A cluster that is not there yet, or not any more, and arguments that are none.

use acceptance_tests::workspace::kubeconfig_through;
use acceptance_tests::{Proxy, Workspace};
use serde_json::Value;

use super::{READY, output, status};

const COREDNS: &str = "  deployments = [\"kube-system/coredns\"]\n";

fn ready(arguments: &str) -> String {
    format!("resource \"tazlab_bootstrap_ready\" \"this\" {{\n{arguments}}}\n")
}

fn through(workspace: &Workspace, proxy: &Proxy, more: &str) {
    let path = kubeconfig_through(workspace, &proxy.url());
    workspace.provider(&format!("kubernetes = {{ config_path = \"{path}\" }}\nconnect_timeout = \"2s\"\n{more}"));
}

#[test]
fn a_dead_cluster_is_told_and_never_in_the_way() {
    let (proxy, workspace) = (Proxy::start(), Workspace::new());
    through(&workspace, &proxy, "");
    workspace.hcl(&(ready(COREDNS) + &status(COREDNS)));
    workspace.apply().succeeds();
    proxy.fall_silent();
    let refused = workspace.plan().fails();
    refused.error(&["The readiness of the cluster cannot be seen", "on_unreachable"]);
    // The data source alone answers that it cannot see.
    let other = Workspace::new();
    through(&other, &proxy, "");
    other.hcl(&status(COREDNS));
    other.apply().succeeds().warning(&["Not everything is ready", "The cluster cannot be seen"]);
    assert_eq!(output(&other, "status")["ready"], false);
    // What is stored is kept, and goes without a word to the cluster.
    through(&workspace, &proxy, "on_unreachable = \"forget\"\n");
    let gone = workspace.destroy().succeeds();
    assert!(gone.took.as_secs() < 20, "{:?}", gone.took);
    assert!(workspace.addresses().is_empty());
}

#[test]
fn unknown_settings_wait_for_the_apply() {
    let workspace = Workspace::new();
    let path = acceptance_tests::Testbed::get().kubeconfig().display().to_string();
    workspace.provider("kubernetes = { config_path = terraform_data.cluster.output }\n");
    workspace.hcl(&format!(
        "resource \"terraform_data\" \"cluster\" {{ input = \"{path}\" }}\n\n{}{}",
        ready(COREDNS),
        status(COREDNS)
    ));
    let planned = workspace.plan().succeeds();
    assert!(planned.changes().contains(&("create".to_owned(), READY.to_owned())), "{planned}");
    planned.warning(&["The cluster cannot be seen", "is not known yet"]);
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(READY)["summary"], "1/1 Deployments available");
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
