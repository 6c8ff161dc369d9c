//! A cluster that is not there yet, or not any more.

use std::time::Duration;

use acceptance_tests::kubeconfig;
use acceptance_tests::{Proxy, poll};

use super::*;

/// The provider's default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

fn through(workspace: &Workspace, url: &str, arguments: &str) {
    let kubeconfig = kubeconfig::through(workspace, url);
    workspace.provider(&format!("kubernetes = {{ config_path = \"{kubeconfig}\" }}\n{arguments}"));
}

#[test]
fn a_create_waits_for_an_api_server_that_comes_later() {
    let (namespace, workspace) = (Namespace::named("later"), Workspace::new());
    let port = Proxy::free_port();
    through(&workspace, &format!("https://127.0.0.1:{port}"), "");
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, "  create_namespace = true"));
    workspace.plan().succeeds().only("create", ONE);
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(Duration::from_secs(30), "word of the wait", || {
        workspace.traces().contains("waiting for the API server").then_some(())
    });
    let _proxy = Proxy::start_at(port);
    let _ = started.end().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
}

#[test]
fn a_create_that_waits_in_vain_says_for_what() {
    let (namespace, workspace) = (Namespace::named("vain"), Workspace::new());
    through(&workspace, &format!("https://127.0.0.1:{}", Proxy::free_port()), "");
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, "  timeouts = { create = \"3s\" }"));
    workspace.apply().fails().error(&["not ready", "connection refused"]);
    assert_eq!(workspace.addresses(), [""; 0]);
}

