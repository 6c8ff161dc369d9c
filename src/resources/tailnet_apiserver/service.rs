//! The Service: what is applied, and what of a live one is stored in state.

use serde_json::{Value as Json, json};
use tazlab_clients::kubernetes::Untyped;
use tf_plugin::framework::value::Value;

use super::model::{Model, Own};
use super::name::{given, judged};
use crate::cluster::object::{Place, Standing};
use crate::cluster::tailscale_operator::life::Exposed;
use crate::cluster::tailscale_operator::{HOSTNAME, Shared, annotation, metadata, service};

/// The class of load balancers that is the operator's.
const CLASS: &str = "tailscale";

impl Exposed for Model {
    const EXAMPLE: &'static str = "kube-system/tailscale-apiserver";

    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn place(&self) -> Place {
        let text = |value: &Value<String>| value.as_deref_option().unwrap_or_default().to_owned();
        service(&text(&self.own.namespace), &text(&self.own.name))
    }

    fn put(&mut self, namespace: String, name: String) {
        self.own.namespace = Value::Value(namespace);
        self.own.name = Value::Value(name);
    }

    fn desired(&self, _: Option<&Untyped>) -> Json {
        let Own { hostname, port, selector, .. } = &self.own;
        let port = port.as_ref_option().copied().unwrap_or_default();
        json!({
            "metadata": metadata(hostname.as_deref_option(), &self.shared),
            "spec": {
                "type": "LoadBalancer",
                "loadBalancerClass": CLASS,
                // The proxy reaches the Service's own address; nobody needs a port on every node.
                "allocateLoadBalancerNodePorts": false,
                "selector": selector.as_ref_option(),
                "ports": [{"name": "https", "port": port, "targetPort": port, "protocol": "TCP"}],
            },
        })
    }

    fn observe(&mut self, live: &Untyped) {
        self.own.hostname = annotation(live, HOSTNAME).map(ToOwned::to_owned).into();
        self.own.port = live.value.pointer("/spec/ports/0/port").and_then(Json::as_i64).into();
        let selector = live.value.pointer("/spec/selector").cloned();
        self.own.selector = selector.and_then(|selector| serde_json::from_value(selector).ok()).into();
        let given = given(&live.value);
        self.own.fqdn = given.as_ref().map(|given| given.fqdn.clone()).into();
        self.own.addresses = given.map(|given| given.addresses).into();
        self.shared.observe(live);
    }

    fn standing(&self, live: &Json) -> Standing {
        judged(self, live)
    }
}
