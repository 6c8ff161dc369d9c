//! The user's cluster: 16 Flux Kustomizations, made and reconciled by the real kustomize-controller, and the 17 ExternalSecrets
//! that they bring. Born while the apply waits, broken, told, mended.

use acceptance_tests::flux::Repository;
use acceptance_tests::{Namespace, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::external_secrets::{self, Store};
use super::{CONTROLLERS, Kustomizations, alone, config_map, lines, output, says};

const ROOT: &str = "flux-system";
const SOURCE: &str = "tazlab-k8s";

/// Beside the root: the name, what it depends on, and how many ExternalSecrets it brings.
const KUSTOMIZATIONS: [(&str, &[&str], usize); 15] = [
    ("namespaces", &[], 0),
    ("secret-stores", &["namespaces"], 0),
    ("tailscale-operator", &["namespaces"], 1),
    ("tailscale-egress", &["tailscale-operator"], 0),
    ("vault-secrets-operator", &["secret-stores"], 1),
    ("cert-manager", &["namespaces"], 1),
    ("traefik", &["cert-manager"], 1),
    ("storage", &["namespaces"], 0),
    ("monitoring", &["storage", "secret-stores"], 3),
    ("grafana", &["monitoring"], 2),
    ("postgres", &["storage", "secret-stores"], 3),
    ("backups", &["postgres"], 2),
    ("mnemosyne", &["postgres"], 1),
    ("blog", &["traefik"], 1),
    ("renovate", &["secret-stores"], 1),
];

/// Writes the repository: a folder of Flux objects and one for each of them, below a folder of its own.
fn write(repository: &Repository, namespace: &Namespace, store: &Store) {
    let mut cluster = Vec::new();
    for (name, dependencies, secrets) in KUSTOMIZATIONS {
        let depends: Vec<Value> = dependencies.iter().map(|name| json!({"name": name})).collect();
        let path = format!("./apps/{name}");
        let object = Repository::kustomization(namespace.name(), name, SOURCE, &path, &json!({"dependsOn": depends}));
        repository.write(&format!("clusters/tazlab-k8s/{name}.yaml"), &object.to_string());
        cluster.push(format!("{name}.yaml"));
        let mut resources = vec!["settings.yaml".to_owned()];
        repository.write(&format!("apps/{name}/settings.yaml"), &config_map(namespace, &format!("{name}-settings")));
        for number in 0..secrets {
            let file = format!("secret-{number}.yaml");
            let secret = store.secret(namespace, &format!("{name}-{number}"));
            repository.write(&format!("apps/{name}/{file}"), &secret.to_string());
            resources.push(file);
        }
        repository.write(&format!("apps/{name}/kustomization.yaml"), &json!({ "resources": resources }).to_string());
    }
    repository.write("clusters/tazlab-k8s/kustomization.yaml", &json!({ "resources": cluster }).to_string());
}

fn break_storage(repository: &Repository) {
    repository.write("apps/storage/kustomization.yaml", r#"{"resources": ["settings.yaml", "nowhere.yaml"]}"#);
}

/// The resource of the example, as users write it; only a wait that fails is shorter here.
fn example() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/resources/tazlab_bootstrap_ready/resource.tf");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("update = \"15m\""));
    text.replace("update = \"15m\"", "update = \"6s\"")
}

const CLUSTER: &str = "tazlab_bootstrap_ready.cluster";

/// The same for the data source.
const ARGUMENTS: &str = "  crds = [\"clustersecretstores.external-secrets.io\"]\n  deployments = [\"kube-system/coredns\"]\n  flux_kustomizations = [\"*\"]\n  external_secrets = [\"*\"]\n  secret_stores = [\"*\"]\n";

/// As `flux suspend` does it: what kubectl changes, Flux changes back.
fn suspend(namespace: &Namespace, name: &str) {
    let changes = r#"{"spec":{"suspend":true}}"#;
    let object = ["kustomizations.kustomize.toolkit.fluxcd.io", name, "-n", namespace.name()];
    kubectl::succeeds(&[&["patch"], &object[..], &["--field-manager=flux", "--type=merge", "-p", changes]].concat());
}

const ALL_READY: &str = "16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced, 1/1 SecretStores Valid, 1/1 CRDs Established, 1/1 Deployments available";

