//! Nodes, the API server, and kinds that the provider has no argument for: one whose definition is made while the wait waits, in the
//! same apply, with its conditions and fields as its controller would write them; and a workload that lacks a Secret.

use acceptance_tests::{Namespace, Workspace, kubectl, poll};
use serde_json::{Value, json};

use super::{CONTROLLERS, READY, lines, output};

/// A definition with a status, which goes with its value.
struct Definition(String);

impl Definition {
    fn of(namespace: &Namespace) -> Self {
        Self(format!("{}.example.com", namespace.name()))
    }

    fn manifest(&self) -> Value {
        let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
        json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": format!("gadgets.{}", self.0)},
               "spec": {"group": self.0, "scope": "Namespaced", "names": {"kind": "Gadget", "plural": "gadgets"},
                        "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema, "subresources": {"status": {}}}]}})
    }

    fn gadget(&self, namespace: &Namespace, name: &str) -> Value {
        json!({"apiVersion": format!("{}/v1", self.0), "kind": "Gadget",
               "metadata": {"namespace": namespace.name(), "name": name}, "spec": {"size": 1}})
    }
}

impl Drop for Definition {
    fn drop(&mut self) {
        drop(kubectl::kubectl(&[
            "delete",
            "crd",
            &format!("gadgets.{}", self.0),
            "--ignore-not-found",
            "--wait=false",
        ]));
    }
}

fn ready(arguments: &str, limit: &str) -> String {
    format!("resource \"tazlab_bootstrap_ready\" \"this\" {{\n{arguments}  timeouts = {{ create = \"{limit}\" }}\n}}\n")
}

/// Waits for the provider to say what it waits for.
fn told(workspace: &Workspace, what: &str) {
    poll::until(CONTROLLERS, &format!("progress with {what:?}"), || workspace.traces().contains(what).then_some(()));
}

fn says(mut gadget: Value, status: Value) {
    gadget["status"] = status;
    kubectl::apply_status_as("tazlab-test", &[gadget]);
}

#[test]
fn the_api_server_alone_is_a_barrier_and_nodes_are_counted() {
    let workspace = Workspace::new();
    let nodes = kubectl::object(&["nodes"]).unwrap()["items"].as_array().unwrap().len();
    workspace.hcl(&ready("  api_server = true\n", "1m"));
    workspace.apply().succeeds();
    assert_eq!(workspace.attributes(READY)["summary"], "API server ready");
    workspace.hcl(
        &(ready(&format!("  api_server = true\n  nodes = [\"*\"]\n  nodes_at_least = {nodes}\n"), "1m")
            + &super::status(&format!("  nodes_at_least = {}\n", nodes + 1))),
    );
    workspace.apply().succeeds().warning(&["Not everything is ready", "Node *: ", "at least"]);
    assert_eq!(workspace.attributes(READY)["summary"], format!("API server ready, {nodes}/{nodes} Nodes Ready"));
    let status = output(&workspace, "status");
    assert_eq!(status["summary"], format!("{nodes}/{} Nodes Ready", nodes + 1));
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn a_kind_is_waited_for_until_it_is_served_and_its_objects_until_they_say_so() {
    let (namespace, workspace) = (Namespace::made("objects"), Workspace::new());
    let (definition, name) = (Definition::of(&namespace), namespace.name());
    let kind = format!("Gadget.{}", definition.0);
    // Before there is the kind, what waits says so, and what only reports has a problem.
    workspace.hcl(&super::status(&format!("  objects = [{{ kind = \"{kind}\", names = [\"*\"] }}]\n")));
    workspace.apply().succeeds().warning(&[&format!("the cluster does not serve the kind {kind}")]);
    assert_eq!(output(&workspace, "status")["ready"], false);
    let arguments = format!(
        "  objects = [\n    {{ kind = \"{kind}\", names = [\"{name}/one\"] }},\n    {{ kind = \"gadgets.{0}\", names = [\"{name}/two\"], conditions = {{ Degraded = \"False\" }}, fields = {{ \"status.phase\" = \"Done\" }} }},\n    {{ kind = \"ConfigMap\", names = [\"{name}/kube-root-ca.crt\"] }},\n  ]\n",
        definition.0
    );
    workspace.hcl(&ready(&arguments, "5m"));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    told(&workspace, &format!("the cluster does not serve the kind {kind}"));
    kubectl::apply_as("tazlab-test", &definition.manifest());
    told(&workspace, &format!("Gadget {name}/one: it does not exist"));
    let (one, two) = (definition.gadget(&namespace, "one"), definition.gadget(&namespace, "two"));
    for gadget in [&two, &one] {
        // The kind that has just been made may be unknown to kubectl for a moment.
        poll::until(CONTROLLERS, "Gadget", || {
            kubectl::apply_as("tazlab-test", gadget);
            Some(())
        });
    }
    told(&workspace, &format!("Gadget {name}/two: its controller has not reported on it yet"));
    // Of an earlier change: it does not count.
    let condition = |kind: &str, status: &str, generation: i64| {
        json!({"type": kind, "status": status, "reason": "Because", "message": "said so", "observedGeneration": generation,
               "lastTransitionTime": "2026-01-01T00:00:00Z"})
    };
    says(one.clone(), json!({"conditions": [condition("Ready", "False", 1)]}));
    says(
        two.clone(),
        json!({"phase": "Pending", "conditions": [condition("Degraded", "True", 1), condition("Ready", "False", 1)]}),
    );
    told(&workspace, "Because: ");
    says(one, json!({"conditions": [condition("Ready", "True", 1)]}));
    says(two.clone(), json!({"conditions": [condition("Degraded", "False", 1)]}));
    told(&workspace, "status.phase is not set yet");
    says(
        two,
        json!({"phase": "Done", "conditions": [condition("Degraded", "False", 1), condition("Ready", "False", 1)]}),
    );
    let run = started.end().succeeds();
    println!("made while it waited: {:?}", run.took);
    assert_eq!(
        workspace.attributes(READY)["summary"],
        "2/2 Gadget ready, 1/1 ConfigMap ready (without conditions: it exists)"
    );
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
}

#[test]
fn all_of_none_is_not_ready_and_names_are_checked_at_their_path() {
    let (namespace, workspace) = (Namespace::made("noobjects"), Workspace::new());
    let name = namespace.name();
    workspace.hcl(&ready(&format!("  objects = [{{ kind = \"Job.batch\", names = [\"{name}/*\"] }}]\n"), "5s"));
    let error = workspace.apply().fails().error(&["Not everything is ready", "0/0 Jobs complete"]);
    assert_eq!(lines(&error), [format!("Job {name}/*: none exists")]);
    workspace.hcl(&ready("  objects = [{ kind = \"Job.batch\", names = [\"migrate\"] }]\n", "5s"));
    workspace.plan().fails().error(&["Invalid value of objects[0].names[0]", "Job.batch has a namespace"]);
    workspace.hcl(&ready("  objects = [{ kind = \"Certificate\", names = [\"*\"] }]\n", "5s"));
    workspace.plan().fails().error(&["Invalid value of objects[0].kind", "write \"Certificate.cert-manager.io\""]);
}

#[test]
fn a_pod_that_lacks_a_secret_names_it_and_a_secret_without_its_key_too() {
    let (namespace, workspace) = (Namespace::made("lacking"), Workspace::new());
    let name = namespace.name();
    let key = json!({"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}});
    let pod = json!({"terminationGracePeriodSeconds": 0,
        "containers": [{"name": "web", "image": kubectl::pause_image(), "imagePullPolicy": "IfNotPresent", "env": [key],
                        "volumeMounts": [{"name": "settings", "mountPath": "/settings"}]}],
        "volumes": [{"name": "settings", "secret": {"secretName": "settings", "items": [{"key": "app.yaml", "path": "app.yaml"}], "optional": false}}]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": name, "name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod}}});
    kubectl::apply_as("tazlab-test", &deployment);
    let secret = namespace.manifest("settings", &[("other.yaml", "x")]);
    kubectl::apply_as("tazlab-test", &secret);
    poll::until(CONTROLLERS, "waiting container", || {
        let pods = kubectl::object(&["pods", "-n", name, "-l", "app=web"])?;
        pods["items"][0]["status"]["containerStatuses"][0]["state"]["waiting"]["reason"].is_string().then_some(())
    });
    workspace
        .hcl(&super::status(&format!("  objects = [{{ kind = \"Deployment.apps\", names = [\"{name}/web\"] }}]\n")));
    workspace.apply().succeeds();
    let problem = output(&workspace, "status")["problems"][0].as_str().unwrap().to_owned();
    for words in [
        format!("Secret {name}/db does not exist, and no ExternalSecret, "),
        "if a tazlab_bootstrap_secret writes it, name that in depends_on".to_owned(),
        format!("Secret {name}/settings has no key app.yaml"),
    ] {
        assert!(problem.contains(&words), "{words}: {problem}");
    }
    // What would make it is named, and why it has not.
    let external = json!({"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"namespace": name, "name": "db-from-vault"},
        "spec": {"secretStoreRef": {"name": "nowhere", "kind": "SecretStore"}, "target": {"name": "db"}, "refreshInterval": "1h",
                 "data": [{"secretKey": "password", "remoteRef": {"key": "db"}}]}});
    kubectl::apply_as("tazlab-test", &external);
    workspace.apply().succeeds();
    let problem = output(&workspace, "status")["problems"][0].as_str().unwrap().to_owned();
    let made =
        format!("Secret {name}/db does not exist: ExternalSecret {name}/db-from-vault makes it, and is not ready: ");
    assert!(problem.contains(&made), "{problem}");
    kubectl::succeeds(&["delete", "externalsecret", "db-from-vault", "-n", name, "--timeout=60s"]);
}
