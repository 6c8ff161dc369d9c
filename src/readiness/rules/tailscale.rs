//! The Tailscale operator's kinds: none of their conditions is called Ready, and some hold before a pod runs.

use super::{Judgement, Rule, View};
use crate::readiness::sighting::Reason;

pub(super) const RULES: &[Rule] = &[
    rule(
        "ProxyGroup",
        "proxygroups",
        "ProxyGroups ready",
        "condition ProxyGroupReady is True; one of type `kube-apiserver` has `status.url`, too",
        |object| {
            let found = object.expects("ProxyGroupReady", "True");
            let is_apiserver = object.text("/spec/type") == "kube-apiserver";
            found.and_then(|()| has(!is_apiserver || !object.text("/status/url").is_empty(), "no URL")).into()
        },
    ),
    rule("ProxyClass", "proxyclasses", "ProxyClasses ready", "condition ProxyClassReady is True", |object| {
        object.expects("ProxyClassReady", "True").into()
    }),
    rule(
        "Connector",
        "connectors",
        "Connectors ready",
        "condition ConnectorReady is True, and `status.devices` has a device",
        |object| joined(object, "ConnectorReady"),
    ),
    rule(
        "Recorder",
        "recorders",
        "Recorders ready",
        "condition RecorderReady is True, and `status.devices` has a device",
        |object| joined(object, "RecorderReady"),
    ),
    rule(
        "DNSConfig",
        "dnsconfigs",
        "DNSConfigs ready",
        "condition NameserverReady is True (its Service has an address; ask for its Deployment, too)",
        |object| object.expects("NameserverReady", "True").into(),
    ),
];

const fn rule(
    kind: &'static str,
    plural: &'static str,
    counted: &'static str,
    ready: &'static str,
    judge: fn(View<'_>) -> Judgement,
) -> Rule {
    Rule {
        kind,
        group: "tailscale.com",
        plural,
        version: None,
        namespaced: false,
        counted,
        ready,
        source: "tailscale.com v1.96.5 `k8s-operator/apis/v1alpha1/types_connector.go:251`",
        judge,
    }
}

fn has(is_there: bool, missing: &str) -> Result<(), Reason> {
    if is_there { Ok(()) } else { Err(Reason::seen(format!("it has {missing} yet"))) }
}

/// The condition holds before a pod runs: the device is there when one does.
fn joined(object: View<'_>, condition: &str) -> Judgement {
    let found = object.expects(condition, "True");
    found.and_then(|()| has(object.list("/status/devices").next().is_some(), "no device on the tailnet")).into()
}
