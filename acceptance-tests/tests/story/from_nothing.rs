//! The first plan, on an empty estate: one run, no `-target`, though nothing of what the providers need exists yet. And the
//! stand-ins themselves: what they make is not planned again, and is destroyed.

use acceptance_tests::Run;

use super::estate::Estate;

fn planned(run: &Run, action: &str, address: &str) {
    let change = (action.to_owned(), address.to_owned());
    assert!(run.changes().contains(&change), "{change:?}: {run}");
}

#[test]
fn the_first_plan_needs_nothing_that_it_makes() {
    let estate = Estate::new();
    let plan = estate.workspace.plan().succeeds();
    for address in [
        "tazlab_tailnet_cleanup.k8s",
        "proxmox_virtual_environment_vm.this[\"lushycorp-worker-2\"]",
        "talos_cluster_kubeconfig.this",
        "tazlab_coredns.this",
        "helm_release.flux_sync",
        "tazlab_vault_secret_store.this",
        "tazlab_tailnet_apiserver.this",
        "tazlab_bootstrap_ready.cluster",
    ] {
        planned(&plan, "create", address);
    }
}

#[test]
fn what_stand_ins_make_is_not_planned_again_and_goes() {
    let estate = Estate::new();
    let only = ["-json", "-target=proxmox_virtual_environment_vm.this", "-target=talos_cluster_kubeconfig.this"];
    let run = |words: &[&str]| estate.workspace.terraform(&[words, &only].concat());
    run(&["apply", "-auto-approve"]).succeeds();
    run(&["plan", "-detailed-exitcode"]).succeeds().changes_nothing();
    let plan = run(&["plan", "-detailed-exitcode", "-var=cluster_generation=2"]).succeeds();
    planned(&plan, "replace", "proxmox_virtual_environment_vm.this[\"lushycorp-cp-1\"]");
    planned(&plan, "replace", "talos_machine_bootstrap.this");
    // The authorities outlive a generation.
    assert!(plan.changes().iter().all(|(_, address)| address != "talos_machine_secrets.this"), "{plan}");
    run(&["destroy", "-auto-approve"]).succeeds();
}
