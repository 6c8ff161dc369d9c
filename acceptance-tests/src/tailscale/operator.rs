//! Tailscale's operator in the cluster, as its own manifest installs it: its definitions, its ServiceAccount with its rights, its
//! Deployment. For one test at a time, since it works on all of the cluster's Services.

use std::fs::{self, File};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, ControlServer, part};
use crate::lock::Lock;
use crate::operator::FINALIZER;
use crate::{Namespace, Part, kubectl, node, poll};

/// The namespace of its manifest.
const THEIRS: &str = "tailscale";

/// What its objects are marked with: another operator in the cluster is nobody's to change.
const MARK: &str = "tazlab.io/test-operator";

/// The `ProxyClass` of all proxies: their image is on the nodes already.
const PROXY_CLASS: &str = "tazlab-test";

/// Nobody is waited for who would take them off.
const NO_FINALIZERS: &str = "{\"metadata\": {\"finalizers\": null}}";

/// What an operator comes up in.
const LIMIT: Duration = Duration::from_mins(1);

/// What its credential may do, as its documentation asks for.
const SCOPES: [&str; 3] = ["devices:core", "auth_keys", "services"];

/// An operator at work; it ends with the value, and its definitions with it.
#[derive(Debug)]
pub struct TailscaleOperator<'a> {
    control: &'a ControlServer,
    namespace: Namespace,
    client: Client,
    _alone: Lock,
}

impl<'a> TailscaleOperator<'a> {
    /// Installs it, and waits until it is on the tailnet.
    ///
    /// # Panics
    /// When the cluster has an operator that is not of these tests, and when it does not come up.
    #[must_use]
    pub fn start(control: &'a ControlServer) -> Self {
        let alone = Part::Tailscale.exclusive();
        if let Some(role) = kubectl::object(&["clusterrole", "tailscale-operator"]) {
            assert!(role["metadata"]["labels"][MARK].is_string(), "the cluster has a Tailscale operator of its own");
        }
        load_images();
        let client = Client::new("operator", &SCOPES, &["tag:k8s-operator", "tag:k8s"]);
        control.accept(&client);
        let operator = Self { control, namespace: Namespace::made("tailscale"), client, _alone: alone };
        operator.enforce("privileged");
        operator.install();
        operator
    }

    fn install(&self) {
        let file = part("operator.yaml");
        let printed = kubectl::succeeds(&[
            "create",
            "--dry-run=client",
            "--validate=false",
            "-o",
            "json",
            "-f",
            file.to_str().unwrap(),
        ]);
        let objects: Vec<Value> =
            serde_json::Deserializer::from_str(&printed).into_iter().map(Result::unwrap).collect();
        let (definitions, others): (Vec<Value>, Vec<Value>) = objects
            .into_iter()
            .filter(|object| object["kind"] != "Namespace")
            .map(|object| self.ours(object))
            .partition(|object| object["kind"] == "CustomResourceDefinition");
        let list = |items: &[Value]| json!({"apiVersion": "v1", "kind": "List", "items": items});
        kubectl::apply_as("tazlab-test", &list(&definitions));
        let wait = ["wait", "--for", "condition=Established", "--timeout=10s", "crd", "-l", MARK];
        poll::until(Duration::from_secs(30), "definitions of the operator", || {
            kubectl::kubectl(&wait).status.success().then_some(())
        });
        let container = json!({"imagePullPolicy": "IfNotPresent"});
        let quiet = json!([{"name": "TS_NO_LOGS_NO_SUPPORT", "value": "true"}]);
        let mut tailscale = container.clone();
        tailscale["env"] = quiet;
        let class = json!({"apiVersion": "tailscale.com/v1alpha1", "kind": "ProxyClass",
            "metadata": {"name": PROXY_CLASS, "labels": {MARK: ""}},
            "spec": {"statefulSet": {"pod": {"tailscaleContainer": tailscale, "tailscaleInitContainer": container}}}});
        kubectl::apply_as("tazlab-test", &list(&[others, vec![class]].concat()));
        self.until_up();
        // A Service that is created in the moment in which its class becomes ready is not looked at again by the operator.
        let ready = ["wait", "--for", "condition=ProxyClassReady", "--timeout=10s", "proxyclass", PROXY_CLASS];
        poll::until(LIMIT, "ProxyClass that is ready", || kubectl::kubectl(&ready).status.success().then_some(()));
    }

