//! The user's cluster: 16 Flux Kustomizations, made and reconciled by the real kustomize-controller, and the stores and 17
//! ExternalSecrets that they bring, reconciled by the real External Secrets with real Vaults behind it. Born while the apply
//! waits, broken, told, mended.

use std::collections::BTreeMap;
use std::time::Duration;

use acceptance_tests::flux::Repository;
use acceptance_tests::{Namespace, Part, Workspace, kubectl, leftovers, poll};
use serde_json::{Value, json};

use super::external_secrets::{self, EXTERNAL_SECRET, STORE, Vaults};
use super::{CONTROLLERS, Kustomizations, config_map, lines, output, says};

const ROOT: &str = "flux-system";
const SOURCE: &str = "tazlab-k8s";

/// Where the stores are.
const STORES: &str = "secret-stores";

/// Beside the root: the name, what it depends on, and how many ExternalSecrets it brings.
const KUSTOMIZATIONS: [(&str, &[&str], usize); 15] = [
    ("namespaces", &[], 0),
    (STORES, &["namespaces"], 0),
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

/// The ExternalSecrets: the Kustomization that brings each, its store (the cluster's where it has none of its own), its name.
fn secrets() -> impl Iterator<Item = (&'static str, Option<&'static str>, String)> {
    KUSTOMIZATIONS.into_iter().flat_map(|(name, _, count)| {
        let store = ["postgres", "backups", "blog"].into_iter().find(|store| *store == name);
        (0..count).map(move |number| (name, store, format!("{name}-{number}")))
    })
}

/// Writes what the ExternalSecrets read.
fn fill(vaults: &Vaults, secret: &str) {
    for (_, store, name) in secrets() {
        let vault = if store == Some("backups") { &vaults.own } else { &vaults.shared };
        vaults.write(vault, &name, "k", secret);
    }
}

/// Writes the repository: a folder of Flux objects and one for each of them, below a folder of its own.
fn write(repository: &Repository, namespace: &Namespace, vaults: &Vaults) {
    let mut cluster = Vec::new();
    for (name, dependencies, _) in KUSTOMIZATIONS {
        let depends: Vec<Value> = dependencies.iter().map(|name| json!({"name": name})).collect();
        let path = format!("./apps/{name}");
        let object = Repository::kustomization(namespace.name(), name, SOURCE, &path, &json!({"dependsOn": depends}));
        repository.write(&format!("clusters/tazlab-k8s/{name}.yaml"), &object.to_string());
        cluster.push(format!("{name}.yaml"));
        let mut resources = vec!["settings.yaml".to_owned()];
        repository.write(&format!("apps/{name}/settings.yaml"), &config_map(namespace, &format!("{name}-settings")));
        for (_, store, secret) in secrets().filter(|(of, ..)| *of == name) {
            repository.write(&format!("apps/{name}/{secret}.yaml"), &vaults.secret(store, &secret).to_string());
            resources.push(format!("{secret}.yaml"));
        }
        if name == STORES {
            resources.push("stores.yaml".to_owned());
        }
        repository.write(&format!("apps/{name}/kustomization.yaml"), &json!({ "resources": resources }).to_string());
    }
    write_stores(repository, vaults, "token", "ca.crt");
    repository.write("clusters/tazlab-k8s/kustomization.yaml", &json!({ "resources": cluster }).to_string());
}

/// Writes the stores: postgres logs in with this key of the Secret, and blog trusts the authority under that one.
fn write_stores(repository: &Repository, vaults: &Vaults, token: &str, authority: &str) {
    let (shared, own) = (&vaults.shared, &vaults.own);
    let all = [
        vaults.store(None, shared, "token", "ca.crt"),
        vaults.store(Some("postgres"), shared, token, "ca.crt"),
        vaults.store(Some("backups"), own, "own-token", "own-ca.crt"),
        vaults.store(Some("blog"), shared, "token", authority),
    ];
    repository.write(&format!("apps/{STORES}/stores.yaml"), &all.map(|store| store.to_string()).join("\n---\n"));
}

/// The resource of the example, as users write it; only its waits are shorter here.
fn example(update: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/resources/tazlab_bootstrap_ready/resource.tf");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("create = \"15m\"") && text.contains("update = \"15m\""));
    text.replace("create = \"15m\"", "create = \"90s\"").replace("update = \"15m\"", &format!("update = \"{update}\""))
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

