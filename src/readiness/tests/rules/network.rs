//! Gateways, routes, and what joins a tailnet.

use super::*;

#[test]
fn a_gateway_is_accepted_and_programmed_whatever_its_ready_says() {
    let kind = "Gateway.gateway.networking.k8s.io";
    let gateway = |conditions: &[(&str, &str, i64)]| of(&json!({}), &saying(conditions));
    assert_eq!(word(kind, &gateway(&[("Accepted", "True", 2), ("Programmed", "True", 2), ("Ready", "False", 2)])), "");
    let pending = word(kind, &gateway(&[("Accepted", "True", 2), ("Programmed", "Unknown", 2)]));
    assert_eq!(pending, "R: condition Programmed is Unknown: m");
}

#[test]
fn a_route_is_accepted_by_each_of_its_parents() {
    let kind = "HTTPRoute.gateway.networking.k8s.io";
    let spec = json!({"parentRefs": [{"name": "one"}, {"name": "two", "namespace": "infra", "sectionName": "https"}]});
    let parent = |reference: Value, accepted: &str, resolved: &str| {
        let mut parent = saying(&[("Accepted", accepted, 2), ("ResolvedRefs", resolved, 2)]);
        parent["parentRef"] = reference;
        parent
    };
    let full = json!({"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "one", "namespace": "a"});
    let two = json!({"name": "two", "namespace": "infra", "sectionName": "https"});
    let route = |parents: Value| of(&spec, &json!({ "parents": parents }));
    let good = route(json!([parent(full.clone(), "True", "True"), parent(two.clone(), "True", "True")]));
    assert_eq!(word(kind, &good), "", "defaults are the same as what is written out");
    let half = route(json!([parent(full.clone(), "True", "True")]));
    assert_eq!(word(kind, &half), "no controller has accepted it for Gateway infra/two (https) yet");
    let broken = route(json!([parent(full.clone(), "True", "False"), parent(two.clone(), "True", "True")]));
    assert_eq!(word(kind, &broken), "R: at Gateway a/one: condition ResolvedRefs is False: m");
    let twice = route(json!([
        parent(full.clone(), "False", "True"),
        parent(full, "True", "True"),
        parent(two, "True", "True")
    ]));
    assert_eq!(word(kind, &twice), "", "another controller refuses what is not its own");
    assert_eq!(links(kind, &good), ["Gateway a/one", "Gateway infra/two"]);
}

#[test]
fn what_joins_the_tailnet_has_a_device_there() {
    for (kind, condition) in [("Connector", "ConnectorReady"), ("Recorder", "RecorderReady")] {
        let kind = format!("{kind}.tailscale.com");
        let mut status = saying(&[(condition, "True", 2)]);
        assert_eq!(word(&kind, &of(&json!({}), &status)), "it has no device on the tailnet yet");
        status["devices"] = json!([{"hostname": "h"}]);
        assert_eq!(word(&kind, &of(&json!({}), &status)), "");
    }
    let group = "ProxyGroup.tailscale.com";
    let mut status = saying(&[("ProxyGroupReady", "True", 2)]);
    assert_eq!(word(group, &of(&json!({"type": "egress"}), &status)), "");
    assert_eq!(word(group, &of(&json!({"type": "kube-apiserver"}), &status)), "it has no URL yet");
    status["url"] = json!("https://k.tail1234.ts.net");
    assert_eq!(word(group, &of(&json!({"type": "kube-apiserver"}), &status)), "");
}
