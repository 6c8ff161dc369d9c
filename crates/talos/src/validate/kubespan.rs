//! `KubeSpan`: among the machine's settings, and as a document of its own.

use tazlab_go::netip;

use super::Check;
use super::subnets::subnet_fits;
use crate::value::Value;

/// The least MTU that the link of `KubeSpan` can have.
const LEAST_MTU: i128 = 1280;

/// `KubeSpan` among the machine's settings, which are checked where it is enabled.
pub(super) fn legacy(check: &mut Check, config: &Value) {
    let span = config.at_path("machine.network.kubespan");
    if !span.get("enabled").is_true() {
        return;
    }
    let mtu = span.get("mtu");
    if !mtu.is_nil() && mtu.number() < LEAST_MTU {
        check.refuse(mtu, "machine.network.kubespan.mtu", format!("the least MTU of KubeSpan is {LEAST_MTU}"));
    }
    let path = "machine.network.kubespan";
    if !config.at_path("cluster.discovery.enabled").is_true() {
        check.refuse(span, path, "KubeSpan needs cluster.discovery.enabled");
    }
    for key in ["id", "secret"] {
        if config.get("cluster").get(key).text().is_empty() {
            check.refuse(span, path, format!("KubeSpan needs cluster.{key}"));
        }
    }
    for subnet in span.at_path("filters.endpoints").items() {
        subnet_fits(check, subnet, "machine.network.kubespan.filters.endpoints");
    }
    for subnet in span.at_path("filters.excludeAdvertisedNetworks").items() {
        if netip::parse_prefix(subnet.text()).is_none() {
            let text = format!("{:?} is not a subnet as in 10.0.0.0/8", subnet.text());
            check.refuse(subnet, "machine.network.kubespan.filters.excludeAdvertisedNetworks", text);
        }
    }
}

/// `KubeSpan` as a document of its own, which is checked whether it is enabled or not.
pub(super) fn document(check: &mut Check, document: &Value) {
    let mtu = document.get("mtu");
    if !mtu.is_nil() && mtu.number() < LEAST_MTU {
        check.refuse(mtu, "mtu", format!("the least MTU of KubeSpan is {LEAST_MTU}"));
    }
    for subnet in document.at_path("filters.endpoints").items() {
        subnet_fits(check, subnet, "filters.endpoints");
    }
}
