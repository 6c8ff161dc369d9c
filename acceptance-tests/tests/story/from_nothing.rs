//! The first plan, on an empty estate: one run, no `-target`, though nothing of what the providers need exists yet. And the
//! stand-ins themselves: what they make is not planned again, and is destroyed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use acceptance_tests::{Tailnet, Vault, canary};
use serde_json::json;

use super::valid::{example, terraform, told};

/// The secrets of the README, a repository with nothing wrong, a tailnet and a real Vault.
struct Estate {
    folder: tempfile::TempDir,
    tailnet: Tailnet,
    vault: Vault,
    secrets: String,
    repository: String,
}

impl Estate {
    fn new() -> Self {
        let folder = example();
        let (secrets, repository) = (folder.path().join("secrets"), folder.path().join("repository"));
        let cluster = repository.join("clusters/tazlab-k8s");
        fs::create_dir_all(&cluster).unwrap();
        fs::create_dir(&secrets).unwrap();
        fs::write(cluster.join("kustomization.yaml"), "resources: [namespace.yaml]\n").unwrap();
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring}\n";
        fs::write(cluster.join("namespace.yaml"), namespace).unwrap();
        let tailnet = Tailnet::start();
        let secret = canary::plant();
        tailnet.world().access.client("client-1", &secret, &["devices:core", "auth_keys"], &["tag:k8s"]);
        let vault = Vault::start();
        let authority = fs::read_to_string(vault.authority()).unwrap();
        let bootstrap = json!({"ESO_READER_TOKEN": canary::plant(), "VAULT_CA_CRT": authority});
        vault.write("secret/data/tazlab-k8s/bootstrap", &json!({"data": bootstrap}));
        for (name, text) in [
            ("tailscale-oauth-client-id", "client-1"),
            ("tailscale-oauth-client-secret", &secret),
            ("tailscale-operator-client-id", "operator"),
            ("tailscale-operator-client-secret", &canary::plant()),
            ("github-token", &canary::plant()),
            ("vault-token", vault.token()),
            ("vault-ca.crt", authority.trim_end()),
        ] {
            write(&secrets.join(name), text);
        }
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        Self { secrets: text(&secrets), repository: text(&repository), tailnet, vault, folder }
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let url = self.tailnet.url();
        let variables = [
            ("secrets", self.secrets.as_str()),
            ("repository", &self.repository),
            ("tailscale_api", &url),
            ("vault_address", self.vault.address()),
            ("proxmox_api_token", "terraform@pve!story=0"),
        ];
        let output = terraform(self.folder.path(), arguments, &variables);
        (output.status.code(), told(&output))
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, format!("{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn the_first_plan_needs_nothing_that_it_makes() {
    let estate = Estate::new();
    let (code, told) = estate.run(&["plan", "-no-color", "-detailed-exitcode"]);
    assert_eq!(code, Some(2), "{told}");
    for planned in [
        "tazlab_tailnet_cleanup.k8s",
        "proxmox_virtual_environment_vm.this[\"lushycorp-worker-2\"]",
        "talos_cluster_kubeconfig.this",
        "tazlab_coredns.this",
        "helm_release.flux_sync",
        "tazlab_vault_secret_store.this",
        "tazlab_tailnet_apiserver.this",
        "tazlab_bootstrap_ready.cluster",
    ] {
        assert!(told.contains(&format!("# {planned} will be created")), "{planned}: {told}");
    }
}

#[test]
fn what_stand_ins_make_is_not_planned_again_and_goes() {
    let estate = Estate::new();
    let only = ["-target=proxmox_virtual_environment_vm.this", "-target=talos_cluster_kubeconfig.this"];
    let run = |command: &[&str]| estate.run(&[command, &["-no-color"], &only].concat());
    let (code, told) = run(&["apply", "-auto-approve"]);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = run(&["plan", "-detailed-exitcode"]);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) =
        estate.run(&["plan", "-no-color", "-detailed-exitcode", only[0], only[1], "-var=cluster_generation=2"]);
    assert_eq!(code, Some(2), "{told}");
    for anew in ["proxmox_virtual_environment_vm.this[\"lushycorp-cp-1\"]", "talos_machine_bootstrap.this"] {
        assert!(told.contains(&format!("# {anew} will be replaced")), "{anew}: {told}");
    }
    assert!(!told.contains("talos_machine_secrets.this will be"), "the authorities outlive a generation: {told}");
    let (code, told) = run(&["destroy", "-auto-approve"]);
    assert_eq!(code, Some(0), "{told}");
}
