//! A kind with a conversion webhook, asked by the real API server: one that is not reached is waited for, in writes and in reads, one
//! that does not convert is final.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use acceptance_tests::web::{Heard, Reply, Web};
use acceptance_tests::{Namespace, Workspace, node, poll};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;

/// A kind that is stored as v1 with a size, and served as v2 with a length, too. Its webhook listens; the Service of it has no endpoints
/// until [`Converted::comes`].
struct Converted<'a> {
    definition: Definition,
    namespace: &'a Namespace,
    web: Option<Web>,
}

impl<'a> Converted<'a> {
    fn new(namespace: &'a Namespace) -> Self {
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "convert", "namespace": namespace.name()},
            "spec": {"ports": [{"name": "https", "port": 443}]}});
        kubectl::apply_as("tazlab-test", &service);
        Self { definition: Definition::of(namespace), namespace, web: None }
    }

    /// Defines the kind, with a webhook that answers so.
    fn defined(&mut self, converts: impl Fn(Value) -> Result<Value, String> + Send + Sync + 'static) {
        let (name, group) = (self.namespace.name(), self.definition.group.clone());
        let review = move |heard: &Heard| {
            let asked: Value = serde_json::from_str(&heard.body).unwrap();
            let request = &asked["request"];
            let at_version = |mut object: Value| {
                object["apiVersion"] = request["desiredAPIVersion"].clone();
                object
            };
            let objects = request["objects"].as_array().unwrap().iter();
            let objects = objects.map(|object| converts(object.clone()).map(at_version));
            let response = match objects.collect::<Result<Vec<Value>, String>>() {
                Ok(all) => json!({"uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": all}),
                Err(why) => {
                    json!({"uid": request["uid"], "result": {"status": "Failure", "message": why}, "convertedObjects": []})
                }
            };
            Reply::json(
                &json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "response": response}),
            )
        };
        let web = Web::tls_as(&node::way_out(), &[&format!("convert.{name}.svc")], review);
        let authority = STANDARD.encode(web.authority().unwrap());
        let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
        let version = |version: &str, stored: bool| json!({"name": version, "served": true, "storage": stored, "schema": schema, "subresources": {"status": {}}});
        let client =
            json!({"caBundle": authority, "service": {"name": "convert", "namespace": name, "path": "/convert"}});
        let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": self.definition.name()},
            "spec": {"group": group, "scope": "Namespaced",
                "names": {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
                "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": client}},
                "versions": [version("v1", true), version("v2", false)]}});
        kubectl::apply_as("tazlab-test", &definition);
        kubectl::succeeds(&["wait", "--for=condition=Established", "--timeout=60s", "crd", &self.definition.name()]);
        self.web = Some(web);
    }

    /// The Service gets its endpoints.
    fn comes(&self) {
        let address: SocketAddr = self.web.as_ref().unwrap().address().parse().unwrap();
        kubectl::apply_as(
            "tazlab-test",
            &json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": "convert", "namespace": self.namespace.name(), "labels": {"kubernetes.io/service-name": "convert"}},
                "endpoints": [{"addresses": [address.ip().to_string()], "conditions": {"ready": true}}],
                "ports": [{"name": "https", "port": address.port()}]}),
        );
    }

    /// As it is stored.
    fn stored(&self) -> Option<Value> {
        kubectl::object(&[&format!("things.v1.{}", self.definition.group), "one", "-n", self.namespace.name()])
    }

    fn thing(&self) -> String {
        block("one", &self.definition.thing(self.namespace, "v2", "{ length = 3 }"), "")
    }
}

/// Both ways: what the one version calls size is the other's length.
fn renamed(mut object: Value) -> Result<Value, String> {
    let spec = object["spec"].as_object_mut().ok_or("it has no spec")?;
    for (from, to) in [("size", "length"), ("length", "size")] {
        if let Some(value) = spec.remove(from) {
            spec.insert(to.to_owned(), value);
            break;
        }
    }
    // Whose the fields are is told by the same names.
    Ok(object)
}

const AWAY: &str = "the conversion webhook of the kind is not ready";

fn until_told(workspace: &Workspace, words: &str) {
    poll::until(Duration::from_mins(1), words, || workspace.traces().contains(words).then_some(()));
}

#[test]
fn one_that_comes_late_is_waited_for_by_writes_and_by_reads() {
    let (namespace, workspace) = (Namespace::made("convert"), Workspace::new());
    let mut kind = Converted::new(&namespace);
    kind.defined(renamed);
    workspace.hcl(&kind.thing());
    workspace.plan().succeeds().warning(&["could not be checked during plan", AWAY, "failed: Post"]);
    let started = workspace.start(&["apply", "-json", "-auto-approve"]);
    until_told(&workspace, &format!("{AWAY}: "));
    let since = Instant::now();
    poll::until(Duration::from_secs(30), "10 s without endpoints", || {
        (since.elapsed() > Duration::from_secs(10)).then_some(())
    });
    assert!(kind.stored().is_none());
    kind.comes();
    let _ = started.end().succeeds();
    assert_eq!(kind.stored().unwrap()["spec"], json!({"size": 3}));
    assert_eq!(workspace.attributes(ONE)["manifest"]["spec"]["length"], 3);
    workspace.plan().succeeds().changes_nothing();

    // It goes, with its open connections: nobody can read the object, and who waits for it says why.
    kind.web = None;
    workspace.plan().fails().error(&["Cannot read Thing", AWAY]);
    let ready = Workspace::new();
    ready.hcl(&format!(
        "resource \"tazlab_bootstrap_ready\" \"this\" {{\n  objects = [{{ kind = \"Thing.{}\", names = [\"{}/one\"] }}]\n  timeouts = {{ create = \"5m\" }}\n}}\n",
        kind.definition.group,
        namespace.name()
    ));
    let started = ready.start(&["apply", "-json", "-auto-approve"]);
    until_told(&ready, AWAY);
    // Another one comes in its place.
    kind.defined(renamed);
    kind.comes();
    let _ = started.end().succeeds();
    workspace.plan().succeeds().changes_nothing();
    workspace.destroy().succeeds();
    assert!(kind.stored().is_none());
}

#[test]
fn one_that_does_not_convert_is_final_whatever_it_quotes() {
    let (namespace, workspace) = (Namespace::made("refuses"), Workspace::new());
    let mut kind = Converted::new(&namespace);
    kind.defined(
        |_| Err("length 3 has no size, said Post \"https://a.b.svc:443/\": no endpoints available".to_owned()),
    );
    kind.comes();
    workspace.hcl(&kind.thing().replace("\n}\n", "\n  timeouts = { create = \"4m\" }\n}\n"));
    let run = workspace.apply().fails();
    let error = run.error(&["the conversion webhook of the kind does not convert the object", "length 3 has no size"]);
    assert!(!error.contains("timed out"), "{error}");
    run.waited_at_most(Duration::from_mins(1), &workspace.plan());
    assert!(!workspace.traces().contains("waiting until it is"));
}