const ALL_READY: &str = "16/16 Kustomizations Ready, 17/17 ExternalSecrets Synced, 4/4 SecretStores Valid, 1/1 CRDs Established, 1/1 Deployments available";

#[test]
fn is_waited_for_from_nothing_told_when_it_breaks_and_never_touched() {
    // Whatever there is, and the cluster's DNS as it is.
    let _locks = (Part::Objects.exclusive(), Part::Dns.shared());
    // It asks for all there is: what killed runs have left goes, what others are just removing is waited for.
    poll::until(CONTROLLERS, "cluster without other tests' Kustomizations, ExternalSecrets and stores", || {
        Some(leftovers::remove()).filter(Vec::is_empty)
    });
    let (namespace, workspace) = (Namespace::made("ready"), Workspace::new());
    let configuration = |update: &str| {
        workspace.hcl(&(example(update) + &super::status(&format!("{ARGUMENTS}  depends_on = [{CLUSTER}]\n"))));
    };
    configuration("4s");

    // Nothing of it is there when the apply begins.
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let (vaults, repository, secret) = (Vaults::of(&namespace, &workspace), Repository::start(), workspace.secret());
    // They go before the files that they are applied from.
    let _kustomizations = Kustomizations(&namespace);
    write(&repository, &namespace, &vaults);
    fill(&vaults, &secret);
    poll::until(CONTROLLERS, "progress of the wait", || {
        workspace.traces().contains("waiting: 0/0 Kustomizations Ready, ").then_some(())
    });
    repository.publish(namespace.name(), SOURCE);
    kubectl::apply_as(
        "flux",
        &Repository::kustomization(namespace.name(), ROOT, SOURCE, "./clusters/tazlab-k8s", &json!({})),
    );
    let born = started.end().succeeds();
    println!("from nothing to 16 Kustomizations and 17 ExternalSecrets: {:?}", born.took);
    assert_eq!(workspace.attributes(CLUSTER)["summary"], ALL_READY);
    assert_eq!(output(&workspace, "status")["summary"], ALL_READY);
    assert_eq!(output(&workspace, "status")["ready"], true);
    for (_, _, name) in secrets() {
        assert_eq!(namespace.contents(&name)["k"], secret.as_bytes(), "{name}");
    }
    workspace.plan().succeeds().changes_nothing();

    break_all(&repository, &namespace, &vaults);
    // A refresh reports, and nothing is planned because of it.
    let words = ["Not everything is ready any more", "BuildFailed"];
    // The controller says that it is at work each time before it fails again.
    let seen = poll::until(CONTROLLERS, "a look between two tries of the controller", || {
        let seen = workspace.plan().succeeds().changes_nothing();
        let told = |warning: &String| words.iter().all(|word| warning.contains(word));
        seen.warnings().iter().any(told).then_some(seen)
    });
    workspace.variable("cluster_generation", "2");
    let failing = workspace.start(&["apply", "-json", "-auto-approve"]);
    let (problems, failed) = (problems_at_once(), failing.end().fails());
    let error = failed.error(&[
        "Not everything is ready",
        "At the timeout: 9/15 Kustomizations Ready, 9/17 ExternalSecrets Synced, 1/4 SecretStores Valid",
    ]);
    assert!(error.contains(&format!("suspended: Kustomization {}/renovate", namespace.name())), "{error}");
    let told: Vec<String> = lines(&error).iter().map(|line| without_folder(line)).collect();
    told_in_order(&told, &namespace);
    assert_eq!(problems, told, "the data source says the same");
    failed.waited_at_most(Duration::from_secs(4), &seen);
    // Conditions are told while it waits, too.
    let cause = format!("; Kustomization {}/storage: BuildFailed: ", namespace.name());
    let progress = |line: &str| line.contains("waiting: 9/15 Kustomizations Ready, ") && line.contains(&cause);
    assert!(workspace.traces().lines().any(progress), "no progress with {cause}");
    // The resource is still there.
    assert_eq!(workspace.addresses().iter().filter(|address| *address == CLUSTER).count(), 1);

    // Mended while the same wait waits.
    configuration("60s");
    let mending = workspace.start(&["apply", "-json", "-auto-approve"]);
    mend_all(&repository, &namespace, &vaults, &secret);
    let mended = mending.end().succeeds();
    println!("mended after {:?}", mended.took);
    let summary = workspace.attributes(CLUSTER)["summary"].as_str().unwrap().to_owned();
    let (ready, suspended) = summary.split_once("; ").unwrap();
    assert_eq!(ready, ALL_READY.replace("16/16", "15/15"));
    assert_eq!(suspended, format!("suspended: Kustomization {}/renovate", namespace.name()));
    workspace.plan().succeeds().changes_nothing();

    // Nothing in the cluster is its own.
    workspace.destroy().succeeds();
    let synced: Vec<String> = secrets().map(|(_, _, name)| name).collect();
    let synced: Vec<&str> = synced.iter().map(String::as_str).collect();
    external_secrets::say(EXTERNAL_SECRET, &namespace, &synced, "SecretSynced");
    says(&namespace, ROOT, "ReconciliationSucceeded");
}

