//! Admission webhooks, asked by the real API server: one that cannot be reached yet is waited for, one that denies is final.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use acceptance_tests::web::{Heard, Reply, Web};
use acceptance_tests::{Namespace, Workspace, kubectl, node, poll};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{ONE, one_file};

/// What the API server says of a webhook that it cannot reach.
const NOT_REACHED: &str = "failed to call webhook";

/// A webhook for all Secrets of a namespace. It listens; its Service has no endpoints until [`Webhook::comes`].
struct Webhook<'a> {
    namespace: &'a Namespace,
    web: Option<Web>,
}

impl<'a> Webhook<'a> {
    fn for_secrets(namespace: &'a Namespace, answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Self {
        let name = namespace.name();
        let review = move |heard: &Heard| {
            let asked: Value = serde_json::from_str(&heard.body).unwrap();
            let mut response = answer(&asked["request"]);
            response["uid"] = asked["request"]["uid"].clone();
            Reply::json(&json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}))
        };
        let web = Web::tls_as(&node::way_out(), &[&format!("late.{name}.svc")], review);
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "late", "namespace": name},
            "spec": {"ports": [{"name": "https", "port": 443}]}});
        kubectl::apply_as("tazlab-test", &service);
        let webhook = json!({
            "name": "late.tazlab.example", "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
            "timeoutSeconds": 2, "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["secrets"], "operations": ["*"]}],
            "clientConfig": {"caBundle": STANDARD.encode(web.authority().unwrap()),
                "service": {"name": "late", "namespace": name, "path": "/review"}},
        });
        kubectl::apply_as(
            "tazlab-test",
            &json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
                "metadata": {"name": name}, "webhooks": [webhook]}),
        );
        let webhook = Self { namespace, web: Some(web) };
        // The API server takes a moment to know of it.
        poll::until(Duration::from_secs(30), "the webhook in force", || {
            webhook.answer_to_a_dry_run().contains(NOT_REACHED).then_some(())
        });
        webhook
    }

    fn answer_to_a_dry_run(&self) -> String {
        let probe = ["create", "secret", "generic", "probe", "-n", self.namespace.name(), "--dry-run=server"];
        kubectl::tried(&probe).err().unwrap_or_default()
    }

    /// Its Service gets its endpoints.
    fn comes(&self) {
        let address: SocketAddr = self.web.as_ref().unwrap().address().parse().unwrap();
        kubectl::apply_as(
            "tazlab-test",
            &json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": "late", "namespace": self.namespace.name(), "labels": {"kubernetes.io/service-name": "late"}},
                "endpoints": [{"addresses": [address.ip().to_string()], "conditions": {"ready": true}}],
                "ports": [{"name": "https", "port": address.port()}]}),
        );
    }

    /// It is not there any more.
    fn goes(&mut self) {
        self.web = None;
        poll::until(Duration::from_secs(30), "a webhook that is away", || {
            self.answer_to_a_dry_run().contains(NOT_REACHED).then_some(())
        });
    }

    /// It comes, and the API server reaches it.
    fn is_there(&self) {
        self.comes();
        poll::until(Duration::from_secs(30), "a webhook that answers", || {
            (!self.answer_to_a_dry_run().contains(NOT_REACHED)).then_some(())
        });
    }
}

impl Drop for Webhook<'_> {
    fn drop(&mut self) {
        let _ = kubectl::kubectl(&["delete", "validatingwebhookconfiguration", self.namespace.name()]);
    }
}

fn allowed(_: &Value) -> Value {
    json!({"allowed": true})
}

#[test]
fn a_webhook_that_comes_30_s_late_is_waited_for() {
    let (namespace, workspace) = (Namespace::made("late"), Workspace::new());
    let webhook = Webhook::for_secrets(&namespace, allowed);
    let (file, secret) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, ""));
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    let words = "waiting until it is";
    poll::until(Duration::from_secs(30), words, || workspace.traces().contains(words).then_some(Instant::now()));
    let since = Instant::now();
    poll::until(Duration::from_mins(1), "30 s without endpoints", || {
        (since.elapsed() > Duration::from_secs(30)).then_some(())
    });
    assert!(namespace.secret("one").is_none());
    webhook.comes();
    let _ = started.end().succeeds();
    assert_eq!(namespace.contents("one")["key"], secret.as_bytes());
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(namespace.secret("one").is_none());
    assert!(webhook.web.as_ref().unwrap().heard().iter().any(|heard| heard.body.contains("\"operation\":\"DELETE\"")));
}

#[test]
fn one_that_never_comes_is_named_at_the_timeout_and_nothing_is_left() {
    let (namespace, workspace) = (Namespace::made("never"), Workspace::new());
    let mut webhook = Webhook::for_secrets(&namespace, allowed);
    let (file, _) = workspace.secret_file("key");
    workspace.hcl(&one_file(&namespace, &file, "  timeouts = { create = \"5s\", delete = \"5s\" }"));
    workspace.apply().fails().error(&["admission is not ready", "late.tazlab.example"]);
    assert_eq!(workspace.addresses(), [""; 0]);
    webhook.is_there();
    workspace.apply().succeeds();
    // One that went away holds deletes up, too; its open connections end with it.
    webhook.goes();
    workspace.destroy().fails().error(&["admission is not ready", "late.tazlab.example"]);
    assert_eq!(workspace.addresses(), [ONE]);
    drop(webhook);
    workspace.destroy().succeeds();
}

#[test]
fn one_that_denies_is_final_whatever_it_quotes() {
    let (namespace, workspace) = (Namespace::made("denies"), Workspace::new());
    let (file, secret) = workspace.secret_file("key");
    let quoted = format!("Internal error occurred: failed calling webhook \"x\": it holds {secret}");
    let webhook = Webhook::for_secrets(
        &namespace,
        move |_| json!({"allowed": false, "status": {"code": 500, "message": quoted}}),
    );
    webhook.is_there();
    workspace.hcl(&one_file(&namespace, &file, "  timeouts = { create = \"4m\" }"));
    let run = workspace.apply().fails();
    let error = run.error(&["denied the request", "late.tazlab.example"]);
    assert!(!error.contains("timed out"), "{error}");
    run.waited_at_most(Duration::from_mins(1), &workspace.plan());
    assert!(!workspace.traces().contains("waiting until it is"));
}
