//! IP addresses, networks and `host:port` as Go's `net` package reads them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `net.ParseIP`: no zone, no leading zeros.
pub(crate) fn ip(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// An address whose `%zone` is ignored, as `CoreDNS`'s `parse.stripZone` does.
pub(crate) fn ip_with_zone(text: &str) -> Option<IpAddr> {
    ip(text.rsplit_once('%').map_or(text, |(address, _)| address))
}

/// A network: its first address and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) address: IpAddr,
    pub(crate) prefix: u32,
}

impl Network {
    /// Number of bits of an address of this family.
    pub(crate) fn bits(self) -> u32 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    fn number(self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        }
    }

    /// The networks of the next octet (IPv4) or nibble (IPv6) boundary that make up this one.
    pub(crate) fn split_at_label(self) -> Vec<Network> {
        let step = if self.address.is_ipv4() { 8 } else { 4 };
        let prefix = self.prefix.div_ceil(step) * step;
        let count = 1u128 << (prefix - self.prefix);
        let size = 1u128.checked_shl(self.bits() - prefix).unwrap_or(0);
        (0..count).map(|index| self.at(self.number() + index * size, prefix)).collect()
    }

    fn at(self, number: u128, prefix: u32) -> Network {
        let address = if self.address.is_ipv4() {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)))
        } else {
            IpAddr::V6(Ipv6Addr::from(number))
        };
        Network { address, prefix }
    }

    /// The name of its reverse zone; its prefix must lie on a label boundary.
    pub(crate) fn reverse_zone(self) -> String {
        let (labels, tree): (Vec<String>, &str) = match self.address {
            IpAddr::V4(address) => {
                let octets = address.octets().into_iter().take(self.prefix as usize / 8);
                (octets.map(|octet| octet.to_string()).collect(), "in-addr.arpa.")
            }
            IpAddr::V6(address) => {
                let nibbles = address.octets().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
                let nibbles = nibbles.take(self.prefix as usize / 4);
                (nibbles.map(|nibble| format!("{nibble:x}")).collect(), "ip6.arpa.")
            }
        };
        labels.iter().rev().map(String::as_str).chain([tree]).collect::<Vec<_>>().join(".")
    }
}

/// `net.ParseCIDR`, with the host bits cleared.
pub(crate) fn network(text: &str) -> Option<Network> {
    let (address, length) = text.split_once('/')?;
    let address = ip(address)?;
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let prefix: u32 = length.parse().ok()?;
    let network = Network { address, prefix };
    if prefix > network.bits() {
        return None;
    }
    let host_bits = network.bits() - prefix;
    let cleared = if host_bits >= 128 { 0 } else { network.number() >> host_bits << host_bits };
    Some(network.at(cleared, prefix))
}

/// Why a text is not `host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HostPortError {
    #[error("the port is missing")]
    MissingPort,
    #[error("there are too many colons; an IPv6 address needs brackets")]
    TooManyColons,
    #[error("the brackets do not match")]
    Brackets,
}

/// `net.SplitHostPort`: host without brackets, and port, which is not checked and may be empty.
pub(crate) fn host_port(text: &str) -> Result<(&str, &str), HostPortError> {
    let (before, port) = text.rsplit_once(':').ok_or(HostPortError::MissingPort)?;
    let host = if let Some(inner) = text.strip_prefix('[') {
        let end = inner.find(']').ok_or(HostPortError::Brackets)?;
        let (host, rest) = inner.split_at_checked(end).ok_or(HostPortError::Brackets)?;
        match rest.strip_prefix(']') {
            Some("") => return Err(HostPortError::MissingPort),
            // The last colon must be the one that follows the bracket.
            Some(tail) if tail.starts_with(':') && tail.rfind(':') == Some(0) => {}
            Some(tail) if tail.starts_with(':') => return Err(HostPortError::TooManyColons),
            _ => return Err(HostPortError::MissingPort),
        }
        if host.contains('[') || rest.get(1..).is_some_and(|tail| tail.contains(['[', ']'])) {
            return Err(HostPortError::Brackets);
        }
        host
    } else {
        if before.contains(':') {
            return Err(HostPortError::TooManyColons);
        }
        if text.contains(['[', ']']) {
            return Err(HostPortError::Brackets);
        }
        before
    };
    Ok((host, port))
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
    fn host_and_port() {
        for (text, expected) in [
            (":8080", Ok(("", "8080"))),
            ("a:b", Ok(("a", "b"))),
            ("[::1]:53", Ok(("::1", "53"))),
            ("1.2.3.4:", Ok(("1.2.3.4", ""))),
            ("8080", Err(HostPortError::MissingPort)),
            ("::1", Err(HostPortError::TooManyColons)),
            ("[::1]", Err(HostPortError::MissingPort)),
            ("[::1]x:53", Err(HostPortError::MissingPort)),
            ("a]:53", Err(HostPortError::Brackets)),
            ("[a:53", Err(HostPortError::Brackets)),
        ] {
            assert_eq!(host_port(text), expected, "{text}");
        }
    }

    #[test]
    fn reverse_zones() {
        let zones = |text: &str| -> Vec<String> {
            network(text).unwrap().split_at_label().into_iter().map(Network::reverse_zone).collect()
        };
        assert_eq!(zones("10.0.0.0/8"), ["10.in-addr.arpa."]);
        assert_eq!(zones("10.96.0.0/15"), ["96.10.in-addr.arpa.", "97.10.in-addr.arpa."]);
        assert_eq!(zones("0.0.0.0/0"), ["in-addr.arpa."]);
        assert_eq!(zones("10.1.2.3/32"), ["3.2.1.10.in-addr.arpa."]);
        assert_eq!(zones("fd00::/16"), ["0.0.d.f.ip6.arpa."]);
        assert_eq!(zones("2001:db8::/31").len(), 2);
    }
}