/// A folder that does not build, with a chain behind it, and one that is suspended; stores with a token that is nobody's, a Vault
/// that is sealed, an authority that did not sign; a secret that is not there, and one without its property.
fn break_all(repository: &Repository, namespace: &Namespace, vaults: &Vaults) {
    suspend(namespace, "renovate");
    repository.write("apps/storage/kustomization.yaml", r#"{"resources": ["settings.yaml", "nowhere.yaml"]}"#);
    write_stores(repository, vaults, "wrong-token", "own-ca.crt");
    repository.publish(namespace.name(), SOURCE);
    vaults.delete(&vaults.shared, "grafana-0");
    vaults.write(&vaults.shared, "grafana-1", "other", "x");
    vaults.own.seal();
    external_secrets::nudge(STORE, namespace, &["backups"]);
    external_secrets::nudge(EXTERNAL_SECRET, namespace, &["grafana-0", "grafana-1"]);
    external_secrets::say(STORE, namespace, &["postgres", "backups", "blog"], "ValidationFailed");
    // The stores are known to be refused before their secrets are looked at again.
    let behind = ["postgres-0", "postgres-1", "postgres-2", "backups-0", "backups-1", "blog-0"];
    external_secrets::nudge(EXTERNAL_SECRET, namespace, &behind);
    external_secrets::say(EXTERNAL_SECRET, namespace, &behind, "SecretSyncedError");
    external_secrets::say(EXTERNAL_SECRET, namespace, &["grafana-0", "grafana-1"], "SecretSyncedError");
    says(namespace, "storage", "BuildFailed");
    for name in ["monitoring", "grafana", "postgres", "backups", "mnemosyne"] {
        says(namespace, name, "DependencyNotReady");
    }
}

/// Everything is as it was.
fn mend_all(repository: &Repository, namespace: &Namespace, vaults: &Vaults, secret: &str) {
    vaults.own.unseal();
    fill(vaults, secret);
    write(repository, namespace, vaults);
    repository.publish(namespace.name(), SOURCE);
    says(namespace, STORES, "ReconciliationSucceeded");
    let stores = ["postgres", "backups", "blog"];
    external_secrets::come_to_say(STORE, namespace, &stores, "Valid");
    let behind: Vec<String> = secrets()
        .filter(|(name, store, _)| store.is_some() || *name == "grafana")
        .map(|(_, _, secret)| secret)
        .collect();
    let behind: Vec<&str> = behind.iter().map(String::as_str).collect();
    external_secrets::come_to_say(EXTERNAL_SECRET, namespace, &behind, "SecretSynced");
}

/// Causes first, those before the others for which most are waiting; each line is its controller's own message.
fn told_in_order(told: &[String], namespace: &Namespace) {
    let name = namespace.name();
    let causes = [
        (format!("Kustomization {name}/storage: BuildFailed: "), "nowhere.yaml", " (5 others wait for it)"),
        (format!("SecretStore {name}/postgres: ValidationFailed: "), "permission denied", " (3 others wait for it)"),
        (format!("SecretStore {name}/backups: ValidationFailed: "), "Vault is sealed", " (2 others wait for it)"),
        (format!("SecretStore {name}/blog: ValidationFailed: "), "x509", " (1 other waits for it)"),
        (format!("ExternalSecret {name}/grafana-0: SecretSyncedError: "), "Secret does not exist", ""),
        (format!("ExternalSecret {name}/grafana-1: SecretSyncedError: "), "cannot find secret data for key", ""),
    ];
    for ((begins, says, ends), line) in causes.iter().zip(told) {
        assert!(
            line.starts_with(begins) && line.contains(says) && line.ends_with(ends),
            "{begins}{says}{ends}: {told:#?}"
        );
    }
    let (waiting, secrets) = told[causes.len()..].split_at(5);
    let dependency =
        format!("Kustomization {name}/monitoring: DependencyNotReady: dependency '{name}/storage' is not ready");
    assert!(waiting.contains(&dependency), "{told:#?}");
    assert_eq!(secrets.len(), 6, "{told:#?}");
    assert!(
        secrets.iter().all(|line| line.starts_with("ExternalSecret ") && line.contains("is not ready")),
        "{told:#?}"
    );
    // Word for word.
    let own = own_words(namespace);
    for line in told {
        let of = own.iter().find(|(object, _)| line.starts_with(&format!("{object}: "))).map(|(_, said)| said);
        let said = of.unwrap_or_else(|| panic!("nobody says {line:?}"));
        let rest = line.strip_prefix(said.as_str()).unwrap_or_else(|| panic!("{line:?} is not {said:?}"));
        assert!(rest.is_empty() || rest.ends_with("for it)"), "{line:?} says more than {said:?}");
    }
}

/// What the controllers say of all objects, in one line each, by `Kind namespace/name`. Why it could not sync a secret External
/// Secrets says in an event.
fn own_words(namespace: &Namespace) -> BTreeMap<String, String> {
    let kinds = format!("kustomizations.kustomize.toolkit.fluxcd.io,{EXTERNAL_SECRET},{STORE}");
    let all = kubectl::object(&[&kinds, "-n", namespace.name()]).unwrap();
    let failures = ["events", "-n", namespace.name(), "--field-selector", "reason=UpdateFailed,type=Warning"];
    let failures = kubectl::object(&failures).unwrap()["items"].as_array().cloned().unwrap();
    let failure = |one: &Value| {
        let of = failures.iter().filter(|event| event["involvedObject"]["uid"] == one["metadata"]["uid"]);
        let last = of.max_by_key(|event| event["lastTimestamp"].as_str().unwrap_or_default().to_owned())?;
        Some(format!("; UpdateFailed: {}", last["message"].as_str()?))
    };
    let of = |one: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let object = format!("{} {}/{}", text(&one["kind"]), namespace.name(), text(&one["metadata"]["name"]));
        let ready = one["status"]["conditions"].as_array()?.iter().find(|one| one["type"] == "Ready")?;
        let message = text(&ready["message"]) + &failure(one).unwrap_or_default();
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = without_folder(&format!("{object}: {}: {message}", text(&ready["reason"])));
        Some((object, said))
    };
    all["items"].as_array().unwrap().iter().filter_map(of).collect()
}

/// The controller builds in a folder with a new number each time, and its message names the folder.
fn without_folder(line: &str) -> String {
    let mut parts = line.split("/kustomization-");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + "/" + part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
}

/// The problems that the data source tells, at once and without failing.
fn problems_at_once() -> Vec<String> {
    let workspace = Workspace::new();
    workspace.hcl(&super::status(ARGUMENTS));
    workspace.apply().succeeds().warning(&["Not everything is ready", "BuildFailed"]);
    let status = output(&workspace, "status");
    assert_eq!(status["ready"], false);
    status["problems"].as_array().unwrap().iter().filter_map(Value::as_str).map(without_folder).collect()
}