#[test]
fn settings_that_are_made_in_the_same_apply_are_waited_for() {
    let (namespace, workspace) = (Namespace::named("unknown"), Workspace::new());
    let port = Proxy::free_port();
    let kubeconfig = kubeconfig::through(&workspace, &format!("https://127.0.0.1:{port}"));
    workspace.provider("kubernetes = { config_path = terraform_data.machines.output }");
    let (file, secret) = workspace.secret_file("key");
    let machines = format!("resource \"terraform_data\" \"machines\" {{\n  input = \"{kubeconfig}\"\n}}\n");
    workspace.hcl(&(machines + &one_file(&namespace, &file, "  create_namespace = true")));
    workspace.plan().succeeds();
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(Duration::from_secs(30), "word of the wait", || {
        workspace.traces().contains("waiting for the API server").then_some(())
    });
    // A newborn cluster takes its time.
    std::thread::park_timeout(Duration::from_mins(1));
    let _proxy = Proxy::start_at(port);
    let _ = started.end().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn an_unreachable_cluster_ends_plan_and_destroy_soon_with_one_clear_error() {
    let (namespace, workspace) = (Namespace::made("dead"), Workspace::new());
    let proxy = Proxy::start();
    through(&workspace, &proxy.url(), "");
    let (file, _) = workspace.secret_file("key");
    workspace
        .hcl(&one_file(&namespace, &file, "").replace("name = \"one\"", "count = 30\nname = \"one-${count.index}\""));
    let working = workspace.apply().succeeds();
    proxy.fall_silent();
    // Thirty wait no longer than one.
    let control = workspace.terraform(&["plan", "-json", "-target", &format!("{ONE}[0]")]).fails();
    control.waited_at_most(CONNECT_TIMEOUT, &working);
    for run in [workspace.plan(), workspace.destroy()] {
        let run = run.fails();
        run.error(&["No answer from the API server within 5s", "on_unreachable = \"forget\""]);
        run.took_at_most(2, &control);
    }
    drop(proxy);
    let refused = workspace.destroy().fails();
    refused.error(&["onnection refused"]);
    refused.took_at_most(2, &control);
    assert_eq!(workspace.addresses().len(), 30);
}

#[test]
fn objects_of_a_dead_cluster_can_be_forgotten() {
    let (namespace, workspace) = (Namespace::made("forget"), Workspace::new());
    let proxy = Proxy::start();
    through(&workspace, &proxy.url(), "on_unreachable = \"forget\"");
    let _ = applied(&workspace, &namespace, "");
    let working = workspace.plan().succeeds();
    drop(proxy);
    let planned = workspace.plan().succeeds().changes_nothing();
    planned.warning(&["cannot be reached"]);
    planned.waited_at_most(CONNECT_TIMEOUT, &working);
    let destroyed = workspace.destroy().succeeds();
    destroyed.warning(&["dropped from the state"]);
    // When it plans, and when it destroys.
    destroyed.waited_at_most(CONNECT_TIMEOUT * 2, &working);
    assert_eq!(workspace.addresses(), [""; 0]);
    assert!(namespace.secret("one").is_some(), "nothing was deleted that could not be seen");
}

#[test]
fn a_second_destroy_without_the_kubeconfigs_resource_names_the_setting_or_forgets() {
    let (namespace, workspace) = (Namespace::made("second"), Workspace::new());
    let kubeconfig = acceptance_tests::Testbed::get().kubeconfig().display().to_string();
    let provider = "kubernetes = { config_path = terraform_data.machines.output }";
    workspace.provider(provider);
    let (file, _) = workspace.secret_file("key");
    let machines = format!("resource \"terraform_data\" \"machines\" {{\n  input = \"{kubeconfig}\"\n}}\n");
    workspace.hcl(&(machines + &one_file(&namespace, &file, "")));
    workspace.apply().succeeds();
    workspace.terraform(&["state", "rm", "terraform_data.machines"]).succeeds();
    let refused = workspace.destroy().fails();
    refused.error(&["kubernetes.config_path"]);
    assert_eq!(workspace.addresses(), [ONE]);
    workspace.provider(&format!("{provider}\non_unreachable = \"forget\""));
    workspace.destroy().succeeds().warning(&["dropped from the state", "kubernetes.config_path"]);
    assert!(namespace.secret("one").is_some());
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_a_write_is_survived() {
    let (namespace, workspace) = (Namespace::made("cut"), Workspace::new());
    let proxy = Proxy::start();
    through(&workspace, &proxy.url(), "");
    let (file, secret) = workspace.secret_file("key");
    workspace
        .hcl(&one_file(&namespace, &file, "").replace("name = \"one\"", "count = 20\nname = \"one-${count.index}\""));
    proxy.cut_after(6000);
    workspace.apply().succeeds();
    assert_eq!(workspace.addresses().len(), 20);
    for index in 0..20 {
        assert_eq!(namespace.contents(&format!("one-{index}"))["key"], secret.as_bytes());
    }
    workspace.plan().succeeds().changes_nothing();
}

#[test]
fn ctrl_c_keeps_what_exists_and_the_next_apply_goes_on() {
    let (namespace, workspace) = (Namespace::made("stop"), Workspace::new());
    let proxy = Proxy::start();
    through(&workspace, &proxy.url(), "");
    let (file, _) = workspace.secret_file("key");
    let good = one_file(&namespace, &file, "");
    workspace.hcl(&good);
    let working = workspace.apply().succeeds();
    // The second Secret waits for a namespace that is not going away in a hurry.
    let stuck = Namespace::made("stuck");
    acceptance_tests::kubectl::succeeds(&["create", "configmap", "holds", "-n", stuck.name()]);
    let finalizer = |value: &str| format!(r#"{{"metadata":{{"finalizers":{value}}}}}"#);
    let patch = |value: &str| {
        acceptance_tests::kubectl::succeeds(&[
            "patch",
            "configmap",
            "holds",
            "-n",
            stuck.name(),
            "--type",
            "merge",
            "-p",
            &finalizer(value),
        ]);
    };
    patch(r#"["tazlab.io/test"]"#);
    acceptance_tests::kubectl::succeeds(&["delete", "namespace", stuck.name(), "--wait=false"]);
    let waits = one_file(&stuck, &file, "  create_namespace = true")
        .replace("\"tazlab_bootstrap_secret\" \"one\"", "\"tazlab_bootstrap_secret\" \"waits\"");
    workspace.hcl(&(good.clone() + &waits));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(Duration::from_secs(30), "word of the wait", || {
        workspace.traces().contains("is being deleted").then_some(())
    });
    started.signal("INT");
    let stopped = started.end().fails();
    stopped.waited_at_most(Duration::from_secs(30), &working);
    assert_eq!(workspace.addresses(), [ONE], "what existed is in the state, and what was not made is not");
    patch("[]");
    workspace.apply().succeeds();
    assert_eq!(workspace.addresses().len(), 2);
}