#[test]
fn is_waited_for_from_nothing_told_when_it_breaks_and_never_touched() {
    let _alone = alone();
    external_secrets::crds();
    let namespace = Namespace::made("ready");
    let (store, repository, workspace) = (Store::made(&namespace), Repository::start(), Workspace::new());
    // They go before the files that they are applied from.
    let _kustomizations = Kustomizations(&namespace);
    write(&repository, &namespace, &store);
    workspace.hcl(&(example() + &super::status(&format!("{ARGUMENTS}  depends_on = [{CLUSTER}]\n"))));

    // Nothing of it is there when the apply begins.
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    poll::until(CONTROLLERS, "progress of the wait", || {
        workspace.traces().contains("waiting: 0/0 Kustomizations Ready, ").then_some(())
    });
    repository.publish(namespace.name(), SOURCE);
    kubectl::apply_as(
        "flux",
        &Repository::kustomization(namespace.name(), ROOT, SOURCE, "./clusters/tazlab-k8s", &json!({})),
    );
    let secrets = poll::until(CONTROLLERS, "17 ExternalSecrets", || {
        Some(external_secrets::names(&namespace)).filter(|names| names.len() == 17)
    });
    // Kustomizations alone are not enough.
    says(&namespace, "grafana", "ReconciliationSucceeded");
    assert!(!started.output().contains("apply_complete"), "{}", started.output());
    external_secrets::play(&namespace, &secrets, &external_secrets::synced());
    store.valid();
    let born = started.end().succeeds();
    println!("from nothing to 16 Kustomizations and 17 ExternalSecrets: {:?}", born.took);
    assert_eq!(workspace.attributes(CLUSTER)["summary"], ALL_READY);
    assert_eq!(output(&workspace, "status")["summary"], ALL_READY);
    assert_eq!(output(&workspace, "status")["ready"], true);
    workspace.plan().succeeds().changes_nothing();

    // A folder that does not build, with a chain behind it; one that is suspended; a store that refuses its token.
    suspend(&namespace, "renovate");
    break_storage(&repository);
    repository.publish(namespace.name(), SOURCE);
    store.refused();
    external_secrets::play(&namespace, &secrets[..2], &external_secrets::failed());
    let broken = says(&namespace, "storage", "BuildFailed");
    for name in ["monitoring", "grafana", "postgres", "backups", "mnemosyne"] {
        says(&namespace, name, "DependencyNotReady");
    }
    workspace.variable("cluster_generation", "2");
    let failed = workspace.apply().fails();
    let error = failed.error(&[
        "Not everything is ready",
        "When the time was over: 9/15 Kustomizations Ready, 15/17 ExternalSecrets Synced, 0/1 SecretStores Valid",
    ]);
    assert!(error.contains(&format!("suspended: Kustomization {}/renovate", namespace.name())), "{error}");
    let told = lines(&error);
    told_in_order(&told, &namespace, &store, &broken);
    assert!(failed.took.as_secs() < 20, "{:?}", failed.took);
    failed.warning(&["Not everything is ready any more", "BuildFailed"]);
    // The old summary is what the refresh saw, and the resource is still there.
    assert_eq!(workspace.addresses().iter().filter(|address| *address == CLUSTER).count(), 1);
    same_from_the_data_source(&told);

    // Mended: the same wait succeeds.
    write(&repository, &namespace, &store);
    repository.publish(namespace.name(), SOURCE);
    store.valid();
    external_secrets::play(&namespace, &secrets[..2], &external_secrets::synced());
    for name in ["storage", "grafana", "mnemosyne", "backups"] {
        says(&namespace, name, "ReconciliationSucceeded");
    }
    workspace.apply().succeeds();
    let mended = workspace.attributes(CLUSTER)["summary"].as_str().unwrap().to_owned();
    assert!(
        mended.starts_with("15/15 Kustomizations Ready") && mended.contains("; suspended: Kustomization "),
        "{mended}"
    );
    workspace.plan().succeeds().changes_nothing();

    // Nothing in the cluster is its own.
    workspace.destroy().succeeds();
    assert_eq!(external_secrets::names(&namespace).len(), 17);
    says(&namespace, ROOT, "ReconciliationSucceeded");
}

/// The causes, those before the others that most wait for; the controller's own words; then what waits.
fn told_in_order(told: &[String], namespace: &Namespace, store: &Store, broken: &Value) {
    let message = broken["message"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(message.contains("nowhere.yaml"), "{message}");
    assert_eq!(
        told[0],
        format!("Kustomization {}/storage: BuildFailed: {message} (5 others wait for it)", namespace.name())
    );
    assert!(
        told[1]
            .starts_with(&format!("ClusterSecretStore {}: ValidationFailed: unable to validate store", store.name())),
        "{told:#?}"
    );
    assert!(told[1].ends_with("* permission denied (2 others wait for it)"), "{told:#?}");
    let waiting: Vec<&String> = told[2..].iter().collect();
    assert_eq!(waiting.len(), 7, "{told:#?}");
    let monitoring = format!(
        "Kustomization {0}/monitoring: DependencyNotReady: dependency '{0}/storage' is not ready",
        namespace.name()
    );
    assert!(told[2..].contains(&monitoring), "{told:#?}");
}

/// The data source says the same, at once and without failing.
fn same_from_the_data_source(told: &[String]) {
    let workspace = Workspace::new();
    workspace.hcl(&super::status(ARGUMENTS));
    workspace.apply().succeeds().warning(&["Not everything is ready", "BuildFailed"]);
    let status = output(&workspace, "status");
    assert_eq!(status["ready"], false);
    assert_eq!(status["problems"], json!(told));
}
