//! Every example of `examples/` is run as it stands; only its namespaces get names of their own.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what failed by panicking"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use acceptance_tests::dns::{CLUSTER_IP, ClusterDns, dig};
use acceptance_tests::{Namespace, Part, Quote, Testbed, Vault, Workspace};

fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(example(path)).unwrap()
}

/// Replaces the namespaces that the text names by ones of this test.
fn renamed(mut text: String, namespaces: &[(&str, &Namespace)]) -> String {
    for (name, own) in namespaces {
        let line = format!("= \"{name}\"");
        assert!(text.contains(&line), "the example names no namespace {name}");
        text = text
            .lines()
            .map(|shown| {
                if shown.trim_start().starts_with("namespace") {
                    shown.replace(&line, &format!("= \"{}\"", own.name()))
                } else {
                    shown.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join("\n");
    }
    text
}

/// What the index tells a reader to do, with what it says that he sees.
#[test]
fn the_first_five_minutes() {
    let _dns = Part::Dns.shared();
    let (namespace, workspace) = (Namespace::named("first"), Workspace::new());
    fs::remove_file(workspace.path().join("provider.tf")).unwrap();
    workspace.hcl(&renamed(text("first/main.tf"), &[("first", &namespace)]));
    workspace.variable("kubeconfig", Testbed::get().kubeconfig().to_str().unwrap());
    let file = workspace.path().join("token");
    let write = |secret: &str| {
        fs::write(&file, format!("{secret}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    };
    write("a-token");
    workspace.apply().succeeds();
    let state = fs::read_to_string(workspace.state_file()).unwrap();
    assert!(state.contains("robot") && !state.contains("a-token"), "{state}");
    assert_eq!(namespace.contents("credential")["token"], b"a-token");
    write("another-token");
    let shown = Quote::of("Warning: The Secret will change");
    shown.with("first/", &format!("{}/", namespace.name())).is_told_by(&workspace.plan().succeeds());
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("credential")["token"], b"another-token");
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}

#[test]
fn the_quickstart() {
    let (tailscale, flux, external) = (Namespace::named("ts"), Namespace::named("flux"), Namespace::named("eso"));
    let workspace = Workspace::new();
    fs::remove_file(workspace.path().join("provider.tf")).unwrap();
    let namespaces = [("tailscale", &tailscale), ("flux-system", &flux), ("external-secrets", &external)];
    workspace.hcl(&renamed(text("quickstart/main.tf"), &namespaces));
    let mut folder = String::new();
    for name in ["tailscale-operator-client-id", "tailscale-operator-client-secret", "github-token"] {
        let (path, _) = workspace.secret_file(name);
        folder = path.trim_end_matches(&format!("/{name}")).to_owned();
    }
    workspace.source("vault-ca.crt", "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n");
    workspace.variable("secrets", &folder);
    workspace.variable("kubeconfig", Testbed::get().kubeconfig().to_str().unwrap());
    workspace.variable("registry_password", &workspace.secret());
    workspace.apply().succeeds();
    assert_eq!(tailscale.contents("tailscale-operator-oauth").len(), 2);
    assert_eq!(flux.contents("flux-system")["username"], b"git");
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!tailscale.exists() && !flux.exists() && !external.exists());
}

#[test]
fn the_resource_and_its_import() {
    let (namespace, workspace) = (Namespace::named("example"), Workspace::new());
    workspace.hcl(&renamed(text("resources/tazlab_bootstrap_secret/resource.tf"), &[("tailscale", &namespace)]));
    let secrets = workspace.path().join("secrets");
    fs::create_dir(&secrets).unwrap();
    for name in ["client-id", "client-secret"] {
        fs::write(secrets.join(name), name).unwrap();
        fs::set_permissions(secrets.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    workspace.variable("token", &workspace.secret());
    workspace.apply().succeeds();
    assert_eq!(namespace.contents("operator-oauth")["client_id"], b"client-id");

    // The command of import.sh, word by word.
    let script =
        text("resources/tazlab_bootstrap_secret/import.sh").replace("tailscale/", &format!("{}/", namespace.name()));
    let command = script.lines().find(|line| line.starts_with("terraform ")).expect("a command");
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    workspace.terraform(&["state", "rm", words[1]]).succeeds();
    workspace.terraform(&words).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn the_clusters_dns_in_three_ways_and_its_import() {
    let (_cluster, workspace) = (ClusterDns::alone(), Workspace::new());
    for example in ["resource", "tailnet", "corefile"] {
        workspace.hcl(&text(&format!("resources/tazlab_coredns/{example}.tf")));
        workspace.apply().succeeds();
        assert_eq!(dig(CLUSTER_IP, "kubernetes.default.svc.cluster.local", "A").code, "NOERROR", "{example}");
        workspace.plan().succeeds().changes_nothing();
    }
    let script = text("resources/tazlab_coredns/import.sh");
    let command = script.lines().find(|line| line.starts_with("terraform ")).expect("a command");
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    workspace.terraform(&["state", "rm", words[1]]).succeeds();
    workspace.terraform(&words).succeeds();
    workspace.apply().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn the_readiness_of_the_cluster_and_its_dns() {
    let (_cluster, workspace) = (ClusterDns::alone(), Workspace::new());
    for name in ["tazlab_bootstrap_status", "tazlab_dns_lookup"] {
        workspace.hcl(&text(&format!("data-sources/{name}/data-source.tf")));
        workspace.apply().succeeds();
    }
}

#[test]
fn the_provider_block_is_valid() {
    let workspace = Workspace::new();
    let requirement = "terraform {\n  required_providers {\n    tazlab = { source = \"tazlab/tazlab\" }\n  }\n}\n";
    fs::write(workspace.path().join("provider.tf"), requirement.to_owned() + &text("provider/provider.tf")).unwrap();
    workspace.validate().succeeds();
}

#[test]
fn the_functions() {
    for entry in fs::read_dir(example("functions")).unwrap().flatten() {
        let workspace = Workspace::new();
        workspace.hcl(&fs::read_to_string(entry.path().join("function.tf")).unwrap());
        let objects =
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tazlab-test-manifests\n  namespace: default\n";
        fs::write(workspace.path().join("objects.yaml"), objects).unwrap();
        workspace.apply().succeeds();
        workspace.destroy().succeeds();
    }
}

/// Programs of these names in the workspace's PATH, which print a secret as the real ones would.
fn programs(workspace: &Workspace, names: &[&str]) -> String {
    let (folder, secret) = (workspace.sources().join("programs"), workspace.secret());
    fs::create_dir(&folder).unwrap();
    for name in names {
        let program = folder.join(name);
        fs::write(&program, format!("#!/bin/sh\necho {secret}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let path = std::env::var("PATH").unwrap_or_default();
    workspace.environment("PATH", &format!("{}:{path}", folder.display()));
    secret
}

#[test]
fn a_password_store_before_vault_has_the_secret() {
    let (namespace, workspace, vault) = (Namespace::named("store"), Workspace::new(), Vault::start());
    workspace.provider(&vault.block(&workspace));
    let secret = programs(&workspace, &["gopass", "sops"]);
    let example = text("resources/tazlab_bootstrap_secret/commands.tf");
    workspace.hcl(&renamed(example, &[("flux-system", &namespace)]));
    workspace.apply().succeeds().warning(&["A source does not have a key", "vault: ", "is read from commands"]);
    assert_eq!(namespace.contents("flux-system")["password"], secret.as_bytes());
    assert_eq!(namespace.contents("oauth")["client_secret"], secret.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespace.exists());
}

#[test]
fn a_login_to_a_registry_in_six_namespaces() {
    let workspace = Workspace::new();
    let secret = programs(&workspace, &["gopass"]);
    let mut example = text("resources/tazlab_bootstrap_secret/registries.tf");
    let namespaces = ["blog", "grafana", "jobs", "mail", "photos", "shop"].map(|name| (name, Namespace::named(name)));
    for (name, own) in &namespaces {
        example = example.replace(&format!("\"{name}\""), &format!("\"{}\"", own.name()));
    }
    workspace.hcl(&example);
    let never_stored = workspace.secret();
    workspace.variable("registry", &format!("{{\"username\":\"me\",\"password\":\"{never_stored}\"}}"));
    workspace.apply().succeeds();
    for (_, namespace) in &namespaces {
        let logins = namespace.contents("ghcr-pull")[".dockerconfigjson"].clone();
        assert!(String::from_utf8(logins).unwrap().contains(&secret));
    }
    let logins = namespaces[0].1.contents("registry-pull")[".dockerconfigjson"].clone();
    assert!(String::from_utf8(logins).unwrap().contains(&never_stored));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(!namespaces.iter().any(|(_, namespace)| namespace.exists()));
}

#[test]
fn the_contents_of_a_secret_in_the_cluster() {
    let (monitoring, dashboards, workspace) =
        (Namespace::made("monitoring"), Namespace::named("dashboards"), Workspace::new());
    let secret = workspace.secret();
    acceptance_tests::kubectl::apply_as("test", &monitoring.manifest("grafana-admin", &[("password", &secret)]));
    let example = text("ephemeral-resources/tazlab_secret/ephemeral-resource.tf");
    workspace.hcl(&renamed(example, &[("monitoring", &monitoring), ("dashboards", &dashboards)]));
    workspace.apply().succeeds();
    assert_eq!(dashboards.contents("grafana-binary")["password"], secret.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}
