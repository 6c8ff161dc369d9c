//! What `CoreDNS` does with addresses and networks beyond what Go's `net` does: zones that are ignored, names of reverse zones.

use std::net::IpAddr;

use tazlab_go::net::{self, Network};

/// An address whose `%zone` is ignored, as `CoreDNS`'s `parse.stripZone` does.
pub(crate) fn ip_with_zone(text: &str) -> Option<IpAddr> {
    net::parse_ip(text.rsplit_once('%').map_or(text, |(address, _)| address))
}

/// The networks of the next octet (IPv4) or nibble (IPv6) boundary that make up this one.
pub(crate) fn split_at_label(network: Network) -> Vec<Network> {
    let step = if network.address().is_ipv4() { 8 } else { 4 };
    let prefix = network.prefix().div_ceil(step) * step;
    let count = 1u128 << (prefix - network.prefix());
    let size = 1u128.checked_shl(network.bits() - prefix).unwrap_or(0);
    (0..count).map(|index| network.at(network.number() + index * size, prefix)).collect()
}

/// The name of a network's reverse zone; its prefix must lie on a label boundary.
pub(crate) fn reverse_zone(network: Network) -> String {
    let prefix = network.prefix() as usize;
    let (labels, tree): (Vec<String>, &str) = match network.address() {
        IpAddr::V4(address) => {
            let octets = address.octets().into_iter().take(prefix / 8);
            (octets.map(|octet| octet.to_string()).collect(), "in-addr.arpa.")
        }
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
            (nibbles.take(prefix / 4).map(|nibble| format!("{nibble:x}")).collect(), "ip6.arpa.")
        }
    };
    labels.iter().rev().map(String::as_str).chain([tree]).collect::<Vec<_>>().join(".")
}

/// Whether an address is one that no public server answers for.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let carrier_nat = first == 100 && (64..128).contains(&second);
            address.is_private() || address.is_loopback() || address.is_link_local() || carrier_nat
        }
        IpAddr::V6(address) => {
            let [first, ..] = address.segments();
            address.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_zones() {
        let zones = |text: &str| -> Vec<String> {
            split_at_label(net::parse_cidr(text).unwrap()).into_iter().map(reverse_zone).collect()
        };
        assert_eq!(zones("10.0.0.0/8"), ["10.in-addr.arpa."]);
        assert_eq!(zones("10.96.0.0/15"), ["96.10.in-addr.arpa.", "97.10.in-addr.arpa."]);
        assert_eq!(zones("0.0.0.0/0"), ["in-addr.arpa."]);
        assert_eq!(zones("10.1.2.3/32"), ["3.2.1.10.in-addr.arpa."]);
        assert_eq!(zones("fd00::/16"), ["0.0.d.f.ip6.arpa."]);
        assert_eq!(zones("2001:db8::/31").len(), 2);
    }
}
