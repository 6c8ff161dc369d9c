//! 500 Kustomizations and 500 ExternalSecrets: one list of each kind, whatever there is to say. It is the bounded test of speed,
//! and no controller's words matter: the test writes the status too, of objects that the testbed's controllers leave alone
//! (Kustomizations by a label, ExternalSecrets by the class of their store).

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use acceptance_tests::{Namespace, Part, Proxy, Testbed, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::{CONTROLLERS, READY, output};

const COUNT: usize = 500;

/// So many of the Kustomizations are not ready at first.
const WAITING: usize = COUNT / 2;

/// How many run kubectl at once: each stays below the number of requests that kubectl sends without a pause.
const WRITERS: usize = 4;

/// The label of what the testbed's kustomize-controller leaves to the tests.
const PLAYED: &str = "tazlab.io/played";

fn kustomization(namespace: &Namespace, index: usize) -> Value {
    let depends: Vec<Value> = if index == 0 { vec![] } else { vec![json!({"name": format!("k-{}", (index - 1) / 2)})] };
    json!({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
           "metadata": {"namespace": namespace.name(), "name": format!("k-{index}"), "labels": {PLAYED: "true"}},
           "spec": {"interval": "10m", "prune": false, "path": format!("./apps/{index}"), "dependsOn": depends,
                    "sourceRef": {"kind": "GitRepository", "name": "none"}}})
}

/// A ClusterSecretStore of another class than the testbed's External Secrets, with the namespace's name. It goes with its value.
struct Store<'a>(&'a Namespace);

impl<'a> Store<'a> {
    fn made(namespace: &'a Namespace) -> Self {
        let vault = json!({"server": "https://192.0.2.1:8200", "path": "secret", "version": "v2",
                           "auth": {"tokenSecretRef": {"name": "t", "namespace": namespace.name(), "key": "token"}}});
        let spec = json!({"controller": "tazlab-test", "provider": {"vault": vault}});
        kubectl::apply_as(
            "tazlab-test",
            &json!({"apiVersion": "external-secrets.io/v1", "kind": "ClusterSecretStore", "metadata": {"name": namespace.name()}, "spec": spec}),
        );
        Self(namespace)
    }

    /// The manifest of an ExternalSecret that reads from it.
    fn secret(&self, index: usize) -> Value {
        let name = format!("s-{index}");
        json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
               "metadata": {"namespace": self.0.name(), "name": name},
               "spec": {"refreshInterval": "1h", "target": {"name": name},
                        "secretStoreRef": {"name": self.0.name(), "kind": "ClusterSecretStore"},
                        "data": [{"secretKey": "k", "remoteRef": {"key": name, "property": "k"}}]}})
    }
}

impl Drop for Store<'_> {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&["delete", "clustersecretstore", self.0.name(), "--ignore-not-found", "--wait=false"]));
    }
}

fn with_status(mut object: Value, ready: bool, reason: &str, message: &str) -> Value {
    object.as_object_mut().unwrap().remove("spec");
    let status = if ready { "True" } else { "False" };
    object["status"] = json!({"conditions": [{
        "type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": "2026-01-01T00:00:00Z"}]});
    if object["kind"] == "Kustomization" {
        object["status"]["observedGeneration"] = json!(1);
        let entries: Vec<Value> =
            (0..20).map(|index| json!({"id": format!("ns_object-{index}__ConfigMap"), "v": "v1"})).collect();
        object["status"]["inventory"] = json!({ "entries": entries });
    }
    object
}

/// Does something with objects in several runs at once.
fn side_by_side(objects: &[Value], write: impl Fn(&[Value]) + Sync) {
    std::thread::scope(|scope| {
        for part in objects.chunks(objects.len().div_ceil(WRITERS)) {
            scope.spawn(|| write(part));
        }
    });
}

fn make(objects: &[Value]) {
    let file = tempfile_with(objects);
    let path = file.path().to_str().unwrap();
    kubectl::succeeds(&["create", "--field-manager", "tazlab-test", "--validate=false", "-f", path]);
}

fn tempfile_with(objects: &[Value]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()).unwrap();
    file
}

/// The API server without TLS, so that requests can be read.
struct Plain(Child, String);

