//! What only Tailscale's operator does with Services, played: its finalizer, its condition, the proxy's `StatefulSet`, the
//! name in the status. The messages are its own (tailscale, `cmd/k8s-operator/svc.go`); the pods, their readiness and
//! their events are the cluster's.

use std::io::BufReader;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::lock::Lock;
use crate::{Part, Testbed, kubectl};

/// What holds a deleted Service.
pub const FINALIZER: &str = "tailscale.com/finalizer";

/// Joins a device of this name with these tags to the tailnet; gives its whole name.
type Join = Box<dyn Fn(&str, &[String]) -> String + Send>;

/// How the operator behaves.
pub struct Conduct {
    /// It says this of every Service, `(reason, message)`, and makes nothing.
    pub refuses: Option<(&'static str, String)>,
    /// It takes its finalizer off what is deleted.
    pub cleans: bool,
    /// What the proxy's container may.
    pub privileged: bool,
    /// The tailnet that devices join.
    pub join: Join,
}

impl Default for Conduct {
    fn default() -> Self {
        let join = Box::new(|hostname: &str, _: &[String]| format!("{hostname}.tail1234.ts.net"));
        Self { refuses: None, cleans: true, privileged: false, join }
    }
}

/// An operator at work in the namespaces of a test; it ends with its value.
pub struct Operator {
    conduct: Arc<Mutex<Conduct>>,
    watch: Child,
    thread: Option<JoinHandle<()>>,
    _shared: Lock,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Operator").finish_non_exhaustive()
    }
}

impl Operator {
    /// Takes care of the Services of `namespace`; its proxies live in `own`.
    ///
    /// # Panics
    /// When kubectl does not start.
    #[must_use]
    pub fn start(namespace: &str, own: &str, conduct: Conduct) -> Self {
        let (shared, testbed) = (Part::Tailscale.shared_by_a_helper(), Testbed::get());
        let mut watch = Command::new(testbed.kubectl())
            .arg("--kubeconfig")
            .arg(testbed.kubeconfig())
            .args(["get", "services", "--watch", "--output", "json", "--namespace", namespace])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("kubectl starts");
        let out = watch.stdout.take().expect("its output");
        let conduct = Arc::new(Mutex::new(conduct));
        let (ours, own) = (Arc::clone(&conduct), own.to_owned());
        let thread = std::thread::spawn(move || {
            let services = serde_json::Deserializer::from_reader(BufReader::new(out)).into_iter::<Value>();
            for service in services.map_while(Result::ok) {
                let conduct = ours.lock().unwrap_or_else(PoisonError::into_inner);
                attend(&service, &own, &conduct);
            }
        });
        Self { conduct, watch, thread: Some(thread), _shared: shared }
    }