    /// An object of its manifest with our namespace, our images and our control server.
    fn ours(&self, mut object: Value) -> Value {
        let own = self.name();
        let set = |value: &mut Value, field: &str| {
            if value[field] == THEIRS {
                value[field] = own.into();
            }
        };
        set(&mut object["metadata"], "namespace");
        object["metadata"]["labels"][MARK] = "".into();
        for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
            set(subject, "namespace");
        }
        match object["kind"].as_str() {
            Some("Secret") => {
                object["stringData"] = json!({"client_id": self.client.id, "client_secret": self.client.secret});
            }
            Some("Deployment") => {
                let container = &mut object["spec"]["template"]["spec"]["containers"][0];
                container["image"] = image("operator").into();
                container["imagePullPolicy"] = "IfNotPresent".into();
                let environment = [
                    ("OPERATOR_LOGIN_SERVER", self.control.url()),
                    ("PROXY_IMAGE", &image("proxy")),
                    ("PROXY_DEFAULT_CLASS", PROXY_CLASS),
                    ("PROXY_FIREWALL_MODE", "nftables"),
                    ("TS_NO_LOGS_NO_SUPPORT", "true"),
                ];
                let variables = container["env"].as_array_mut().unwrap();
                for (name, value) in environment {
                    variables.retain(|variable| variable["name"] != name);
                    variables.push(json!({"name": name, "value": value}));
                }
            }
            _ => {}
        }
        object
    }

    /// The namespace of it and of its proxies.
    #[must_use]
    pub fn name(&self) -> &str {
        self.namespace.name()
    }

    /// Its credential.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Pod Security of its namespace: proxies need `privileged`.
    pub fn enforce(&self, level: &str) {
        let label = format!("pod-security.kubernetes.io/enforce={level}");
        kubectl::succeeds(&["label", "namespace", self.name(), "--overwrite", &label]);
    }

    /// Waits until its device is connected.
    pub fn until_up(&self) {
        poll::until(LIMIT, "operator on the tailnet", || {
            let devices = self.control.devices();
            devices
                .iter()
                .any(|device| device["hostname"] == "tailscale-operator" && device["connectedToControl"] == true)
                .then_some(())
        });
    }

    /// Ends it; what it made stays.
    pub fn stop(&self) {
        self.scale("0");
        self.until_no_pod(&["-l", "app=operator"]);
    }

    /// Starts it again, with the identity that it had.
    pub fn resume(&self) {
        self.scale("1");
        self.until_up();
    }

    fn scale(&self, replicas: &str) {
        kubectl::succeeds(&["scale", "deployment", "operator", "-n", self.name(), &format!("--replicas={replicas}")]);
    }

    /// What becomes of it when its cluster is lost: it, its proxies and its Services are gone from one moment to the next, with all that
    /// they have stored. Nobody tells the tailnet.
    pub fn lose(self) {
        self.stop();
        let all = ["delete", "statefulset,pod,secret", "--all", "--force", "--grace-period=0", "-n", self.name()];
        kubectl::succeeds(&all);
        self.until_no_pod(&[]);
    }

    /// Waits until there are no pods of this selection.
    fn until_no_pod(&self, selection: &[&str]) {
        poll::until(LIMIT, &format!("end of the pods {selection:?}"), || {
            let found = kubectl::object(&[&["pods", "-n", self.name()], selection].concat());
            // kubectl says nothing of none.
            found.is_none_or(|pods| pods["items"].as_array().is_some_and(Vec::is_empty)).then_some(())
        });
    }

    /// What a test that failed has left: nobody takes this operator's finalizer off any more.
    fn release_services(&self) {
        let services = kubectl::object(&["services", "--all-namespaces"]).unwrap_or_default();
        for service in services["items"].as_array().into_iter().flatten() {
            let finalizers = service["metadata"]["finalizers"].as_array();
            if finalizers.is_none_or(|all| !all.contains(&json!(FINALIZER))) {
                continue;
            }
            let text = |field: &str| service["metadata"][field].as_str().unwrap_or_default();
            release(text("namespace"), text("name"));
        }
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        kubectl::tried(&["logs", "deployment/operator", "-n", self.name(), "--tail=60"]).unwrap_or_else(|error| error)
    }
}

impl Drop for TailscaleOperator<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("Tailscale's operator, its last lines:\n{}", self.log());
            let pods = kubectl::tried(&["get", "pods,statefulsets,events", "-n", self.name(), "-o", "wide"]);
            println!("its namespace:\n{}", pods.unwrap_or_else(|error| error));
        }
        self.release_services();
        let class = ["proxyclass", PROXY_CLASS];
        drop(kubectl::kubectl(&[&["delete", "--ignore-not-found", "--wait=false"], &class[..]].concat()));
        drop(kubectl::kubectl(&[&["patch", "--type", "merge", "-p", NO_FINALIZERS], &class[..]].concat()));
        let kinds = "clusterrole,clusterrolebinding,ingressclass,crd";
        drop(kubectl::kubectl(&["delete", kinds, "-l", MARK, "--ignore-not-found", "--timeout=60s"]));
    }
}

/// Takes a Service away without its operator.
fn release(namespace: &str, name: &str) {
    drop(kubectl::kubectl(&["delete", "service", name, "-n", namespace, "--ignore-not-found", "--wait=false"]));
    drop(kubectl::kubectl(&["patch", "service", name, "-n", namespace, "--type", "merge", "-p", NO_FINALIZERS]));
}

/// The image of this name in the recipe's archive.
#[must_use]
pub fn image(name: &str) -> String {
    let tag = fs::read_to_string(part("tag")).unwrap();
    format!("tailscale.test/{name}:{}", tag.trim())
}

/// Brings the images to every node that has not got them.
fn load_images() {
    let nodes = kubectl::object(&["nodes"]).unwrap();
    let names: Vec<String> = nodes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    std::thread::scope(|threads| {
        for name in &names {
            threads.spawn(move || {
                let wanted = format!("name=={}", image("proxy"));
                let list = ["exec", name, "ctr", "--namespace", "k8s.io", "images", "ls", "--quiet", &wanted];
                let listed = node::engine(&list).output().expect("docker runs");
                if !listed.stdout.is_empty() {
                    return;
                }
                let archive = File::open(part("images.tar")).unwrap();
                let import = ["exec", "-i", name, "ctr", "--namespace", "k8s.io", "images", "import", "-"];
                let output = node::engine(&import).stdin(archive).stdout(Stdio::null()).output().expect("docker runs");
                assert!(output.status.success(), "import on {name}: {}", String::from_utf8_lossy(&output.stderr));
            });
        }
    });
}