impl Plain {
    fn start() -> Self {
        let port = Proxy::free_port();
        let testbed = Testbed::get();
        let child = Command::new(testbed.kubectl())
            .arg("--kubeconfig")
            .arg(testbed.kubeconfig())
            .args(["proxy", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .spawn()
            .expect("kubectl runs");
        let address = format!("127.0.0.1:{port}");
        poll::until(CONTROLLERS, "kubectl proxy", || std::net::TcpStream::connect(&address).ok());
        Self(child, address)
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn arguments(namespace: &Namespace) -> String {
    format!("  flux_kustomizations = [\"{0}/*\"]\n  external_secrets    = [\"{0}/*\"]\n", namespace.name())
}

/// The lists and watches of a kind in a journal. A list of more than 500 objects goes on in a second page.
fn asked(journal: &[String], plural: &str) -> (usize, usize) {
    let of =
        journal.iter().filter(|line| line.contains(&format!("/{plural}?")) || line.ends_with(&format!("/{plural}")));
    let (watches, lists): (Vec<&String>, Vec<&String>) = of.partition(|line| line.contains("watch=true"));
    (lists.iter().filter(|line| !line.contains("&continue=")).count(), watches.len())
}

#[test]
fn five_hundred_of_each_take_one_list_of_each() {
    let _objects = Part::Objects.shared();
    let namespace = Namespace::made("many");
    let store = Store::made(&namespace);
    let began = Instant::now();
    let kustomizations: Vec<Value> = (0..COUNT).map(|index| kustomization(&namespace, index)).collect();
    let secrets: Vec<Value> = (0..COUNT).map(|index| store.secret(index)).collect();
    let all: Vec<Value> = kustomizations.iter().chain(&secrets).cloned().collect();
    side_by_side(&all, make);
    // The first Kustomization has failed, and half of the others wait for another; of every second ExternalSecret nothing is said.
    let failed = |object: &Value, reason, message: &str| with_status(object.clone(), false, reason, message);
    let said = kustomizations.iter().enumerate().map(|(index, object)| match index {
        0 => failed(object, "BuildFailed", "kustomize build failed: no such file"),
        WAITING.. => with_status(object.clone(), true, "Succeeded", "m"),
        _ => {
            let message = format!("dependency '{}/k-{}' is not ready", namespace.name(), (index - 1) / 2);
            failed(object, "DependencyNotReady", &message)
        }
    });
    let synced = secrets.iter().step_by(2).map(|object| with_status(object.clone(), true, "SecretSynced", "m"));
    let statuses: Vec<Value> = said.chain(synced).collect();
    side_by_side(&statuses, |part| kubectl::apply_status_as("tazlab-test", part));
    println!("{} objects and their status were written in {:?}", all.len(), began.elapsed());

    let (plain, workspace) = (Plain::start(), Workspace::measuring());
    let proxy = Proxy::listening(&plain.1);
    workspace.provider(&format!("kubernetes = {{ host = \"{}\" }}", proxy.url().replace("https", "http")));
    workspace.hcl(&super::status(&arguments(&namespace)));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let watched = started.watch_provider();
    let looked = started.end().succeeds();
    let (journal, usage) = (proxy.take_journal(), watched.join().unwrap());
    println!("data source, {} objects: {:?}, provider {usage:?}, requests {journal:#?}", all.len(), looked.took);
    assert_eq!(asked(&journal, "kustomizations"), (1, 0), "{journal:#?}");
    assert_eq!(asked(&journal, "externalsecrets"), (1, 0), "{journal:#?}");
    assert_eq!(journal.iter().filter(|line| *line == "GET /apis").count(), 1, "{journal:#?}");
    assert!(journal.iter().filter(|line| line.contains("/events?")).count() <= 1, "{journal:#?}");
    assert!(journal.len() <= 6, "two for discovery, one for events, and a second page at most: {journal:#?}");
    let found = output(&workspace, "status");
    assert_eq!(found["summary"], "250/500 Kustomizations Ready, 250/500 ExternalSecrets Synced");
    let problems = found["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 500);
    assert!(problems[0].as_str().unwrap().ends_with("no such file (249 others wait for it)"), "{}", problems[0]);
    assert!(usage.cpu < 5.0 && usage.peak < 150 * 1024, "{usage:?}");

    waited_for(&namespace, &proxy, &kustomizations, &secrets);
}

/// The resource: a list and a watch of each kind while it waits, and a last list to be sure.
fn waited_for(namespace: &Namespace, proxy: &Proxy, kustomizations: &[Value], secrets: &[Value]) {
    let workspace = Workspace::measuring();
    workspace.provider(&format!("kubernetes = {{ host = \"{}\" }}", proxy.url().replace("https", "http")));
    workspace.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n{}  timeouts = {{ create = \"3m\" }}\n}}\n",
        arguments(namespace)
    ));
    drop(proxy.take_journal());
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let watched = started.watch_provider();
    started.says(Duration::from_secs(30), "apply_start");
    let ready = |object: &Value| with_status(object.clone(), true, "Succeeded", "m");
    let waiting = kustomizations.iter().take(WAITING).chain(secrets.iter().skip(1).step_by(2));
    let all: Vec<Value> = waiting.map(ready).collect();
    side_by_side(&all, |part| kubectl::apply_status_as("tazlab-test", part));
    let run = started.end().succeeds();
    let (journal, usage) = (proxy.take_journal(), watched.join().unwrap());
    println!("resource, {} objects change while it waits: {:?}, provider {usage:?}", all.len(), run.took);
    assert_eq!(workspace.attributes(READY)["summary"], "500/500 Kustomizations Ready, 500/500 ExternalSecrets Synced");
    for kind in ["kustomizations", "externalsecrets"] {
        assert_eq!(asked(&journal, kind), (2, 1), "{kind}: {journal:#?}");
    }
    assert!(usage.cpu < 15.0 && usage.peak < 150 * 1024, "{usage:?}");
}
