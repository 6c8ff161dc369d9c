//! A plan with credentials that may only read.

use acceptance_tests::{Namespace, Workspace, kubeconfig};

use super::*;

#[test]
fn a_plan_needs_no_right_to_write() {
    let (namespace, workspace) = (Namespace::made("reads"), Workspace::new());
    let hcl = |value: &str| block("one", &config_map(&namespace, &format!("{{ a = \"{value}\" }}")), "");
    workspace.hcl(&hcl("1"));
    workspace.apply().succeeds();
    let name = namespace.name();
    kubectl::succeeds(&["create", "role", "reads", "--verb=get", "--resource=configmaps", "-n", name]);
    let subject = format!("--serviceaccount={name}:default");
    kubectl::succeeds(&["create", "rolebinding", "reads", "--role=reads", &subject, "-n", name]);
    let token = kubectl::token(&namespace, None);
    workspace.plant(&token);
    let file = workspace.source("token", &token);
    workspace.provider(&kubeconfig::block(&format!("token_file = \"{file}\"")));
    workspace.plan().succeeds().changes_nothing();
    workspace.hcl(&hcl("2"));
    let planned = workspace.plan().succeeds().only("update", ONE);
    planned.warning(&["could not be checked during plan", "forbidden"]);
    workspace.hcl(&(hcl("1") + &block("two", &config_map(&namespace, "{}").replace("\"one\"", "\"two\""), "")));
    let planned = workspace.plan().succeeds().only("create", "tazlab_bootstrap_manifest.two");
    planned.warning(&["could not be checked during plan", "forbidden"]);
}

#[test]
fn a_plan_needs_no_cluster() {
    let (namespace, workspace) = (Namespace::named("nowhere"), Workspace::without_cluster(""));
    workspace.provider("  kubernetes = { host = \"https://127.0.0.1:1\" }\n  connect_timeout = \"10s\"\n");
    workspace.hcl(&block("one", &config_map(&namespace, "{}"), ""));
    let planned = workspace.plan().succeeds().only("create", ONE);
    planned.warning(&["could not be checked during plan", "127.0.0.1:1"]);
    workspace.provider("  kubernetes = { host = terraform_data.cluster.output }\n");
    workspace.hcl(
        &(block("one", &config_map(&namespace, "{}"), "")
            + "resource \"terraform_data\" \"cluster\" {\n  input = \"https://127.0.0.1:1\"\n}\n"),
    );
    let planned = workspace.plan().succeeds();
    assert!(planned.changes().contains(&("create".to_owned(), ONE.to_owned())), "{planned}");
}
