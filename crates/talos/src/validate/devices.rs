//! `machine.network.interfaces`.

use std::collections::BTreeMap;

use tazlab_go::{base64, net, netip};

use super::Check;
use crate::value::Value;

const PATH: &str = "machine.network.interfaces";

pub(super) fn interfaces(check: &mut Check, interfaces: &Value) {
    // Which link each interface is a part of.
    let mut parts: BTreeMap<&str, &str> = BTreeMap::new();
    for device in interfaces.items() {
        let (bond, bridge, name) = (device.get("bond"), device.get("bridge"), device.get("interface").text());
        if !bond.is_nil() && !bridge.is_nil() {
            check.refuse(device, PATH, "an interface is a bond or a bridge, not both");
        }
        let members = if bridge.is_nil() { bond.get("interfaces") } else { bridge.get("interfaces") };
        let selectors = bond.get("deviceSelectors");
        if !bond.is_nil() && !bond.get("interfaces").items().is_empty() && !selectors.items().is_empty() {
            check.refuse(bond, PATH, "a bond names interfaces or deviceSelectors, not both");
        }
        for member in members.items() {
            if let Some(other) = parts.get(member.text()).filter(|other| **other != name) {
                check.refuse(member, PATH, format!("{} is part of {other} already", member.text()));
            }
            parts.insert(member.text(), name);
        }
    }
    for device in interfaces.items() {
        if device.is_nil() {
            check.refuse(device, PATH, "this must not be null");
        } else if !device.get("ignore").is_true() {
            identity(check, device);
            addressing(check, device, &parts);
            routes(check, device.get("routes"));
        }
    }
}

fn identity(check: &mut Check, device: &Value) {
    let (name, selector) = (device.get("interface"), device.get("deviceSelector"));
    match (name.text().is_empty(), selector.is_nil()) {
        (true, true) => check.refuse(device, PATH, "interface or deviceSelector must be set"),
        (false, false) => check.refuse(device, PATH, "interface and deviceSelector cannot both be set"),
        _ => {}
    }
    if !selector.is_nil() && selector.entries().all(|(_, value)| value.is_nil() || is_zero_text(value)) {
        check.refuse(selector, PATH, "deviceSelector must name at least one property");
    }
    let bond = device.get("bond");
    if !bond.is_nil() {
        self::bond(check, bond);
    }
    let wireguard = device.get("wireguard");
    if !wireguard.is_nil() {
        self::wireguard(check, wireguard);
    }
    for vlan in device.get("vlans").items() {
        self::vlan(check, vlan);
    }
}

fn is_zero_text(value: &Value) -> bool {
    matches!(&value.data, crate::value::Data::Text(text) if text.is_empty())
}

/// The words that Talos takes for settings of a bond, the empty one beside them.
const BOND_WORDS: &[(&str, &[&str])] = &[
    ("xmitHashPolicy", &["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4"]),
    ("lacpRate", &["slow", "fast"]),
    ("arpValidate", &["none", "active", "backup", "all", "filter", "filter-active", "filter-backup"]),
    ("arpAllTargets", &["any", "all"]),
    ("primaryReselect", &["always", "better", "failure"]),
    ("failOverMac", &["none", "active", "follow"]),
    ("adSelect", &["stable", "bandwidth", "count"]),
    ("mode", &["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"]),
];

fn bond(check: &mut Check, bond: &Value) {
    for (key, words) in BOND_WORDS {
        let value = bond.get(key);
        if !value.text().is_empty() && !words.contains(&value.text()) {
            check.refuse(value, PATH, format!("bond.{key} is one of {}", words.join(", ")));
        }
    }
    let number = |key: &str| bond.get(key).number();
    let monitor = number("miimon");
    for key in ["updelay", "downdelay"] {
        if monitor == 0 && number(key) != 0 {
            check.refuse(bond.get(key), PATH, format!("bond.{key} needs bond.miimon"));
        } else if monitor != 0 && number(key) % monitor != 0 {
            check.refuse(bond.get(key), PATH, format!("bond.{key} must be a multiple of bond.miimon"));
        }
    }
    let mode = match bond.get("mode").text() {
        // What is no mode counts as the first, as it does in Talos.
        known @ ("active-backup" | "balance-xor" | "broadcast" | "802.3ad" | "balance-tlb" | "balance-alb") => known,
        _ => "balance-rr",
    };
    let adaptive = matches!(mode, "balance-tlb" | "balance-alb");
    let written = |key: &str| !bond.get(key).text().is_empty();
    let set = |key: &str| number(key) > 0;
    for (key, wrong, why) in [
        ("arpIPTarget", !bond.get("arpIPTarget").items().is_empty(), "is not supported"),
        ("adActorSystem", written("adActorSystem"), "is not supported"),
        ("lacpRate", written("lacpRate") && mode != "802.3ad", "needs mode 802.3ad"),
        ("arpValidate", written("arpValidate") && (adaptive || mode == "802.3ad"), "is not available in this mode"),
        ("primary", written("primary") && !adaptive && mode != "active-backup", "is not available in this mode"),
        ("arpInterval", set("arpInterval") && (adaptive || mode == "802.3ad"), "is not available in this mode"),
        ("packetsPerSlave", number("packetsPerSlave") > 1 && mode != "balance-rr", "needs mode balance-rr"),
        ("tlbDynamicLb", set("tlbDynamicLb") && !adaptive, "needs mode balance-tlb or balance-alb"),
        ("adActorSysPrio", set("adActorSysPrio") && mode != "802.3ad", "needs mode 802.3ad"),
        ("adUserPortKey", set("adUserPortKey") && mode != "802.3ad", "needs mode 802.3ad"),
    ] {
        if wrong {
            check.refuse(bond.get(key), PATH, format!("bond.{key} {why}"));
        }
    }
}

