//! Documents of network links: what all of them share, and what each has of its own.

use tazlab_go::netip;

use super::Check;
use super::devices::is_key;
use crate::value::Value;

/// Addresses and routes.
pub(super) fn common(check: &mut Check, link: &Value) {
    check.required(link, "name");
    for (index, address) in link.get("addresses").items().iter().enumerate() {
        let text = address.get("address");
        if netip::parse_prefix(text.text()).is_none_or(|address| address.is_unspecified()) {
            let at = if text.is_nil() { address } else { text };
            check.refuse(at, &format!("addresses[{index}].address"), "an address with its subnet is expected here");
        }
    }
    for (index, route) in link.get("routes").items().iter().enumerate() {
        let destination = route.get("destination");
        if netip::parse_prefix(destination.text()).is_some_and(|address| address.is_unspecified()) {
            let text = "0.0.0.0/0 is not a destination: leave it out for a default route";
            check.refuse(destination, &format!("routes[{index}].destination"), text);
        }
        for key in ["gateway", "source"] {
            let value = route.get(key);
            if netip::parse_addr(value.text()).is_some_and(|(address, zone)| address.is_unspecified() && !zone) {
                check.refuse(value, &format!("routes[{index}].{key}"), "this address means none");
            }
        }
    }
}

pub(super) fn vlan(check: &mut Check, link: &Value) {
    common(check, link);
    let id = link.get("vlanID");
    if !(1..=4094).contains(&id.number()) {
        check.refuse(if id.is_nil() { link } else { id }, "vlanID", "a VLAN's id is between 1 and 4094");
    }
    check.required(link, "parent");
}

pub(super) fn vrf(check: &mut Check, link: &Value) {
    common(check, link);
    if super::routes::is_reserved_table(link) {
        let table = link.get("table");
        let at = if table.is_nil() { link } else { table };
        check.refuse(at, "table", "table is one that the kernel does not have itself");
    }
}

pub(super) fn bond(check: &mut Check, link: &Value) {
    common(check, link);
    if link.get("links").items().is_empty() {
        check.refuse(link, "links", "a bond needs at least one link");
    }
    if link.get("bondMode").is_nil() {
        check.refuse(link, "bondMode", "bondMode must be set");
    }
}

pub(super) fn wireguard(check: &mut Check, link: &Value) {
    common(check, link);
    let key = |check: &mut Check, owner: &Value, name: &str, path: &str| {
        let value = owner.get(name);
        if !is_key(value.text()) {
            let at = if value.is_nil() { owner } else { value };
            check.refuse(at, path, format!("{name} must be a key: 32 bytes in base64"));
        }
    };
    key(check, link, "privateKey", "privateKey");
    let port = link.get("listenPort");
    if !(0..=65535).contains(&port.number()) {
        check.refuse(port, "listenPort", "a port is between 0 and 65535");
    }
    for (index, peer) in link.get("peers").items().iter().enumerate() {
        let path = format!("peers[{index}]");
        key(check, peer, "publicKey", &path);
        if !peer.get("presharedKey").text().is_empty() {
            key(check, peer, "presharedKey", &path);
        }
        let interval = peer.get("persistentKeepaliveInterval");
        if interval.number() < 0 {
            check.refuse(interval, &path, "persistentKeepaliveInterval cannot be negative");
        }
    }
}

/// A shared address: its name is the address.
pub(super) fn shared_address(check: &mut Check, document: &Value) {
    check.required(document, "name");
    check.required(document, "link");
    name_is_address(check, document);
}

pub(super) fn name_is_address(check: &mut Check, document: &Value) {
    let name = document.get("name");
    if !name.text().is_empty() && netip::parse_addr(name.text()).is_none() {
        check.refuse(name, "name", "the name is the IP address");
    }
}

/// Who the client says it is.
pub(super) fn dhcp(check: &mut Check, document: &Value) {
    check.required(document, "name");
    let (identifier, raw) = (document.get("clientIdentifier"), document.get("duidRaw"));
    let by_duid = identifier.text() == "duid";
    let given = raw.text().chars().any(|character| character != ':');
    if given && !by_duid {
        check.refuse(raw, "duidRaw", "duidRaw needs clientIdentifier duid");
    }
    if by_duid && !given {
        check.refuse(identifier, "duidRaw", "clientIdentifier duid needs duidRaw");
    }
}

/// Ports that a rule opens: ranges that rise and do not overlap.
pub(super) fn rule(check: &mut Check, document: &Value) {
    check.required(document, "name");
    let ports = document.at_path("portSelector.ports");
    if ports.items().is_empty() {
        check.refuse(document, "portSelector.ports", "portSelector.ports must be set");
    }
    let read = |value: &Value| {
        let (low, high) = value.text().split_once('-')?;
        Some((low.parse::<u16>().ok()?, high.parse::<u16>().ok()?))
    };
    let mut ranges: Vec<_> = ports.items().iter().filter_map(read).collect();
    ranges.sort_unstable();
    let falling = ranges.iter().any(|(low, high)| low > high);
    let overlap = ranges.iter().zip(ranges.iter().skip(1)).any(|((_, high), (next, _))| next <= high);
    if falling || overlap {
        check.refuse(ports, "portSelector.ports", "ranges must rise, and must not overlap");
    }
    for (index, entry) in document.get("ingress").items().iter().enumerate() {
        let subnet = entry.get("subnet");
        if subnet.text().is_empty() {
            check.refuse(entry, &format!("ingress[{index}].subnet"), "subnet must be set");
        }
    }
}
