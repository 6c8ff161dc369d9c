//! `data.tazlab_tailnet_nameserver`. The operator's nameserver cannot be had here: a real CoreDNS answers in its place, on
//! its port and from the same kind of records.

use std::time::Duration;

use acceptance_tests::poll;
use serde_json::json;

use super::*;

const CONTENT: &str =
    r#"{"version":"v1alpha1","ip4":{"vault.tail1234.ts.net":["10.244.0.99"],"nas.tail1234.ts.net":["10.244.0.98"]}}"#;

fn deployment(namespace: &Namespace, name: &str, spec: &Value) -> Value {
    let replicas = i32::from(name == "nameserver");
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace.name(), "name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec}}})
}

fn map(namespace: &Namespace, name: &str, key: &str, content: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace.name(), "name": name},
        "data": {key: content}})
}

/// The nameserver, which knows one of the two records.
fn play(namespace: &Namespace) {
    let corefile = ".:1053 {\n    hosts {\n        10.244.0.99 vault.tail1234.ts.net\n    }\n    template ANY ANY nas.tail1234.ts.net {\n        rcode NXDOMAIN\n    }\n    ready\n}\n";
    kubectl::apply_as("operator", &map(namespace, "dnsrecords", "records.json", CONTENT));
    kubectl::apply_as("test", &map(namespace, "corefile", "Corefile", corefile));
    let mounts =
        json!([{"name": "records", "mountPath": "/config"}, {"name": "corefile", "mountPath": "/etc/coredns"}]);
    let spec = json!({
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "nameserver", "image": "registry.k8s.io/coredns/coredns:v1.15.0",
            "args": ["-conf", "/etc/coredns/Corefile"], "volumeMounts": mounts,
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1}}],
        "volumes": [{"name": "records", "configMap": {"name": "dnsrecords"}},
            {"name": "corefile", "configMap": {"name": "corefile"}}],
    });
    kubectl::apply_as("operator", &deployment(namespace, "nameserver", &spec));
    let operator = json!({"containers": [{"name": "operator", "image": "tailscale/k8s-operator:v1.15.0"}]});
    kubectl::apply_as("test", &deployment(namespace, "operator", &operator));
    poll::until(Duration::from_mins(1), "ready nameserver", || {
        let live = kubectl::object(&["deployment", "nameserver", "-n", namespace.name()])?;
        (live["status"]["readyReplicas"] == 1).then_some(())
    });
}

#[test]
fn it_says_what_is_out_of_step_and_never_fails() {
    // The real operator would work on the Service of this test.
    let _tailscale = Part::Tailscale.shared();
    let (namespace, workspace) = (Namespace::made("nameserver"), Workspace::new());
    let data = example("data-sources/tazlab_tailnet_nameserver/data-source.tf");
    let data = data.replace("= \"tailscale\"", &format!("= \"{}\"", namespace.name()));
    let plain = format!("data \"tazlab_tailnet_nameserver\" \"this\" {{\n  namespace = \"{}\"\n}}\n", namespace.name());
    let address = "data.tazlab_tailnet_nameserver.this";
    // Other tests have Services on the tailnet, too: what concerns them is theirs.
    let concerns_us = |problem: &&str| !problem.contains("Service tazlab-test-") || problem.contains(namespace.name());
    let problems = |workspace: &Workspace| {
        workspace.hcl(&plain);
        workspace.apply().succeeds();
        let found = workspace.attributes(address)["problems"].clone();
        found.as_array().unwrap().iter().filter_map(Value::as_str).filter(concerns_us).collect::<Vec<_>>().join("\n")
    };
    let nothing = problems(&workspace);
    assert!(nothing.contains("There is no nameserver") && nothing.contains("There are no records"), "{nothing}");

    play(&namespace);
    let one = problems(&workspace);
    assert!(one.contains("for nas.tail1234.ts.net failed: the name does not exist (NXDOMAIN)"), "{one}");
    assert!(!one.contains("vault.tail1234.ts.net"), "that one is answered: {one}");
    // The example fails where it is not ready.
    workspace.hcl(&data);
    workspace.plan().fails().error(&["nas.tail1234.ts.net"]);

    // In step.
    let record = CONTENT.replace(r#","nas.tail1234.ts.net":["10.244.0.98"]"#, "");
    kubectl::apply_as("operator", &map(&namespace, "dnsrecords", "records.json", &record));
    assert_eq!(problems(&workspace), "");
    let attributes = workspace.attributes(address);
    assert_eq!(attributes["records"], json!({"vault.tail1234.ts.net": ["10.244.0.99"]}));
    assert_eq!(attributes["image"], "registry.k8s.io/coredns/coredns:v1.15.0");

    // A Service without a record, and another image of the operator's.
    let service = json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": namespace.name(), "name": "nas", "annotations": {"tailscale.com/tailnet-fqdn": "nas.tail1234.ts.net"}},
        "spec": {"type": "ExternalName", "externalName": "unused"}});
    kubectl::apply_as("test", &service);
    let ready = r#"{"status":{"conditions":[{"type":"TailscaleProxyReady","status":"True","reason":"ProxyCreated","message":"ProxyCreated","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}"#;
    kubectl::succeeds(&[
        "patch",
        "service",
        "nas",
        "-n",
        namespace.name(),
        "--subresource",
        "status",
        "--type",
        "merge",
        "-p",
        ready,
    ]);
    kubectl::succeeds(&[
        "set",
        "image",
        "deployment/operator",
        "-n",
        namespace.name(),
        "operator=tailscale/k8s-operator:v1.90.0",
    ]);
    let two = problems(&workspace);
    assert!(
        two.contains("nas.tail1234.ts.net of Service")
            && two.contains("has no record")
            && two.contains("image.tag of the DNSConfig to v1.90.0"),
        "{two}"
    );
    // A destroy goes through, whatever is found.
    workspace.destroy().succeeds();
}