/// A key of a tunnel: 32 bytes in base64.
pub(super) fn is_key(text: &str) -> bool {
    base64::decode_string(text).is_some_and(|key| key.len() == 32)
}

fn wireguard(check: &mut Check, wireguard: &Value) {
    if !is_key(wireguard.get("privateKey").text()) {
        check.refuse(wireguard, PATH, "wireguard.privateKey must be a key: 32 bytes in base64");
    }
    for peer in wireguard.get("peers").items() {
        if !is_key(peer.get("publicKey").text()) {
            check.refuse(peer, PATH, "a peer's publicKey must be a key: 32 bytes in base64");
        }
        let endpoint = peer.get("endpoint");
        let fits = |text: &str| {
            net::split_host_port(text).is_ok_and(|(host, _)| !host.contains(':') || netip::parse_addr(host).is_some())
        };
        if !endpoint.text().is_empty() && !fits(endpoint.text()) {
            check.refuse(endpoint, PATH, "a peer's endpoint is a host with a port");
        }
        for subnet in peer.get("allowedIPs").items().iter().filter(|subnet| net::parse_cidr(subnet.text()).is_none()) {
            check.refuse(subnet, PATH, format!("{:?} is not a subnet such as 10.0.0.0/8", subnet.text()));
        }
    }
}

fn address(check: &mut Check, address: &Value) {
    let text = address.text();
    if !(if text.contains('/') { net::parse_cidr(text).is_some() } else { net::parse_ip(text).is_some() }) {
        check.refuse(address, PATH, format!("{text:?} is not an address such as 10.0.0.2/24"));
    }
}

/// Addresses, and the older `cidr`: one of the two.
fn addresses(check: &mut Check, link: &Value) {
    let cidr = link.get("cidr");
    if !cidr.text().is_empty() {
        if !link.get("addresses").items().is_empty() {
            check.refuse(link, PATH, "cidr and addresses cannot both be set");
        }
        address(check, cidr);
    }
    for one in link.get("addresses").items() {
        address(check, one);
    }
}

fn vlan(check: &mut Check, vlan: &Value) {
    addresses(check, vlan);
}

fn addressing(check: &mut Check, device: &Value, parts: &BTreeMap<&str, &str>) {
    let vip = device.get("vip");
    let addressed = device.get("dhcp").is_true()
        || !device.get("cidr").text().is_empty()
        || !device.get("addresses").items().is_empty()
        || !vip.is_nil();
    if parts.contains_key(device.get("interface").text()) && addressed {
        check.refuse(device, PATH, "a part of a bond or bridge must have no addresses of its own");
    }
    addresses(check, device);
    if !vip.is_nil() && net::parse_ip(vip.get("ip").text()).is_none() {
        check.refuse(vip, PATH, "vip.ip must be an address");
    }
}

fn routes(check: &mut Check, routes: &Value) {
    for route in routes.items() {
        let (network, gateway, source) = (route.get("network"), route.get("gateway"), route.get("source"));
        if !network.text().is_empty() && net::parse_cidr(network.text()).is_none() {
            check.refuse(network, PATH, "a route's network is a subnet as in 10.0.0.0/8");
        }
        for address in [gateway, source] {
            if !address.text().is_empty() && net::parse_ip(address.text()).is_none() {
                check.refuse(address, PATH, format!("{:?} is not an address", address.text()));
            }
        }
        if gateway.text().is_empty() && network.text().is_empty() {
            check.refuse(route, PATH, "a route needs a network or a gateway");
        }
    }
}