    /// How it behaves from now on. It looks again at a Service when that changes.
    pub fn conduct(&self) -> MutexGuard<'_, Conduct> {
        self.conduct.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        drop(self.watch.kill());
        drop(self.watch.wait());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// One reconciliation.
fn attend(service: &Value, own: &str, conduct: &Conduct) {
    let annotation = |name: &str| service["metadata"]["annotations"][name].as_str();
    let is_egress = annotation("tailscale.com/tailnet-fqdn").is_some();
    if !is_egress && service["spec"]["loadBalancerClass"] != "tailscale" {
        return;
    }
    let text = |pointer: &str| service.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    let proxy = format!("ts-{name}-{}", text("/metadata/uid").get(..5).unwrap_or_default());
    let held = service["metadata"]["finalizers"].as_array().is_some_and(|all| all.contains(&json!(FINALIZER)));
    if service["metadata"]["deletionTimestamp"].is_string() {
        if held && conduct.cleans {
            drop(kubectl::kubectl(&["delete", "statefulset", &proxy, "-n", own, "--ignore-not-found", "--wait=false"]));
            patch(namespace, name, "", &json!({"metadata": {"finalizers": null}}));
        }
        return;
    }
    if let Some((reason, message)) = &conduct.refuses {
        say(service, "False", reason, message, &Value::Null);
        return;
    }
    if !held {
        // The change is an event, and the next one goes on from here.
        patch(namespace, name, "", &json!({"metadata": {"finalizers": [FINALIZER]}}));
        return;
    }
    let join = || {
        let tags = annotation("tailscale.com/tags").unwrap_or_default();
        let tags: Vec<String> = tags.split(',').filter(|tag| !tag.is_empty()).map(ToOwned::to_owned).collect();
        (conduct.join)(annotation("tailscale.com/hostname").unwrap_or(name), &tags)
    };
    if is_egress {
        if make_proxy(&proxy, own, namespace, name, conduct.privileged) {
            join();
        }
        let external = format!("{proxy}.{own}.svc.cluster.local");
        if service["spec"]["externalName"] != external {
            patch(namespace, name, "", &json!({"spec": {"externalName": external, "type": "ExternalName"}}));
            return;
        }
        say(service, "True", "ProxyCreated", "ProxyCreated", &Value::Null);
        return;
    }
    let joined = service.pointer("/status/loadBalancer/ingress/0/hostname").is_some();
    let condition = service.pointer("/status/conditions/0/status").and_then(Value::as_str);
    match (joined, condition) {
        (true, Some("True")) => {}
        (false, Some("False")) => {
            let ingress = json!({"ingress": [{"hostname": join()}, {"ip": "100.64.0.7"}]});
            say(service, "True", "ProxyCreated", "ProxyCreated", &ingress);
        }
        _ => {
            let waits = "no Tailscale hostname known yet, waiting for proxy pod to finish auth";
            say(service, "False", "ProxyPending", waits, &Value::Null);
        }
    }
}

/// Sets the condition, and the status of the load balancer where there is one.
fn say(service: &Value, status: &str, reason: &str, message: &str, balancer: &Value) {
    let said = &service["status"]["conditions"][0];
    if said["status"] == status && said["message"] == message && balancer.is_null() {
        return;
    }
    let condition = json!({"type": "TailscaleProxyReady", "status": status, "reason": reason, "message": message,
        "lastTransitionTime": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()});
    let mut change = json!({"status": {"conditions": [condition]}});
    if !balancer.is_null() {
        change["status"]["loadBalancer"] = balancer.clone();
    }
    let text = |field: &str| service["metadata"][field].as_str().unwrap_or_default();
    patch(text("namespace"), text("name"), "status", &change);
}

fn patch(namespace: &str, name: &str, subresource: &str, change: &Value) {
    let change = change.to_string();
    let mut arguments = vec!["patch", "service", name, "-n", namespace, "--type", "merge", "-p", &change];
    arguments.extend(["--field-manager", "operator"]);
    if !subresource.is_empty() {
        arguments.extend(["--subresource", subresource]);
    }
    // Where the Service changed or went meanwhile, the next event comes.
    drop(kubectl::kubectl(&arguments));
}

/// The proxy: a pod that does nothing, with an image that every node has. Was it made now?
fn make_proxy(proxy: &str, own: &str, namespace: &str, name: &str, privileged: bool) -> bool {
    if kubectl::object(&["statefulset", proxy, "-n", own]).is_some() {
        return false;
    }
    let parent = json!({"tailscale.com/managed": "true", "tailscale.com/parent-resource": name,
        "tailscale.com/parent-resource-ns": namespace, "tailscale.com/parent-resource-type": "svc"});
    let app = json!({"app": proxy});
    kubectl::apply_as(
        "operator",
        &json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet",
            "metadata": {"namespace": own, "name": proxy, "labels": parent},
            "spec": {
                "replicas": 1, "serviceName": proxy, "selector": {"matchLabels": app},
                "template": {
                    "metadata": {"labels": app},
                    "spec": {"terminationGracePeriodSeconds": 0, "containers": [{
                        "name": "tailscale", "image": kubectl::pause_image(),
                        "securityContext": {"privileged": privileged},
                    }]},
                },
            },
        }),
    );
    true
}
