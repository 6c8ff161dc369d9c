//! What needs no cluster, with real Terraform: the functions of Talos, the check of a Flux repository, and what the documents show.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

mod documents;

use std::fs;
use std::path::Path;

use acceptance_tests::{Workspace, oracle};

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_patches_of_talos() {
    let workspace = Workspace::without_cluster("");
    let made = r#"
output "made" {
  value = provider::tazlab::talos_checked_patch(provider::tazlab::talos_apiserver_patch({
    cert_sans       = ["k8s.example.ts.net"]
    issuer          = "https://k8s.example.ts.net:6443"
    api_audiences   = ["https://kubernetes.default.svc.cluster.local"]
    disable_coredns = true
  }))
}
output "allowed" {
  value = provider::tazlab::talos_checked_patch("machine: {certSANs: [a.example]}", "machine.certSANs")
}
# Not known before apply: the plan must bear it.
resource "terraform_data" "host" {
  input = "k8s.example.ts.net"
}
output "later" {
  value = provider::tazlab::talos_apiserver_patch({ cert_sans = [terraform_data.host.output] })
}
"#;
    workspace.hcl(made);
    workspace.apply().succeeds();
    let outputs = workspace.state()["values"]["outputs"].clone();
    let text = |name: &str| outputs[name]["value"].as_str().unwrap().to_owned();
    assert!(text("made").contains("service-account-issuer") && text("made").contains("# replaced by tazlab_coredns"));
    assert_eq!(text("allowed"), "machine: {certSANs: [a.example]}");
    assert!(text("later").contains("k8s.example.ts.net"));
    workspace.plan().succeeds().changes_nothing();

    // Both accidents in one plan.
    workspace.hcl(
        r#"
output "accident" {
  value = provider::tazlab::talos_checked_patch("machine:\n  certSANs:\n    - k8s.example.ts.net\n")
}
output "typo" {
  value = provider::tazlab::talos_apiserver_patch({ certsans = ["a"] })
}
"#,
    );
    let run = workspace.plan().fails();
    run.error(&["line 3, column 7", "machine.certSANs", "cluster.apiServer.certSANs"]);
    run.error(&["certsans", "this attribute does not exist", "cert_sans"]);
}

#[test]
fn a_flux_repository() {
    let workspace = Workspace::without_cluster("");
    // As the example of the documentation lays it out.
    let root = workspace.path().join("../tazlab-k8s");
    let flux = |name: &str, path: &str, more: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  path: {path}\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n{more}"
        )
    };
    let map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    write(&root, "clusters/tazlab-k8s/apps.yaml", &flux("apps", "./apps", "  dependsOn:\n    - name: operators\n"));
    write(&root, "clusters/tazlab-k8s/operators.yaml", &flux("operators", "./operators", ""));
    write(
        &root,
        "operators/release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: eso\nspec:\n  chart:\n    spec:\n      chart: external-secrets\n",
    );
    write(&root, "apps/kustomization.yaml", "resources:\n  - store.yaml\n  - map.yaml\n");
    write(
        &root,
        "apps/store.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata:\n  name: store\n",
    );
    write(&root, "apps/map.yaml", &map("map"));
    write(&root, "apps/secret.enc.yaml", &map("secret"));
    write(&root, "infrastructure/tailscale-dns/old.yaml", &map("old"));
    let example = oracle::root().join("../examples/data-sources/tazlab_kustomization/data-source.tf");
    workspace.hcl(&fs::read_to_string(example).unwrap());
    workspace.apply().succeeds();
    let summary = workspace.state()["values"]["outputs"]["repo"]["value"].clone();
    assert_eq!(summary, "6 files reached, 2 Flux Kustomizations, 5 objects: no problems");
    workspace.plan().succeeds().changes_nothing();

    // The release that brings the CRD beside its custom resource, a file that nobody names, and one that is not there.
    fs::rename(root.join("operators/release.yaml"), root.join("apps/release.yaml")).unwrap();
    write(&root, "apps/kustomization.yaml", "resources:\n  - store.yaml\n  - release.yaml\n  - gone.yaml\n");
    write(&root, "operators/map.yaml", &map("other"));
    let run = workspace.plan().fails();
    run.error(&[
        "apps/store.yaml:1",
        "in the same Kustomization",
        "apps/kustomization.yaml:4",
        "apps/map.yaml: no kustomization",
    ]);
    run.warning(&["The repository has problems", "apps/kustomization.yaml:4"]);
    // In front of a destroy it is a warning.
    workspace.destroy().succeeds();
}
